"""Where a schema is found, and what is said when it is not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from infra_gen.failure import Failure
from infra_gen.schema.load import SchemaNotLoadedError, load

MODEL = "model A {\n  id Int @id\n}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str = MODEL) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8", newline="")


def loaded(path: str | None = None) -> list[str]:
    return [file.path for file in load(Path(path) if path else None, start=Path.cwd())]


def refusal(path: str | None = None) -> str:
    with pytest.raises(SchemaNotLoadedError) as caught:
        loaded(path)
    assert isinstance(caught.value, Failure)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_shown_as_it_was_named() -> None:
    write("db/my.prisma")
    assert loaded("db/my.prisma") == ["db/my.prisma"]
    os.chdir("db")
    assert loaded("../db/my.prisma") == ["../db/my.prisma"]


def test_an_absolute_path_within_the_current_folder_is_shortened(here: Path) -> None:
    write("db/my.prisma")
    assert loaded(str(here / "db" / "my.prisma")) == ["db/my.prisma"]


def test_a_folder_is_read_with_the_folders_within_in_the_order_of_names() -> None:
    for name in ("s/b.prisma", "s/a/z.prisma", "s/c/deep/x.prisma", "s/B.prisma", "s/notes.md", "s/.prisma"):
        write(name)
    assert loaded("s") == ["s/B.prisma", "s/a/z.prisma", "s/b.prisma", "s/c/deep/x.prisma"]


def test_a_link_to_a_folder_above_is_not_followed() -> None:
    write("s/a.prisma")
    try:
        Path("s/again").symlink_to(Path("s").resolve(), target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    assert loaded("s") == ["s/a.prisma"]


def test_prismas_places_are_looked_at_in_its_order() -> None:
    write("prisma/schema/a.prisma")
    assert loaded() == ["prisma/schema/a.prisma"]
    write("prisma/schema.prisma")
    assert loaded() == ["prisma/schema.prisma"]
    write("schema.prisma")
    assert loaded() == ["schema.prisma"]


def test_package_json_says_where_the_schema_is() -> None:
    write("schema.prisma")
    write("db/my.prisma")
    write("package.json", json.dumps({"prisma": {"schema": "db/my.prisma"}}))
    assert loaded() == ["db/my.prisma"]


def test_package_json_without_the_key_changes_nothing() -> None:
    write("schema.prisma")
    for text in ("{}", "[]", "no json", '{"prisma": {"seed": "x"}}'):
        write("package.json", text)
        assert loaded() == ["schema.prisma"]


def test_package_json_that_names_nothing_is_told() -> None:
    write("package.json", json.dumps({"prisma": {"schema": "gone.prisma"}}))
    assert refusal() == (
        'There is no schema at gone.prisma, where the key "prisma.schema" of package.json says it is. '
        "Mend the key, or name the schema with --schema."
    )


def test_nothing_found_says_what_was_looked_for() -> None:
    message = refusal()
    for place in (
        str(Path.cwd()),
        "schema.prisma",
        "prisma/schema.prisma",
        "prisma/schema",
        "package.json",
        "--schema",
    ):
        assert place in message


def test_a_configuration_that_is_a_program_is_mentioned() -> None:
    write("prisma.config.ts", "")
    assert "prisma.config.ts" in refusal()


def test_a_file_that_is_not_there() -> None:
    assert refusal("gone.prisma").startswith("There is no schema at gone.prisma: no such file or folder.")


def test_a_folder_without_schemas() -> None:
    Path("s").mkdir()
    assert refusal("s").startswith("s is a folder without a schema")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is readable here")
def test_an_unreadable_file() -> None:
    write("schema.prisma")
    Path("schema.prisma").chmod(0)
    assert refusal("schema.prisma") == "The schema schema.prisma cannot be read: Permission denied."


def test_text_that_is_not_utf_8() -> None:
    Path("schema.prisma").write_bytes(b"model A {\n  // caf\xe9\n}\n")
    assert refusal() == "The schema schema.prisma is not UTF-8 text: line 2 holds the byte 0xe9. Save it as UTF-8."
    Path("schema.prisma").write_bytes(MODEL.encode("utf-16"))
    assert "it is UTF-16" in refusal()


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    Path("schema.prisma").write_bytes(b"\xef\xbb\xbf" + MODEL.encode())
    assert load(None, start=Path.cwd())[0].text == MODEL


def test_line_ends_are_kept() -> None:
    write("schema.prisma", MODEL.replace("\n", "\r\n"))
    assert load(None, start=Path.cwd())[0].text == MODEL.replace("\n", "\r\n")
