"""Pages of a query: by number, by tokens, as connections; on every database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from infra_runtime import ArgumentError, Connection, InputError, KeysetPage, Page, PageTokenError
from infra_runtime.builder.paging import Paging
from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure
from infra_runtime.operation import Operation
from tests.databases import Database
from tests.pages.conftest import MODELS, Run, query, schema_of
from tests.pages.test_seek import FEW, entries, fill, ids, orders

ROWS = [
    {
        "id": number,
        "code": f"{number}",
        "number": number // 3,
        "flag": True,
        "level": "HIGH",
        "text": "b" if number % 2 else None,
    }
    for number in range(10)
]


@pytest.fixture
def ten(run: Run) -> None:
    run("create_many", "Entry", data=ROWS)


def told(infra: SyncInfrastructure) -> list[str]:
    """The statements from now on."""
    statements: list[str] = []
    infra.on_statement(lambda statement, seconds, error: statements.append(statement.sql))
    return statements


# -- by number ---------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("ten")
def test_a_page_has_its_rows_and_says_what_there_is_beside_it(infra: SyncInfrastructure) -> None:
    said = told(infra)
    asked = query(infra, "Entry", order={"id": "asc"})
    first, third, last = (asked.paginate(page=page, limit=4).execute() for page in (1, 2, 3))
    assert (ids(first.items), ids(third.items), ids(last.items)) == ([0, 1, 2, 3], [4, 5, 6, 7], [8, 9])
    assert first.model_dump(exclude={"items"}) == {
        "page": 1,
        "limit": 4,
        "total": 10,
        "pages": 3,
        "has_next": True,
        "has_previous": False,
    }
    assert (last.has_next, last.has_previous) == (False, True)
    assert len(said) == 3, "items and total come from one statement"


@pytest.mark.usefixtures("ten")
def test_a_page_behind_the_last_is_empty_and_knows_the_total(infra: SyncInfrastructure) -> None:
    said = told(infra)
    page = query(infra, "Entry").paginate(page=4, limit=4).execute()
    assert (page.items, page.total, page.pages, page.has_next, page.has_previous) == ([], 10, 3, False, True)
    assert len(said) == 2


def test_a_page_of_nothing_is_one_statement(infra: SyncInfrastructure) -> None:
    said = told(infra)
    page = query(infra, "Entry").paginate().execute()
    assert (page.items, page.page, page.limit, page.total, page.pages) == ([], 1, 10, 0, 0)
    assert (page.has_next, page.has_previous) == (False, False)
    assert len(said) == 1


@pytest.mark.usefixtures("ten")
def test_counting_can_be_left_out(infra: SyncInfrastructure) -> None:
    said = told(infra)
    asked = query(infra, "Entry", order={"id": "asc"})
    page = asked.paginate(page=2, limit=4, total=False).execute()
    assert (ids(page.items), page.total, page.pages, page.has_next) == ([4, 5, 6, 7], None, None, True)
    assert not asked.paginate(page=3, limit=4, total=False).execute().has_next
    assert not asked.paginate(page=2, limit=5, total=False).execute().has_next
    assert len(said) == 3
    assert not any("count(" in sql.lower() for sql in said)


@FEW
@given(
    rows=entries, order=orders, size=st.integers(1, 5), distinct=st.sampled_from([None, ["number"], ["text", "flag"]])
)
def test_numbered_pages_put_together_are_the_whole_and_total_is_its_size(
    infra: SyncInfrastructure, run: Run, rows: list[dict[str, Any]], order: Any, size: int, distinct: Any
) -> None:
    fill(run, rows)
    asked: dict[str, Any] = {"order": order, "where": {"flag": True}}
    if distinct:
        asked["distinct"] = distinct
    # Pages by number have the order of those by token.
    whole = ids(run("find_many", "Entry", seek={}, **asked))
    seen: list[int] = []
    for number in range(1, len(rows) + 2):
        page = query(infra, "Entry", **asked).paginate(page=number, limit=size).execute()
        assert page.total == len(whole)
        assert page.pages == -(-len(whole) // size)
        seen += ids(page.items)
        assert page.has_next == (len(seen) < len(whole))
        if not page.has_next:
            break
    assert seen == whole
    if not distinct:
        assert len(whole) == run("count", "Entry", where={"flag": True})


# -- by tokens ---------------------------------------------------------------------------------------------------------
@FEW
@given(rows=entries, order=orders, size=st.integers(1, 4), distinct=st.sampled_from([None, ["number"]]))
def test_a_walk_by_tokens_sees_the_whole_both_ways(
    infra: SyncInfrastructure, run: Run, rows: list[dict[str, Any]], order: Any, size: int, distinct: Any
) -> None:
    fill(run, rows)
    asked: dict[str, Any] = {"order": order, **({"distinct": distinct} if distinct else {})}
    whole = ids(run("find_many", "Entry", seek={}, **asked))
    pages: list[KeysetPage[Any]] = []
    token = None
    while not pages or token is not None:
        pages.append(query(infra, "Entry", **asked).paginate(after=token, limit=size).execute())
        token = pages[-1].next
    assert [number for page in pages for number in ids(page.items)] == whole
    assert [page.has_previous for page in pages] == [False, *[True] * (len(pages) - 1)]
    back: list[KeysetPage[Any]] = []
    while not back or token is not None:
        back.append(query(infra, "Entry", **asked).paginate(before=token, limit=size).execute())
        token = back[-1].previous
    assert [number for page in reversed(back) for number in ids(page.items)] == whole
    if len(pages) > 1:
        returned = query(infra, "Entry", **asked).paginate(before=pages[1].previous, limit=size).execute()
        assert ids(returned.items) == ids(pages[0].items)
        assert (returned.has_next, returned.has_previous) == (True, False)


@pytest.mark.usefixtures("ten")
def test_a_keyset_page_is_one_statement_whatever_is_selected(infra: SyncInfrastructure) -> None:
    said = told(infra)
    asked: dict[str, Any] = {"order": [{"text": "desc"}, {"owner": {"rank": "asc"}}], "columns": ("code",)}
    page = query(infra, "Entry", **asked).paginate(after=None, limit=3).execute()
    following = query(infra, "Entry", **asked).paginate(after=page.next, limit=3).execute()
    whole = infra.execute(Operation("find_many", infra.engine.schema.model["Entry"], {**asked, "seek": {}}))
    assert [*page.items, *following.items] == whole[:6]
    assert all(isinstance(item, tuple) and len(item) == 1 for item in whole)
    assert len(said) == 3


@pytest.mark.usefixtures("ten")
def test_where_nothing_is_left_the_token_leads_back(infra: SyncInfrastructure, run: Run) -> None:
    asked = query(infra, "Entry", order={"number": "asc"})
    page = asked.paginate(after=None, limit=4).execute()
    run("delete_many", "Entry", where={"id": {"gt": 3}})
    empty = asked.paginate(after=page.next, limit=4).execute()
    assert (empty.items, empty.has_next, empty.next, empty.has_previous) == ([], False, None, True)
    back = asked.paginate(before=empty.previous, limit=4).execute()
    assert ids(back.items) == [0, 1, 2]
    assert ids(asked.paginate(after=back.next, limit=4).execute().items) == [3]


@pytest.mark.usefixtures("ten")
def test_pages_have_what_is_included(infra: SyncInfrastructure, run: Run) -> None:
    run("create", "Note", data={"book": 1, "page": 1, "text": "a", "entry_id": 4})
    asked = query(infra, "Entry", order={"id": "asc"}, include={"notes": True, "_count": {"select": {"notes": True}}})
    page = asked.paginate(after=asked.paginate(after=None, limit=3).execute().next, limit=3).execute()
    assert [len(row["notes"]) for row in page.items] == [0, 1, 0]
    assert [row["_count"]["notes"] for row in page.items] == [0, 1, 0]
    numbered = asked.paginate(page=2, limit=3).execute()
    assert numbered.items == page.items


@pytest.mark.usefixtures("ten")
def test_pages_of_a_transaction_see_what_it_wrote(infra: SyncInfrastructure) -> None:
    with infra.transaction() as tx:
        tx.execute(Operation("delete_many", infra.engine.schema.model["Entry"], {"where": {"id": {"lt": 8}}}))
        assert ids(query(tx, "Entry").paginate(after=None).execute().items) == [8, 9]
        assert query(tx, "Entry").paginate().execute().total == 2


@pytest.mark.usefixtures("ten")
def test_scopes_apply_to_rows_and_totals(infra: SyncInfrastructure) -> None:
    model = infra.engine.schema.model["Entry"]
    infra.add_scope(lambda model, context: {"id": {"lt": context.tenant or 100}}, [model])
    asked = query(infra.bind(tenant=5), "Entry", order={"id": "asc"})
    assert asked.paginate(limit=2).execute().total == 5
    token = query(infra.bind(tenant=3), "Entry", order={"id": "asc"}).paginate(after=None, limit=2).execute().next
    assert ids(asked.paginate(after=token).execute().items) == [2, 3, 4]


# -- connections -------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("ten")
def test_connections_follow_the_specification(infra: SyncInfrastructure) -> None:
    asked = query(infra, "Entry", order={"id": "asc"})

    def seen(connection: Connection[Any]) -> tuple[list[int], bool, bool]:
        info, edges = connection.page_info, connection.edges
        assert info.start_cursor == (edges[0].cursor if edges else None)
        assert info.end_cursor == (edges[-1].cursor if edges else None)
        return [edge.node["id"] for edge in edges], info.has_previous_page, info.has_next_page

    whole = asked.connection(first=10).execute()
    cursors = [edge.cursor for edge in whole.edges]
    assert seen(whole) == (list(range(10)), False, False)
    assert seen(asked.connection(first=3).execute()) == ([0, 1, 2], False, True)
    assert seen(asked.connection(first=3, after=cursors[2]).execute()) == ([3, 4, 5], True, True)
    assert seen(asked.connection(first=3, after=cursors[6]).execute()) == ([7, 8, 9], True, False)
    assert seen(asked.connection(last=3).execute()) == ([7, 8, 9], True, False)
    assert seen(asked.connection(last=3, before=cursors[2]).execute()) == ([0, 1], False, True)
    assert seen(asked.connection(first=2, after=cursors[1], before=cursors[6]).execute()) == ([2, 3], True, True)
    assert seen(asked.connection(first=9, after=cursors[1], before=cursors[4]).execute()) == ([2, 3], True, False)
    assert seen(asked.connection(last=2, after=cursors[1], before=cursors[6]).execute()) == ([4, 5], True, True)
    assert seen(asked.connection(first=0).execute()) == ([], False, True)
    assert seen(asked.connection(first=5, after=cursors[9]).execute()) == ([], True, False)


@pytest.mark.usefixtures("ten")
def test_cursors_are_the_tokens_of_pages(infra: SyncInfrastructure) -> None:
    asked = query(infra, "Entry", order={"id": "desc"})
    edge = asked.connection(first=4).execute().edges[1]
    assert ids(asked.paginate(after=edge.cursor, limit=2).execute().items) == [7, 6]


@pytest.mark.usefixtures("ten")
def test_what_a_page_sends_can_be_seen_and_explained(infra: SyncInfrastructure) -> None:
    asked = query(infra, "Entry", order={"id": "asc"})
    token = asked.paginate(after=None, limit=3).execute().next
    said = told(infra)
    (statement,) = asked.paginate(after=token, limit=3).to_sql()
    assert statement.parameters == (2, 4)
    assert not said
    assert "Entry" in asked.paginate(after=token, limit=3).explain() or "t0" in asked.paginate(page=2).explain()
    with pytest.raises(PageTokenError):
        asked.paginate(after="no token").to_sql()


# -- both interfaces ---------------------------------------------------------------------------------------------------
async def test_pages_are_awaited(database: Database) -> None:
    schema = schema_of(database.provider)
    async with Infrastructure(schema=schema, url=database.url(MODELS)) as infra:
        await infra.execute(Operation("create_many", schema.model["Entry"], {"data": ROWS}))
        asked: Paging[Any] = Paging(infra, schema.model["Entry"], {"order": {"number": "desc"}})
        page = await asked.paginate(after=None, limit=4).execute()
        following = await asked.paginate(after=page.next, limit=4).execute()
        assert ids([*page.items, *following.items]) == [9, 8, 7, 6, 5, 4, 3, 2]
        assert (await asked.paginate(page=2, limit=4).execute()).total == 10
        assert len((await asked.connection(last=3).execute()).edges) == 3
        with pytest.raises(PageTokenError):
            await asked.paginate(before="no token").execute()


# -- what is refused ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"page": 0}, "Entry.page: pages are numbered from 1 on"),
        ({"page": -1}, "Entry.page: pages are numbered from 1 on"),
        ({"page": "1"}, "Entry.page: expected int, got str"),
        ({"page": True}, "Entry.page: expected int, got bool"),
        ({"page": 2**70}, "Entry.page: "),
        ({"limit": 0}, "Entry.limit: a page has at least 1 row"),
        ({"limit": -3}, "Entry.limit: a page has at least 1 row"),
        ({"limit": None}, "Entry.limit: expected int, got NoneType"),
        ({"limit": 2**70}, "Entry.limit: "),
        ({"after": None, "before": None}, "after and before cannot stand together"),
        ({"page": 1, "after": None}, "after and page cannot stand together"),
        ({"before": "x", "total": True}, "before and total cannot stand together"),
    ],
)
def test_pages_that_make_no_sense_are_refused_when_they_are_asked_for(
    infra: SyncInfrastructure, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(ArgumentError) as refused:
        query(infra, "Entry").paginate(**asked)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "say first=10, or last=10"),
        ({"first": 1, "last": 1}, "not both"),
        ({"first": -1}, "Entry.first: a page has at least 0 rows"),
        ({"last": "1"}, "Entry.last: expected int, got str"),
    ],
)
def test_connections_that_make_no_sense_are_refused(
    infra: SyncInfrastructure, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(ArgumentError) as refused:
        query(infra, "Entry").connection(**asked)
    assert said in str(refused.value)


@pytest.mark.parametrize("clause", [{"take": 3}, {"skip": 3}, {"cursor": {"id": 1}}])
def test_pages_of_pages_are_refused(infra: SyncInfrastructure, clause: dict[str, Any]) -> None:
    asked = query(infra, "Entry", **clause)
    with pytest.raises(ArgumentError, match="cannot stand with pages"):
        asked.paginate()
    with pytest.raises(ArgumentError, match="cannot stand with pages"):
        asked.connection(first=1)


def test_the_maximum_holds_for_pages_and_one_row_more_is_read_for_the_longest(database: Database) -> None:
    schema = schema_of(database.provider)
    with SyncInfrastructure(schema=schema, url=database.url(MODELS), max_limit=5) as infra:
        infra.execute(Operation("create_many", schema.model["Entry"], {"data": ROWS}))
        asked = query(infra, "Entry")
        for ask in (
            lambda: asked.paginate(limit=6),
            lambda: asked.paginate(after=None, limit=6),
            lambda: asked.connection(last=6),
        ):
            with pytest.raises(InputError, match="more than this client allows, which is 5"):
                ask()
        assert asked.paginate(after=None, limit=5).execute().has_next
        assert asked.paginate(limit=5, total=False).execute().has_next


def test_an_order_by_relevance_has_no_tokens(infra: SyncInfrastructure) -> None:
    order = {"_relevance": {"fields": ["text"], "search": "a", "sort": "desc"}}
    with pytest.raises(ArgumentError):
        query(infra, "Entry", order=order).paginate(after=None).execute()


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
def test_searches_have_pages_by_number_and_with_an_order_by_token(infra: SyncInfrastructure, run: Run) -> None:
    texts = ["red apple", "green apple", "red plum", "apple pie"]
    run("create_many", "Entry", data=[{**ROWS[place], "text": text} for place, text in enumerate(texts)])
    search = {"query": "apple", "fields": ["text"]}
    page = query(infra, "Entry", search=search).paginate(page=1, limit=2).execute()
    assert (len(page.items), page.total, page.has_next) == (2, 3, True)
    asked = query(infra, "Entry", search=search, order={"id": "asc"})
    first = asked.paginate(after=None, limit=2).execute()
    assert ids(first.items) == [0, 1]
    assert ids(asked.paginate(after=first.next, limit=2).execute().items) == [3]
    other = query(infra, "Entry", search={"query": "plum", "fields": ["text"]}, order={"id": "asc"})
    with pytest.raises(PageTokenError, match="belongs to another query"):
        other.paginate(after=first.next).execute()
    with pytest.raises(ArgumentError) as refused:
        query(infra, "Entry", search=search).paginate(after=None).execute()
    assert "order" in str(refused.value)


# -- as web frameworks see them ----------------------------------------------------------------------------------------
class Shown(BaseModel):
    id: int
    code: str


@pytest.mark.usefixtures("ten")
def test_pages_serialise_with_exact_schemas(infra: SyncInfrastructure) -> None:
    asked = query(infra, "Entry", order={"id": "asc"}, where={"id": {"lt": 2}})
    page = asked.paginate(page=1, limit=1).execute()
    adapter = TypeAdapter(Page[Shown])
    # As FastAPI does with what an endpoint answers.
    shown = adapter.validate_python(page, from_attributes=True)
    assert adapter.dump_python(shown, mode="json") == {
        "items": [{"id": 0, "code": "0"}],
        "page": 1,
        "limit": 1,
        "total": 2,
        "pages": 2,
        "has_next": True,
        "has_previous": False,
    }
    schema = adapter.json_schema(mode="serialization")
    assert schema["properties"]["items"]["items"] == {"$ref": "#/$defs/Shown"}
    keyset = TypeAdapter(KeysetPage[Shown]).validate_python(asked.paginate(after=None).execute(), from_attributes=True)
    assert [item.code for item in keyset.items] == ["0", "1"]
    connection = TypeAdapter(Connection[Shown]).validate_python(
        asked.connection(first=1).execute(), from_attributes=True
    )
    assert [edge.node.code for edge in connection.edges] == ["0"]
