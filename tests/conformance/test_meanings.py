"""Meanings that want models of their own: values the client makes, limits of numbers, names of keys, what is not in the client, and many
upserts at once. On every database; by both interfaces where the interface may matter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infra_gen.dynamic import DynamicInfrastructure, SyncDynamicInfrastructure, connect
from infra_runtime.effects import Statement
from infra_runtime.errors import ArgumentError, FieldNotFoundError, InputError, TransactionExpiredError
from tests.databases import Database, Databases, datasource

MODELS = """
generator python {
  provider        = "infra-gen"
  previewFeatures = ["views"]
}

model Made {
  n     Int      @id
  uuid4 String   @default(uuid())
  uuid7 String   @default(uuid(7))
  cuid1 String   @default(cuid())
  cuid2 String   @default(cuid(2))
  nano  String   @default(nanoid())
  ulid  String   @default(ulid())
  at    DateTime @default(now())
  moved DateTime @updatedAt
}

model Number {
  id    Int      @id
  small Int?
  big   BigInt?
  exact Decimal?
}

model Counter {
  name  String @id
  count Int
}

model Place {
  id    Int @id
  row   Int
  seat  Int
  floor Int
  door  Int

  @@unique([row, seat])
  @@unique([floor, door], name: "entrance")
}

model Book {
  id     Int    @id
  title  String
  secret String? @ignore
  odd    Unsupported("ODD")?
}

model Hidden {
  id Int @id

  @@ignore
}

view Title {
  id    Int    @unique
  title String
}
"""
ODD = {"sqlite": "any", "postgresql": "tsvector", "mysql": "polygon"}
"""A type that the schema language does not know."""


def models(database: Database) -> str:
    return MODELS.replace("ODD", ODD[database.provider])


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture
def infra(database: Database) -> Iterator[SyncDynamicInfrastructure]:
    text = models(database)
    with connect(datasource(database.provider) + text, url=database.url(text), interface="sync") as made:
        yield made


@pytest.fixture
def sent(infra: SyncDynamicInfrastructure) -> list[str]:
    """The statements that ran."""
    seen: list[str] = []

    def hear(statement: Statement, seconds: float, error: BaseException | None) -> None:
        seen.append(statement.sql)

    infra.on_statement(hear)
    return seen


@pytest.mark.parametrize("method", ["create_many", "create_many_and_return"])
def test_each_row_of_many_has_ids_of_its_own_and_all_one_moment(infra: SyncDynamicInfrastructure, method: str) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    getattr(infra.repository("Made"), method)(data=[{"n": number} for number in range(50)])

    made = infra.repository("Made").find_many(order={"n": "asc"})
    assert [row["n"] for row in made] == list(range(50))
    for field in ("uuid4", "uuid7", "cuid1", "cuid2", "nano", "ulid"):
        assert len({row[field] for row in made}) == 50
    (at,) = {row["at"] for row in made}
    assert {row["moved"] for row in made} == {at}
    assert before <= at <= datetime.now(UTC)


@pytest.mark.parametrize("arguments", [{}, {"where": {"n": {"lt": 3}}}, {"limit": 3}], ids=str)
@pytest.mark.parametrize("method", ["update_many", "update_many_and_return"])
def test_updated_at_moves_in_bulk(infra: SyncDynamicInfrastructure, method: str, arguments: dict[str, Any]) -> None:
    repository = infra.repository("Made")
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    repository.create_many(data=[{"n": number, "moved": long_ago, "at": long_ago} for number in range(5)])

    getattr(repository, method)(data={"nano": "new"}, **arguments)

    rows = repository.find_many()
    changed = [row for row in rows if row["nano"] == "new"]
    assert len(changed) == (3 if arguments else 5)
    assert all(row["moved"] > long_ago and row["at"] == long_ago for row in changed)
    assert len({row["moved"] for row in changed}) == 1
    assert all(row["moved"] == long_ago for row in rows if row["nano"] != "new")


def test_updated_at_moves_to_what_is_given(infra: SyncDynamicInfrastructure) -> None:
    repository, given = infra.repository("Made"), datetime(2001, 2, 3, tzinfo=UTC)
    repository.create_many(data=[{"n": number} for number in range(2)])

    assert repository.update_many(data={"moved": given}) == 2

    assert [row["moved"] for row in repository.find_many()] == [given, given]


BEYOND = [
    ("small", 2**31),
    ("small", -(2**31) - 1),
    ("big", 2**63),
    ("big", -(2**63) - 1),
]


@pytest.mark.parametrize(("field", "value"), BEYOND)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("create", ("data",)),
        ("create_many", ("data", 1)),
        ("update", ("data",)),
        ("update_many", ("data",)),
        ("find_many", ("where",)),
    ],
)
def test_a_number_beyond_its_type_is_refused_before_sql(
    infra: SyncDynamicInfrastructure, sent: list[str], field: str, value: int, method: str, path: tuple[str | int, ...]
) -> None:
    arguments: dict[str, dict[str, Any]] = {
        "create": {"data": {"id": 1, field: value}},
        "create_many": {"data": [{"id": 1}, {"id": 2, field: value}]},
        "update": {"where": {"id": 1}, "data": {field: value}},
        "update_many": {"data": {field: value}},
        "find_many": {"where": {field: value}},
    }

    with pytest.raises(InputError) as refused:
        getattr(infra.repository("Number"), method)(**arguments[method])

    assert refused.value.path == (*path, field)
    assert sent == []


@pytest.mark.parametrize(
    ("field", "value"), [("small", 2**31 - 1), ("small", -(2**31)), ("big", 2**63 - 1), ("big", -(2**63))]
)
def test_the_greatest_and_the_least_number_of_a_type_come_back(
    infra: SyncDynamicInfrastructure, field: str, value: int
) -> None:
    infra.repository("Number").create(data={"id": 1, field: value})

    assert infra.repository("Number").find_first(where={field: value}, select={field: True}) == {field: value}


@pytest.mark.parametrize("text", ["123456789012345.123456789012345", "-0.123456789012345678901234567890", "9" * 30])
def test_a_decimal_of_thirty_digits_comes_back_exactly_or_is_refused(
    infra: SyncDynamicInfrastructure, database: Database, sent: list[str], text: str
) -> None:
    repository, value = infra.repository("Number"), Decimal(text)
    if database.provider == "sqlite":
        with pytest.raises(InputError) as refused:
            repository.create(data={"id": 1, "exact": value})
        assert refused.value.path == ("data", "exact")
        assert sent == []
        return

    assert repository.create(data={"id": 1, "exact": value})["exact"] == value

    assert repository.find_first(where={"exact": value}, select={"exact": True}) == {"exact": value}


def test_a_decimal_that_sqlite_keeps_comes_back_exactly(infra: SyncDynamicInfrastructure) -> None:
    assert infra.repository("Number").create(data={"id": 1, "exact": "12345678.25"})["exact"] == Decimal("12345678.25")


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"row_seat": {"row": 1, "seat": 2}}, 2),
        ({"entrance": {"floor": 0, "door": 3}}, 3),
        ({"row": 1, "seat": 2}, 2),
        ({"floor": 0, "door": 3}, 3),
        ({"row_seat": {"row": 1, "seat": 2}, "door": 2}, 2),
        ({"row_seat": {"row": 1, "seat": 2}, "door": 3}, None),
        ({"entrance": {"floor": 1, "door": 1}}, None),
    ],
    ids=str,
)
def test_compound_keys_go_by_their_name_or_their_fields(
    infra: SyncDynamicInfrastructure, where: dict[str, Any], found: int | None
) -> None:
    repository = infra.repository("Place")
    repository.create_many(data=[{"id": n, "row": 1, "seat": n, "floor": 0, "door": n} for n in (1, 2, 3)])

    assert repository.find_unique(where=where, select={"id": True}) == (found and {"id": found})


def test_compound_keys_are_taken_wherever_a_unique_key_is(infra: SyncDynamicInfrastructure) -> None:
    repository = infra.repository("Place")
    repository.create_many(data=[{"id": n, "row": 1, "seat": n, "floor": 0, "door": n} for n in (1, 2, 3)])

    repository.update(where={"entrance": {"floor": 0, "door": 1}}, data={"floor": 7})
    repository.delete(where={"row_seat": {"row": 1, "seat": 3}})
    repository.upsert(
        where={"entrance": {"floor": 9, "door": 9}},
        data={"create": {"id": 9, "row": 9, "seat": 9, "floor": 9, "door": 9}, "update": {}},
    )
    rows = repository.find_many(cursor={"entrance": {"floor": 0, "door": 2}}, order={"id": "asc"})

    assert [(row["id"], row["floor"]) for row in rows] == [(2, 0), (9, 9)]
    assert repository.find_unique(where={"id": 1})["floor"] == 7


def test_a_named_compound_key_does_not_go_by_its_fields_names(
    infra: SyncDynamicInfrastructure, sent: list[str]
) -> None:
    with pytest.raises(ArgumentError, match="needs the value of a unique key of Place: id, row_seat, entrance"):
        infra.repository("Place").find_unique(where={"floor_door": {"floor": 0, "door": 1}})

    assert sent == []


@pytest.mark.parametrize("where", [{"row": 1}, {"door": 1, "seat": 1}, {"row": 1, "seat": {"gt": 0}}], ids=str)
def test_a_part_of_a_compound_key_is_no_key(
    infra: SyncDynamicInfrastructure, sent: list[str], where: dict[str, Any]
) -> None:
    with pytest.raises(ArgumentError, match="needs the value of a unique key of Place"):
        infra.repository("Place").find_unique(where=where)

    assert sent == []


def test_what_the_client_does_not_know_is_not_in_rows(infra: SyncDynamicInfrastructure) -> None:
    assert infra.repository("Book").create(data={"id": 1, "title": "t"}) == {"id": 1, "title": "t"}
    assert infra.repository("Book").find_many() == [{"id": 1, "title": "t"}]


@pytest.mark.parametrize("field", ["secret", "odd"])
@pytest.mark.parametrize(
    ("method", "argument", "value"),
    [
        ("find_many", "where", "x"),
        ("find_many", "order", "asc"),
        ("find_many", "select", True),
        ("create", "data", "x"),
    ],
)
def test_what_the_client_does_not_know_is_refused(
    infra: SyncDynamicInfrastructure, sent: list[str], field: str, method: str, argument: str, value: object
) -> None:
    given = {field: value, **({"id": 1, "title": "t"} if argument == "data" else {})}

    with pytest.raises(ArgumentError, match=field) as refused:
        getattr(infra.repository("Book"), method)(**{argument: given})

    assert refused.value.path[:2] == (argument, field)
    assert sent == []


def test_a_model_the_client_does_not_know_has_no_repository(infra: SyncDynamicInfrastructure) -> None:
    with pytest.raises(FieldNotFoundError, match="the schema has no model Hidden"):
        infra.repository("Hidden")


@pytest.fixture
def titles(infra: SyncDynamicInfrastructure, database: Database) -> Iterator[None]:
    """The view, of two books."""
    quote = "`" if database.provider == "mysql" else '"'
    view, book = f"{quote}Title{quote}", f"{quote}Book{quote}"
    infra.execute_raw(f"DROP VIEW IF EXISTS {view}")
    infra.execute_raw(f"CREATE VIEW {view} AS SELECT id, title FROM {book}")
    infra.repository("Book").create_many(data=[{"id": 1, "title": "a"}, {"id": 2, "title": "b"}])
    yield
    infra.execute_raw(f"DROP VIEW {view}")


def test_a_view_is_read_as_a_model_is(infra: SyncDynamicInfrastructure, titles: None) -> None:
    repository = infra.repository("Title")

    assert repository.find_many(where={"title": {"gt": "a"}}) == [{"id": 2, "title": "b"}]
    assert repository.find_unique(where={"id": 1}) == {"id": 1, "title": "a"}
    assert repository.count() == 2


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("create", {"data": {"id": 3, "title": "c"}}),
        ("create_many", {"data": [{"id": 3, "title": "c"}]}),
        ("create_many_and_return", {"data": [{"id": 3, "title": "c"}]}),
        ("update", {"where": {"id": 1}, "data": {"title": "c"}}),
        ("update_many", {"data": {"title": "c"}}),
        ("update_many_and_return", {"data": {"title": "c"}}),
        ("upsert", {"where": {"id": 1}, "data": {"create": {"id": 1, "title": "c"}, "update": {"title": "c"}}}),
        ("upsert_many", {"data": [{"where": {"id": 1}, "create": {"id": 1, "title": "c"}, "update": {"title": "c"}}]}),
        ("delete", {"where": {"id": 1}}),
        ("delete_many", {}),
    ],
)
def test_a_view_is_not_written(
    infra: SyncDynamicInfrastructure, titles: None, sent: list[str], method: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ArgumentError, match="Title is a view: it can only be read"):
        getattr(infra.repository("Title"), method)(**arguments)

    assert sent == []


async def opened(database: Database) -> DynamicInfrastructure:
    text = models(database)
    made = connect(datasource(database.provider) + text, url=database.url(text))
    await made.connect()
    return made


@pytest.mark.parametrize(
    "where", [{"name": "hits"}, {"name": "hits", "count": {"gte": 0}}], ids=["key", "key and more"]
)
async def test_twenty_tasks_that_upsert_one_key_all_succeed(database: Database, where: dict[str, Any]) -> None:
    infra = await opened(database)
    counter = infra.repository("Counter")
    data = {"create": {"name": "hits", "count": 1}, "update": {"count": {"increment": 1}}}
    try:
        answers = await asyncio.gather(*(counter.upsert(where=where, data=data) for _ in range(20)))
        rows = await counter.find_many()
    finally:
        await infra.disconnect()

    assert rows == [{"name": "hits", "count": 20}]
    assert sorted(answer["count"] for answer in answers) == list(range(1, 21))


async def test_what_a_transaction_has_not_committed_the_outer_client_does_not_see(database: Database) -> None:
    infra = await opened(database)
    try:
        await infra.repository("Counter").create(data={"name": "old", "count": 1})
        async with infra.transaction() as tx:
            await tx.repository("Counter").create(data={"name": "new", "count": 1})
            await tx.repository("Counter").update(where={"name": "old"}, data={"count": 2})
            seen_outside = await infra.repository("Counter").find_many()
            seen_inside = await tx.repository("Counter").count()
        seen_afterwards = await infra.repository("Counter").find_many(order={"name": "asc"})
    finally:
        await infra.disconnect()

    assert seen_outside == [{"name": "old", "count": 1}]
    assert seen_inside == 2
    assert seen_afterwards == [{"name": "new", "count": 1}, {"name": "old", "count": 2}]


@pytest.mark.parametrize("method", ["find_many", "create", "update_many", "execute_raw"])
def test_the_next_call_after_the_time_limit_says_so(infra: SyncDynamicInfrastructure, method: str) -> None:
    arguments: dict[str, dict[str, Any]] = {
        "create": {"data": {"name": "late", "count": 1}},
        "update_many": {"data": {"count": 1}},
    }
    manager = infra.transaction(timeout=1)
    tx = manager.start()
    tx.repository("Counter").create(data={"name": "hits", "count": 1})
    time.sleep(1)

    with pytest.raises(TransactionExpiredError, match="Transaction already closed"):
        if method == "execute_raw":
            tx.execute_raw("SELECT 1")
        else:
            getattr(tx.repository("Counter"), method)(**arguments.get(method, {}))

    assert infra.repository("Counter").count() == 0
