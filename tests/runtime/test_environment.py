"""`.env` files: what they may hold, and what beats them."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_runtime import SyncInfrastructure
from infra_runtime.environment import read_variables, variable
from infra_runtime.schema import Schema


def test_spellings() -> None:
    text = """
# a comment
PLAIN=file:./dev.db
SPACED = some words   # why
export EXPORTED=1
DOUBLE="postgresql://u:p#1@h/d?x=1"  # the database
SINGLE='a "b" $c'
ESCAPED="line\\nnext \\"quoted\\""
EMPTY=
this is no variable
"""
    assert read_variables(text) == {
        "PLAIN": "file:./dev.db",
        "SPACED": "some words",
        "EXPORTED": "1",
        "DOUBLE": "postgresql://u:p#1@h/d?x=1",
        "SINGLE": 'a "b" $c',
        "ESCAPED": 'line\nnext "quoted"',
        "EMPTY": "",
    }


def test_the_environment_beats_the_file_and_the_root_the_prisma_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prisma").mkdir()
    (tmp_path / "prisma" / ".env").write_text("ONE=prisma\nTWO=prisma\nTHREE=prisma\n")
    (tmp_path / ".env").write_text("ONE=root\nTWO=root\n")
    monkeypatch.setenv("ONE", "environment")
    assert [variable(name, tmp_path) for name in ("ONE", "TWO", "THREE", "FOUR")] == [
        "environment",
        "root",
        "prisma",
        None,
    ]


def test_a_client_finds_its_url_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f'SOME_URL="file:{tmp_path}/dotenv.db"\n')
    with SyncInfrastructure(schema=Schema("sqlite", (), url_variable="SOME_URL")) as shop:
        assert shop.query_raw("SELECT file FROM pragma_database_list") == [{"file": f"{tmp_path}/dotenv.db"}]
