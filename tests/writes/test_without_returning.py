"""Writes on servers that answer no rows of them, as MySQL does not: rows are read again, by the keys they bring or the database made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_runtime import DataError
from infra_runtime.engine import Engine
from tests.databases import Database, Databases
from tests.writes.conftest import Ask, Client


@pytest.fixture
def database(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Database:
    """MariaDB, taken for a MySQL: what is asked of it is what MySQL can do."""
    monkeypatch.setattr("infra_runtime.engine.PRODUCTS", {})
    return databases("mysql")


@pytest.fixture(autouse=True)
def _nothing_returns(statements: list[str], client: Client) -> Iterator[None]:
    engine: Engine = client.engine
    assert not engine.dialect.insert_returning
    yield
    assert statements
    assert not [sql for sql in statements if "RETURNING" in sql]


def test_rows_are_answered_with_what_the_database_made(ask: Ask) -> None:
    ada = ask("User.create", data={"email": "ada"})
    assert (ada["id"], ada["email"], ada["role"]) == (1, "ada", "READER")
    post = ask("Post.create", data={"title": "Notes", "author": {"connect": {"id": 1}}}, include={"author": True})
    assert post["author"]["email"] == "ada"


def test_many_rows_are_answered_in_their_order_and_duplicates_are_not(ask: Ask) -> None:
    ask("Tag.create", data={"label": "b"})
    made = ask(
        "Tag.create_many_and_return", data=[{"label": "c"}, {"label": "b"}, {"label": "a"}], skip_duplicates=True
    )
    assert [tag["label"] for tag in made] == ["c", "a"]
    assert ask("Tag.create_many", data=[{"label": "a"}, {"label": "d"}], skip_duplicates=True) == 1


def test_what_is_deleted_or_changed_is_answered(ask: Ask) -> None:
    for label in ("a", "b"):
        ask("Tag.create", data={"label": label})
    assert ask("Tag.delete", where={"label": "a"})["label"] == "a"
    assert ask("Tag.update", where={"label": "b"}, data={"label": "c"})["label"] == "c"
    assert [tag["label"] for tag in ask("Tag.update_many_and_return", data={"label": "d"})] == ["d"]
    assert ask("Tag.delete_many") == 1


def test_an_upsert_makes_then_changes(ask: Ask) -> None:
    data: dict[str, Any] = {"create": {"label": "a"}, "update": {"label": "b"}}
    assert ask("Tag.upsert", where={"label": "a"}, data=data)["label"] == "a"
    assert ask("Tag.upsert", where={"label": "a"}, data=data)["label"] == "b"


def test_links_are_made_once(ask: Ask) -> None:
    ask(
        "User.create",
        data={"email": "ada", "written": {"create": {"id": "p", "title": "Notes", "tags": {"create": {"label": "x"}}}}},
    )
    again = ask("Post.update", where={"id": "p"}, data={"tags": {"connect": {"label": "x"}}}, include={"tags": True})
    assert [tag["label"] for tag in again["tags"]] == ["x"]


def test_a_violated_key_is_told(ask: Ask) -> None:
    ask("Tag.create", data={"label": "a"})
    with pytest.raises(DataError) as caught:
        ask("Tag.create", data={"label": "a"})
    assert (caught.value.code, caught.value.fields) == ("P2002", ("label",))
