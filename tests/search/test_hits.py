"""Hits: the rows of a search with their rank, and with the words marked in their texts, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_gen.dynamic import connect
from infra_runtime import ArgumentError, Hit
from infra_runtime.hits import CLOSE, OPEN, Highlight, highlighted, marked_spans, word_spans
from tests.databases import Databases
from tests.search.schemas import models, schema

LONG = "It begins with beans. " + "word " * 60 + "Here is rice & beans <b>. " + "more " * 60


@pytest.fixture(params=["sqlite", "postgresql", "mysql"], scope="module")
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def infra(provider: str, databases: Databases) -> Iterator[Any]:
    url = databases(provider).url(models(provider))
    with connect(schema(provider), url=url, interface="sync") as client:
        client.repository("Article").create_many(
            [
                {"id": 1, "title": "Rice & beans <b>", "body": LONG},
                {"id": 2, "title": "Rice", "body": None},
                {"id": 3, "title": "rice-cooker: rice@kitchen.example", "body": "ricecake"},
                {"id": 4, "title": f"{OPEN}rice{CLOSE} odd", "body": None},
            ]
        )
        client.repository("Writer").create(
            {"code": "ada", "name": "Ada", "motto": "He runs; she was running, both run."}
        )
        client.repository("Seat").create_many([{"row": 1, "rank": "front left"}, {"row": 2, "rank": "back left"}])
        client.repository("Plain").create({"id": 1, "text": "Ricecake & RICE"})
        yield client


def titles(infra: Any, query: Any, **arguments: Any) -> dict[int, str]:
    hits = infra.repository("Article").find_hits(query, highlight={"fields": ["title"]}, **arguments)
    return {hit.row["id"]: hit.highlights["title"] for hit in hits}


def test_words_are_marked_where_they_stand_and_all_else_is_escaped(infra: Any) -> None:
    assert titles(infra, "rice") == {
        1: "<mark>Rice</mark> &amp; beans &lt;b&gt;",
        2: "<mark>Rice</mark>",
        3: "<mark>rice</mark>-cooker: <mark>rice</mark>@kitchen.example",
        4: f"{OPEN}<mark>rice</mark>{CLOSE} odd",
    }
    assert titles(infra, {"query": "rice beans", "mode": "any"}, where={"id": 1}) == {
        1: "<mark>Rice</mark> &amp; <mark>beans</mark> &lt;b&gt;"
    }
    assert titles(infra, {"query": "coo", "mode": "prefix"}) == {3: "rice-<mark>cooker</mark>: rice@kitchen.example"}
    assert titles(infra, {"query": "kitchen example", "mode": "phrase"}) in (
        {3: "rice-cooker: rice@<mark>kitchen</mark>.<mark>example</mark>"},
        {3: "rice-cooker: rice@<mark>kitchen.example</mark>"},
    )


def test_a_hit_has_its_row_and_its_rank(infra: Any) -> None:
    hits = infra.repository("Article").find_hits("rice", include={"author": True})
    assert all(isinstance(hit, Hit) and hit.row["author"] is None for hit in hits)
    ranks = [hit.rank for hit in hits]
    assert ranks == sorted(ranks, reverse=True)
    assert [hit.row["id"] for hit in hits] == [
        row["id"] for row in infra.repository("Article").find_many(search="rice")
    ]
    by_id = infra.repository("Article").find_hits("rice", order={"id": "asc"}, take=2, skip=1)
    assert [hit.row["id"] for hit in by_id] == [2, 3]
    assert all(hit.rank is not None for hit in by_id)
    assert "body" not in by_id[0].highlights


def test_markers_lengths_and_no_escaping(infra: Any) -> None:
    def body(**how: Any) -> str:
        (hit,) = infra.repository("Article").find_hits("beans", where={"id": 1}, highlight={"fields": ["body"], **how})
        return str(hit.highlights["body"])

    assert body(start="[", stop="]", escape=False) == LONG.replace("beans", "[beans]")
    short = body(start="[", stop="]", escape=False, length=40)
    assert short.startswith("It begins with [beans].")
    assert short.endswith("…")
    assert len(short) <= 45
    (hit,) = infra.repository("Article").find_hits("rice beans", where={"id": 1}, highlight={"length": 30})
    assert "<mark>rice</mark> &amp; <mark>beans</mark>" in hit.highlights["body"]
    assert hit.highlights["body"].startswith("…")


def test_endings_are_marked_where_the_index_knows_them(infra: Any, provider: str) -> None:
    (hit,) = infra.repository("Writer").find_hits({"query": "run", "fields": ["motto"]})
    assert hit.highlights["motto"].count("<mark>") == (1 if provider == "mysql" else 3)


def test_keys_of_several_fields(infra: Any) -> None:
    hits = infra.repository("Seat").find_hits("left")
    assert [hit.highlights["rank"] for hit in hits] == ["front <mark>left</mark>", "back <mark>left</mark>"]


@pytest.mark.filterwarnings("ignore::infra_runtime.SearchIndexWarning")
def test_without_an_index_texts_are_marked_too(infra: Any) -> None:
    (hit,) = infra.repository("Plain").find_hits({"query": "rice", "fields": ["text"]})
    assert hit.rank is None
    assert hit.highlights == {"text": "<mark>Rice</mark>cake &amp; <mark>RICE</mark>"}


def test_nothing_is_found_where_nothing_is_looked_for(infra: Any) -> None:
    assert infra.repository("Article").find_hits("  ") == []
    assert infra.repository("Article").query().search("rice").where(id=2).hits("title")[0].highlights == {
        "title": "<mark>Rice</mark>"
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"search": None}, r"search.*hits are what a search finds"),
        ({"search": "x", "highlight": {"fields": ["topic"]}}, r"highlight\.fields\.0.*unknown searched field `topic`"),
        ({"search": "x", "highlight": {"field": ["title"]}}, "did you mean `fields`"),
        ({"search": "x", "highlight": {"length": 0}}, r"highlight\.length"),
        ({"search": "x", "highlight": {"start": 3}}, r"highlight\.start.*expected a text"),
        ({"search": "x", "highlight": {"escape": "no"}}, r"highlight\.escape"),
        ({"search": "x", "highlight": 3}, r"highlight.*expected"),
    ],
)
def test_what_makes_no_sense_is_refused(infra: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        infra.repository("Article").find_hits(**arguments)


TEXTS = st.text(alphabet="ab ,<&é\n", max_size=60)


@given(TEXTS, st.sampled_from(["all", "any", "phrase", "prefix"]), st.one_of(st.none(), st.integers(1, 80)))
def test_what_is_shown_is_the_text_with_marks(text: str, mode: str, length: int | None) -> None:
    spans = word_spans(text, ["ab", "a"], mode)
    shown = highlighted(text, spans, Highlight((), "\x00", "\x01", length, False))
    bare = shown.replace("\x00", "").replace("\x01", "")
    assert bare.strip("…") in text
    assert length is None or len(bare.strip("…")) <= max(length, 60)
    assert shown.count("\x00") == shown.count("\x01")
    if length is None:
        assert bare == text
        assert shown.count("\x00") == len(spans)
    elif spans:
        assert "\x00" in shown


@given(TEXTS)
def test_marks_of_a_database_are_found_again(text: str) -> None:
    spans = word_spans(text, ["a", "b"], "any")
    marked = highlighted(text, spans, Highlight((), OPEN, CLOSE, None, False))
    assert marked_spans(text, marked) == spans
    assert marked_spans(text, marked + "x") is None
