"""Answers that never come, as where the network fails in one direction: what may have been done is not said to be undone."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.proxy import Proxy
from infra_runtime import OperationTimeoutError, OutcomeUnknownError
from infra_runtime.drivers import postgresql, postgresql_sockets
from tests.databases import Database, Databases
from tests.drivers.proxied import client, proxy
from tests.drivers.slow import eventually, tags_in
from tests.runtime.conftest import Client

__all__ = ["client", "proxy"]


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases("postgresql")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "GRACE", 0.2)
    monkeypatch.setattr(postgresql_sockets, "CANCEL_WAIT", 0.2)


def family(number: int) -> dict[str, Any]:
    return {"email": str(number), "written": {"create": [{"title": "one"}]}}


def test_an_operation_whose_commit_is_not_answered_may_have_been_done(
    client: Client, proxy: Proxy, database: Database
) -> None:
    for number in range(3):
        client.run("create", "User", data=family(number))
    client.infra.on_statement(lambda statement, seconds, error: setattr(proxy, "loses_answers", True))
    # The answer to the first statement is heard.
    with pytest.raises(OutcomeUnknownError):
        client.run("create", "User", data=family(3), options={"timeout": 0.3})
    assert eventually(lambda: database.query("SELECT count(*) FROM users") == [(4,)])


def test_a_write_by_itself_that_is_not_answered_may_have_been_done(
    client: Client, proxy: Proxy, database: Database
) -> None:
    for label in ("red", "blue"):
        client.run("create", "Tag", data={"label": label})
    proxy.loses_answers = True
    with pytest.raises(OutcomeUnknownError):
        client.run("create", "Tag", data={"label": "green"}, options={"timeout": 0.3})
    assert eventually(lambda: tags_in(database) == ["blue", "green", "red"])


def test_what_is_not_committed_was_not_done(client: Client, proxy: Proxy, database: Database) -> None:
    for label in ("red", "blue"):
        client.run("create", "Tag", data={"label": label})
    client.run("find_many", "Tag")
    proxy.loses_answers = True
    with pytest.raises(OperationTimeoutError):
        client.run("find_many", "Tag", options={"timeout": 0.3})
    proxy.loses_answers = False
    with pytest.raises(OperationTimeoutError), client.transaction() as tx:
        proxy.loses_answers = True
        tx.run("create", "Tag", data={"label": "green"}, options={"timeout": 0.3})
    proxy.loses_answers = False
    assert [tag["label"] for tag in client.run("find_many", "Tag", order={"id": "asc"})] == ["red", "blue"]
