"""Tokens: they hold the values of the order's keys exactly, and nothing but what this query's pages gave is taken."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_runtime import ConfigurationError, PageTokenError, TableNotFoundError
from infra_runtime.builder import tokens
from infra_runtime.builder.tokens import Tokens
from infra_runtime.context import EMPTY
from infra_runtime.engine import Engine
from infra_runtime.infrastructure import SyncInfrastructure
from tests.databases import Provider
from tests.pages.conftest import Run, query, schema_of

MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
SECRET = "a secret of the tests"
PROVIDERS: list[Provider] = ["sqlite", "postgresql", "mysql"]


def engine_of(provider: Provider = "sqlite", secret: Any = None) -> Engine:
    engine = Engine(schema_of(provider))
    engine.token_secret = secret
    return engine


def tokens_of(engine: Engine, model: str = "Entry", **arguments: Any) -> Tokens:
    return Tokens(engine, EMPTY, engine.schema.model[model], arguments)


@pytest.fixture(autouse=True)
def no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tokens.SECRET_VARIABLE, raising=False)


moments = st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30)).map(
    lambda moment: moment.replace(tzinfo=datetime.UTC)
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(-(2**31), 2**31 - 1),
    "big": st.none() | st.integers(-(2**63), 2**63 - 1),
    "real": st.none() | st.floats(allow_nan=False),
    "amount": st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    "text": st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    "flag": st.booleans(),
    "level": st.sampled_from(["HIGH", "LOW", "MEDIUM"]),
    "at": st.none() | moments,
    "data": st.none() | st.binary(),
}


@pytest.mark.parametrize("secret", [None, SECRET])
@MANY
@given(place=st.tuples(*VALUES.values(), st.integers(0, 9)))
def test_every_value_comes_back_as_it_was(secret: str | None, place: tuple[Any, ...]) -> None:
    own = tokens_of(engine_of("postgresql", secret), order=[{name: "asc"} for name in VALUES])
    token = own.write(place)
    assert token.isascii()
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert tuple(own.read(token, "after")) == place


@pytest.mark.parametrize("secret", [None, SECRET])
@MANY
@given(data=st.data())
def test_what_was_changed_or_cut_is_refused(secret: str | None, data: st.DataObject) -> None:
    own = tokens_of(engine_of(secret=secret), order={"text": "asc"})
    token = own.write(("a text", 7))
    raw = bytearray(base64.urlsafe_b64decode(token + "=="))
    kind = data.draw(st.sampled_from(["changed", "cut", "longer"]))
    if kind == "changed":
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        raw += data.draw(st.binary(min_size=1, max_size=20))
    with pytest.raises(PageTokenError):
        own.read(base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), "after")


@MANY
@given(token=st.one_of(st.text(), st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()), st.integers()))
def test_garbage_is_refused(token: Any) -> None:
    with pytest.raises(PageTokenError) as refused:
        tokens_of(engine_of()).read(token, "after")
    assert str(refused.value).startswith("Entry.after: ")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def forged(own: Tokens, body: bytes) -> str:
    """A token that whoever has read this project can make where tokens are not signed."""
    sealed = bytes((tokens.VERSION, tokens.CHECKED)) + own._digest + body
    return base64.urlsafe_b64encode(sealed + tokens._checksum(sealed)).decode()


@MANY
@given(forms=st.lists(json_values, min_size=10, max_size=10))
def test_forged_values_are_values_or_refused(forms: list[Any]) -> None:
    order = [{name: "asc"} for name in VALUES]
    with SyncInfrastructure(schema=schema_of("sqlite"), url="file::memory:") as infra:
        own = tokens_of(infra.engine, order=order)
        paged = query(infra, "Entry", order=order).paginate(after=forged(own, json.dumps(forms).encode()))
        # There are no tables: what gets so far has been taken for values.
        with pytest.raises((PageTokenError, TableNotFoundError)):
            paged.execute()


@pytest.mark.parametrize(
    "body", [b"", b"[", b"{}", b"[1,2]", b"\xff", b"[" * 100_000, b"[" + b"9" * 5000 + b"]", b'["x"]', b"[[]]"]
)
def test_forged_bodies_are_refused(body: bytes) -> None:
    own = tokens_of(engine_of())
    with pytest.raises(PageTokenError):
        own.read(forged(own, body), "after")


def test_the_values_of_a_token_fit_their_columns(infra: SyncInfrastructure) -> None:
    own = tokens_of(infra.engine)
    for body in (b"[null]", b"[true]", b"[99999999999]", b"[1.5]"):
        with pytest.raises(PageTokenError, match="this is no token of a page"):
            query(infra, "Entry").paginate(after=forged(own, body)).execute()


# -- the query a token belongs to --------------------------------------------------------------------------------------
QUERY: dict[str, Any] = {"where": {"number": {"gt": 1}}, "order": {"text": "asc"}, "distinct": ["number"]}


@pytest.mark.parametrize(
    "other",
    [
        {"where": {"number": {"gt": 2}}},
        {"where": {"number": {"gte": 1}}},
        {"where": {"id": {"gt": 1}}},
        {"where": None},
        {"where": {"number": {"gt": 1}, "text": None}},
        {"order": {"text": "desc"}},
        {"order": {"text": {"sort": "asc", "nulls": "last"}}},
        {"order": {"code": "asc"}},
        {"order": [{"text": "asc"}, {"number": "asc"}]},
        {"distinct": ["text"]},
        {"distinct": None},
    ],
)
def test_a_token_of_another_query_is_refused(other: dict[str, Any]) -> None:
    engine = engine_of()
    token = tokens_of(engine, **QUERY).write(("a", 1))
    with pytest.raises(PageTokenError, match="belongs to another query"):
        tokens_of(engine, **{**QUERY, **other}).read(token, "after")


@pytest.mark.parametrize(
    "other",
    [
        {"take": 5},
        {"include": {"owner": True}},
        {"select": {"id": True}},
        {"where": {"AND": [{"number": {"gt": 1}}]}},
        {"order": [{"text": "asc"}, {"id": "asc"}]},
    ],
)
def test_what_is_taken_of_the_rows_may_change(other: dict[str, Any]) -> None:
    engine = engine_of()
    token = tokens_of(engine, **QUERY).write(("a", 1))
    assert tokens_of(engine, **{**QUERY, **other}).read(token, "after") == ["a", 1]


def test_a_token_is_good_in_another_process() -> None:
    """What a process does in its own way, as the order of a set's members, is in no digest."""
    where = {"text": {"in": {f"{number}" for number in range(50)}}}
    listed = {"text": {"in": sorted((f"{number}" for number in range(50)), key=repr)}}
    token = tokens_of(engine_of(), where=where).write((1,))
    assert tokens_of(engine_of(), where=listed).read(token, "after") == [1]


def test_the_model_is_part_of_the_query() -> None:
    engine = engine_of()
    with pytest.raises(PageTokenError, match="belongs to another query"):
        tokens_of(engine, "Owner").read(tokens_of(engine, "Entry").write((1,)), "after")


def test_scopes_are_part_of_the_query_and_their_values_are_not() -> None:
    values = {"now": 1}

    def scope(model: Any, context: Any) -> Mapping[str, Any]:
        return {"number": {"lt": values["now"]}}

    engine = engine_of()
    without = tokens_of(engine).write((1,))
    engine.add_scope(scope, [engine.schema.model["Entry"]])
    token = tokens_of(engine).write((1,))
    values["now"] = 2
    assert tokens_of(engine).read(token, "after") == [1]
    with pytest.raises(PageTokenError, match="belongs to another query"):
        tokens_of(engine).read(without, "after")


# -- secrets -----------------------------------------------------------------------------------------------------------
def test_signed_tokens_are_taken_from_who_has_the_secret_alone() -> None:
    signed = tokens_of(engine_of(secret=SECRET)).write((1,))
    assert tokens_of(engine_of(secret=SECRET)).read(signed, "after") == [1]
    with pytest.raises(PageTokenError, match="signed with a secret that this client has not"):
        tokens_of(engine_of(secret="another secret of the tests")).read(signed, "after")
    with pytest.raises(PageTokenError, match="this client has no secret"):
        tokens_of(engine_of()).read(signed, "after")
    with pytest.raises(PageTokenError, match="the token is not signed"):
        tokens_of(engine_of(secret=SECRET)).read(tokens_of(engine_of()).write((1,)), "after")


def test_secrets_can_be_changed() -> None:
    old = tokens_of(engine_of(secret=SECRET)).write((1,))
    both = tokens_of(engine_of(secret=["the secret from now on", SECRET]))
    assert both.read(old, "after") == [1]
    assert tokens_of(engine_of(secret=["the secret from now on"])).read(both.write((1,)), "after") == [1]


@pytest.mark.parametrize("secret", ["", "short", [], ["long enough to be a secret", "short"]])
def test_a_secret_that_protects_nothing_is_refused(secret: Any) -> None:
    with pytest.raises(ConfigurationError, match="at least 16 characters") as refused:
        tokens_of(engine_of(secret=secret))
    assert "short" not in str(refused.value)


def test_the_secret_comes_from_the_environment_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tokens.SECRET_VARIABLE, SECRET)
    assert tokens_of(engine_of(secret=SECRET)).read(tokens_of(engine_of()).write((1,)), "after") == [1]
    client = SyncInfrastructure(schema=schema_of("sqlite"), token_secret="another secret of the tests")
    with pytest.raises(PageTokenError):
        tokens_of(client.engine).read(tokens_of(engine_of()).write((1,)), "after")


def test_without_a_secret_the_values_can_be_read_by_anybody() -> None:
    token = tokens_of(engine_of(), order={"amount": "asc"}).write((Decimal("1.10"), 7))
    assert b'["1.10",7]' in base64.urlsafe_b64decode(token + "==")


def test_another_version_is_said_to_be_one() -> None:
    own = tokens_of(engine_of())
    raw = bytearray(base64.urlsafe_b64decode(own.write((1,)) + "=="))
    raw[0] = 2
    with pytest.raises(PageTokenError, match="its version would be 2"):
        own.read(base64.urlsafe_b64encode(raw).decode(), "after")


def test_a_foreign_token_is_refused_before_any_sql(infra: SyncInfrastructure, run: Run) -> None:
    token = query(infra, "Owner").paginate(after=None)
    statements: list[Any] = []
    infra.on_statement(lambda statement, seconds, error: statements.append(statement))
    for asked in (
        query(infra, "Entry").paginate(after="no token"),
        query(infra, "Entry").connection(first=1, before="no token"),
    ):
        with suppress(PageTokenError):
            asked.execute()
            raise AssertionError
    assert not statements
    token.execute()
    assert len(statements) == 1
