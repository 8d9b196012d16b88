"""How often an operation waits for PostgreSQL: each time is a round trip through the network.

A proxy between counts the turns: what begins and marks transactions goes with the next statement. The figures are upper bounds of cost, so
one that falls is good news, and one that rises a defect.
"""

from __future__ import annotations

import pytest

from benchmarks.proxy import Proxy, turns_of
from tests.databases import Database, Databases
from tests.drivers.proxied import client, proxy
from tests.drivers.slow import tags_in
from tests.runtime.conftest import Client

__all__ = ["client", "proxy"]


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases("postgresql")


def test_a_read_and_a_write_by_themselves_are_one(client: Client, proxy: Proxy) -> None:
    assert turns_of(proxy, lambda n: client.run("find_many", "User", where={"email": str(n)})) == 1
    assert turns_of(proxy, lambda n: client.run("create", "User", data={"email": str(n)})) == 1


def test_an_empty_transaction_is_none(client: Client, proxy: Proxy) -> None:
    def work(number: int) -> None:
        with client.transaction():
            pass

    assert turns_of(proxy, work) == 0


def test_a_transaction_begins_with_its_first_statement(client: Client, proxy: Proxy) -> None:
    def work(number: int) -> None:
        with client.transaction() as tx:
            tx.run("create", "Tag", data={"label": str(number)})
            tx.run("find_many", "Tag")

    # The two statements, and COMMIT.
    assert turns_of(proxy, work) == 3


def test_savepoints_go_with_the_statements_after_them(client: Client, proxy: Proxy, database: Database) -> None:
    def work(number: int) -> None:
        with client.transaction() as tx:
            with tx.transaction() as inner:
                inner.run("create", "Tag", data={"label": f"{number} one"})
            with pytest.raises(ZeroDivisionError), tx.transaction() as inner:
                inner.run("create", "Tag", data={"label": f"{number} undone"})
                _ = 1 / 0
            with pytest.raises(ZeroDivisionError), tx.transaction():
                _ = 1 / 0
            tx.run("create", "Tag", data={"label": f"{number} two"})

    # Three statements, one rollback to a savepoint, COMMIT.
    assert turns_of(proxy, work) == 5
    assert tags_in(database) == [f"{number} {word}" for number in range(3) for word in ("one", "two")]


def test_relations_beside_each_other_are_read_together(client: Client, proxy: Proxy) -> None:
    children = {"written": {"create": [{"title": "one"}]}, "orders": {"create": [{}]}}
    client.run("create", "User", data={"email": "ada", **children})

    def work(number: int) -> None:
        [user] = client.run("find_many", "User", include={"written": True, "orders": True, "profile": True})
        assert len(user["written"]) == len(user["orders"]) == 1

    # The users, and all that belongs to them.
    assert turns_of(proxy, work) == 2


def test_a_nested_create_commits_with_its_last_statements(client: Client, proxy: Proxy, database: Database) -> None:
    def work(number: int) -> None:
        written = {"create": [{"id": f"{number} {place}", "title": str(place)} for place in range(3)]}
        profile = {"create": {"bio": "none"}}
        client.run("create", "User", data={"email": str(number), "written": written, "profile": profile})

    # The row; its children, the row as it is then, and COMMIT.
    assert turns_of(proxy, work) == 2
    assert database.query('SELECT count(*) FROM "Post"') == [(9,)]


def test_the_same_in_a_transaction_does_not_commit(client: Client, proxy: Proxy, database: Database) -> None:
    def work(number: int) -> None:
        with client.transaction() as tx:
            written = {"create": [{"id": f"{number}", "title": "one"}]}
            tx.run("create", "User", data={"email": str(number), "written": written})
            assert database.query("SELECT count(*) FROM users") == [(number,)]
            tx.run("update", "User", where={"email": str(number)}, data={"logins": {"increment": 1}})

    # The row, its children with the row as it is then, the update, COMMIT.
    assert turns_of(proxy, work) == 4
