"""What is watched and what has changed, from values alone, and on real folders."""

from __future__ import annotations

from pathlib import Path

from infra_gen.watch.inputs import Place, changed, places, told
from infra_gen.watch.reading import folders, read

HERE = Path("/home/ada/project")
SCHEMA = Place(HERE / "schema.prisma", ".prisma")


def test_a_run_depends_on_the_schema_and_on_settings_here_and_above() -> None:
    found = places(HERE, (SCHEMA.path,))
    assert found[0] == SCHEMA
    assert places(HERE, (SCHEMA.path,), "made.json")[0].mark == "made.json"
    assert {place.path for place in found[1:]} == {
        folder / name for folder in (HERE, *HERE.parents) for name in ("pyproject.toml", "package.json")
    }


def test_files_that_were_changed_made_or_removed_are_told() -> None:
    a, b, c, d = (Path(name) for name in "abcd")
    before = {SCHEMA: {a: b"1", b: b"1", c: b"1"}}
    assert changed(before, {SCHEMA: {a: b"1", b: b"2", d: b"1"}}) == (b, c, d)
    assert changed(before, before) == ()


def test_a_line_tells_the_first_file_and_how_many_others() -> None:
    assert told((HERE / "prisma" / "a.prisma",), HERE) == "prisma/a.prisma"
    assert told((HERE / "a", HERE / "b"), HERE) == "a and 1 other"
    assert told((Path("/etc/pyproject.toml"), HERE / "a", HERE / "b"), HERE) == "/etc/pyproject.toml and 2 others"


def test_a_folder_stands_for_the_files_of_its_suffix_however_deep(tmp_path: Path) -> None:
    deep = tmp_path / "schema" / "more"
    deep.mkdir(parents=True)
    (deep / "a.prisma").write_text("a")
    (deep / "notes.txt").write_text("n")
    (deep / "back").symlink_to(tmp_path / "schema")
    place = Place(tmp_path / "schema", ".prisma")
    assert read([place]) == {place: {deep / "a.prisma": b"a"}}
    assert folders([place]) == {tmp_path, tmp_path / "schema", deep}


def test_folders_without_sources_and_generated_ones_do_not_count(tmp_path: Path) -> None:
    for name in (".git", ".venv/lib", "node_modules/client", "db/types", "prisma"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.prisma").write_text("a")
    (tmp_path / "db" / "made.json").write_text("{}")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "made.json").write_text("{}")
    place = Place(tmp_path, ".prisma", "made.json")
    assert read([place]) == {place: {tmp_path / "prisma" / "a.prisma": b"a"}}
    assert folders([place]) == {tmp_path.parent, tmp_path, tmp_path / "prisma"}
    # The place itself is what was asked for, whatever it holds.
    named = Place(tmp_path / "here", "json", "made.json")
    assert read([named]) == {named: {tmp_path / "here" / "made.json": b"{}"}}


def test_a_link_to_a_folder_beside_is_followed(tmp_path: Path) -> None:
    (tmp_path / "schema").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a.prisma").write_text("a")
    (tmp_path / "schema" / "link").symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "back").symlink_to(tmp_path)
    place = Place(tmp_path / "schema", ".prisma")
    assert tmp_path / "schema" / "link" / "a.prisma" in read([place])[place]


def test_what_is_not_there_is_awaited_in_the_nearest_folder_that_is(tmp_path: Path) -> None:
    schema, settings = Place(tmp_path / "prisma" / "schema.prisma", ".prisma"), Place(tmp_path / "x" / "pyproject.toml")
    assert read([schema, settings]) == {schema: {}, settings: {}}
    assert folders([schema, settings]) == {tmp_path}
