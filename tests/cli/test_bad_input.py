"""What is wrong is told in one paragraph on stderr, with exit code 1, and nothing is left half-done or touched that is not ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import SCHEMA, infra_gen

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals, limits and users of POSIX")
AS_NOBODY = """
import contextlib, io, os
from infra_gen.__main__ import main
command = sys.argv[:]
sys.argv.append("--check" if "generate" in command else "--dry-run")
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
    main()  # loads all modules: their folders may be closed to others
sys.argv = command
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    return tmp_path


@pytest.fixture
def shared_project() -> Iterator[Path]:
    """A project that other users may read: pytest's own folders are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "schema.prisma").write_text(SCHEMA)
        yield folder


URL = 'url      = "file:./dev.db"'


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def made(package: Path) -> dict[str, bytes]:
    """The files of a package, without what the generator keeps for itself."""
    return {path: content for path, content in contents(package).items() if not path.startswith("__pycache__")}


def refused(folder: Path, *arguments: str, **environment: str) -> str:
    """What a command says on stderr that fails for a circumstance, and so changes no file of `folder`."""
    before = contents(folder)
    answer = infra_gen(folder, *arguments, **environment)
    assert (answer.returncode, answer.stdout) == (1, ""), answer
    assert answer.stderr.startswith("error: ")
    assert answer.stderr.count("\n") == 1, "one paragraph"
    assert contents(folder) == before
    return answer.stderr


def run(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process that first runs `code`, which may limit it."""
    program = f"import sys\n{code}\nfrom infra_gen.__main__ import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )


# -- the schema --------------------------------------------------------------------------------------------------------
def test_a_missing_schema_says_where_it_was_looked_for(tmp_path: Path) -> None:
    told = refused(tmp_path, "generate")
    for place in (str(tmp_path), "schema.prisma", "prisma/schema.prisma", "prisma/schema", "package.json", "--schema"):
        assert place in told


@pytest.mark.parametrize("command", [("validate",), ("generate",), ("db", "push")])
def test_a_missing_schema_is_json_where_json_is_asked_for(tmp_path: Path, command: tuple[str, ...]) -> None:
    answer = infra_gen(tmp_path, *command, "--json", "--schema", "nope.prisma")
    report = json.loads(answer.stdout)
    assert (answer.returncode, answer.stderr) == (1, "")
    assert report.keys() == {"ok", "errors", "warnings"}
    [error] = report["errors"]
    assert "no such file" in error.pop("message")
    assert (report["ok"], error) == (False, {"file": "nope.prisma", "line": 1, "column": 1})


def test_errors_of_the_schema_are_json_from_every_command(project: Path) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace("text String", "text Strng"))
    answers = [infra_gen(project, *command, "--json") for command in (("validate",), ("generate",), ("db", "push"))]
    assert {(answer.returncode, answer.stderr) for answer in answers} == {(1, "")}
    assert len({answer.stdout for answer in answers}) == 1
    assert json.loads(answers[0].stdout)["errors"][0]["line"] == 13


def test_a_folder_named_like_the_schema_is_no_schema(tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").mkdir()
    assert "schema.prisma" in refused(tmp_path, "validate")
    assert ".prisma" in refused(tmp_path, "validate", "--schema", "schema.prisma")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x7fELF\x02\x01\xf3", "is not UTF-8 text: line 1 holds the byte 0xf3"),
        (b"model A {\n  id Int \xff\n}\n", "is not UTF-8 text: line 2 holds the byte 0xff"),
        (SCHEMA.encode("utf-16"), "it is UTF-16"),
    ],
    ids=["a program", "one byte", "UTF-16"],
)
def test_bytes_that_are_no_text_are_named(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "schema.prisma").write_bytes(content)
    assert told in refused(tmp_path, "generate")


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + SCHEMA.encode(), SCHEMA.replace("\n", "\r\n").encode()],
    ids=["byte order mark", "CRLF"],
)
def test_what_editors_of_windows_write_is_a_schema_like_others(tmp_path: Path, content: bytes) -> None:
    for name, text in (("plain", SCHEMA.encode()), ("other", content)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "schema.prisma").write_bytes(text)
        assert infra_gen(tmp_path / name, "generate").returncode == 0
    assert made(tmp_path / "plain" / "db") == made(tmp_path / "other" / "db")


def test_an_empty_schema_is_valid_and_makes_an_empty_client(tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").write_text("")
    assert infra_gen(tmp_path, "validate").stdout == "schema.prisma: valid (0 models, 0 enums)\n"
    assert infra_gen(tmp_path, "generate").returncode == 0
    used = run(tmp_path, "import db; db.SyncInfrastructure, db.Infrastructure; sys.exit(0)")
    assert used.returncode == 0, used.stderr
    assert "DATABASE_URL" in refused(tmp_path, "db", "push", DATABASE_URL="")


# -- options -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = = 1", "line 1, column 5"),
        ("tool = 3", "`tool`"),
        ("[tool]\ninfra-gen = 3", "`infra-gen`"),
        ("[tool.infra-gen]\nnaming = 3", "snake_case"),
        ('[tool.infra-gen]\nnamng = "schema"', "did you mean `naming`?"),
        ('[tool.infra-gen]\noutput = ""', "a path"),
    ],
)
def test_a_wrong_pyproject_is_named_with_what_to_write(project: Path, text: str, told: str) -> None:
    (project / "pyproject.toml").write_text(text)
    error = refused(project, "generate")
    assert str(project / "pyproject.toml") in error
    assert told in error


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--output", ""), "a path"),
        (("--naming", "camel"), "snake_case"),
        (("--templates", "nowhere"), "nowhere"),
    ],
)
def test_a_wrong_flag_is_named_with_what_to_write(project: Path, flags: tuple[str, ...], told: str) -> None:
    assert told in refused(project, "generate", *flags)


def test_an_option_from_a_variable_that_is_not_set_is_refused(project: Path) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace('"db"\n}', 'env("NOTES_OUTPUT")\n}'))
    assert "NOTES_OUTPUT, which is not set" in refused(project, "generate")
    assert infra_gen(project, "generate", NOTES_OUTPUT="here").returncode == 0
    assert (project / "here" / "note.py").exists()


# -- the output folder -------------------------------------------------------------------------------------------------
def test_the_schemas_own_folder_is_no_place_for_the_package(project: Path) -> None:
    assert "the schema's own folder" in refused(project, "generate", "--output", ".")
    (project / "schema.prisma").write_text(SCHEMA.replace('"db"\n}', '"./"\n}'))
    assert "the schema's own folder" in refused(project, "generate")


@pytest.mark.parametrize("output", ["db", "db/inner"])
def test_a_file_in_the_place_of_the_folder_is_named(project: Path, output: str) -> None:
    (project / "db").write_text("mine")
    assert "db is a file" in refused(project, "generate", "--output", output)


def test_foreign_files_stay_and_one_in_the_way_is_refused(project: Path) -> None:
    (project / "db").mkdir()
    (project / "db" / "mine.py").write_text("mine = True\n")
    assert infra_gen(project, "generate").returncode == 0
    assert (project / "db" / "mine.py").read_text() == "mine = True\n"
    (project / "schema.prisma").write_text(SCHEMA + "\nmodel Mine {\n  id Int @id\n}\n")
    assert "db/mine.py is not a file of infra-gen's" in refused(project, "generate")


@POSIX
def test_a_folder_that_may_not_be_written_is_named(shared_project: Path) -> None:
    (shared_project / "db").mkdir(mode=0o555)
    answer = run(shared_project, AS_NOBODY, "generate")
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert answer.stderr.startswith("error: db/.infra-gen.json cannot be written: Permission denied.")
    assert not list((shared_project / "db").iterdir())


@POSIX
def test_a_schema_that_may_not_be_read_is_named(shared_project: Path) -> None:
    run(shared_project, "", "generate")
    before = contents(shared_project / "db")
    (shared_project / "schema.prisma").write_text(SCHEMA + "// more\n")
    (shared_project / "schema.prisma").chmod(0o000)
    answer = run(shared_project, AS_NOBODY, "generate")
    assert (answer.returncode, answer.stderr) == (
        1,
        "error: The schema schema.prisma cannot be read: Permission denied.\n",
    )
    assert contents(shared_project / "db") == before


LIMIT = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + (
    "resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))"
)
"""From then on a file can have 1 KiB: a write fails as it does on a full disk, after a part of it was written."""


@POSIX
def test_a_full_disk_leaves_whole_files_and_the_next_run_repairs(project: Path) -> None:
    answer = run(project, LIMIT, "generate")
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "File too large" in answer.stderr
    left = contents(project / "db")
    assert infra_gen(project, "generate").returncode == 0
    whole = contents(project / "db")
    assert {name: whole[name] for name in left if name.endswith(".py")} == {
        name: text for name, text in left.items() if name.endswith(".py")
    }
    assert "db/" in answer.stderr
    assert ".infra-gen-" not in answer.stderr, "the file that was to be written is named, not a temporary one"
    assert infra_gen(project, "generate", "--check").returncode == 0


@POSIX
def test_a_full_disk_does_not_cost_the_schema_that_is_being_formatted(project: Path) -> None:
    text = "// long\n" * 200 + SCHEMA.replace("id   Int", "id Int")
    (project / "schema.prisma").write_text(text)
    answer = run(project, LIMIT, "format")
    assert (answer.returncode, answer.stderr) == (1, "error: schema.prisma cannot be written: File too large.\n")
    assert contents(project) == {"schema.prisma": text.encode()}


@POSIX
def test_formatting_keeps_a_link_and_the_permissions_of_its_file(project: Path) -> None:
    (project / "schema.prisma").rename(project / "real.prisma")
    (project / "real.prisma").write_text(SCHEMA.replace("id   Int", "id Int"))
    (project / "real.prisma").chmod(0o640)
    (project / "schema.prisma").symlink_to("real.prisma")
    assert infra_gen(project, "format").returncode == 0
    assert (project / "schema.prisma").is_symlink()
    assert (project / "real.prisma").read_text() == SCHEMA
    assert (project / "real.prisma").stat().st_mode & 0o777 == 0o640


# -- db push -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "--url is empty"),
        ("nonsense", "must begin with file:"),
        ("file:./nowhere/dev.db", "its folder is not there"),
        (":memory:", "name a file"),
        ("postgresql://ada:secret@localhost/x", "the database URL is for postgresql"),
    ],
)
def test_a_url_that_is_none_of_sqlite_is_refused(project: Path, url: str, told: str) -> None:
    error = refused(project, "db", "push", "--url", url)
    assert told in error
    assert "secret" not in error


def test_a_file_that_is_no_database_is_left_as_it_is(project: Path) -> None:
    (project / "dev.db").write_text("something else " * 100)
    assert "file is not a database" in refused(project, "db", "push")


def test_a_folder_in_the_place_of_the_database_is_named(project: Path) -> None:
    (project / "dev.db").mkdir()
    assert "dev.db: the database file cannot be opened" in refused(project, "db", "push")


HOLDING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_locked_database_is_told(project: Path) -> None:
    assert infra_gen(project, "db", "push").returncode == 0
    (project / "schema.prisma").write_text(SCHEMA.replace("text String", "text String\n  more Int?"))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(project / "dev.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    assert "the database is locked by another process" in refused(project, "db", "push")
    holder.communicate("leave\n")
    assert infra_gen(project, "db", "push").returncode == 0


@POSIX
def test_a_database_that_may_not_be_written_is_told(shared_project: Path) -> None:
    assert infra_gen(shared_project, "db", "push").returncode == 0
    (shared_project / "schema.prisma").write_text(SCHEMA.replace("text String", "text String\n  more Int?"))
    (shared_project / "dev.db").chmod(0o444)
    answer = run(shared_project, AS_NOBODY, "db", "push")
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert "readonly database: this user has to be able to write the file" in answer.stderr


def test_the_sql_for_another_provider_is_printed_without_a_database(project: Path) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace('"sqlite"', '"postgresql"').replace(f"  {URL}\n", ""))
    assert "DATABASE_URL" in refused(project, "db", "push", DATABASE_URL="")
    answer = infra_gen(project, "db", "push", "--dry-run")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert 'CREATE TABLE "Note"' in answer.stdout


# -- the output's reader, the keyboard, the end ------------------------------------------------------------------------
@POSIX
@pytest.mark.parametrize("command", [("--version",), ("--help",), ("inspect",)])
def test_a_reader_that_has_gone_ends_the_command_quietly(project: Path, command: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        answer = subprocess.run(
            [sys.executable, "-m", "infra_gen", *command], cwd=project, stdout=gone, stderr=subprocess.PIPE, text=True
        )
    assert (answer.returncode, answer.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", [("--version",), ("inspect",)])
def test_output_that_cannot_be_written_is_told(project: Path, command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        answer = subprocess.run(
            [sys.executable, "-m", "infra_gen", *command], cwd=project, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert "No space left" in answer.stderr


INTERRUPTED = """
import os, signal, threading
import importlib
write = importlib.import_module("infra_gen.generate.write")
whole = write.replace_file
def interrupted(path, content):
    whole(path, content)
    if path.name == "note.py":
        os.kill(os.getpid(), signal.SIGINT)
write.replace_file = interrupted
"""


@POSIX
def test_ctrl_c_is_quiet_and_the_next_run_repairs(project: Path) -> None:
    answer = run(project, INTERRUPTED, "generate")
    assert (answer.returncode, answer.stdout, answer.stderr) == (130, "", "")
    assert infra_gen(project, "generate", "--check").returncode == 1
    assert infra_gen(project, "generate").returncode == 0
    assert infra_gen(project, "generate", "--check").returncode == 0


@POSIX
def test_ctrl_c_while_the_command_is_loading_is_quiet_too(project: Path) -> None:
    code = """
import os, signal
class Interrupting:
    def find_spec(self, name, *rest):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""
    answer = run(project, code, "generate")
    assert (answer.returncode, answer.stdout, answer.stderr) == (130, "", "")


KILLED = """
import os, signal
import importlib
write = importlib.import_module("infra_gen.generate.write")
whole, steps = write.replace_file, int(sys.argv.pop())
def killing(path, content):
    global steps
    if steps == 0:
        path.with_name(f".infra-gen-{os.getpid()}-{path.name}").write_bytes(content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    steps -= 1
    whole(path, content)
write.replace_file = killing
"""


@POSIX
@pytest.mark.parametrize("steps", [0, 1, 2, 4, 6])
def test_a_command_killed_at_any_file_is_repaired_by_the_next(project: Path, steps: int) -> None:
    """It dies with half of a file written, before the first file, between files, and before the last manifest."""
    assert infra_gen(project, "generate").returncode == 0
    (project / "db" / "mine.txt").write_text("mine")
    renamed = SCHEMA.replace("model Note", "model Memo").replace("text String", "text String\n  kind Kind @default(A)")
    (project / "schema.prisma").write_text(renamed + "\nenum Kind {\n  A\n}\n")
    assert run(project, KILLED, "generate", str(steps)).returncode == -signal.SIGKILL
    for path in (project / "db").rglob("[!.]*.py"):
        compile(path.read_bytes(), path, "exec")
    assert infra_gen(project, "generate").returncode == 0
    assert infra_gen(project, "generate", "--check").returncode == 0
    left = {path.name for path in (project / "db").rglob("*")}
    assert {"memo.py", "mine.txt"} <= left
    assert "note.py" not in left
    assert not [name for name in left if name.startswith(".infra-gen-")]


# -- colour ------------------------------------------------------------------------------------------------------------
@POSIX
@pytest.mark.parametrize(("variables", "expected"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_whose_user_wants_it(project: Path, variables: dict[str, str], expected: bool) -> None:
    import pty

    (project / "schema.prisma").write_text(SCHEMA.replace("text String", "text Strng"))
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "infra_gen", "validate"], cwd=project, env=environment, stderr=inside
    )
    os.close(inside)
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:
        pass  # Linux says so when the last writer has gone
    finally:
        os.close(terminal)
    assert process.wait() == 1
    assert b"Strng" in shown
    assert (b"\x1b[" in shown) is expected
