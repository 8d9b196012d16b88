"""A run that ends early, and one that makes little, leaves and says what a run from nothing would: whatever was edited before it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_gen.again import done_before, probable_options
from infra_gen.cli.generating import generated
from infra_gen.explanation import explanation
from infra_gen.generate.memory import FILE
from infra_gen.generate.write import MANIFEST
from infra_gen.infrastructure_file import read_for
from infra_gen.memo import Memo
from infra_gen.schema.load import load
from tests.generator.test_incremental import EDITS, MODELS, OPTIONS, Made

HEAD = 'datasource db {\n  provider = "sqlite"\n}\n\n'
WARNED = 'generator old {\n  provider = "x"\n  previewFeatures = ["fullTextSearch"]\n}\n'
SPOILING = (
    "",
    "model Broken {",
    "  what Nothing\n",
    "}\n",
    "/* open",
    "// a comment\n",
    WARNED,
    "model Model1 {\n  id Int @id\n}\n",
)
HARM = (
    "change",
    "remove",
    "same",
    "foreign",
    "folder",
    "manifest",
    "memory",
    "nonsense",
    "template",
    "untemplate",
    "copy",
)


class Project:
    """A schema, a package, and a folder of templates, to be edited at random."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.made = Made()
        self.spoilt, self.at, self.ends = "", 0, "\n"
        self.memo = Memo()
        self.write()

    def edit(self, kind: str, at: int, more: int) -> None:
        if kind == "spoil":
            self.spoilt, self.at = SPOILING[more % len(SPOILING)], at
        elif kind == "ends":
            self.ends = ("\n", "\r\n")[more % 2]
        elif kind in HARM:
            with suppress(OSError):
                self.harm(kind, at + 5 * more)
        else:
            self.made.edit(kind, at)
        self.write()

    def write(self) -> None:
        lines = f"{HEAD}{self.made.text()}".splitlines(keepends=True)
        lines.insert(self.at * 5, self.spoilt)
        (self.folder / "schema.prisma").write_bytes("".join(lines).replace("\n", self.ends).encode())

    def harm(self, kind: str, number: int) -> None:
        output, templates = self.folder / "db", self.folder / "own"
        files = sorted(path for path in output.rglob("*.py") if path.is_file()) or [output / "client.py"]
        file = files[number % len(files)]
        match kind:
            case "change":
                file.write_text("# mine\n")
            case "remove":
                file.unlink()
            case "same":
                file.write_bytes(file.read_bytes())
            case "foreign":
                (output / f"model{number % 5}.py").write_text("# foreign\n")
                (output / "mine.py").write_text("# mine\n")
            case "folder":
                file.unlink()
                file.mkdir()
            case "manifest":
                (output / MANIFEST).unlink()
            case "memory":
                (output / FILE).unlink()
            case "nonsense":
                (output / FILE).write_text('{"run": {"inputs": "x"}, "files": []}')
            case "template":
                templates.mkdir(exist_ok=True)
                (templates / "enums.py.jinja").write_text(f"NUMBER  =  {number % 3}\n")
                self.made.options["templates"] = "own"
            case "untemplate":
                self.made.options.pop("templates", None)
            case "copy":
                shutil.copytree(output, self.folder / "other", dirs_exist_ok=True)
                self.made.options["output"] = ("db", "other")[number % 2]

    def run(self, memo: Memo | None) -> Any:
        """What a run says and leaves."""
        with chdir(self.folder), redirect_stderr(io.StringIO()) as stderr:
            try:
                result = generated(None, self.made.options, memo=memo)
                said: Any = (str(result.output), result.changes)
            except Exception as error:
                said = explanation(error, color=False)
                if said is None:
                    raise
        return said, stderr.getvalue(), left(self.folder)


def left(folder: Path) -> dict[str, bytes | None]:
    """All files and folders but what the generator keeps for itself."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


def without_memory(folder: Path) -> None:
    for memory in folder.rglob(FILE.name):
        memory.unlink()


KINDS = ("spoil", "spoil", "ends", *HARM, *EDITS, *OPTIONS)
edits = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, len(MODELS) - 1), st.integers(0, 9), st.booleans()),
    min_size=1,
    max_size=7,
)


@settings(max_examples=60, deadline=None)
@given(edits)
def test_after_any_edits_a_run_says_and_leaves_what_one_from_nothing_does(
    steps: list[tuple[str, int, int, bool]],
) -> None:
    with TemporaryDirectory() as name:
        project = Project(Path(name) / "project")
        project.run(project.memo)
        for kind, at, more, is_looked_at in steps:
            project.edit(kind, at, more)
            if not is_looked_at:
                continue
            before = Path(name) / "before"
            shutil.copytree(project.folder, before)
            found = project.run(project.memo)
            after = project.folder.rename(Path(name) / "after")
            before.rename(project.folder)
            without_memory(project.folder)
            assert project.run(None) == found, (kind, at, more)
            shutil.rmtree(project.folder)
            after.rename(project.folder)


def ended_early(folder: Path, **flags: Any) -> bool:
    """Would a run in this folder end before it parses anything?"""
    with chdir(folder):
        files = load(None, start=folder)
        options = probable_options(files, flags, memo := Memo())
        configuration = read_for(files, start=folder)
        return options is not None and done_before(files, options, configuration, memo) is not None


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package as a run left it, made with a template of the user's."""
    made = Project(tmp_path / "project")
    (made.folder / "own" / "parts").mkdir(parents=True)
    (made.folder / "own" / "enums.py.jinja").write_text("{% include 'parts/numbers.txt' %}")
    (made.folder / "own" / "parts" / "numbers.txt").write_text("NUMBER = 1\n")
    (made.folder / "pyproject.toml").write_text('[tool.infra-gen]\ntemplates = "own"\n')
    (made.folder / "infrastructure.config.yml").write_text("queries: {}\n")
    made.run(Memo())
    return made.folder


def test_a_run_ends_early_where_nothing_has_changed(project: Path) -> None:
    assert ended_early(project)
    os.utime(project / "schema.prisma")
    os.utime(project / "db" / "client.py")
    (project / "db" / "mine.py").write_text("")
    assert ended_early(project)


CHANGES: dict[str, Callable[[Path], object]] = {
    "schema": lambda folder: (folder / "schema.prisma").write_text(
        (folder / "schema.prisma").read_text() + "// more\n"
    ),
    "option": lambda folder: (folder / "pyproject.toml").write_text('[tool.infra-gen]\nnaming = "snake_case"\n'),
    "wrong option": lambda folder: (folder / "pyproject.toml").write_text("[tool.infra-gen]\nnaming = 3\n"),
    "template": lambda folder: (folder / "own" / "enums.py.jinja").write_text("NUMBER = 2\n"),
    "included text": lambda folder: (folder / "own" / "parts" / "numbers.txt").write_text("NUMBER = 2\n"),
    "new template": lambda folder: (folder / "own" / "client.py.jinja").write_text("CLIENT = 2\n"),
    "configuration": lambda folder: (folder / "infrastructure.config.yml").write_text(
        "models: {model0: {cache: {ttl: 1}}}\n"
    ),
    "wrong configuration": lambda folder: (folder / "infrastructure.config.yml").write_text(
        "database: {provider: mysql}\n"
    ),
    "file": lambda folder: (folder / "db" / "client.py").write_text("# mine\n"),
    "file that is gone": lambda folder: (folder / "db" / "py.typed").unlink(),
    "file in a folder": lambda folder: (folder / "db" / "types" / "model0.py").unlink(),
    "manifest": lambda folder: (folder / "db" / MANIFEST).write_text("{}"),
    "memory": lambda folder: (folder / "db" / FILE).unlink(),
    "nonsense": lambda folder: (folder / "db" / FILE).write_text('{"run": {"inputs": []}, "files": {"a": 1}}'),
    "package": lambda folder: shutil.rmtree(folder / "db"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_goes_on_where_something_has_changed(project: Path, change: str) -> None:
    CHANGES[change](project)
    assert not ended_early(project)


def test_a_run_goes_on_where_plugins_are_active_or_the_version_is_another(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not ended_early(project, plugins="any")
    monkeypatch.setattr("infra_gen.generate.inputs.toolkit", lambda: "another version")
    assert not ended_early(project)


def test_a_change_while_a_run_lasts_is_not_taken_for_what_it_saw(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "own" / "enums.py.jinja").write_text("NUMBER = 2\n")
    digests = iter(("before", "after"))
    with chdir(project):
        monkeypatch.setattr("infra_gen.again.inputs", lambda *given: next(digests))
        monkeypatch.setattr("infra_gen.again.done_before", lambda *given: None)
        generated(None, {})
    monkeypatch.undo()
    assert not ended_early(project)


def test_a_run_that_ends_early_warns_as_the_one_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "schema.prisma").write_text(f"{HEAD}{WARNED}model A {{\n  id Int @id\n}}\n")
    command = [sys.executable, "-m", "infra_gen", "generate"]
    runs = [
        subprocess.run([*command, *flags], cwd=folder, check=True, capture_output=True, text=True)
        for flags in ((), (), ("--json",))
    ]
    assert "schema.prisma:7:21" in runs[0].stderr
    assert runs[1].stderr == runs[0].stderr
    assert '"line": 7' in runs[2].stdout
    assert "0 written, 7 unchanged" in runs[1].stdout


AT_ONCE = """
import os, sys
from pathlib import Path
from infra_gen.cli.generating import generated
from infra_gen.memo import Memo
os.chdir(sys.argv[1])
memo = Memo()
for _ in range(12):
    generated(None, {"output": sys.argv[2]}, memo=memo)
"""


def test_runs_at_once_of_several_schemas_leave_the_package_of_one_of_them(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).mkdir()
        text = f"model {name.upper()} {{\n  id Int @id\n  {name} String\n}}\n\nmodel Shared {{\n  id Int @id\n}}\n"
        (tmp_path / name / "schema.prisma").write_text(HEAD + text)
    output = tmp_path / "db"
    processes = [
        subprocess.Popen([sys.executable, "-c", AT_ONCE, str(tmp_path / name), str(output)], stderr=subprocess.PIPE)
        for name in "abc"
    ]
    assert [(process.wait(), process.communicate()[1]) for process in processes] == [(0, b"")] * 3
    found, fresh = left(output), []
    for name in "abc":
        shutil.rmtree(output)
        with chdir(tmp_path / name):
            generated(None, {"output": str(output)})
        fresh.append(left(output))
    assert found in fresh
