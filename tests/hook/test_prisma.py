"""`prisma generate`, as Prisma's own command lines run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hook.prisma_clis import VERSIONS, PrismaCli, cli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the CLIs are started by their POSIX names")

BLOCK = """\
generator infra {
  provider = "infra-gen"
  output   = "../../app/db"
}
"""
MODELS = """\
model Author {
  id    Int    @id
  books Book[]
}

model Book {
  id        Int    @id
  author    Author @relation(fields: [author_id], references: [id])
  author_id Int
}
"""


@pytest.fixture(params=VERSIONS)
def major(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def prisma(major: str, request: pytest.FixtureRequest) -> PrismaCli:
    assert request.config.cache is not None
    return cli(major, request.config.cache)


def datasource(major: str) -> str:
    """In Prisma 7, a URL stands in the configuration and no more in the schema."""
    url = "" if major == "7" else '  url = "file:./dev.db"\n'
    return f'datasource db {{\n  provider = "sqlite"\n{url}}}\n'


def infra_gen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra_gen", *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_a_schema_of_several_files_makes_what_the_command_makes(major: str, prisma: PrismaCli, tmp_path: Path) -> None:
    """The output is relative to the file of the block, in a folder that comes before the others."""
    schema = tmp_path / "prisma" / "schema"
    (schema / "a").mkdir(parents=True)
    (schema / "schema.prisma").write_text(
        datasource(major)
        + BLOCK
        + 'generator preview {\n  provider = "true"\n  output = "./none"\n  previewFeatures = ["prismaSchemaFolder"]\n}\n'
        * (major in ("5", "python"))
    )
    (schema / "a" / "models.prisma").write_text(MODELS)
    done = prisma.run(tmp_path, "generate", "--schema", "prisma/schema", "--generator", "infra")
    assert done.returncode == 0, done.stderr
    assert "Generated infra-gen" in done.stdout
    assert "./app/db" in done.stdout
    package = tmp_path / "app" / "db"
    before = {path: path.stat().st_mtime_ns for path in package.rglob("*")}
    assert package / "__init__.py" in before
    checked = infra_gen(tmp_path, "generate", "--schema", "prisma/schema", "--check")
    assert checked.returncode == 0, checked.stderr
    again = prisma.run(tmp_path, "generate", "--schema", "prisma/schema", "--generator", "infra")
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in package.rglob("*")} == before


def test_a_block_without_output_and_what_prisma_takes_from_the_environment(
    major: str, prisma: PrismaCli, tmp_path: Path
) -> None:
    (tmp_path / "schema.prisma").write_text(
        datasource(major) + 'generator infra {\n  provider = env("RUN")\n  naming = env("NAMING")\n}\n' + MODELS
    )
    done = prisma.run(tmp_path, "generate", RUN=f"{sys.executable} -m infra_gen", NAMING="snake_case")
    assert done.returncode == 0, done.stderr
    assert "./db" in done.stdout
    assert (tmp_path / "db" / "__init__.py").is_file()


def test_errors_are_shown_and_nothing_is_written(major: str, prisma: PrismaCli, tmp_path: Path) -> None:
    block = BLOCK.replace("../../app/db", "./db")
    (tmp_path / "schema.prisma").write_text(datasource(major) + block + "/// @infra.ausit\n" + MODELS)
    done = prisma.run(tmp_path, "generate")
    assert done.returncode == 1
    assert "There is no directive `@infra.ausit`" in done.stderr
    assert "--> schema.prisma:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "db").exists()


AN_OLDER_INFRA_GEN = """\
import dataclasses, sys
from infra_gen.schema import load as loading
read = loading.load
def load(*arguments, **options):
    files = read(*arguments, **options)
    return tuple(dataclasses.replace(file, text=file.text.replace("@updatedAt", "<- @updatedAt")) for file in files)
loading.load = load
from infra_gen.__main__ import main
main()
"""
"""To its parser, a thing that Prisma knows is one of a newer language: there is none yet that the two do not both know."""


def test_what_only_prisma_knows_is_made_from_its_dmmf(major: str, prisma: PrismaCli, tmp_path: Path) -> None:
    (tmp_path / "older.py").write_text(AN_OLDER_INFRA_GEN)
    models = MODELS.replace(
        "  author    ", "  price     Decimal  @default(1.50)\n  changed   DateTime @updatedAt\n  author    "
    )
    block = BLOCK.replace("../../app/db", "./db").replace('"infra-gen"', f'"{sys.executable} {tmp_path / "older.py"}"')
    schema = datasource(major) + block + models
    (tmp_path / "schema.prisma").write_text(schema)
    done = prisma.run(tmp_path, "generate")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "warning" in line]
    place = 1 + schema[: schema.index("changed ")].count("\n")
    assert f"schema.prisma:{place}:3 (`changed   DateTime <- @updatedAt`)" in line
    assert "`Book.changed` beyond" in line
    (tmp_path / "schema.prisma").write_text(
        schema.replace(f'"{sys.executable} {tmp_path / "older.py"}"', '"infra-gen"')
    )
    checked = infra_gen(tmp_path, "generate", "--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_else_it_runs_on_a_schema_with_our_block(prisma: PrismaCli, major: str, tmp_path: Path) -> None:
    schema = datasource(major) + BLOCK + MODELS
    (tmp_path / "schema.prisma").write_text(schema.replace("id    Int    @id", "id Int @id"))
    validated = prisma.run(tmp_path, "validate")
    assert validated.returncode == 0, validated.stderr
    formatted = prisma.run(tmp_path, "format")
    assert formatted.returncode == 0, formatted.stderr
    assert "id    Int    @id" in (tmp_path / "schema.prisma").read_text()
