"""Runs the cases of `tests.conformance.cases` through the dynamic API: on every database, by both interfaces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime.errors import ArgumentError, InfraError
from tests.conformance.case import SCHEMA, Call, Case, Fails
from tests.conformance.cases import AREAS
from tests.databases import Database, Databases, datasource

Ask = Callable[[Call], Any]

CASES = [pytest.param(case, id=f"{area}: {case}") for area, cases in AREAS.items() for case in cases]


@contextmanager
def sync_client(schema: str, url: str) -> Iterator[Ask]:
    with connect(schema, url=url, interface="sync") as infra:
        yield lambda call: getattr(infra.repository(call[0]), call[1])(**call[2])


@contextmanager
def async_client(schema: str, url: str) -> Iterator[Ask]:
    with asyncio.Runner() as loop:

        def wait(answer: Coroutine[Any, Any, Any]) -> Any:
            return loop.run(answer)

        infra = connect(schema, url=url)
        wait(infra.connect())
        yield lambda call: wait(getattr(infra.repository(call[0]), call[1])(**call[2]))
        wait(infra.disconnect())


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture(params=[sync_client, async_client], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest, database: Database) -> Iterator[Ask]:
    with request.param(datasource(database.provider) + SCHEMA, database.url(SCHEMA)) as made:
        yield made


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_prismas(case: Case, ask: Ask, database: Database) -> None:
    if database.provider not in case.on:
        pytest.skip(f"it is otherwise on {database.provider}")
    for call in case.given:
        ask(call)
    if isinstance(case.then, Fails):
        with pytest.raises(InfraError) as failed:
            ask(case.when)
        # Prisma has several codes for arguments that its engine does not take; ours are as precise, not always the same.
        assert failed.value.code == case.then.code or (
            isinstance(failed.value, ArgumentError) and case.then.code in ("P2009", "P2012", "P2019")
        )
        assert case.then.saying in str(failed.value)
    else:
        assert ask(case.when) == case.then
    if case.leaves is not None:
        question, answer = case.leaves
        assert ask(question) == answer


def test_no_two_cases_state_the_same_rule() -> None:
    titles = [case.title for cases in AREAS.values() for case in cases]
    assert len(titles) == len(set(titles))
