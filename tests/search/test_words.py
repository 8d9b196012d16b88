"""Searching for words: what is found, in which order, on every database, with an index and without."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_gen.dynamic import connect
from infra_runtime import ArgumentError, DataError, SearchIndexWarning
from tests.databases import Databases
from tests.search.schemas import models, schema

PROVIDERS = ["sqlite", "postgresql", "mysql"]
ARTICLES = [
    (1, "Beans and rice", "a bowl of rice", "food"),
    (2, "Rice", "rice, rice, rice", "food"),
    (3, "Bread", "without rice or beans; mail cook@kitchen.example", "food"),
    (4, "Rice pudding", None, "sweets"),
    (5, "The snow_man's garden", "go by car to 10-Downing-Street", "travel"),
    (6, "Reis in Österreich", "日本語 text", "travel"),
]


@pytest.fixture(params=PROVIDERS, scope="module")
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def infra(provider: str, databases: Databases) -> Iterator[Any]:
    url = databases(provider).url(models(provider))
    with connect(schema(provider), url=url, interface="sync") as client:
        rows = [dict(zip(("id", "title", "body", "topic"), row, strict=True)) for row in ARTICLES]
        client.repository("Article").create_many(rows)
        client.repository("Plain").create_many([{"id": row[0], "text": row[1], "more": row[2]} for row in ARTICLES])
        client.repository("Writer").create_many(
            [
                {"code": "ada", "name": "Ada Lovelace", "motto": "Numbers are running"},
                {"code": "bob", "name": "Bob", "motto": "lovelace was first"},
            ]
        )
        client.repository("Seat").create_many([{"row": 1, "rank": "front left"}, {"row": 2, "rank": "back left"}])
        yield client


def found(infra: Any, query: Any, model: str = "Article", *, key: str = "id", **arguments: Any) -> list[Any]:
    rows = infra.repository(model).find_many(search=query, **arguments)
    return [row[key] for row in rows]


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ({"query": "rice beans"}, {1, 3}),
        ({"query": "RICE, beans!"}, {1, 3}),
        ({"query": "rice beans", "mode": "any"}, {1, 2, 3, 4}),
        ({"query": "rice beans", "mode": "phrase"}, set()),
        ({"query": "bowl of rice", "mode": "phrase"}, {1}),
        # The end of one field and the beginning of another are no phrase.
        ({"query": "rice a", "mode": "phrase"}, set()),
        ({"query": "ric bea", "mode": "prefix"}, {1, 3}),
        ({"query": "ric bea"}, set()),
        ({"query": "rice", "fields": ["title"]}, {1, 2, 4}),
        ({"query": "rice beans", "fields": ["body"]}, {3}),
        ({"query": "rice beans", "fields": ["title"], "mode": "any"}, {1, 2, 4}),
        ({"query": "pudd", "fields": ["title"], "mode": "prefix"}, {4}),
        ({"query": "kitchen"}, {3}),
        ({"query": "cook@kitchen.example"}, {3}),
        ({"query": "kitchen.example", "mode": "phrase"}, {3}),
        ({"query": "go car"}, {5}),
        ({"query": "go", "mode": "prefix"}, {5}),
        ({"query": "by"}, {5}),
        ({"query": "downing street 10"}, {5}),
        ({"query": "the", "mode": "any"}, {5}),
        ({"query": "Österreich"}, {6}),
        ({"query": "österreich"}, {6}),
        ({"query": "nothing of this"}, set()),
        ({"query": "nothing rice", "mode": "any"}, {1, 2, 3, 4}),
    ],
    ids=str,
)
def test_words_find_the_same_rows_on_every_database(infra: Any, search: dict[str, Any], ids: set[int]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(found(infra, search)) == ids
        repository = infra.repository("Article")
        assert repository.count(search=search) == len(ids)
        assert repository.exists(search=search) is bool(ids)
        assert [row["id"] for row in repository.stream(search=search)] == found(infra, search)


def test_words_know_their_endings_where_the_language_is_known(infra: Any, provider: str) -> None:
    endings = found(infra, "number run", "Writer", key="code")
    assert endings == ([] if provider == "mysql" else ["ada"])


def test_keys_of_every_kind(infra: Any) -> None:
    assert set(found(infra, "left", "Seat", key="row")) == {1, 2}
    assert found(infra, "back", "Seat", key="row") == [2]
    assert found(infra, "bob", "Writer", key="code") == ["bob"]


def test_the_best_come_first_and_equals_by_their_id(infra: Any, provider: str) -> None:
    assert found(infra, "rice") == (found(infra, "rice", order=None))
    assert found(infra, "rice", take=1) == [2]
    assert found(infra, "rice", skip=1) == found(infra, "rice")[1:]
    assert found(infra, "rice", take=-1) == found(infra, "rice")[-1:]
    assert infra.repository("Article").find_first(search="rice")["id"] == 2
    if provider != "mysql":
        # Earlier fields weigh more; MySQL has one weight for all of an index.
        assert found(infra, "lovelace", "Writer", key="code") == ["ada", "bob"]
    assert found(infra, "left", "Seat", key="row") == [1, 2]


def test_an_order_is_kept(infra: Any) -> None:
    assert found(infra, "rice", order={"id": "desc"}) == [4, 3, 2, 1]
    assert found(infra, "rice", order={"id": "desc"}, cursor={"id": 3}, take=2) == [3, 2]


def test_it_goes_with_everything_else(infra: Any) -> None:
    repository = infra.repository("Article")
    assert found(infra, "rice", where={"topic": "sweets"}) == [4]
    assert found(infra, "rice", where={"OR": [{"topic": "sweets"}, {"id": 1}]}, order={"id": "asc"}) == [1, 4]
    assert set(found(infra, "rice", distinct=["topic"])) == {found(infra, "rice")[0], 4}
    assert repository.find_many(search="rice pudding", select={"title": True}) == [{"title": "Rice pudding"}]
    assert repository.find_many(search="rice pudding", include={"author": True})[0]["author"] is None
    assert repository.aggregate(search="rice", max={"id": True}) == {"_max": {"id": 4}}
    groups = repository.group_by(["topic"], search="rice", count=True, order={"topic": "asc"})
    assert groups == [{"topic": "food", "_count": 3}, {"topic": "sweets", "_count": 1}]


def test_pages_go_by_number_or_by_an_order(infra: Any) -> None:
    query = infra.repository("Article").query().search("rice")
    first, second = (query.paginate(page=page, limit=3).execute() for page in (1, 2))
    assert [row["id"] for page in (first, second) for row in page.items] == found(infra, "rice")
    assert (first.total, first.has_next, second.has_next) == (4, True, False)
    ordered = query.order_by(id="desc")
    page = ordered.connection(first=3).execute()
    assert [edge.node["id"] for edge in page.edges] == [4, 3, 2]
    with pytest.raises(ArgumentError, match="order of their relevance have no place to begin at: give an order"):
        query.connection(first=3).execute()


def test_it_finds_related_rows(infra: Any) -> None:
    repository = infra.repository("Writer")
    repository.update(where={"code": "bob"}, data={"articles": {"connect": [{"id": 2}, {"id": 4}, {"id": 6}]}})
    includes = {"articles": {"search": "rice", "select": {"id": True}, "take": 1}}
    assert repository.find_unique(where={"code": "bob"}, include=includes)["articles"] == [{"id": 2}]
    includes = {"articles": {"search": {"query": "rice"}, "select": {"id": True}, "order": {"id": "desc"}}}
    assert repository.find_unique(where={"code": "bob"}, include=includes)["articles"] == [{"id": 4}, {"id": 2}]


def test_without_an_index_texts_are_looked_through_and_a_warning_says_so_once(infra: Any) -> None:
    with pytest.warns(SearchIndexWarning, match=r"no search index of Plain covers text.*: it has none"):
        assert set(found(infra, {"query": "RICE", "fields": ["text"]}, "Plain")) == {1, 2, 4}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found(infra, {"query": "ice udd", "fields": ["text"]}, "Plain") == [4]
    with pytest.warns(SearchIndexWarning, match=r"covers title, topic as it is asked for: its index is on title, body"):
        assert set(found(infra, {"query": "rice sweet", "fields": ["title", "topic"]})) == {4}
    with pytest.warns(SearchIndexWarning, match="its index is on name, motto, in english"):
        assert found(infra, {"query": "ada", "language": "french"}, "Writer", key="code") == ["ada"]


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ({"query": "100%"}, set()),
        ({"query": "snow_man"}, {5}),
        ({"query": "of rice", "mode": "phrase"}, {1}),
        ({"query": "rice pudding nothing", "mode": "any"}, {1, 2, 3, 4}),
    ],
)
def test_wildcards_are_characters_without_an_index_too(infra: Any, search: dict[str, Any], ids: set[int]) -> None:
    assert set(found(infra, {**search, "fields": ["text", "more"]}, "Plain")) == ids


HOSTILE = [
    "",
    "   ",
    "&|!()*:\"'<->",
    "' OR 1=1 --",
    '" OR "a" NOT',
    "NEAR(a b, 2) AND title:rice",
    "{title} : rice",
    "rice:* & !beans | (",
    "+rice -beans >a <b ~c @4 %",
    "\x00rice\x00",
    "\ud800rice",
    "😀 🍚",
    "the a of and",
    "²³ ½",
    "x" * 100_000,
    "rice " * 5_000,
    " ".join(map(str, range(10_000))),
    " ".join(f"{number:02}" + "𝒜é"[number % 2] * 498 for number in range(64)),
    "e\u0301tude",
    "$1 %s ? :p0",
]


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
@pytest.mark.parametrize("mode", ["all", "any", "phrase", "prefix"])
@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: repr(query[:20]))
def test_whatever_is_typed_is_data(infra: Any, query: str, mode: str) -> None:
    for model, fields in (("Article", None), ("Article", ["title"]), ("Plain", ["text", "more"]), ("Writer", None)):
        search = {"query": query, "mode": mode, **({"fields": fields} if fields else {})}
        infra.repository(model).find_many(search=search)
        infra.repository(model).count(search=search)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), st.sampled_from(["all", "any", "phrase", "prefix"]))
def test_any_text_can_be_searched_for(infra: Any, query: str, mode: str) -> None:
    infra.repository("Article").find_many(search={"query": query, "mode": mode})
    infra.repository("Article").find_many(search={"query": query, "mode": mode, "fields": ["body"]})


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["rice", "Beans", "bread", "pudding", "bowl", "reis", "nothing"]), min_size=1, max_size=4),
    st.sampled_from(["all", "any"]),
)
def test_with_an_index_and_without_words_find_the_same(infra: Any, chosen: list[str], mode: str) -> None:
    search = {"query": " ".join(chosen), "mode": mode}
    plain = found(infra, {**search, "fields": ["text", "more"]}, "Plain")
    assert set(found(infra, search)) == set(plain)


def test_the_index_follows_every_way_to_write(infra: Any) -> None:
    articles, seats = infra.repository("Article"), infra.repository("Seat")
    for title in ("lentils", "chickpeas"):
        articles.upsert({"id": 50}, {"create": {"id": 50, "title": title}, "update": {"title": title}})
        seats.upsert(
            {"row_rank": {"row": 9, "rank": "top"}}, {"create": {"row": 9, "rank": "top"}, "update": {"rank": title}}
        )
    assert (found(infra, "lentils"), found(infra, "chickpeas")) == ([], [50])
    assert (found(infra, "top", "Seat", key="row"), found(infra, "chickpeas", "Seat", key="row")) == ([], [9])
    articles.create_many([{"id": 50, "title": "x"}, {"id": 51, "title": "lentils"}], skip_duplicates=True)
    articles.update_many({"title": "chickpeas"}, {"id": 51})
    assert (found(infra, "lentils"), sorted(found(infra, "chickpeas"))) == ([], [50, 51])
    articles.delete_many({"id": {"gte": 50}})
    seats.delete_many({"row": 9})
    assert found(infra, "chickpeas") == found(infra, "lentils top", "Seat", key="row") == []
    with pytest.raises(RuntimeError), infra.transaction() as tx:
        tx.repository("Article").create({"id": 52, "title": "chickpeas"})
        raise RuntimeError
    assert found(infra, "chickpeas") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"search": {"query": 3}}, r"search\.query.*expected a text, got int"),
        ({"search": {}}, r"search\.query.*a value is required"),
        ({"search": 3}, r"search.*expected a text"),
        ({"search": {"query": "x", "mod": "any"}}, "unknown option `mod`; did you mean `mode`"),
        ({"search": {"query": "x", "mode": "al"}}, r"search\.mode.*did you mean `all`"),
        ({"search": {"query": "x", "fields": ["titel"]}}, r"search\.fields\.0.*did you mean `title`"),
        ({"search": {"query": "x", "fields": ["id"]}}, r"unknown text field `id`"),
        ({"search": {"query": "x", "fields": []}}, "at least one field"),
        ({"search": {"query": "x", "language": 3}}, r"search\.language"),
        ({"search": "x", "cursor": {"id": 1}}, r"cursor.*relevance"),
    ],
)
def test_what_makes_no_sense_is_refused(infra: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        infra.repository("Article").find_many(**arguments)


def test_an_index_that_was_never_made_is_said_to_be_missing(provider: str, databases: Databases) -> None:
    without = models(provider).replace("/// @infra.search", "// ")
    with connect(schema(provider), url=databases(provider).url(without), interface="sync") as client:
        articles = client.repository("Article")
        articles.create({"title": "rice"})
        if provider == "postgresql":
            # It makes the index's contents for every row, each time.
            assert articles.count(search="rice") == 1
            return
        with pytest.raises(DataError, match=r"@infra\.search"):
            articles.find_many(search="rice")


def test_a_model_without_the_directive_has_to_be_told_its_fields(infra: Any) -> None:
    with pytest.raises(ArgumentError, match=r"Plain has no @infra\.search"):
        found(infra, "rice", "Plain")


def test_the_other_interface(provider: str, databases: Databases) -> None:
    url = databases(provider).url(models(provider))

    async def run() -> list[int]:
        async with connect(schema(provider), url=url) as client:
            articles = client.repository("Article")
            await articles.create_many([{"id": 1, "title": "rice"}, {"id": 2, "title": "beans"}])
            assert await articles.count(search="beans") == 1
            return [row["id"] for row in await articles.find_many(search="rice beans", order={"id": "desc"})] + [
                row["id"] async for row in articles.stream(search={"query": "rice beans", "mode": "any"})
            ]

    assert sorted(asyncio.run(run())) == [1, 2]
