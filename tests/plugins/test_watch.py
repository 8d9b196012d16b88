"""`infra-gen watch` with templates of a plug-in's and of one's own: changes are seen, and a broken one is told and mended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.plugins import installing
from tests.watch.test_watching import Watching, tables

SCHEMA = """\
datasource db {
  provider = "sqlite"
}

generator infra {
  provider  = "infra-gen"
  output    = "./db"
  plugins   = ["notes"]
  templates = "./own"
}

model Note {
  id Int @id
}
"""
PUSHED = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

model Note {
  id Int @id
}
"""
RENAMING = """
def transform(self, schema):
    return replace(schema, models=tuple(replace(model, table="notes") for model in schema.models))
"""
NOTES = 'def templates(self): return Path(__file__).parent / "notes_templates"'


def test_changed_templates_are_made_again_and_broken_ones_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed, project = tmp_path / "installed", tmp_path / "project"
    for folder in (installed, project, project / "own", installed / "notes_templates"):
        folder.mkdir()
    installing.put(installed, "notes", NOTES)
    theirs, own = installed / "notes_templates" / "all.jinja", project / "own" / "mine.jinja"
    theirs.write_text("{# makes theirs.txt #}\none\n")
    (project / "schema.prisma").write_text(SCHEMA)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), *filter(None, [os.environ.get("PYTHONPATH")])]))
    watching = Watching(project)
    try:
        watching.until("written")
        assert (project / "db" / "theirs.txt").read_text() == "one\n"
        theirs.write_text("{# makes theirs.txt #}\ntwo\n")
        watching.until(r"all\.jinja changed: .* 1 written")
        assert (project / "db" / "theirs.txt").read_text() == "two\n"
        own.write_text("{# makes mine.txt for each modle #}\n")
        lines = watching.until("failed, waiting for a change")
        assert [
            line for line in lines if line.startswith("error: own/mine.jinja:1: what this template makes is said as ")
        ]
        assert not [line for line in lines if "Traceback" in line]
        own.write_text("{# makes {module}.txt for each model #}\n{{ model.name }}\n")
        watching.until(r"own/mine\.jinja changed: .* 1 written")
        assert (project / "db" / "note.txt").read_text() == "Note\n"
        own.unlink()
        watching.until(r"own/mine\.jinja changed: .* 1 removed")
        assert watching.end() == 130
    finally:
        watching.process.kill()
        watching.process.wait()


def test_what_is_pushed_is_the_schema_that_plug_ins_named_by_flags_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed, project = tmp_path / "installed", tmp_path / "project"
    for folder in (installed, project):
        folder.mkdir()
    installing.put(installed, "renaming", RENAMING)
    (project / "schema.prisma").write_text(PUSHED)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), *filter(None, [os.environ.get("PYTHONPATH")])]))
    watching = Watching(project, "--push", "--plugins", "renaming")
    try:
        watching.until("CreateTable")
        assert tables(project / "dev.db") == {"notes"}
    finally:
        watching.process.kill()
        watching.process.wait()
