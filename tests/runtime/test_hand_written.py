"""SQLAlchemy statements on the exposed tables: values and rows are those of the repositories."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import bindparam, delete, func, insert, select, update

from infra_runtime import FieldNotFoundError, InputError, RawQueryError
from infra_runtime.compiler.hand_written import ExposedTables
from infra_runtime.compiler.tables import Tables
from infra_runtime.engine import Engine
from tests.runtime.conftest import Client
from tests.runtime.schemas import SHOP

LONG_AGO = datetime(1815, 12, 10, tzinfo=UTC)


@pytest.fixture
def ada(client: Client) -> dict[str, Any]:
    made: dict[str, Any] = client.run(
        "create",
        "User",
        data={
            "email": "ada@x.io",
            "role": "ADMIN",
            "balance": Decimal("1.50"),
            "settings": {"a": [1]},
            "created_at": LONG_AGO,
            "profile": {"create": {"bio": "…"}},
        },
    )
    return made


def ask(client: Client, statement: Any, **options: Any) -> Any:
    return client.wait(client.infra.query_raw(statement, **options))


def test_a_select_answers_the_rows_that_a_repository_does(client: Client, ada: dict[str, Any]) -> None:
    users = client.infra.tables["User"]
    assert ask(client, select(users), model="User") == [ada]
    assert ask(client, select(users)) == [ada]
    assert client.wait(client.infra.query_first(select(users).where(users.c.id == 99))) is None


def test_values_go_through_the_codecs_of_their_columns(client: Client, ada: dict[str, Any]) -> None:
    users = client.infra.tables["User"]
    found = select(users.c.id, users.c.role, users.c.balance, users.c.settings, users.c.created_at).where(
        users.c.created_at < datetime(1900, 1, 1, tzinfo=UTC),
        users.c.role == "ADMIN",
        users.c.email.in_(["ada@x.io", "bob@x.io"]),
        users.c.active.is_(True),
    )
    assert ask(client, found) == [
        {"id": ada["id"], "role": "ADMIN", "balance": Decimal("1.50"), "settings": {"a": [1]}, "created_at": LONG_AGO}
    ]
    with pytest.raises(InputError):
        ask(client, select(users).where(users.c.role == "NOBODY"))


def test_columns_go_by_fields_names_and_labels(client: Client) -> None:
    client.run("create_many", "Tag", data=[{"label": "red"}, {"label": "blue"}])
    tags = client.infra.tables["Tag"]
    assert ask(client, select(tags.c.label).order_by(tags.c.label)) == [{"label": "blue"}, {"label": "red"}]
    assert ask(client, select(func.max(tags.c.label).label("last"), func.count(tags.c.id).label("n"))) == [
        {"last": "red", "n": 2}
    ]


def test_joins_over_relations_and_join_tables(client: Client, ada: dict[str, Any]) -> None:
    client.run(
        "create", "Post", data={"title": "Notes", "author_id": ada["id"], "tags": {"create": [{"label": "maths"}]}}
    )
    users, posts, tags = (client.infra.tables[name] for name in ("User", "Post", "Tag"))
    link = client.infra.tables["_PostToTag"]
    statement = (
        select(users.c.email, tags.c.label)
        .join(posts, posts.c.author_id == users.c.id)
        .join(link, posts.c.id == link.c.A)
        .join(tags, tags.c.id == link.c.B)
    )
    assert ask(client, statement) == [{"email": "ada@x.io", "label": "maths"}]


def test_statements_that_write(client: Client, ada: dict[str, Any]) -> None:
    users = client.infra.tables["User"]
    moved = update(users).where(users.c.id == ada["id"]).values(balance=Decimal("2.25"), logins=users.c.logins + 1)
    assert client.wait(client.infra.execute_raw(moved)) == 1
    assert ask(client, moved.returning(users.c.balance, users.c.logins)) == [{"balance": Decimal("2.25"), "logins": 2}]
    tags = client.infra.tables["Tag"]
    made = insert(tags).values([{"label": "a"}, {"label": "b"}])
    assert client.wait(client.infra.execute_raw(made)) == 2
    assert client.wait(client.infra.execute_raw(delete(tags).where(tags.c.label == "a"))) == 1
    assert ask(client, select(tags.c.label)) == [{"label": "b"}]


class Card(BaseModel):
    email: str
    balance: Decimal


def test_any_pydantic_class_may_be_the_row(client: Client, ada: dict[str, Any]) -> None:
    users = client.infra.tables["User"]
    assert ask(client, select(users.c.email, users.c.balance), model=Card) == [
        Card(email="ada@x.io", balance=Decimal("1.50"))
    ]


def test_a_typed_row_needs_all_its_fields(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.engine.row_types, "row", lambda model: dict)
    with pytest.raises(RawQueryError, match="the query answers no column for label of Tag"):
        client.run("create", "Tag", data={"label": "red"})
        ask(client, select(client.infra.tables["Tag"].c.id), model="Tag")


def test_in_a_transaction(client: Client) -> None:
    tags = client.infra.tables["Tag"]
    with pytest.raises(ZeroDivisionError), client.transaction() as tx:
        tx.wait(tx.infra.execute_raw(insert(tags).values(label="red")))
        assert ask(tx, select(tags.c.label)) == [{"label": "red"}]
        raise ZeroDivisionError
    assert ask(client, select(tags.c.label)) == []


def test_what_is_no_model_and_no_query_is_refused(client: Client) -> None:
    with pytest.raises(FieldNotFoundError, match="no model 'Usr'; did you mean 'User'"):
        client.infra.tables["Usr"]
    with pytest.raises(InputError, match="a query is a text, sql"):
        ask(client, 3)
    tags = client.infra.tables["Tag"]
    with pytest.raises(InputError, match="give none besides"):
        client.wait(client.infra.query_raw(select(tags), 1))
    with pytest.raises(InputError, match="A value is required for bind parameter"):
        ask(client, select(tags).where(tags.c.label == bindparam("label")))


def test_a_structure_is_compiled_once() -> None:
    engine = Engine(SHOP)
    tables = engine.kept(ExposedTables)
    from infra_runtime.compiler.hand_written import compile_hand_written

    tags = tables["Tag"]
    texts = {compile_hand_written(engine, select(tags).where(tags.c.id == number)).sql for number in range(5)}
    assert len(texts) == 1
    assert len(tables.cache) == 1


def test_an_engine_takes_what_is_kept_for_it_along() -> None:
    engine = Engine(SHOP)
    engine.kept(Tables)
    engine.kept(ExposedTables)["User"]
    gone = weakref.ref(engine)
    del engine
    gc.collect()
    assert gone() is None
