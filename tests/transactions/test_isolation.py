"""What each isolation level keeps apart, on every database: the anomalies of Adya's hierarchy, as Hermitage tries them.

Transactions run in threads of their own, and their steps in the order that a schedule gives; one that waits for a lock is left waiting, and
what follows in it is done once it has its lock. An anomaly must be seen where the level permits it, or the level would not be the one that was
asked for, and must not be seen where the level prevents it; a transaction that the database ends for it (`WriteConflictError`) has prevented it.

Sources: https://github.com/ept/hermitage, and Adya: Weak Consistency (1999).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from infra_runtime import SyncInfrastructure, TransactionError, WriteConflictError
from infra_runtime.operation import Operation
from tests.databases import Database
from tests.runtime.conftest import Client
from tests.runtime.schemas import USER

LEVELS = ["read_uncommitted", "read_committed", "repeatable_read", "serializable"]
PAUSE = {"sqlite": 0.002, "postgresql": 0.002, "mysql": 0.11}
"""Seconds between two looks for a lock. InnoDB's table of transactions is made anew only where nobody read it for a tenth of a second."""
CONFLICT = "conflict"
"""What a step answers whose transaction the database ended."""

Step = tuple[int, str, tuple[Any, ...]]
"""Which transaction, what it does, and with what."""
Seen = dict[tuple[int, int], Any]
"""What each step answered, by transaction and number."""


@pytest.fixture(autouse=True)
def alone_with_innodb(request: pytest.FixtureRequest) -> Iterator[None]:
    """One process at a time reads InnoDB's table of transactions: two by turns would keep it from being made anew."""
    if "mysql" not in request.node.name:
        yield
        return
    import fcntl

    with (Path(tempfile.gettempdir()) / "infra-gen-innodb-trx.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Actor:
    """A transaction in a thread of its own."""

    def __init__(self, shop: SyncInfrastructure, level: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._transaction = shop.transaction(isolation=level, max_wait=60, timeout=60)
        self._tx: Any = None
        self.is_over = False
        self.has_committed = False
        self.last: Future[Any] | None = None

    def does(self, name: str, arguments: tuple[Any, ...]) -> Future[Any]:
        self.last = self._thread.submit(self._try, getattr(self, name), arguments)
        return self.last

    def _try(self, step: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        if self.is_over:
            return CONFLICT
        try:
            if self._tx is None:
                self._tx = self._transaction.start()
            return step(*arguments)
        except WriteConflictError:
            self.is_over = True
            # Where the database, or a COMMIT that failed, has ended it already, there is nothing to undo.
            with suppress(TransactionError):
                self._transaction.rollback()
            return CONFLICT

    def get(self, id_: int) -> int:
        return self._tx.query_raw("SELECT logins FROM users WHERE id = ?", id_)[0]["logins"]  # type: ignore[no-any-return]

    def put(self, id_: int, logins: int) -> None:
        self._tx.execute_raw("UPDATE users SET logins = ? WHERE id = ?", logins, id_)

    def add(self, id_: int, logins: int) -> None:
        data = {"id": id_, "email": str(id_), "logins": logins}
        self._tx.execute(Operation("create", USER, {"data": data}))

    def thirds(self) -> int:
        """How many numbers can be divided by three: a predicate."""
        return self._tx.query_raw("SELECT count(*) AS n FROM users WHERE logins % 3 = 0")[0]["n"]  # type: ignore[no-any-return]

    def commit(self) -> None:
        self._transaction.commit()
        self.is_over = self.has_committed = True

    def rollback(self) -> None:
        self._transaction.rollback()
        self.is_over = True

    def end(self) -> None:
        self._thread.submit(self._try, self.rollback, ()).result(60)
        self._thread.shutdown()


def waits_for_a_lock(shop: SyncInfrastructure, database: Database) -> bool:
    """Does any transaction?"""
    if database.provider == "sqlite":
        return shop.pool_status().waiting > 0
    if database.provider == "postgresql":
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    else:
        waiting = (
            "SELECT count(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p "
            "ON p.id = t.trx_mysql_thread_id WHERE p.db = database() AND t.trx_state = 'LOCK WAIT'"
        )
    return database.query(waiting) != [(0,)]


def run(
    shop: SyncInfrastructure, database: Database, level: str, schedule: list[Step]
) -> tuple[Seen, dict[int, Actor]]:
    """What the steps of a schedule answered, and the transactions when it was over."""
    actors = {number: Actor(shop, level) for number in sorted({number for number, _, _ in schedule})}
    answers: dict[tuple[int, int], Future[Any]] = {}
    try:
        for number, name, arguments in schedule:
            place = (number, sum(1 for done, _ in answers if done == number))
            answer = answers[place] = actors[number].does(name, arguments)
            until = time.monotonic() + 60
            wait([answer], PAUSE[database.provider])
            while not answer.done() and not waits_for_a_lock(shop, database):
                assert time.monotonic() < until, f"{name}{arguments} of {number} does not come back"
                time.sleep(PAUSE[database.provider])
        seen = {place: answer.result(60) for place, answer in answers.items()}
    finally:
        for actor in actors.values():
            actor.end()
    return seen, actors


# Each anomaly: its schedule, and whether what was seen is the anomaly.
def dirty_write(seen: Seen, actors: dict[int, Actor], state: list[int]) -> bool:
    return state[:2] not in ([12, 22], [11, 21])


def both_committed(seen: Seen, actors: dict[int, Actor], state: list[int]) -> bool:
    return actors[1].has_committed and actors[2].has_committed


ANOMALIES: dict[str, tuple[list[Step], Callable[[Seen, dict[int, Actor], list[int]], bool]]] = {
    "dirty write (G0)": (
        [(1, "put", (1, 11)), (2, "put", (1, 12)), (1, "put", (2, 21)), (1, "commit", ()), (2, "put", (2, 22)), (2, "commit", ())],
        dirty_write,
    ),
    "aborted read (G1a)": (
        [(1, "put", (1, 101)), (2, "get", (1,)), (1, "rollback", ()), (2, "commit", ())],
        lambda seen, actors, state: seen[2, 0] == 101,
    ),
    "intermediate read (G1b)": (
        [(1, "put", (1, 101)), (2, "get", (1,)), (1, "put", (1, 11)), (1, "commit", ()), (2, "commit", ())],
        lambda seen, actors, state: seen[2, 0] == 101,
    ),
    "circular information flow (G1c)": (
        [(1, "put", (1, 11)), (2, "put", (2, 22)), (1, "get", (2,)), (2, "get", (1,)), (1, "commit", ()), (2, "commit", ())],
        lambda seen, actors, state: seen[1, 1] == 22 and seen[2, 1] == 11,
    ),
    "observed transaction vanishes (OTV)": (
        [
            (1, "put", (1, 11)), (1, "put", (2, 19)), (2, "put", (1, 12)), (1, "commit", ()),
            (3, "get", (1,)), (3, "get", (2,)), (2, "put", (2, 18)), (2, "commit", ()), (3, "commit", ()),
        ],
        lambda seen, actors, state: seen[3, 0] == 12 and seen[3, 1] == 19,
    ),
    "predicate many preceders (PMP)": (
        [(1, "thirds", ()), (2, "add", (3, 30)), (2, "commit", ()), (1, "thirds", ()), (1, "commit", ())],
        lambda seen, actors, state: seen[1, 0] == 0 and seen[1, 1] == 1,
    ),
    "lost update (P4)": (
        [(1, "get", (1,)), (2, "get", (1,)), (1, "put", (1, 11)), (2, "put", (1, 11)), (1, "commit", ()), (2, "commit", ())],
        lambda seen, actors, state: both_committed(seen, actors, state) and seen[1, 0] == seen[2, 0] == 10,
    ),
    "read skew (G-single)": (
        [
            (1, "get", (1,)), (2, "get", (1,)), (2, "get", (2,)), (2, "put", (1, 12)), (2, "put", (2, 18)), (2, "commit", ()),
            (1, "get", (2,)), (1, "commit", ()),
        ],
        lambda seen, actors, state: seen[1, 0] == 10 and seen[1, 1] == 18,
    ),
    "write skew (G2-item)": (
        [
            (1, "get", (1,)), (1, "get", (2,)), (2, "get", (1,)), (2, "get", (2,)),
            (1, "put", (1, 11)), (2, "put", (2, 21)), (1, "commit", ()), (2, "commit", ()),
        ],
        lambda seen, actors, state: both_committed(seen, actors, state) and (seen[2, 0], seen[2, 1]) == (10, 20),
    ),
    "anti-dependency cycle (G2)": (
        [
            (1, "thirds", ()), (2, "thirds", ()), (1, "add", (3, 30)), (2, "add", (4, 42)), (1, "commit", ()), (2, "commit", ()),
        ],
        lambda seen, actors, state: both_committed(seen, actors, state) and seen[1, 0] == seen[2, 0] == 0,
    ),
}  # fmt: skip
EVERY = set(ANOMALIES)
_COMMITTED = {name for name in ANOMALIES if name.endswith(("(G0)", "(G1a)", "(G1b)", "(G1c)", "(OTV)"))}
_SNAPSHOT = _COMMITTED | {name for name in ANOMALIES if name.endswith(("(PMP)", "(G-single)"))}
PREVENTED: dict[str, dict[str, set[str]]] = {
    "sqlite": dict.fromkeys(LEVELS, EVERY),
    "postgresql": {
        "read_uncommitted": _COMMITTED,
        "read_committed": _COMMITTED,
        "repeatable_read": _SNAPSHOT | {"lost update (P4)"},
        "serializable": EVERY,
    },
    "mysql": {
        "read_uncommitted": {"dirty write (G0)"},
        "read_committed": _COMMITTED,
        "repeatable_read": _SNAPSHOT,
        "serializable": EVERY,
    },
}
"""Hermitage's table. MySQL's repeatable read loses updates."""


def prevented(database: Database, level: str) -> set[str]:
    """What the level prevents on the server that is there."""
    found = PREVENTED[database.provider][level]
    if database.provider == "mysql" and level == "repeatable_read":
        # MariaDB 11.6 and later refuse the second of two updates of one row, unless told not to.
        if database.query("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'")[:1] == [
            ("innodb_snapshot_isolation", "ON")
        ]:
            return found | {"lost update (P4)"}
    return found


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("anomaly", ANOMALIES)
def test_a_level_prevents_what_it_says_and_no_more(
    shop: SyncInfrastructure, database: Database, level: str, anomaly: str
) -> None:
    for id_ in (1, 2):
        shop.execute(Operation("create", USER, {"data": {"id": id_, "email": str(id_), "logins": id_ * 10}}))
    schedule, is_anomaly = ANOMALIES[anomaly]
    seen, actors = run(shop, database, level, schedule)
    state = [logins for (logins,) in database.query("SELECT logins FROM users ORDER BY id")]
    assert is_anomaly(seen, actors, state) is (anomaly not in prevented(database, level)), (seen, state)
    # Whatever happened, whoever committed did so in full, and the client goes on.
    assert shop.query_raw("SELECT count(*) AS n FROM users")[0]["n"] == len(state)


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
@pytest.mark.parametrize("level", [*LEVELS, None])
def test_the_level_reaches_the_server_through_both_interfaces(
    client: Client, database: Database, level: str | None
) -> None:
    default = {"postgresql": "read committed", "mysql": "repeatable read"}[database.provider]
    with client.transaction(isolation=level) as tx:
        # A transaction that InnoDB is to know of has locked something.
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('red')")
        if database.provider == "postgresql":
            found = tx.query("SELECT current_setting('transaction_isolation') AS level")
        else:
            time.sleep(PAUSE["mysql"])
            found = tx.query(
                "SELECT trx_isolation_level AS level FROM information_schema.innodb_trx "
                "WHERE trx_mysql_thread_id = connection_id()"
            )
        assert found[0]["level"].lower() == (level or default).replace("_", " ")
    # It was the transaction's alone.
    with client.transaction() as tx:
        tx.execute("INSERT INTO \"Tag\" (name) VALUES ('blue')")
        if database.provider == "postgresql":
            assert tx.query("SHOW transaction_isolation")[0]["transaction_isolation"] == default
