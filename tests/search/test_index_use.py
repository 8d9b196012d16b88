"""The database says by itself that it uses the indexes: EXPLAIN of the statements that are sent, on tables with enough rows."""

from __future__ import annotations

from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime.effects import Statement
from tests.databases import Databases
from tests.search.schemas import models, schema

SEARCHES: list[dict[str, Any]] = [
    {"query": "needle haystack"},
    {"query": "needle hay", "mode": "prefix"},
    {"query": "needle haystack", "mode": "phrase"},
    {"query": "needle unheard", "mode": "any"},
    {"query": "needle", "fields": ["body"]},
]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN ", "mysql": "EXPLAIN "}
ANALYZE = {"sqlite": "ANALYZE", "postgresql": 'ANALYZE "Article"', "mysql": "ANALYZE TABLE Article"}


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_the_index_is_used(databases: Databases, provider: str) -> None:
    url = databases(provider).url(models(provider))
    sent: list[Statement] = []
    with connect(schema(provider), url=url, interface="sync") as infra:
        articles: Any = infra.repository("Article")
        articles.create_many(
            [
                {"title": f"title {number}", "body": "needle in the haystack" if number == 77 else f"hay of {number}"}
                for number in range(1_000)
            ]
        )
        if provider == "mysql":
            infra.query_raw(ANALYZE[provider])
        else:
            infra.execute_raw(ANALYZE[provider])
        infra.on_statement(lambda statement, seconds, error: sent.append(statement))
        for search in SEARCHES:
            for ask in (articles.find_many, articles.count):
                sent.clear()
                ask(search=search)
                assert _uses_index(infra, provider, sent[0]), (search, sent[0].sql)


def _uses_index(infra: Any, provider: str, statement: Statement) -> bool:
    explained = Statement(EXPLAIN[provider] + statement.sql, statement.parameters, "table")
    executor = infra._require_session()
    connection = executor.pool.acquire(False, "explain", executor.options.wait)
    try:
        _, rows = connection.run(explained)
    finally:
        executor.pool.release(connection)
    plan = "\n".join(" ".join(map(str, row)) for row in rows)
    if provider == "sqlite":
        # Not a row of the table is looked at that FTS5 has not found.
        return "VIRTUAL TABLE INDEX" in plan and not any(
            line.split(" ", 3)[3].startswith("SCAN t0") for line in plan.split("\n")
        )
    return "infra_search_Article" in plan and "Seq Scan" not in plan
