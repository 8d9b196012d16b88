"""The generator's side of the protocol: requests as Prisma's CLI sends them, answers as it reads them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra_gen.hook.running import run

SCHEMA = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

generator infra {
  provider = "infra-gen"
  output   = "../app/db"
}

model Note {
  id   Int    @id
  text String
}
"""


@pytest.fixture
def schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The schema of a project, whose folder is the working folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "prisma" / "schema.prisma"
    file.parent.mkdir()
    file.write_text(SCHEMA)
    return file


def request(method: str, number: int = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def get_manifest(output: str | None = "../app/db") -> dict[str, Any]:
    told = None if output is None else {"fromEnvVar": None, "value": output}
    return request("getManifest", name="infra", output=told, config={})


def generate(schema: Path, generator: str = "infra") -> dict[str, Any]:
    return request("generate", 2, generator={"name": generator}, schemaPath=str(schema), datamodel="", dmmf={})


class Told(list[Any]):
    """The answers to some requests, the exit code, and what the user's terminal shows."""

    def __init__(self, *requests: dict[str, Any]) -> None:
        answers, terminal = io.BytesIO(), io.StringIO()
        lines = b"".join(json.dumps(item).encode() + b"\n" for item in requests)
        self.code = run(io.BytesIO(lines), answers, terminal)
        self.shown = terminal.getvalue()
        super().__init__(json.loads(line) for line in answers.getvalue().splitlines())

    @property
    def error(self) -> str:
        """The message of the one answer, which is an error."""
        assert self.code == 0
        assert [answer.keys() for answer in self] == [{"jsonrpc", "id", "error"}]
        return str(self[0]["error"]["message"])


def test_the_manifest_names_the_generator_and_no_engine(schema: Path) -> None:
    told = Told(get_manifest())
    assert told.code == 0
    (answer,) = told
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", 1)
    assert answer["result"]["manifest"].keys() == {"prettyName", "version"}


def test_a_block_without_output_writes_where_the_command_would(schema: Path) -> None:
    schema.write_text(SCHEMA.replace('  output   = "../app/db"\n', ""))
    told = Told(get_manifest(None), generate(schema))
    assert told[0]["result"]["manifest"]["defaultOutput"] == str(schema.parents[1] / "db")
    assert (schema.parents[1] / "db" / "__init__.py").is_file()
    (schema.parents[1] / "pyproject.toml").write_text('[tool.infra-gen]\noutput = "src/rows"\n')
    told = Told(get_manifest(None), generate(schema))
    assert told[0]["result"]["manifest"]["defaultOutput"] == str(schema.parents[1] / "src" / "rows")
    assert (schema.parents[1] / "src" / "rows" / "__init__.py").is_file()


def test_it_generates_and_answers_null(schema: Path) -> None:
    told = Told(get_manifest(), generate(schema))
    assert told.code == 0
    assert told[1] == {"jsonrpc": "2.0", "id": 2, "result": None}
    assert told.shown == ""
    assert (schema.parents[1] / "app" / "db" / "__init__.py").is_file()


def test_it_makes_what_the_command_makes_and_rewrites_nothing(schema: Path) -> None:
    Told(generate(schema))
    package = schema.parents[1] / "app" / "db"
    before = {path: path.stat().st_mtime_ns for path in package.rglob("*")}
    assert before
    checked = subprocess.run(
        [sys.executable, "-m", "infra_gen", "generate", "--check"], capture_output=True, text=True, timeout=60
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    Told(generate(schema))
    assert {path: path.stat().st_mtime_ns for path in package.rglob("*")} == before


def test_the_block_that_runs_gives_the_options_whatever_its_provider_is(schema: Path) -> None:
    schema.write_text(
        SCHEMA + 'generator other {\n  provider = "sh ./run"\n  output = "../other"\n  interface = "sync"\n}\n'
    )
    Told(generate(schema, "other"))
    text = (schema.parents[1] / "other" / "__init__.py").read_text()
    assert "SyncInfrastructure" in text
    assert not (schema.parents[1] / "app").exists()


def test_an_invalid_schema_is_an_error_with_its_places(schema: Path) -> None:
    schema.write_text(SCHEMA.replace("id   Int    @id", "id Int @id\n  /// @infra.caché\n  x Strin"))
    told = Told(generate(schema))
    assert "Strin" in told.error
    assert "--> prisma/schema.prisma:14:5" in told.error
    assert not (schema.parents[1] / "app").exists()


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ('outputs = "x"', "Unknown option `outputs` in the generator block `infra` (prisma/schema.prisma:6:1)"),
        (
            'naming = "camel"',
            "The option `naming` in the generator block `infra` (prisma/schema.prisma:6:1) is 'camel'",
        ),
        ('naming = env("INFRA_NOT_SET")', "comes from the variable INFRA_NOT_SET, which is not set"),
        ('include = "Nobody"', "no model of the schema is called so"),
    ],
)
def test_a_wrong_option_is_an_error_of_one_paragraph(schema: Path, block: str, message: str) -> None:
    schema.write_text(SCHEMA.replace("  output ", f"  {block}\n  output "))
    assert message in Told(generate(schema)).error


def test_a_broken_pyproject_is_an_error_of_the_manifest(schema: Path) -> None:
    Path("pyproject.toml").write_text("=")
    assert "pyproject.toml cannot be read" in Told(get_manifest(None)).error


def test_a_schema_that_has_gone_is_an_error(schema: Path) -> None:
    schema.unlink()
    assert "There is no schema at prisma/schema.prisma" in Told(generate(schema)).error


def test_a_foreign_file_in_the_way_is_an_error(schema: Path) -> None:
    package = schema.parents[1] / "app" / "db"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("mine = 1\n")
    assert "is not a file of infra-gen's" in Told(generate(schema)).error


def test_the_extra_that_generates_is_named_where_it_is_not_installed(
    schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "infra_gen.generate.render", raising=False)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert "infra-gen[generator]" in Told(generate(schema)).error


def test_warnings_are_shown_on_the_terminal(schema: Path) -> None:
    schema.write_text(SCHEMA.replace("  output ", '  previewFeatures = ["views", "fullTextIndex"]\n  output '))
    told = Told(generate(schema))
    assert told[0]["result"] is None
    assert "warning" in told.shown


def test_a_method_that_generators_do_not_have_is_refused(schema: Path) -> None:
    told = Told(request("bake", 7))
    assert (told[0]["id"], told[0]["error"]["code"]) == (7, -32601)
    assert "`bake`" in told.error


def test_a_request_in_another_form_is_refused(schema: Path) -> None:
    told = Told(request("generate", 7, schema="x"))
    assert (told[0]["id"], told[0]["error"]["code"]) == (7, -32602)


@pytest.mark.parametrize(
    "line", [b"x\n", b"[]\n", b"{}\n", b'{"id": "1", "method": "generate"}\n', b'{"id": 1}\n', b"\xff\n"]
)
def test_what_is_no_request_ends_the_process_with_an_error(line: bytes) -> None:
    """Silence and exit 0 would be taken for success."""
    answers = io.BytesIO()
    assert run(io.BytesIO(line), answers, io.StringIO()) == 1
    assert answers.getvalue().startswith(b"error: A line on stdin is no request of Prisma's")


def test_a_defect_is_not_silence(schema: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("infra_gen.generate.generate", defective)
    with pytest.raises(RuntimeError, match="a defect"):
        Told(generate(schema))


def invoked(code: str, *requests: dict[str, Any], **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as Prisma does: no arguments, and a variable that says so."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.argv = ['infra-gen']\n{code}"],
        input="".join(json.dumps(item) + "\n" for item in requests),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_manifest_is_answered_before_the_toolkit_loads(schema: Path) -> None:
    code = """
import atexit
from infra_gen.__main__ import main
@atexit.register
def loaded():
    print(*sorted(name for name in sys.modules if name.partition(".")[0] in {"typer", "jinja2", "pydantic", "infra_gen"}))
main()
"""
    told = invoked(code, get_manifest(), PRISMA_GENERATOR_INVOCATION="true")
    assert told.returncode == 0
    assert json.loads(told.stderr)["result"]["manifest"]["prettyName"] == "infra-gen"
    assert told.stdout.split() == [
        "infra_gen",
        "infra_gen.__main__",
        "infra_gen.failure",
        "infra_gen.hook",
        "infra_gen.hook.protocol",
        "infra_gen.hook.running",
        "infra_gen.version",
    ]


def test_without_the_variable_it_is_the_command_line(schema: Path) -> None:
    code = "import os\nos.environ.pop('PRISMA_GENERATOR_INVOCATION', None)\nfrom infra_gen.__main__ import main\nmain()"
    told = invoked(code, get_manifest())
    assert "Usage" in told.stdout + told.stderr
