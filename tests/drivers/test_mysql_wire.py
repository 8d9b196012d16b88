"""What goes over a connection to MySQL in an event loop: what is taken over from the library, long packets, and how a connection ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pymysql
import pytest
from asyncmy.connection import Connection as LibraryConnection

from infra_runtime.drivers.mysql import PymysqlWire
from infra_runtime.drivers.mysql_errors import LOST
from infra_runtime.drivers.mysql_wire import AsyncmyWire
from infra_runtime.urls import parse_url
from tests.conftest import connect_mysql
from tests.drivers.slow import eventually
from tests.private_servers import Certificate, mariadb

LONGEST = 0xFFFFFF
MANY_ROWS = (
    b"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 900) "
    b"SELECT a.n, repeat('x', 1000) FROM c a, c b LIMIT 100000"
)

Run = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a coroutine function in an event loop."""
    if request.param == "asyncio":
        factory: Any = asyncio.new_event_loop
    else:
        factory = pytest.importorskip("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        yield lambda main: runner.run(main())


async def connected(url: str) -> AsyncmyWire:
    return await AsyncmyWire.connect(parse_url(url), None)


# -- the library -------------------------------------------------------------------------------------------------------
async def test_asyncmy_has_what_is_used_of_it_beyond_its_public_names(mysql_url: str) -> None:
    url = parse_url(mysql_url)
    make: Any = LibraryConnection
    raw = make(host=url.host, port=url.port, user=url.user, password=url.password)
    assert isinstance(raw._client_flag, int)
    await raw.connect()
    try:
        assert isinstance(raw._transport, asyncio.Transport)
        assert (raw._proto.eof, raw._proto.length - raw._proto.pos) == (False, 0)
        assert isinstance(raw._deprecate_eof, bool)
    finally:
        raw.close()


# -- answers -----------------------------------------------------------------------------------------------------------
def test_an_answer_has_what_statements_ask_for(mysql_url: str, run: Run) -> None:
    async def main() -> None:
        wire = await connected(mysql_url)
        await wire.query(b"CREATE TEMPORARY TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, name TEXT)")
        await wire.query(b"INSERT INTO t (name) VALUES ('red'), ('blue')")
        assert (wire.result.affected_rows, wire.result.insert_id, wire.result.rows) == (2, 1, None)
        await wire.query(b"UPDATE t SET name = 'red'")
        assert b"Rows matched: 2" in wire.result.message
        await wire.query(b"SELECT id, name FROM t")
        assert wire.result.rows == [(1, "red"), (2, "red")]
        assert wire.result.description == (("id",), ("name",))
        with pytest.raises(pymysql.ProgrammingError):
            await wire.query(b"SELECT 1; SELECT 2")
        assert wire.is_alive
        assert await wire.ping(None)
        await wire.close()

    run(main)


def test_rows_that_nobody_asks_for_stay_with_the_server(mysql_url: str, run: Run) -> None:
    async def main() -> None:
        wire = await connected(mysql_url)
        rows = await wire.open(MANY_ROWS)
        assert len(await rows.fetch(10)) == 10
        await asyncio.sleep(0.2)
        # Those are here that came with the last that was asked for, and no others.
        assert len(wire._reader.rows) < 1000
        fetched = 10
        while got := await rows.fetch(1000):
            fetched += len(got)
        assert fetched == 100_000
        await wire.query(b"SELECT 1")
        assert wire.result.rows == [(1,)]
        rows = await wire.open(MANY_ROWS)
        await rows.finish()
        assert len(wire._reader.rows) < 1000
        assert wire.is_alive
        await wire.close()

    run(main)


# -- long packets ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def long_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    certificate = Certificate(tmp_path_factory.mktemp("tls"))
    with mariadb("--max-allowed-packet=128M", certificate=certificate) as server:
        url = f"mysql://root@127.0.0.1:{server.port}/shop"
        yield {"plain": url, "TLS": f"{url}?sslaccept=strict&sslcert={certificate.authority}"}


LONG_COMMANDS = [LONGEST - 1, LONGEST, LONGEST + 1, 2 * LONGEST, 2 * LONGEST + 1_000_000]


def command(size: int) -> tuple[bytes, int]:
    """A statement whose packets carry so many bytes, and what it answers."""
    around = len(b"?SELECT LENGTH('')")
    return b"SELECT LENGTH('" + b"x" * (size - around) + b"')", size - around


@pytest.mark.parametrize("url", ["plain", "TLS"])
def test_statements_and_values_may_be_longer_than_a_packet(long_urls: dict[str, str], url: str, run: Run) -> None:
    async def main() -> None:
        wire = await connected(long_urls[url])
        for size in LONG_COMMANDS:
            text, wanted = command(size)
            await wire.query(text)
            assert wire.result.rows == [(wanted,)]
        await wire.query(b"SELECT REPEAT('x', 40000000), 1")
        [(long, one)] = wire.result.rows or []
        assert (len(long), one) == (40_000_000, 1)
        await wire.query(b"SELECT 1")
        assert wire.result.rows == [(1,)]
        await wire.close()

    run(main)


@pytest.mark.parametrize("url", ["plain", "TLS"])
def test_they_may_be_in_the_sync_interface(long_urls: dict[str, str], url: str) -> None:
    wire = PymysqlWire(parse_url(long_urls[url]), None)
    for size in LONG_COMMANDS:
        text, wanted = command(size)
        wire.query(text)
        assert wire.result.rows == [(wanted,)]
    wire.close()


# -- ends --------------------------------------------------------------------------------------------------------------
def kill(url: str, wire: AsyncmyWire) -> None:
    with connect_mysql(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"KILL CONNECTION {wire.connection_id:d}")


def test_a_connection_that_the_server_ends_is_not_alive(mysql_url: str, run: Run) -> None:
    async def main() -> None:
        wire = await connected(mysql_url)
        kill(mysql_url, wire)
        # The event loop has not turned since.
        assert eventually(lambda: not wire.is_alive)
        await asyncio.wait((wire._closed,))
        assert not wire.is_alive
        await wire.close()

    run(main)


def test_what_is_said_to_a_connection_that_has_ended_is_never_sent(mysql_url: str, run: Run) -> None:
    async def main() -> None:
        wire = await connected(mysql_url)
        kill(mysql_url, wire)
        await asyncio.wait((wire._closed,))
        with pytest.raises(pymysql.OperationalError) as raised:
            await wire.query(b"SELECT 1")
        assert raised.value.args[0] == 2006
        assert not await wire.ping(1.0)
        await wire.close()

    run(main)


def cut(url: str, wire: AsyncmyWire) -> None:
    thread = threading.Thread(target=wire.cut)
    thread.start()
    thread.join()


def drop(url: str, wire: AsyncmyWire) -> None:
    wire.drop()


@pytest.mark.parametrize("end", [kill, cut, drop])
def test_who_waits_for_an_answer_is_told_that_none_comes(
    mysql_url: str, run: Run, end: Callable[[str, AsyncmyWire], None]
) -> None:
    async def main() -> None:
        wire = await connected(mysql_url)
        asyncio.get_running_loop().call_later(0.05, end, mysql_url, wire)
        with pytest.raises(pymysql.OperationalError) as raised:
            await wire.query(b"SELECT SLEEP(20)")
        assert raised.value.args[0] in LOST
        assert not wire.is_alive
        await wire.close()

    run(main)


def test_an_answer_that_nobody_waits_for_any_more_ends_the_connection(mysql_url: str, run: Run) -> None:
    async def main() -> None:
        wire = await connected(mysql_url)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await wire.query(b"SELECT SLEEP(0.2)")
        assert not wire.is_alive
        with pytest.raises(pymysql.OperationalError):
            await wire.query(b"SELECT 1")
        await asyncio.wait((wire._closed,))
        await wire.close()

    run(main)


def test_a_server_that_does_not_answer_a_ping_in_time_does_not_live(mysql_url: str, run: Run) -> None:
    async def main() -> None:
        wire = await connected(mysql_url)
        # What it answers does not come.
        wire._transport.pause_reading()
        assert not await wire.ping(0.05)
        assert not wire.is_alive
        await wire.close()

    run(main)


def test_a_server_is_told_of_the_end(long_urls: dict[str, str], run: Run) -> None:
    def aborted() -> str:
        with connect_mysql(long_urls["plain"]) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")
            [(_, number)] = cursor.fetchall()
        return str(number)

    def sessions() -> int:
        with connect_mysql(long_urls["plain"]) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW PROCESSLIST")
            return len(cursor.fetchall())

    async def main() -> None:
        wires = [await connected(url) for url in long_urls.values()]
        for wire in wires:
            await wire.query(b"SELECT 1")
            await wire.close()

    before, others = aborted(), sessions()
    run(main)
    assert eventually(lambda: sessions() <= others)
    assert aborted() == before
