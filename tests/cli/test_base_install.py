"""The base install, without extras: it validates, and runs generated code and the dynamic API; what needs an extra names it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import SCHEMA, infra_gen

EXTRAS = ("jinja2", "black", "watchfiles", "yaml", "psycopg", "psycopg_pool", "pymysql", "asyncmy", "redis")
"""The libraries that only extras bring."""

WITHOUT_EXTRAS = f"""
import sys
class Absent:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in {EXTRAS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name.partition(".")[0])
sys.meta_path.insert(0, Absent())
"""


def run(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `code` where the extras' libraries cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS + code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


COMMAND = "from infra_gen.__main__ import main\nmain()"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    return tmp_path


def test_it_validates_formats_inspects_and_pushes(project: Path) -> None:
    for command in (("validate",), ("format", "--check"), ("inspect",), ("db", "push")):
        answer = run(project, COMMAND, *command)
        assert (answer.returncode, answer.stderr) == (0, ""), command


def test_it_migrates(project: Path) -> None:
    for command in (("migrate", "dev", "--name", "init"), ("migrate", "deploy"), ("migrate", "status")):
        answer = run(project, COMMAND, *command)
        assert (answer.returncode, answer.stderr) == (0, ""), command


def test_migrating_a_server_names_its_extra(project: Path) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace('"sqlite"', '"postgresql"'))
    answer = run(project, COMMAND, "migrate", "deploy", "--url", "postgresql://ada@127.0.0.1/x")
    assert answer.returncode == 1
    assert "infra-gen[postgresql]" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("flags", [(), ("--check",), ("--json",)])
def test_generate_names_its_extra(project: Path, flags: tuple[str, ...]) -> None:
    answer = run(project, COMMAND, "generate", *flags)
    assert answer.returncode == 1
    assert "infra-gen[generator]" in (answer.stdout if flags == ("--json",) else answer.stderr)
    assert "Traceback" not in answer.stderr
    assert not (project / "db").exists()


def test_a_configuration_file_names_its_extra(project: Path) -> None:
    (project / "infrastructure.config.yml").write_text("database: {}\n")
    answer = run(project, COMMAND, "validate")
    assert answer.returncode == 1
    assert "infra-gen[config]" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_it_runs_generated_code(project: Path) -> None:
    assert infra_gen(project, "generate").returncode == 0
    assert infra_gen(project, "db", "push").returncode == 0
    code = """
import asyncio
sys.path.insert(0, ".")
from db import Infrastructure, SyncInfrastructure
with SyncInfrastructure() as infra:
    infra.note.create(data={"text": "kept"})
async def read():
    async with Infrastructure() as infra:
        print([note.text for note in await infra.note.find_many()])
asyncio.run(read())
"""
    answer = run(project, code)
    assert (answer.stdout, answer.stderr) == ("['kept']\n", "")


def test_it_runs_the_dynamic_api(project: Path) -> None:
    code = """
from infra_gen.dynamic import connect
with connect("schema.prisma", url="file:./dev.db", interface="sync") as infra:
    infra.push()
    infra.repository("Note").create(data={"text": "kept"})
    print(infra.repository("Note").count())
"""
    answer = run(project, code)
    assert (answer.stdout, answer.stderr) == ("1\n", "")
