"""Rows that a trigger keeps out of their table: nothing else is kept of a write that needs them, and the error says which model it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra_runtime.errors import RecordNotFoundError
from tests.databases import Database
from tests.writes.conftest import Ask, Client
from tests.writes.test_planned import as_own

KEEPS_OUT = {
    "sqlite": [
        "CREATE TRIGGER quiet BEFORE INSERT ON \"{table}\" WHEN NEW.{column} = 'out' BEGIN SELECT RAISE(IGNORE); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.{column} = 'out' THEN RETURN NULL; END IF; RETURN NEW; END $$",
        'CREATE TRIGGER quiet BEFORE INSERT ON "{table}" FOR EACH ROW EXECUTE FUNCTION quiet()',
    ],
}
pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
ways = pytest.mark.parametrize("given", [dict, as_own], ids=["planned", "general"])


@contextmanager
def kept_out(client: Client, database: Database, table: str, column: str) -> Iterator[None]:
    """Rows of the table that say `out` in the column do not get into it."""
    for statement in KEEPS_OUT[database.provider]:
        client.execute(statement.format(table=table, column=column))
    yield
    client.execute("DROP TRIGGER quiet" if database.provider == "sqlite" else f'DROP TRIGGER quiet ON "{table}"')


@ways
@pytest.mark.parametrize(
    "data",
    [
        {"email": "out"},
        {"email": "out", "written": {"create": [{"title": "a"}]}},
        {"email": "out", "manager": {"create": {"email": "in"}}},
        {"email": "in", "reports": {"create": [{"email": "out", "written": {"create": [{"title": "a"}]}}]}},
    ],
)
def test_a_row_that_others_need_is_missed(
    ask: Ask, client: Client, database: Database, data: dict[str, Any], given: Any
) -> None:
    before = ask("User.count"), ask("Post.count")

    with kept_out(client, database, "users", "email"), pytest.raises(RecordNotFoundError) as caught:
        ask("User.create", data=given(data))

    assert caught.value.model == "User"
    assert (ask("User.count"), ask("Post.count")) == before


@ways
def test_children_that_nobody_needs_are_just_not_there(
    ask: Ask, client: Client, database: Database, given: Any
) -> None:
    data = {"email": "new", "written": {"create": [{"title": "a"}, {"title": "out"}, {"title": "b"}]}}

    with kept_out(client, database, "Post", "title"):
        made = ask("User.create", data=given(data), include=given({"written": {"order": {"title": "asc"}}}))

    assert [post["title"] for post in made["written"]] == ["a", "b"]
    assert ask("Post.count", where={"author_id": made["id"]}) == 2
