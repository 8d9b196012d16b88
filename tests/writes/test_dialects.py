"""The SQL of writes in every dialect: what differs, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra_runtime.compiler.write import delete_plan, insert_plan, link_plan, repeated, update_plan, upsert_plan
from infra_runtime.engine import Engine
from infra_runtime.schema import Provider
from tests.runtime.schemas import ORDER_LINE, POST, SHOP, TAG, USER


def engine_of(provider: Provider) -> Engine:
    return Engine(replace(SHOP, provider=provider))


def flat(sql: str) -> str:
    return " ".join(sql.split())


@pytest.mark.parametrize(
    ("provider", "sql"),
    [
        ("sqlite", 'INSERT INTO "Tag" (name) VALUES (?), (?), (?) ON CONFLICT DO NOTHING RETURNING id'),
        ("postgresql", 'INSERT INTO "Tag" (name) VALUES ($1), ($2), ($3) ON CONFLICT DO NOTHING RETURNING "Tag".id'),
        ("mysql", "INSERT INTO `Tag` (name) VALUES (%s), (%s), (%s) ON DUPLICATE KEY UPDATE name = `Tag`.name"),
    ],
)
def test_insert_of_many_rows_that_skips_duplicates(provider: Provider, sql: str) -> None:
    engine = engine_of(provider)
    fields = ("id",) if engine.dialect.insert_returning else ()

    assert flat(insert_plan(engine, TAG, ("label",), fields, True).sql(3)) == sql


@pytest.mark.parametrize(
    ("provider", "sql"),
    [
        ("sqlite", 'INSERT INTO "Tag" DEFAULT VALUES'),
        ("postgresql", 'INSERT INTO "Tag" DEFAULT VALUES'),
        ("mysql", "INSERT INTO `Tag` () VALUES ()"),
    ],
)
def test_insert_of_nothing_but_defaults(provider: Provider, sql: str) -> None:
    assert flat(insert_plan(engine_of(provider), TAG, (), (), True).sql(1)) == sql


@pytest.mark.parametrize(
    ("provider", "sql"),
    [
        ("sqlite", "UPDATE users SET name=?, logins=(users.logins + ?), score=(users.score / ?) WHERE users.id = ?"),
        (
            "postgresql",
            "UPDATE users SET name=$1, logins=(users.logins + $2::INTEGER), score=(users.score / $3) "
            "WHERE users.id = $4::INTEGER",
        ),
        ("mysql", "UPDATE users SET name=%s, logins=(users.logins + %s), score=(users.score / %s) WHERE users.id = %s"),
    ],
)
def test_update(provider: Provider, sql: str) -> None:
    sets = (("logins", "increment", 1), ("score", "divide", 2), ("name", "set", 3))
    plan = update_plan(engine_of(provider), USER, ("compare", "id", "=", ("value", 0)), sets, (), None)

    assert flat(plan.sql) == sql
    assert plan.parameters(["id", "more", "less", "name"]) == ["name", "more", "less", "id"]


@pytest.mark.parametrize("provider", ["sqlite", "postgresql"])
def test_a_limit_chooses_rows_by_their_key(provider: Provider) -> None:
    plan = delete_plan(engine_of(provider), ORDER_LINE, ("true",), (), 0)

    assert '("OrderLine".order_id, "OrderLine".position) IN (SELECT t0.order_id, t0.position' in plan.sql


@pytest.mark.parametrize("provider", ["sqlite", "postgresql"])
def test_upsert_is_one_statement(provider: Provider) -> None:
    changing = upsert_plan(engine_of(provider), USER, ("email",), ("email",), (("logins", "increment", 1),), ("id",))
    keeping = upsert_plan(engine_of(provider), TAG, ("label",), ("label",), (), ("id",))

    assert "ON CONFLICT (email) DO UPDATE SET logins = (users.logins + " in changing.sql(1)
    assert 'ON CONFLICT (name) DO UPDATE SET name = "Tag".name RETURNING' in keeping.sql(1)


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("link", 'INSERT INTO "_PostToTag" ("A", "B") VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING'),
        (
            "unlink",
            'DELETE FROM "_PostToTag" WHERE "_PostToTag"."A" = ? AND "_PostToTag"."B" = ? '
            'OR "_PostToTag"."A" = ? AND "_PostToTag"."B" = ?',
        ),
        ("unlink all", 'DELETE FROM "_PostToTag" WHERE "_PostToTag"."A" = ? OR "_PostToTag"."A" = ?'),
    ],
)
def test_links(kind: str, sql: str) -> None:
    assert flat(link_plan(engine_of("sqlite"), POST.relation["tags"], kind, False).sql(2)) == sql


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("tail", ["", " RETURNING id", " OR NOTHING"])
@pytest.mark.parametrize(("separator", "piece"), [(", ", "(?, ?)"), (" OR ", "a = ? AND b = ?")])
def test_a_text_is_repeated_as_its_first_two_rows_say(separator: str, piece: str, tail: str, rows: int) -> None:
    def text(count: int) -> Any:
        return "HEAD " + separator.join([piece] * count) + tail

    assert repeated(text(1), text(2)).sql(rows) == text(rows)
