"""Each option of the generator: what happens otherwise with it. What front ends make of it, and its types, are in `tests/options`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from infra_gen.database.ddl import statements
from infra_gen.failure import Failure
from infra_runtime.errors import RecordNotFoundError, RelationNotLoadedError
from tests.generator.packages import compiled, files, imported
from tests.options.table import SCHEMA


@pytest.fixture
def database(tmp_path: Path) -> str:
    """An empty database of the schema."""
    connection = sqlite3.connect(tmp_path / "test.db")
    for statement in statements(compiled(SCHEMA)):
        connection.execute(statement)
    connection.close()
    return f"file:{tmp_path / 'test.db'}"


def test_a_row_that_is_not_there_is_an_error_or_none(database: str, tmp_path: Path) -> None:
    with imported(SCHEMA, tmp_path) as package, package.SyncInfrastructure(url=database) as infra:
        with pytest.raises(RecordNotFoundError):
            infra.user.update({"firstName": "x"}, {"id": 9})
        with pytest.raises(RecordNotFoundError):
            infra.user.delete({"id": 9})
    with imported(SCHEMA, tmp_path, missing="none") as package, package.SyncInfrastructure(url=database) as infra:
        assert infra.user.update({"firstName": "x"}, {"id": 9}) is None
        assert infra.user.delete({"id": 9}) is None
        with pytest.raises(RecordNotFoundError):
            infra.user.find_unique_or_raise({"id": 9})


async def test_it_is_none_for_awaited_calls_and_in_transactions_too(database: str, tmp_path: Path) -> None:
    with imported(SCHEMA, tmp_path, missing="none") as package:
        async with package.Infrastructure(url=database) as infra:
            assert await infra.user.delete({"id": 9}) is None
            async with infra.transaction() as tx:
                assert await tx.user.update({"firstName": "x"}, {"id": 9}) is None


def test_converted_names_are_those_of_rows_inputs_finders_and_errors(database: str, tmp_path: Path) -> None:
    with imported(SCHEMA, tmp_path, naming="snake_case") as package, package.SyncInfrastructure(url=database) as infra:
        made = infra.user.create({"first_name": "Ada", "team": {"create": {"id": 3}}})
        assert (made.first_name, made.team_id) == ("Ada", 3)
        assert infra.user.find_first(where={"team_id": 3}, order={"first_name": "asc"}) == made
        assert infra.query_raw('SELECT "firstName" FROM "User"') == [{"firstName": "Ada"}]


def test_relations_that_were_not_loaded_raise_or_are_none(database: str, tmp_path: Path) -> None:
    with imported(SCHEMA, tmp_path) as package, package.SyncInfrastructure(url=database) as infra:
        made = infra.user.create({"firstName": "Ada"})
        with pytest.raises(RelationNotLoadedError):
            _ = made.notes
    with imported(SCHEMA, tmp_path, relations="optional") as package:
        with package.SyncInfrastructure(url=database) as infra:
            assert infra.user.find_first().notes is None
            assert infra.user.find_first(include={"notes": True}).notes == []


def test_one_interface_alone(tmp_path: Path) -> None:
    with imported(SCHEMA, tmp_path, interface="asyncio") as package:
        assert "Infrastructure" in package.__all__
        assert not [name for name in package.__all__ if name.startswith("Sync")]
    with imported(SCHEMA, tmp_path, interface="sync") as package:
        assert "SyncInfrastructure" in package.__all__
        assert not [name for name in package.__all__ if name == "Infrastructure" or name == "UserRepository"]


def test_models_that_are_left_out_leave_no_trace_and_foreign_keys_stay() -> None:
    made = files(SCHEMA, exclude=["N*"])
    assert not [path for path, text in made.items() if "Note" in text or "note" in path]
    kept = files(SCHEMA, include=["User"])
    assert "team:" not in kept["user.py"]
    assert "teamId: int | None" in kept["user.py"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"include": ["Usr"]}, r"`include` names Usr, .*: did you mean User\?"),
        ({"include": ["Nothing*"]}, r"`include` names Nothing\*, .*: the schema's models are "),
        ({"exclude": ["Usr"]}, r"`exclude` names Usr, .*: did you mean User\?"),
    ],
)
def test_a_model_that_is_not_there_is_an_error(flags: dict[str, list[str]], message: str) -> None:
    with pytest.raises(Failure, match=message):
        files(SCHEMA, **flags)


def test_a_pattern_to_exclude_may_be_there_for_models_to_come() -> None:
    assert files(SCHEMA, exclude=["Audit*"]) == files(SCHEMA)


def test_templates_of_ones_own_win_and_are_laid_out(tmp_path: Path) -> None:
    (tmp_path / "enums.py.jinja").write_text("never rendered: there are no enums")
    (tmp_path / "py.typed.jinja").write_text("")
    (tmp_path / "schema.py.jinja").write_text("SCHEMA   = {{ package.models | length }}\n")
    made = files(SCHEMA, templates=tmp_path)
    assert made["schema.py"] == "SCHEMA = 3\n"
    assert made["user.py"] == files(SCHEMA)["user.py"]
