"""A page costs the same at any depth: each database finds the place of a seek in an index on the order's keys."""

from __future__ import annotations

from typing import Any

import pytest

from infra_runtime.infrastructure import SyncInfrastructure
from tests.databases import Database
from tests.pages.conftest import Run

ROWS = 6000


@pytest.fixture
def many(run: Run, infra: SyncInfrastructure, database: Database) -> None:
    common = {"flag": True, "level": "HIGH"}
    rows = [
        {
            "id": number,
            "code": f"{number:06}",
            "number": number // 3,
            "turn": number // 3,
            "big": number if number % 2 else None,
            "text": f"{number:06}",
            **common,
        }
        for number in range(ROWS)
    ]
    run("create_many", "Entry", data=rows)
    name = {"mysql": "TABLE `Entry`"}.get(database.provider, '"Entry"')
    infra.query_raw(f"ANALYZE {name}")


def explained(infra: SyncInfrastructure, run: Run, **query: Any) -> list[str]:
    """What the database says of the statement of a read, by line."""
    statements: list[Any] = []
    infra.on_statement(lambda statement, seconds, error: statements.append(statement))
    rows = run("find_many", "Entry", **query)
    assert len(rows) == 10
    (statement,) = statements
    provider = infra.engine.schema.provider
    word = {"sqlite": "EXPLAIN QUERY PLAN"}.get(provider, "EXPLAIN")
    sql = statement.sql.replace("%s", "?") if provider == "mysql" else statement.sql
    said = infra.query_raw(f"{word} {sql}", *statement.parameters)
    return [" ".join(f"{key}={value}" for key, value in line.items()) for line in said]


ORDERS: list[tuple[Any, dict[str, Any], str]] = [
    ({"id": "asc"}, {"id": 3000}, "by its id"),
    ({"id": "desc"}, {"id": 3000}, "by its id, turned round"),
    ([{"number": "asc"}, {"code": "asc"}], {"number": 1000, "code": "003000"}, "by an index on both keys"),
    (
        [{"number": "desc"}, {"code": "desc"}],
        {"number": 1000, "code": "003000"},
        "by an index on both keys, turned round",
    ),
    ([{"turn": "asc"}, {"id": "desc"}], {"turn": 1000, "id": 3000}, "by an index that goes both ways"),
]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize(("order", "values"), [item[:2] for item in ORDERS], ids=[item[2] for item in ORDERS])
def test_the_place_is_found_in_an_index(
    infra: SyncInfrastructure, run: Run, database: Database, order: Any, values: Any, side: str
) -> None:
    take = 10 if side == "after" else -10
    plan = explained(infra, run, order=order, seek={side: values}, take=take)
    text = "\n".join(plan)
    if database.provider == "sqlite":
        assert "SEARCH t0 USING" in text, text
    elif database.provider == "postgresql":
        assert "Index Cond:" in text, text
        assert "Seq Scan" not in text, text
    else:
        assert "type=range" in text, text
        assert "key=None" not in text, text
    assert not any(word in text for word in ("TEMP B-TREE", "Sort", "filesort")), text


WAYS: list[Any] = [
    "asc",
    "desc",
    *({"sort": way, "nulls": nulls} for way in ("asc", "desc") for nulls in ("first", "last")),
]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("seek", [{"after": [3001, 3001]}, {"before": [3001, 3001]}, {"after": [None, 3000]}])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_nulls_of_the_first_key_are_in_nobodys_way(
    infra: SyncInfrastructure, run: Run, database: Database, way: Any, seek: Any
) -> None:
    """Rows with a value and rows without are read apart, each in the order of the index; what is sorted are the rows of two pages."""
    plan = explained(infra, run, order={"big": way}, seek=seek, take=-10 if "before" in seek else 10)
    text = "\n".join(plan)
    if database.provider == "sqlite":
        tables = [line for line in plan if " t0" in line]
        assert tables, text
        assert all("SEARCH t0 USING INDEX Entry_big_id_idx" in line for line in tables), text
    elif database.provider == "postgresql":
        assert "Seq Scan" not in text, text
        # Nothing stands between a limit and the index it is read from.
        places = [place for place, line in enumerate(plan) if 'on "Entry"' in line]
        assert all("Index Scan" in plan[place] and "Limit" in plan[place - 1] for place in places), text
    else:
        tables = [line for line in plan if "table=t0" in line]
        assert tables, text
        assert all("key=Entry_big_id_idx" in line and "filesort" not in line for line in tables), text


@pytest.mark.usefixtures("many")
def test_without_an_index_the_same_reads_look_at_every_row(infra: SyncInfrastructure, run: Run) -> None:
    """What the test above would see if the place were not found in an index."""
    plan = explained(infra, run, order={"text": "asc"}, seek={"after": {"text": "003000", "id": 3000}}, take=10)
    text = "\n".join(plan)
    assert any(word in text for word in ("TEMP B-TREE", "Sort", "filesort")), text
