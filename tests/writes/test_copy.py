"""Many rows go to PostgreSQL by COPY: they are the rows that an INSERT would make, and refused as it would refuse them.

Where a table has what COPY passes by (policies, rules, columns that are always generated), an INSERT makes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from infra_gen.dynamic import DynamicInfrastructure, SyncDynamicInfrastructure, connect
from infra_runtime.errors import InfraError, OperationTimeoutError, UniqueViolationError
from tests.databases import Databases, datasource

MODELS = """
enum Kind {
  PLAIN
  ODD @map("an \\\\odd one")
}

model Owner {
  id   Int    @id
  rows Kept[]
}

model Kept {
  id       Int       @id @default(autoincrement())
  text     String    @unique
  short    String?   @db.VarChar(3)
  number   Int       @default(dbgenerated("41 + 1"))
  kind     Kind?
  amount   Decimal?
  ratio    Float?
  moment   DateTime?
  json     Json?
  bytes    Bytes?
  flag     Boolean   @default(true)
  texts    String[]
  moments  DateTime[]
  owner_id Int?
  owner    Owner?    @relation(fields: [owner_id], references: [id])

  @@map("kept \\"rows\\" (all)")
}
"""
TABLE = '"kept ""rows"" (all)"'


Change = Callable[[str], object]
"""Runs a statement of somebody else's, whose session is in the schema of the tables."""


@pytest.fixture(params=["", "&pgbouncer=true"], ids=["prepared", "not prepared"])
def url(request: pytest.FixtureRequest, databases: Databases) -> str:
    return databases("postgresql").url(models_of(request)) + str(request.param)


@pytest.fixture
def infra(request: pytest.FixtureRequest, url: str) -> Iterator[SyncDynamicInfrastructure]:
    with connect(datasource("postgresql") + models_of(request), url=url, interface="sync") as made:
        copies(made, from_=1)
        yield made


@pytest.fixture
def change(request: pytest.FixtureRequest, url: str) -> Iterator[Change]:
    plain = url.removesuffix("&pgbouncer=true")
    with connect(datasource("postgresql") + models_of(request), url=plain, interface="sync") as other:
        yield other.execute_raw


def models_of(request: pytest.FixtureRequest) -> str:
    """Tables of the test's own, as it changes them."""
    return f"{MODELS}// {request.node.name}\n"


def copies(infra: SyncDynamicInfrastructure | DynamicInfrastructure, *, from_: int | None) -> None:
    infra.engine.dialect = replace(infra.engine.dialect, copies_from=from_)


@contextlib.contextmanager
def heard(infra: SyncDynamicInfrastructure) -> Iterator[list[str]]:
    seen: list[str] = []
    infra.on_statement(lambda statement, seconds, error: seen.append(statement.sql.split()[0]))
    yield seen


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"text": f"row {number}", **more} for number in range(count)]


ODD = ["", "\\", "\\N", "\\.", "a\tb\nc\rd\\n", "ümläut 🎉", "'; DROP", '"', "{}", " "]


def test_rows_are_those_that_an_insert_would_make(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    data = [
        {
            "text": f"{odd}{number}",
            "short": None if number % 2 else "ab",
            "kind": ["PLAIN", "ODD", None][number % 3],
            "amount": None if number == 3 else Decimal("12.50") * number,
            "ratio": [0.1, 1e300, float("inf"), -0.0][number % 4],
            "moment": datetime(2024, 1, 31, 9, 30, number, 123000, tzinfo=UTC),
            "json": {"odd": [odd, None, 1.5]},
            "bytes": bytes([number, 92, 0]),
            "texts": [odd, "b"],
            "moments": [datetime(1, 1, 1, tzinfo=UTC)] * (number % 2),
        }
        for number, odd in enumerate(ODD)
    ]
    with heard(infra) as statements:
        assert kept.create_many(data=data) == len(data)
    assert statements == ["COPY"]
    copied = kept.find_many(order={"id": "asc"})
    kept.delete_many()
    copies(infra, from_=None)
    assert kept.create_many(data=data) == len(data)
    inserted = kept.find_many(order={"id": "asc"})

    assert [{**row, "id": 0} for row in copied] == [{**row, "id": 0} for row in inserted]
    assert copied[0]["number"] == 42


def test_it_is_for_many_rows_of_the_same_columns_that_are_not_asked_for(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    copies(infra, from_=3)
    with heard(infra) as statements:
        kept.create_many(data=rows(2))
        kept.delete_many()
        kept.create_many(data=rows(3), skip_duplicates=True)
        kept.delete_many()
        kept.create_many_and_return(data=rows(3))
        kept.delete_many()
        kept.create_many(data=[*rows(3), {"text": "other", "number": 1}])
        assert "COPY" not in statements
        kept.delete_many()
        kept.create_many(data=[*rows(3), {"text": "other", "short": None}])
        assert statements[-1] == "COPY"
        kept.delete_many()
        infra.repository("Owner").create(data={"id": 1, "rows": {"create": rows(3, short="own")}})
        assert statements[-2:] == ["COPY", "SELECT"]
    assert kept.count(where={"owner_id": 1}) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "row 1"},
        {"text": "other", "owner_id": 7},
        {"text": "other", "short": "abcd"},
        {"text": "other", "amount": Decimal("1e60")},
        {"text": "other", "number": 666},
    ],
    ids=lambda wrong: list(wrong)[-1],
)
def test_what_is_refused_is_told_in_the_same_words(
    infra: SyncDynamicInfrastructure, change: Change, wrong: dict[str, Any]
) -> None:
    valid = {"number": 1} if "number" in wrong else {}
    kept = infra.repository("Kept")
    change(f"ALTER TABLE {TABLE} ADD CONSTRAINT no_beast CHECK (number <> 666)")

    def told() -> tuple[Any, ...]:
        with pytest.raises(InfraError) as caught:
            kept.create_many(data=[*rows(3, **valid), wrong])
        error: Any = caught.value
        return type(error), str(error), error.code, error.model, getattr(error, "fields", None), error.meta

    copied = told()
    assert kept.count() == 0
    copies(infra, from_=None)
    assert copied == told()


PASSED_BY: dict[str, list[str]] = {
    "a policy": [
        f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY mine ON {TABLE} USING (true) WITH CHECK (number <> 666)",
    ],
    "a rule": [f"CREATE RULE noted AS ON INSERT TO {TABLE} DO ALSO SELECT 1"],
    "a column that is always generated": [
        f"ALTER TABLE {TABLE} ADD COLUMN twice int GENERATED ALWAYS AS (number * 2) STORED"
    ],
    "an identity": [
        f"ALTER TABLE {TABLE} ALTER id DROP DEFAULT",
        f"ALTER TABLE {TABLE} ALTER id ADD GENERATED ALWAYS AS IDENTITY",
    ],
}


@pytest.fixture
def copier(change: Change, infra: SyncDynamicInfrastructure, url: str) -> Iterator[str]:
    """A role that policies are for: whoever may do everything sees past them."""
    schema = url.partition("schema=")[2].partition("&")[0]
    name = f"copier_{uuid.uuid4().hex}"
    change(f"CREATE ROLE {name}")
    change(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    change(f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {name}")
    change(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {name}")
    yield name
    change(f"DROP OWNED BY {name}")
    change(f"DROP ROLE {name}")


@pytest.mark.parametrize("what", PASSED_BY)
def test_what_it_would_pass_by_is_inserted(
    infra: SyncDynamicInfrastructure, change: Change, copier: str, what: str
) -> None:
    for sql in PASSED_BY[what]:
        change(sql)
    with heard(infra) as statements, infra.transaction() as tx:
        if what == "a policy":
            tx.execute_raw(f"SET LOCAL ROLE {copier}")
            statements.clear()
        tx.repository("Owner").create(data={"id": 1})
        assert tx.repository("Kept").create_many(data=rows(3)) == 3
        assert tx.repository("Kept").create_many(data=[{"text": "one more"}]) == 1
        assert statements == ["INSERT", "COPY", "INSERT", "COPY", "INSERT"]
        if what == "a policy":
            with pytest.raises(InfraError):
                tx.repository("Kept").create_many(data=[{"text": "x", "number": 1}, {"text": "y", "number": 666}])
    assert infra.repository("Kept").count() == 4


def test_without_what_it_passes_by_the_same_role_copies(
    infra: SyncDynamicInfrastructure, change: Change, copier: str
) -> None:
    with heard(infra) as statements, infra.transaction() as tx:
        tx.execute_raw(f"SET LOCAL ROLE {copier}")
        assert tx.repository("Kept").create_many(data=rows(3)) == 3
    assert statements == ["SET", "COPY"]


def test_in_a_transaction_it_is_undone_alone_or_with_it(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    with infra.transaction() as tx:
        assert tx.repository("Kept").create_many(data=rows(3)) == 3
        with pytest.raises(UniqueViolationError):
            tx.repository("Kept").create_many(data=rows(4))
        assert tx.repository("Kept").create_many(data=[{"text": "a"}, {"text": "b"}]) == 2
        with contextlib.suppress(ZeroDivisionError), tx.transaction() as inner:
            inner.repository("Kept").create_many(data=[{"text": "c"}, {"text": "d"}])
            raise ZeroDivisionError
    assert kept.count() == 5
    with contextlib.suppress(ZeroDivisionError), infra.transaction() as tx:
        tx.repository("Kept").create_many(data=[{"text": "c"}, {"text": "d"}])
        raise ZeroDivisionError
    assert kept.count() == 5


SLOW = [
    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END'",
    f"CREATE TRIGGER slow BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION slow()",
]
"""What makes each row take its time."""


def test_a_deadline_ends_it(infra: SyncDynamicInfrastructure, change: Change) -> None:
    for sql in SLOW:
        change(sql)
    with pytest.raises(OperationTimeoutError):
        infra.repository("Kept").create_many(data=rows(2000), options={"timeout": 0.3})
    assert infra.repository("Kept").count() == 0


async def test_a_cancelled_task_leaves_nothing(databases: Databases) -> None:
    models = f"{MODELS}// cancelled\n"
    url = databases("postgresql").url(models)
    async with connect(datasource("postgresql") + models, url=url) as infra:
        copies(infra, from_=1)
        for sql in SLOW:
            await infra.execute_raw(sql)
        assert await infra.repository("Kept").create_many(data=[{"text": "a"}, {"text": "b"}]) == 2
        task = asyncio.create_task(infra.repository("Kept").create_many(data=rows(2000)))
        await asyncio.sleep(0.2)
        task.cancel()
        async with asyncio.timeout(30):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await infra.repository("Kept").count() == 2


def test_texts_of_many_megabytes_arrive(infra: SyncDynamicInfrastructure) -> None:
    kept = infra.repository("Kept")
    assert kept.create_many(data=[{"text": str(number), "json": "\\ü\n" * 300_000} for number in range(8)]) == 8
    assert {len(row["json"]) for row in kept.find_many(select={"json": True})} == {900_000}
