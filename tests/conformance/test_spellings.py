"""Python's spellings and Prisma's mean the same: every conformance case, written wholly in one and wholly in the other, runs the same
statements and has the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime.effects import Statement
from infra_runtime.errors import InfraError
from tests.conformance.case import SCHEMA, Call, Case, call
from tests.conformance.cases import AREAS
from tests.databases import Database, Databases, datasource

PRISMAS = {
    "not_in": "notIn",
    "startswith": "startsWith",
    "endswith": "endsWith",
    "is_not": "isNot",
    "order": "orderBy",
    "skip_duplicates": "skipDuplicates",
    "connect_or_create": "connectOrCreate",
    "create_many": "createMany",
    "update_many": "updateMany",
    "delete_many": "deleteMany",
}
"""The words of two spellings that the cases use, in Python's and in Prisma's."""
OF_LISTS = {"has_every": "hasEvery", "has_some": "hasSome", "is_empty": "isEmpty"}
"""Those of scalar lists."""
PYTHONS = {prismas: pythons for pythons, prismas in PRISMAS.items()}

LISTS = "model Note {\n  id   Int      @id\n  tags String[]\n}\n"

NESTED = (
    Case(
        "nested writes of many",
        call(
            "Person",
            "create",
            data={
                "id": 1,
                "name": "Ada",
                "posts": {"create_many": {"data": [{"id": 1, "title": "t"}, {"id": 2, "title": "u"}], "skip_duplicates": True}},
            },
            include={"posts": {"where": {"title": {"not_in": ["u"]}}, "order": {"id": "asc"}}},
        ),
    ),
    Case(
        "nested changes of many",
        call(
            "Person",
            "update",
            where={"id": 1, "name": {"startswith": "A"}},
            data={
                "posts": {"update_many": {"where": {"title": {"endswith": "t"}}, "data": {"score": 1}}},
                "reviews": {"delete_many": {"reviewer": {"is_not": None}}},
            },
            select={"posts": {"order": {"id": "desc"}, "select": {"score": True}}},
        ),
        given=(
            call("Person", "create", data={"id": 1, "name": "Ada"}),
            call("Post", "create_many", data=[{"id": 1, "title": "t", "authorId": 1}, {"id": 2, "title": "u", "authorId": 1, "reviewerId": 1}]),
        ),
    ),
)  # fmt: skip
GROUPS = Case(
    "groups in an order",
    call("Person", "group_by", by=["name"], where={"id": {"not_in": [2]}}, count=True, order={"name": "desc"}, take=1),
    given=(call("Person", "create_many", data=[{"id": number, "name": f"{number % 2}"} for number in range(5)]),),
)
CASES = [*(case for cases in AREAS.values() for case in cases), *NESTED, GROUPS]


def spelt(value: Any, words: Mapping[str, str]) -> Any:
    """`value` with every key that `words` has written as it says."""
    if isinstance(value, dict):
        return {words.get(key, key): spelt(item, words) for key, item in value.items()}
    return [spelt(item, words) for item in value] if isinstance(value, list) else value


def keys(value: Any) -> Iterator[str]:
    """All keys at any depth."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from keys(item)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


def outcome(case: Case, words: Mapping[str, str], models: str, database: Database) -> tuple[list[str], Any, Any]:
    """The statements of a case that is spelt so, its answer or the class and code of its error, and what it leaves."""
    sent: list[str] = []

    def hear(statement: Statement, seconds: float, error: BaseException | None) -> None:
        sent.append(statement.sql)

    with connect(datasource(database.provider) + models, url=database.url(models), interface="sync") as infra:
        infra.on_statement(hear)

        def ask(question: Call) -> Any:
            return getattr(infra.repository(question[0]), question[1])(**spelt(question[2], words))

        for question in case.given:
            ask(question)
        try:
            answer = ask(case.when)
        except InfraError as failed:
            answer = type(failed), failed.code
        return sent, answer, case.leaves and ask(case.leaves[0])


def has_two_spellings(case: Case) -> bool:
    return not {*PRISMAS, *PYTHONS}.isdisjoint(keys([each[2] for each in (*case.given, case.when)]))


@pytest.mark.parametrize("case", [case for case in CASES if has_two_spellings(case)], ids=str)
def test_both_spellings_run_the_same_statements_and_have_the_same_answer(case: Case, database: Database) -> None:
    if database.provider not in case.on:
        pytest.skip(f"it is otherwise on {database.provider}")

    pythons, prismas = (outcome(case, words, SCHEMA, database) for words in (PYTHONS, PRISMAS))

    assert prismas == pythons
    assert pythons[0] or isinstance(pythons[1], tuple)


def test_every_word_of_two_spellings_is_used() -> None:
    assert set(PRISMAS) <= set(keys([spelt(case.when[2], PYTHONS) for case in CASES]))


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"has_every": ["a", "b"]}, [1]),
        ({"has_some": ["a", "c"]}, [1, 2]),
        ({"is_empty": True}, [3]),
    ],
    ids=str,
)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_filters_of_lists_in_both_spellings(condition: dict[str, Any], found: list[int], database: Database) -> None:
    rows = [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": ["c"]}, {"id": 3, "tags": []}]
    case = Case(
        "filters of lists",
        call("Note", "find_many", where={"tags": condition}, order={"id": "asc"}, select={"id": True}),
        given=(call("Note", "create_many", data=rows),),
    )

    pythons, prismas = (outcome(case, words, LISTS, database) for words in ({}, PRISMAS | OF_LISTS))

    assert prismas == pythons
    assert [row["id"] for row in pythons[1]] == found
