"""Connections that a server ends: they are replaced; a read is sent again, a write never, and a transaction is over."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time

import pytest

from infra_runtime import ConnectionClosedError, ConnectionError, InfraError, OutcomeUnknownError
from infra_runtime.schema import Schema
from tests.databases import Database, Databases
from tests.drivers.outside import SLEEP, end_once_asleep, end_sessions, is_sleeping, meanwhile, sessions
from tests.drivers.slow import eventually, tags_in
from tests.drivers.urls import with_parameters
from tests.runtime.conftest import AsyncShop, Client, SyncShop

ADD = 'INSERT INTO "Tag" (name) VALUES (?)'
ADD_SLOWLY = {
    "postgresql": "INSERT INTO \"Tag\" (name) SELECT 'red' FROM pg_sleep({})",
    "mysql": "INSERT INTO \"Tag\" (name) SELECT concat('red', sleep({}))",
}
LONG_ENOUGH_TO_BE_SEEN = 1.0
"""Seconds that a statement sleeps which is ended in its sleep, and sleeps once more when it is sent again."""


@pytest.fixture(params=["postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    """SQLite has no server that could end a connection."""
    return databases(request.param)


def test_connections_that_the_server_ended_while_idle_are_replaced(client: Client, database: Database) -> None:
    client.execute(ADD, "red")
    end_sessions(database)
    assert client.execute(ADD, "blue") == 1
    end_sessions(database)
    assert client.query('SELECT name FROM "Tag" ORDER BY name') == [{"name": "blue"}, {"name": "red"}]
    end_sessions(database)
    with client.transaction() as tx:
        tx.execute(ADD, "green")
    end_sessions(database)
    assert client.run("create", "Tag", data={"label": "white"})["label"] == "white"
    assert tags_in(database) == ["blue", "green", "red", "white"]


def test_all_connections_of_a_pool_are_replaced_when_all_were_ended(
    shop_url: str, shop_schema: Schema, database: Database
) -> None:
    sleep = f"SELECT {SLEEP[database.provider].format(0.1)}"

    async def main() -> None:
        async with AsyncShop(schema=shop_schema, url=with_parameters(shop_url, "connection_limit=4")) as shop:
            for _ in range(2):
                await asyncio.gather(*(shop.query_raw(sleep) for _ in range(4)))
                assert len(sessions(database)) == 4
                end_sessions(database)
            await asyncio.gather(*(shop.execute_raw(ADD, f"tag {number}") for number in range(12)))

    asyncio.run(main())
    assert len(tags_in(database)) == 12


def test_many_threads_recover_from_sessions_that_end_under_their_reads(shop: SyncShop, database: Database) -> None:
    failures: list[BaseException] = []
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            try:
                shop.query_raw('SELECT * FROM "Tag"')
            except InfraError as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        time.sleep(0.05)
        end_sessions(database)
    done.set()
    for thread in threads:
        thread.join()
    # One whose second connection was ended as well, be it while it was made, says so; nothing else comes of it.
    assert {type(failure) for failure in failures} <= {ConnectionClosedError, ConnectionError}, failures
    assert shop.execute_raw(ADD, "red") == 1


def test_a_read_whose_connection_breaks_is_sent_again(client: Client, database: Database) -> None:
    client.query("SELECT 1")
    with meanwhile(lambda: end_once_asleep(database)):
        sleep = SLEEP[database.provider].format(LONG_ENOUGH_TO_BE_SEEN)
        assert client.query(f"SELECT {sleep}, 'done' AS word")[0]["word"] == "done"


def test_a_write_whose_connection_breaks_is_never_sent_again(client: Client, database: Database) -> None:
    with (
        meanwhile(lambda: end_once_asleep(database)),
        pytest.raises(OutcomeUnknownError, match="not known") as caught,
    ):
        client.execute(ADD_SLOWLY[database.provider].format(60))
    assert caught.value.code == "P1017"
    assert tags_in(database) == []
    assert client.execute(ADD, "blue") == 1


def test_a_transaction_whose_connection_breaks_is_over_and_nothing_of_it_is_kept(
    client: Client, database: Database
) -> None:
    with pytest.raises(ConnectionClosedError, match="rolled the transaction back"), client.transaction() as tx:
        tx.execute(ADD, "red")
        end_sessions(database)
        tx.query("SELECT 1")
    assert tags_in(database) == []
    assert client.execute(ADD, "blue") == 1


def test_a_transaction_that_has_done_nothing_when_its_connection_breaks_is_kept_whole_or_not_at_all(
    client: Client, database: Database
) -> None:
    # On PostgreSQL the server has not heard of it, so it begins on another connection.
    goes_on = database.provider == "postgresql"
    with contextlib.nullcontext() if goes_on else pytest.raises(ConnectionError), client.transaction() as tx:
        end_sessions(database)
        tx.execute(ADD, "red")
        tx.execute(ADD, "green")
    assert tags_in(database) == (["green", "red"] if goes_on else [])
    assert client.execute(ADD, "blue") == 1


def test_a_transaction_whose_first_statement_breaks_keeps_nothing_done_before_the_break(
    client: Client, database: Database
) -> None:
    slowly = ADD_SLOWLY[database.provider].format(LONG_ENOUGH_TO_BE_SEEN)
    try:
        with meanwhile(lambda: end_once_asleep(database)), client.transaction(timeout=60) as tx:
            tx.execute(slowly)
            tx.execute(ADD, "green")
    except ConnectionClosedError:
        kept: list[str] = []
    else:
        # It was rolled back, and begun anew from its beginning.
        kept = ["green", "red"]
    assert [name.removesuffix("0") for name in tags_in(database)] == kept


def test_a_commit_that_gets_no_answer_says_so(client: Client, database: Database) -> None:
    with pytest.raises(OutcomeUnknownError), client.transaction() as tx:
        tx.execute(ADD, "red")
        end_sessions(database)
    assert client.execute(ADD, "blue") == 1


def test_a_keyboard_interrupt_ends_the_statement_on_the_server_too(shop: SyncShop, database: Database) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def interrupt_once_asleep() -> None:
        assert eventually(lambda: is_sleeping(database))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with meanwhile(interrupt_once_asleep), pytest.raises(KeyboardInterrupt):
            shop.execute_raw(ADD_SLOWLY[database.provider].format(30))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert eventually(lambda: not is_sleeping(database))
    assert tags_in(database) == []
    assert shop.execute_raw(ADD, "blue") == 1
