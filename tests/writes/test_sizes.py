"""Sizes: many values, rows and links are more work, never more than the database takes, and no more statements than must be."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime.effects import Statement
from infra_runtime.infrastructure import SyncInfrastructure
from infra_runtime.operation import Operation
from tests.runtime.schemas import SHOP
from tests.writes.conftest import Ask


@pytest.fixture
def ask(shop: SyncInfrastructure) -> Ask:
    """Sizes are the same for both interfaces: one is asked."""

    def ask(call: str, /, **arguments: Any) -> Any:
        model, _, operation = call.partition(".")
        return shop.execute(Operation(operation, SHOP.model[model], arguments))

    return ask


@pytest.fixture
def statements(shop: SyncInfrastructure) -> list[str]:
    seen: list[str] = []

    def hear(statement: Statement, seconds: float, error: BaseException | None) -> None:
        seen.append(statement.sql)

    shop.on_statement(hear)
    return seen


def tags(number: int) -> list[dict[str, Any]]:
    return [{"id": place, "label": str(place)} for place in range(1, number + 1)]


def test_in_and_not_in_take_forty_thousand_values(ask: Ask) -> None:
    ask("Tag.create_many", data=tags(4))
    ids, labels = list(range(2, 40_002)), [str(number) for number in range(3, 40_003)]

    assert ask("Tag.count", where={"id": {"in": ids}}) == 3
    assert ask("Tag.count", where={"id": {"not_in": ids}}) == 1
    assert ask("Tag.count", where={"label": {"in": labels}}) == 2
    assert ask("Tag.count", where={"label": {"not_in": labels}}) == 2


def test_ten_thousand_rows_are_made_changed_and_deleted_in_few_statements(
    ask: Ask, shop: SyncInfrastructure, statements: list[str]
) -> None:
    assert ask("Tag.create_many", data=tags(10_000)) == 10_000
    # In SQLite, which needs no round trip, a statement makes a hundred rows.
    assert len(statements) == (100 if shop.engine.schema.provider == "sqlite" else 1)
    odd = list(range(1, 10_000, 2))

    assert ask("Tag.update_many", where={"id": {"in": odd}}, data={"id": {"increment": 20_000}}) == 5_000
    assert ask("Tag.delete_many", where={"id": {"in": [number + 20_000 for number in odd]}}) == 5_000
    assert ask("Tag.count") == 5_000


@pytest.fixture
def post(ask: Ask) -> dict[str, Any]:
    ask("User.create", data={"id": 1, "email": "ada"})
    return {"id": ask("Post.create", data={"title": "t", "author_id": 1})["id"]}


def test_three_thousand_links_are_made_replaced_and_broken(
    ask: Ask, post: dict[str, Any], statements: list[str]
) -> None:
    ask("Tag.create_many", data=tags(3_000))
    keys = [{"id": number} for number in range(1, 3_001)]

    def linked() -> int:
        return int(ask("Tag.count", where={"posts": {"some": post}}))

    statements.clear()
    ask("Post.update", where=post, data={"tags": {"connect": keys}})
    assert len(statements) < 30
    assert linked() == 3_000
    ask("Post.update", where=post, data={"tags": {"set": keys[:1_500]}})
    assert linked() == 1_500
    ask("Post.update", where=post, data={"tags": {"disconnect": keys[:1_000]}})
    assert linked() == 500


@pytest.mark.parametrize("number", [10, 5_000])
def test_an_include_is_one_statement_a_level_however_many_parents(ask: Ask, statements: list[str], number: int) -> None:
    ask("User.create_many", data=[{"id": place, "email": str(place)} for place in range(1, number + 1)])
    ask("Post.create_many", data=[{"title": str(place), "author_id": place} for place in range(1, number + 1)])
    statements.clear()

    rows = ask("User.find_many", include={"written": {"include": {"tags": True}}, "profile": True})

    assert len(statements) == 4
    assert [len(row["written"]) for row in rows] == [1] * number


def test_long_texts_are_cut_into_statements_that_a_server_takes(
    ask: Ask, shop: SyncInfrastructure, statements: list[str]
) -> None:
    lengths = [300_000, 1, 700_000, 2_000_000, 2, 10] * 2
    data: list[dict[str, Any]] = [{"email": str(n), "settings": length * "x"} for n, length in enumerate(lengths)]
    data[1]["settings"] = None

    assert ask("User.create_many", data=data) == 12
    # A megabyte at most, unless one row is longer: three rows, the long one, five rows, the other long one, and two.
    assert len(statements) == (5 if shop.engine.schema.provider == "mysql" else 1)
    found = {row["email"]: row["settings"] for row in ask("User.find_many")}
    assert found == {row["email"]: row["settings"] for row in data}
