"""`seek`: reads that begin at values of the order's keys, on every database."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_runtime import ArgumentError
from tests.pages.conftest import Run

FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

MOMENTS = [datetime.datetime(2024, 1, day, tzinfo=datetime.UTC) for day in (1, 2)]
VALUES: dict[str, list[Any]] = {
    "number": [-1, 0, 7],
    "big": [None, 2**53 + 1, 2**53 + 2],
    "real": [None, 0.1, -1e300],
    "amount": [None, Decimal("0.1"), Decimal("-12.5")],
    "text": [None, "", "a", "b%"],
    "flag": [True, False],
    "level": ["HIGH", "LOW", "MEDIUM"],
    "maybe": [None, "HIGH", "LOW", "MEDIUM"],
    "at": [None, *MOMENTS],
    "data": [None, b"", b"\x00\xff"],
    "owner_id": [None, 1, 2, 3],
}
NULLABLE = [name for name, values in VALUES.items() if None in values]

entries = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}), max_size=12
)
directions = st.sampled_from(["asc", "desc"])
nullable_directions = directions | st.fixed_dictionaries(
    {"sort": directions, "nulls": st.sampled_from(["first", "last"])}
)
terms = st.one_of(
    st.builds(
        lambda name, way: {name: way}, st.sampled_from([name for name in VALUES if name not in NULLABLE]), directions
    ),
    st.builds(lambda name, way: {name: way}, st.sampled_from(NULLABLE), nullable_directions),
    st.builds(lambda name, way: {"owner": {name: way}}, st.sampled_from(["name", "rank"]), directions),
    st.builds(lambda way: {"notes": {"_count": way}}, directions),
    st.builds(lambda way: {"id": way}, directions),
)
orders = st.lists(terms, max_size=3)


def fill(run: Run, rows: list[dict[str, Any]]) -> None:
    for model in ("Note", "Entry", "Owner"):
        run("delete_many", model)
    run(
        "create_many",
        "Owner",
        data=[{"id": 1, "name": "a", "rank": 1}, {"id": 2, "rank": 1}, {"id": 3, "name": "a", "rank": 0}],
    )
    run("create_many", "Entry", data=[entry(number, row) for number, row in enumerate(rows)])
    notes = [(number, page) for number in range(len(rows)) for page in range(number % 3)]
    run(
        "create_many", "Note", data=[{"book": book, "page": page, "text": "", "entry_id": book} for book, page in notes]
    )


def entry(number: int, row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "id": number, "code": f"{number % 4}-{number}"}


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


def forwards(run: Run, size: int, **query: Any) -> Iterator[list[Any]]:
    seek: dict[str, Any] = {}
    while True:
        page = run("find_page", "Entry", take=size, seek=seek, **query)
        yield page.rows
        if not page.more:
            return
        seek = {"after": page.place(-1)}


def backwards(run: Run, size: int, **query: Any) -> Iterator[list[Any]]:
    seek: dict[str, Any] = {}
    while True:
        page = run("find_page", "Entry", take=-size, seek=seek, **query)
        yield page.rows
        if not page.more:
            return
        seek = {"before": page.place(0)}


def test_an_enum_keeps_its_order_where_a_page_has_rows_with_one_and_without(run: Run) -> None:
    """MySQL takes the enums of rows that come of several queries for texts, whose order is another."""
    plain = {"number": 1, "flag": True, "level": "HIGH"}
    fill(run, [{**plain, "maybe": maybe} for maybe in (None, "HIGH", "LOW", "MEDIUM", None, "LOW")])
    for order in ([{"maybe": "asc"}], [{"maybe": "desc"}], [{"maybe": {"sort": "asc", "nulls": "first"}}]):
        whole = ids(run("find_many", "Entry", order=order, seek={}))
        for size in range(1, 6):
            assert [number for page in forwards(run, size, order=order) for number in ids(page)] == whole
            back = [ids(page) for page in backwards(run, size, order=order)]
            assert [number for page in reversed(back) for number in page] == whole


@FEW
@given(rows=entries, order=orders, size=st.integers(1, 5))
def test_pages_put_together_are_the_whole(run: Run, rows: list[dict[str, Any]], order: Any, size: int) -> None:
    fill(run, rows)
    whole = ids(run("find_many", "Entry", order=order, seek={}))
    assert sorted(whole) == list(range(len(rows)))
    pages = [ids(page) for page in forwards(run, size, order=order)]
    assert all(len(page) == size for page in pages[:-1])
    assert [number for page in pages for number in page] == whole
    back = [ids(page) for page in backwards(run, size, order=order)]
    assert all(len(page) == size for page in back[:-1])
    assert [number for page in reversed(back) for number in page] == whole


@FEW
@given(rows=entries, order=orders, distinct=st.sampled_from(["number", "text", "maybe"]), size=st.integers(1, 3))
def test_pages_of_distinct_rows_put_together_are_the_whole(
    run: Run, rows: list[dict[str, Any]], order: Any, distinct: str, size: int
) -> None:
    fill(run, rows)
    query = {"order": order, "distinct": [distinct]}
    whole = ids(run("find_many", "Entry", seek={}, **query))
    assert len(whole) == len({row[distinct] for row in rows})
    assert [number for page in forwards(run, size, **query) for number in ids(page)] == whole
    assert [number for page in reversed(list(backwards(run, size, **query))) for number in ids(page)] == whole


@FEW
@given(rows=entries, order=orders, size=st.integers(1, 3), data=st.data())
def test_what_stays_is_seen_once_whatever_comes_and_goes(
    run: Run, rows: list[dict[str, Any]], order: Any, size: int, data: st.DataObject
) -> None:
    fill(run, rows)
    run("delete_many", "Note")
    staying, coming = set(range(len(rows))), 100
    seen: list[int] = []
    for page in forwards(run, size, order=order):
        seen += ids(page)
        gone = data.draw(st.sets(st.integers(0, 11), max_size=3))
        run("delete_many", "Entry", where={"id": {"in": sorted(gone)}})
        staying -= gone
        for row in data.draw(st.lists(st.sampled_from(rows), max_size=2)) if rows and coming < 106 else []:
            run("create", "Entry", data=entry(coming, row))
            coming += 1
    assert len(seen) == len(set(seen))
    assert staying <= set(seen)
    whole = [number for number in ids(run("find_many", "Entry", order=order, seek={})) if number in staying]
    assert [number for number in seen if number in staying] == whole


def test_seek_stands_between_rows_that_need_not_be_there(run: Run) -> None:
    rows = [{name: values[0] for name, values in VALUES.items()} | {"number": number} for number in (1, 3, 3, 5)]
    fill(run, rows)

    def found(seek: dict[str, Any], **query: Any) -> list[int]:
        return ids(run("find_many", "Entry", order={"number": "asc"}, seek=seek, **query))

    assert found({"after": {"number": 2, "id": 0}}) == [1, 2, 3]
    assert found({"after": {"number": 3, "id": 1}}) == [2, 3]
    assert found({"before": {"number": 3, "id": 2}}) == [0, 1]
    assert found({"before": {"number": 4, "id": 0}}, take=-2) == [1, 2]
    assert found({"after": {"number": 1, "id": 0}, "before": {"number": 5, "id": 3}}) == [1, 2]
    assert found({"after": {"number": 1, "id": 0}, "before": {"number": 5, "id": 3}}, take=-1) == [2]
    assert found({"after": [3, 1]}, skip=1, take=5) == [3]
    assert found({"after": [3, 1]}, where={"number": {"lt": 5}}) == [2]


def test_the_order_is_completed_by_a_key_that_is_never_null(run: Run) -> None:
    rows = [{name: values[-1] for name, values in VALUES.items()} for _ in range(3)]
    fill(run, rows)
    assert ids(run("find_many", "Entry", order={"flag": "desc"}, seek={})) == [2, 1, 0]
    assert ids(run("find_many", "Entry", order=[{"flag": "desc"}, {"code": "asc"}], seek={})) == [0, 1, 2]
    # `spare` is unique, and NULL in every row.
    assert ids(run("find_many", "Entry", order={"spare": "asc"}, seek={"after": {"spare": None, "id": 0}})) == [1, 2]


@pytest.mark.parametrize(
    ("model", "query", "said"),
    [
        ("Entry", {"seek": {"after": {"id": 1}, "below": 1}}, "seek: unknown side `below`"),
        ("Entry", {"seek": 3}, "seek: expected `after`, `before`"),
        ("Entry", {"seek": {"after": 3}}, "seek.after: expected the values of the order's keys"),
        ("Entry", {"seek": {"after": {}}}, "seek.after.id: a value is required"),
        ("Entry", {"seek": {"after": {"ids": 1}}}, "unknown key of the order `ids`; did you mean `id`?"),
        ("Entry", {"seek": {"after": [1, 2]}}, "seek.after: expected 1 values, those of id; got 2"),
        ("Entry", {"seek": {"after": {"id": None}}}, "seek.after.id: expected a value: this key is never null"),
        ("Entry", {"seek": {"after": {"id": "x"}}}, "seek.after.id: expected int"),
        ("Entry", {"order": {"owner": {"rank": "asc"}}, "seek": {"after": {"id": 1}}}, "seek.after.owner: a value is"),
        (
            "Entry",
            {"order": {"owner": {"rank": "asc"}}, "seek": {"after": {"owner": {"rnk": 1}, "id": 1}}},
            "seek.after.owner: unknown key of the order `rnk`; did you mean `rank`?",
        ),
        ("Entry", {"order": {"notes": {"_count": "asc"}}, "seek": {"after": [None, 1]}}, "seek.after.notes._count"),
        ("Entry", {"order": {"document": "asc"}, "seek": {}}, "order.document: Json can be no key of pages"),
        ("Entry", {"cursor": {"id": 1}, "seek": {}}, "seek: cursor and seek cannot stand together"),
        ("Scrap", {"seek": {}}, "order: Scrap has no unique key whose fields are all required"),
        ("Note", {"seek": {"after": {"book": 1}}}, "seek.after.page: a value is required"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_sql(
    infra: Any, run: Run, model: str, query: dict[str, Any], said: str
) -> None:
    statements: list[Any] = []
    infra.on_statement(lambda statement, seconds, error: statements.append(statement))
    with pytest.raises(ArgumentError) as refused:
        run("find_many", model, **query)
    assert said in str(refused.value)
    assert not statements


def test_a_nested_read_does_not_seek(run: Run) -> None:
    with pytest.raises(ArgumentError, match="unknown argument `seek`"):
        run("find_many", "Owner", include={"entries": {"seek": {}}})
