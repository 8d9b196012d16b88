"""Change listeners: told before the commit and after it, of what they want, and never of what was undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime import Change, ChangeSet, RawQueryError, UniqueViolationError, Wants
from infra_runtime.changes import Changed
from infra_runtime.context import EMPTY
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import OPERATIONS, Engine
from infra_runtime.operation import Operation
from infra_runtime.schema import Model, Schema
from tests.runtime.conftest import Client, SyncShop, spelt_for_driver
from tests.runtime.schemas import COMMENT, TAG

INSERT = 'INSERT INTO "Tag" (name) VALUES (?)'


class Listener:
    """Writes down what it hears of one model."""

    def __init__(self, model: Model, refuse: bool = False, fail: bool = False) -> None:
        self.model = model
        self.refuse = refuse
        self.fail = fail
        self.heard: list[tuple[str, list[Any]]] = []

    def wants(self, model: Model) -> Wants | None:
        return Wants() if model is self.model else None

    def in_transaction(self, changes: ChangeSet) -> None:
        self.heard.append(("before", [change.key["label"] for change in changes.changes]))
        if self.refuse:
            raise PermissionError("not this one")

    def after_commit(self, changes: ChangeSet) -> None:
        self.heard.append(("after", [change.key["label"] for change in changes.changes]))
        if self.fail:
            raise RuntimeError("the listener's own trouble")


@pytest.fixture(autouse=True)
def reporting_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "add_tag", __name__)


def add_tag(engine: Engine, _context: object, operation: Operation) -> Program[int]:
    """A write that reports what it changed, as those of repositories do."""

    def steps() -> Steps[int]:
        label = operation.arguments["label"]
        sql = spelt_for_driver(INSERT, engine.schema.provider)
        added: int = yield Statement(sql, (label,), "count", writes=True, model="Tag")
        if engine.changes is not None:
            changes = [Change("create", TAG, {"label": label}), Change("update", COMMENT, {"id": 1})]
            yield Changed(ChangeSet("add_tag", EMPTY, changes))
        return added

    return Program("atomic", steps())


def add(client: Client, label: str) -> None:
    client.run("add_tag", "Tag", label=label)


def tags(client: Client) -> list[str]:
    return [row["name"] for row in client.query('SELECT name FROM "Tag" ORDER BY name')]


def test_a_listener_hears_of_its_model_before_and_after_the_commit(client: Client) -> None:
    listener = Listener(TAG)
    client.infra.listen(listener)
    add(client, "red")
    assert listener.heard == [("before", ["red"]), ("after", ["red"])]


def test_a_listener_that_raises_before_the_commit_undoes_the_write(client: Client) -> None:
    listener = Listener(TAG, refuse=True)
    client.infra.listen(listener)
    with pytest.raises(PermissionError):
        add(client, "red")
    assert listener.heard == [("before", ["red"])]
    assert tags(client) == []


def test_a_listener_of_a_nested_model_undoes_the_write_as_well(client: Client) -> None:
    class Refusing:
        def wants(self, model: Model) -> Wants | None:
            return Wants() if model is TAG else None

        def in_transaction(self, changes: ChangeSet) -> None:
            raise PermissionError("not this one")

        def after_commit(self, changes: ChangeSet) -> None:
            pass

    client.infra.listen(Refusing())
    client.execute("INSERT INTO users (email, updated_at) VALUES ('ada', '2024-01-01 00:00:00')")
    [user] = client.query("SELECT id FROM users")
    post = {"title": "one", "author_id": user["id"], "tags": {"create": [{"label": "red"}]}}
    for _ in range(3):
        with pytest.raises(PermissionError):
            client.run("create", "Post", data=post)
    assert tags(client) == []


def test_a_listener_that_raises_after_the_commit_undoes_nothing(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    failing, other = Listener(TAG, fail=True), Listener(TAG)
    client.infra.listen(failing)
    client.infra.listen(other)
    add(client, "red")
    assert other.heard[-1] == ("after", ["red"])
    assert tags(client) == ["red"]
    assert "the listener's own trouble" in caplog.text


def test_in_a_transaction_the_news_waits_for_its_commit(client: Client) -> None:
    listener = Listener(TAG)
    client.infra.listen(listener)
    with client.transaction() as tx:
        add(tx, "red")
        add(tx, "blue")
        assert listener.heard == [("before", ["red"]), ("before", ["blue"])]
    assert listener.heard[2:] == [("after", ["red"]), ("after", ["blue"])]


def _undone_by_rollback(client: Client) -> None:
    with pytest.raises(ZeroDivisionError), client.transaction() as tx:
        add(tx, "undone")
        _ = 1 / 0


def _undone_by_savepoint(client: Client) -> None:
    with client.transaction() as tx, pytest.raises(ZeroDivisionError), tx.transaction() as inner:
        add(inner, "undone")
        _ = 1 / 0


def _undone_by_failure(client: Client) -> None:
    add(client, "kept")
    with client.transaction() as tx, pytest.raises(UniqueViolationError):
        add(tx, "kept")


@pytest.mark.parametrize("undo", [_undone_by_rollback, _undone_by_savepoint, _undone_by_failure])
def test_what_was_undone_is_not_told_after_the_commit(client: Client, undo: Callable[[Client], None]) -> None:
    listener = Listener(TAG)
    client.infra.listen(listener)
    undo(client)
    assert ("after", ["undone"]) not in listener.heard
    assert [heard for heard in listener.heard if heard == ("after", ["kept"])] == [("after", ["kept"])] * len(
        tags(client)
    )


def test_logged_statements_show_no_values(shop_url: str, shop_schema: Schema, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "infra_runtime.sql")
    with SyncShop(schema=shop_schema, url=shop_url, log_queries=True) as shop:
        shop.execute_raw(INSERT, "s3cret")
        with pytest.raises(RawQueryError):
            shop.execute_raw(INSERT, "s3cret")
    assert f"ms  {spelt_for_driver(INSERT, shop_schema.provider)}" in caplog.text
    assert "RawQueryError P2010 " in caplog.text
    assert "s3cret" not in caplog.text


def test_statement_hooks_hear_of_every_statement_and_its_error(client: Client) -> None:
    heard: list[tuple[str, bool, str | None]] = []

    def hook(statement: Statement, seconds: float, error: BaseException | None) -> None:
        heard.append((statement.sql, seconds > 0, type(error).__name__ if error else None))

    client.infra.on_statement(hook)
    client.query("SELECT 1")
    with pytest.raises(RawQueryError, match="SELEC"), client.transaction() as tx:
        tx.query("SELEC 1")
    assert heard == [("SELECT 1", True, None), ("SELEC 1", True, "RawQueryError")]
