"""What is a match, in ten lines of Python; every database agrees with it on texts of any words, short and common ones too."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_gen.dynamic import connect
from tests.databases import Databases
from tests.search.schemas import models, schema

WORDS = ["rice", "Ricecake", "BEANS", "the", "by", "go", "a", "x1", "42", "car", "carpet", "und", "soup", "soupspoon"]
SIGNS = [" ", ", ", "-", ". ", "@", "/", " (", ") ", "'s ", "  "]
_random = random.Random(7)


def _text() -> str:
    return "".join(_random.choice(WORDS) + _random.choice(SIGNS) for _ in range(_random.randrange(8)))


ROWS = [{"id": number, "title": _text(), "body": _random.choice([None, _text(), _text()])} for number in range(1, 41)]


def tokens(text: str | None) -> list[str]:
    return re.findall(r"[a-z0-9]+", (text or "").lower())


def matches(texts: Sequence[list[str]], wanted: list[str], mode: str) -> bool:
    words = {word for text in texts for word in text}
    if not wanted:
        return False
    if mode == "phrase":
        size = len(wanted)
        return any(text[place : place + size] == wanted for text in texts for place in range(len(text)))
    if mode == "prefix":
        return all(any(word.startswith(one) for word in words) for one in wanted)
    return (all if mode == "all" else any)(one in words for one in wanted)


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mysql"])
def articles(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Any]:
    provider = request.param
    url = databases(provider).url(models(provider))
    with connect(schema(provider), url=url, interface="sync") as client:
        repository = client.repository("Article")
        repository.create_many(ROWS)
        yield repository


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([*WORDS, "ric", "so", "ca", "4", "nothing"]), max_size=3),
    st.sampled_from(SIGNS),
    st.sampled_from(["all", "any", "phrase", "prefix"]),
    st.sampled_from([["title", "body"], ["title"], ["body"]]),
)
def test_every_database_agrees_with_the_definition(
    articles: Any, words: list[str], sign: str, mode: str, fields: list[str]
) -> None:
    query = sign.join(words)
    found = articles.find_many(search={"query": query, "mode": mode, "fields": fields}, select={"id": True})
    wanted = tokens(query)
    expected = [row["id"] for row in ROWS if matches([tokens(row[name]) for name in fields], wanted, mode)]  # type: ignore[arg-type]
    assert sorted(row["id"] for row in found) == expected
