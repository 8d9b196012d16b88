"""Statements that go together: answered, heard of, stopped and undone as if they had been told one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from infra_runtime import (
    ConnectionClosedError,
    InputError,
    OperationTimeoutError,
    OutcomeUnknownError,
    UniqueViolationError,
)
from infra_runtime.effects import Later, Mode, Program, Statement, Statements, Steps
from infra_runtime.engine import OPERATIONS, Engine
from infra_runtime.errors import InfraError
from infra_runtime.operation import Operation
from infra_runtime.schema import Schema
from tests.databases import Database
from tests.drivers.outside import SLEEP, end_once_asleep, meanwhile
from tests.drivers.slow import ENDLESS, tags_in
from tests.drivers.urls import with_parameters
from tests.runtime.conftest import AsyncShop, Client, SyncShop, spelt_for_driver
from tests.runtime.schemas import USER

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'
COUNT = 'SELECT count(*) FROM "Tag" WHERE name <> ?'


@pytest.fixture(autouse=True)
def operations(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("say_together", "say_later"):
        monkeypatch.setitem(OPERATIONS, name, __name__)


def say_together(engine: Engine, context: object, operation: Operation) -> Program[list[Any]]:
    """An operation of the statements in its arguments."""
    provider = engine.schema.provider
    given: Sequence[tuple[str, tuple[Any, ...]]] = operation.arguments["statements"]
    mode: Mode = operation.arguments["mode"]

    def steps() -> Steps[list[Any]]:
        statements = [
            Statement(
                spelt_for_driver(sql, provider),
                values,
                "count" if sql.startswith("INSERT") else "rows",
                sql.startswith("INSERT"),
                "Tag",
            )
            for sql, values in given
        ]
        return (yield Statements(statements, is_last=True))  # type: ignore[no-any-return]

    return Program(mode, steps())


def say_later(engine: Engine, context: object, operation: Operation) -> Program[Any]:
    """Adds tags of whose answers nothing is needed, between them counts, and raises in the end where that is wanted."""

    def steps() -> Steps[Any]:
        counts = []
        for name in operation.arguments["names"]:
            if name == "?":
                count = Statement(spelt_for_driver(COUNT, engine.schema.provider), ("",), model="Tag")
                counts.append((yield count)[0][0])
            else:
                add = Statement(spelt_for_driver(ADD, engine.schema.provider), (name,), "count", True, "Tag")
                assert (yield Later(add)) is None
        if operation.arguments["fails"]:
            raise ZeroDivisionError
        return counts

    return Program("atomic", steps())


def later(client: Client, *names: str, fails: bool = False) -> Any:
    return client.wait(client.infra.execute(Operation("say_later", None, {"names": names, "fails": fails})))


def say(client: Client, *statements: tuple[str, tuple[Any, ...]], mode: Mode = "atomic", **options: Any) -> Any:
    operation = Operation("say_together", None, {"statements": statements, "mode": mode})
    return client.wait(client.infra.execute(operation, options))


def adding(*names: str) -> list[tuple[str, tuple[Any, ...]]]:
    return [(ADD, (name,)) for name in names]


WAYS = [False, True]
"""Prepared already, so that they can go in one message, or not."""


@pytest.fixture(params=WAYS, ids=["new", "prepared"])
def is_prepared(request: pytest.FixtureRequest, client: Client) -> bool:
    if request.param:
        say(client, *adding("kept"), (COUNT, ("",)))
        client.execute('DELETE FROM "Tag"')
    return bool(request.param)


def test_they_are_answered_in_their_order_and_committed(client: Client, database: Database, is_prepared: bool) -> None:
    assert say(client, *adding("red", "blue"), (COUNT, ("red",))) == [1, 1, [(1,)]]
    assert tags_in(database) == ["blue", "red"]


def test_the_first_that_fails_undoes_all_and_its_error_is_theirs(
    client: Client, database: Database, is_prepared: bool
) -> None:
    with pytest.raises(UniqueViolationError) as caught:
        say(client, *adding("red", "red"), ("SELECT nonsense", ()), *adding("blue"))
    assert caught.value.model == "Tag"
    assert tags_in(database) == []
    assert say(client, *adding("red")) == [1]


def test_a_value_that_is_refused_is_the_error_of_its_own_statement(client: Client, is_prepared: bool) -> None:
    if client.engine.schema.provider != "postgresql":
        pytest.skip("only PostgreSQL has no room for a NUL")
    with pytest.raises(UniqueViolationError):
        say(client, *adding("red", "red", "a\0b"))
    with pytest.raises(InputError, match="NUL"):
        say(client, *adding("red", "a\0b", "red"))


def test_those_who_hear_of_statements_hear_of_each_that_ran(client: Client, is_prepared: bool) -> None:
    heard: list[tuple[Any, type[BaseException] | None]] = []
    client.infra.on_statement(
        lambda statement, seconds, error: heard.append((statement.parameters, type(error) if error else None))
    )
    say(client, *adding("red", "blue"))
    with pytest.raises(UniqueViolationError):
        say(client, *adding("white", "red", "green"))
    assert heard == [
        (("red",), None),
        (("blue",), None),
        (("white",), None),
        (("red",), UniqueViolationError),
    ]


def test_a_transaction_of_the_users_is_not_committed_with_them(
    client: Client, database: Database, is_prepared: bool
) -> None:
    with pytest.raises(ZeroDivisionError), client.transaction() as tx:
        say(tx, *adding("red", "blue"))
        assert tags_in(database) == []
        _ = 1 / 0
    assert tags_in(database) == []


def test_within_a_transaction_they_are_undone_alone(client: Client, database: Database, is_prepared: bool) -> None:
    with client.transaction() as tx:
        say(tx, *adding("red"))
        with pytest.raises(UniqueViolationError):
            say(tx, *adding("blue", "red"))
        say(tx, *adding("green"))
    assert tags_in(database) == ["green", "red"]


def test_what_needs_no_answer_is_done_in_its_turn(client: Client, database: Database, is_prepared: bool) -> None:
    assert later(client, "red", "?", "?", "blue", "green", "?", "white") == [1, 1, 3]
    assert tags_in(database) == ["blue", "green", "red", "white"]
    with client.transaction() as tx:
        assert later(tx, "grey", "?", "black") == [5]
        assert "grey" not in tags_in(database)
    assert len(tags_in(database)) == 6


def test_what_needs_no_answer_undoes_all_when_it_fails(client: Client, database: Database, is_prepared: bool) -> None:
    for names in (("red", "red"), ("red", "red", "?"), ("red", "?", "red", "blue"), ("red", "red", "?", "blue")):
        with pytest.raises(UniqueViolationError):
            later(client, *names)
        # It comes before what the operation itself raises afterwards.
        with pytest.raises(UniqueViolationError):
            later(client, *names, fails=True)
    with pytest.raises(ZeroDivisionError):
        later(client, "red", "?", "blue", fails=True)
    assert tags_in(database) == []
    with client.transaction() as tx:
        later(tx, "red")
        with pytest.raises(UniqueViolationError):
            later(tx, "blue", "red")
        later(tx, "green")
    assert tags_in(database) == ["green", "red"]


def test_those_who_hear_of_statements_hear_of_what_needs_no_answer(client: Client, is_prepared: bool) -> None:
    heard: list[tuple[Any, ...]] = []
    client.infra.on_statement(lambda statement, seconds, error: heard.append((*statement.parameters, error is None)))
    later(client, "red", "blue", "?", "green")
    with pytest.raises(UniqueViolationError):
        later(client, "white", "red", "?", "grey")
    expected = [("red", True), ("blue", True), ("", True), ("green", True), ("white", True), ("red", False)]
    assert heard == expected


def test_a_deadline_stops_them_and_keeps_nothing(client: Client, database: Database, is_prepared: bool) -> None:
    with pytest.raises(OperationTimeoutError):
        say(client, *adding("red"), (ENDLESS, ()), timeout=0.2)
    assert tags_in(database) == []
    assert say(client, *adding("red"), (COUNT, ("",))) == [1, [(1,)]]


async def test_a_cancellation_stops_them_and_keeps_nothing(async_shop: AsyncShop, database: Database) -> None:
    async def add(*names: str, slowly: bool = False) -> list[Any]:
        statements = [*adding(*names), *([(ENDLESS, ())] if slowly else [])]
        operation = Operation("say_together", None, {"statements": statements, "mode": "atomic"})
        answers: list[Any] = await async_shop.execute(operation)
        return answers

    await add("kept")
    for name in ("red", "red"):
        task = asyncio.create_task(add(name, slowly=True))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert tags_in(database) == ["kept"]
    assert await add("red") == [1]


async def test_cancelled_at_any_moment_they_are_kept_whole_or_not_at_all(
    async_shop: AsyncShop, database: Database
) -> None:
    async def create(number: int) -> None:
        # Every other is made in more steps than two.
        tags = {"tags": {"create": [{"label": f"{number} {place}"} for place in range(2)]}} if number % 2 else {}
        post = {"title": "a", **tags}
        data = {"email": str(number), "written": {"create": [post]}, "profile": {"create": {"bio": "b"}}}
        await async_shop.execute(Operation("create", USER, {"data": data}))

    finished: list[bool] = []
    for number in range(100):
        task = asyncio.create_task(create(number))
        await asyncio.sleep((number // 2) * 0.00008)
        task.cancel()
        [outcome] = await asyncio.gather(task, return_exceptions=True)
        assert outcome is None or isinstance(outcome, asyncio.CancelledError), repr(outcome)
        finished.append(outcome is None)
    quote = "`" if database.provider == "mysql" else '"'

    def owners(table: str, column: str) -> set[int]:
        return {int(owner) for (owner,) in database.query(f"SELECT {column} FROM {quote}{table}{quote}")}

    users = {int(id_): int(email) for id_, email in database.query("SELECT id, email FROM users")}
    assert owners("Post", "author_id") == owners("Profile", "user_id") == set(users)
    tagged = [number for number in users.values() if number % 2]
    assert tags_in(database) == sorted(f"{number} {place}" for number in tagged for place in range(2))
    assert len(database.query(f"SELECT * FROM {quote}_PostToTag{quote}")) == 2 * len(tagged)
    assert {number for number, is_done in enumerate(finished) if is_done} <= set(users.values())


def test_what_fails_at_the_commit_keeps_nothing_and_says_the_same(client: Client, database: Database) -> None:
    if database.provider != "postgresql":
        pytest.skip("constraints are deferred on PostgreSQL alone")
    client.execute('ALTER TABLE "Post" ALTER CONSTRAINT "Post_reviewer_id_fkey" DEFERRABLE INITIALLY DEFERRED')
    try:
        errors = []
        data = {"email": "ada", "written": {"create": [{"title": "one", "reviewer_id": 99}]}}
        for _ in range(3):
            with pytest.raises(InfraError) as caught:
                client.run("create", "User", data=data)
            errors.append(str(caught.value))
        with pytest.raises(InfraError) as alone, client.transaction() as tx:
            tx.run("create", "User", data=data)
    finally:
        client.execute('ALTER TABLE "Post" ALTER CONSTRAINT "Post_reviewer_id_fkey" NOT DEFERRABLE')
    assert set(errors) == {str(alone.value)}
    assert database.query("SELECT count(*) FROM users") == [(0,)]


def test_a_connection_that_breaks_leaves_open_whether_it_was_committed(client: Client, database: Database) -> None:
    if database.provider == "sqlite":
        pytest.skip("there is no connection to break")
    slow = f"SELECT {SLEEP[database.provider].format('CAST(? AS decimal)')}"
    for _ in range(2):
        say(client, *adding("kept"), (slow, (0,)))
        client.execute('DELETE FROM "Tag"')
    together = database.provider == "postgresql"
    with (
        meanwhile(lambda: end_once_asleep(database)),
        pytest.raises(OutcomeUnknownError if together else ConnectionClosedError),
    ):
        say(client, *adding("red"), (slow, (60,)))
    assert tags_in(database) == []
    assert say(client, *adding("blue")) == [1]


def test_reads_whose_connection_breaks_are_sent_again(client: Client, database: Database) -> None:
    if database.provider == "sqlite":
        pytest.skip("there is no connection to break")
    slow = f"SELECT {SLEEP[database.provider].format('CAST(? AS decimal)')}, 'done'"
    for _ in range(2):
        say(client, (COUNT, ("",)), (slow, (0,)), mode="read")
    with meanwhile(lambda: end_once_asleep(database)):
        first, second = say(client, (COUNT, ("",)), (slow, (1,)), mode="read")
    assert first == [(0,)]
    assert second[0][1] == "done"


def test_a_table_that_has_changed_is_read_anew(client: Client, database: Database) -> None:
    everything = 'SELECT * FROM "Tag"'
    assert say(client, (COUNT, ("",)), (everything, ()), mode="read") == [[(0,)], []]
    client.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
    client.execute('ALTER TABLE "Tag" ADD COLUMN extra INTEGER')
    try:
        [[_], [row]] = say(client, (COUNT, ("",)), (everything, ()), mode="read")
        assert row[1:] == ("red", None)
    finally:
        client.execute('ALTER TABLE "Tag" DROP COLUMN extra')


@pytest.mark.parametrize("parameters", ["statement_cache_size=0", "statement_cache_size=1"])
def test_statements_that_do_not_stay_prepared_go_together_as_well(
    shop_url: str, shop_schema: Schema, database: Database, parameters: str
) -> None:
    if database.provider != "postgresql":
        pytest.skip("the others prepare nothing on the server")
    with SyncShop(schema=shop_schema, url=with_parameters(shop_url, parameters)) as shop:
        client = Client(shop, None)
        for number in range(3):
            names = [f"{number} {place}" for place in range(2)]
            assert say(client, *adding(*names), ('SELECT min(name) FROM "Tag"', ())) == [1, 1, [("0 0",)]]
            children = {"written": {"create": [{"title": "a"}]}, "profile": {"create": {"bio": "b"}}}
            client.run("create", "User", data={"email": str(number), "role": "ADMIN", **children})
            users = client.run("find_many", "User", include={"written": True, "profile": True})
            assert [user["profile"]["bio"] for user in users] == ["b"] * (number + 1)
            assert {user["role"] for user in users} == {"ADMIN"}
