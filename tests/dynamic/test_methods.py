"""Every way to ask takes the same methods: generated repositories of both interfaces, the dynamic API, the engine, batches."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from infra_gen.dynamic import METHODS
from infra_runtime.batch import BatchRepository
from infra_runtime.engine import OPERATIONS
from infra_runtime.repository import Reads, Repository, SyncReads, SyncRepository
from infra_runtime.soft_deletes import SoftDeleteRepository, SyncSoftDeleteRepository

OWN_SQL = {"query_raw", "query_first"}
"""What repositories have for statements of the user's own; the dynamic API has them on the client."""
OF_QUERIES = {"explain", "find_page"}
"""What only queries ask for."""
LOADERS = {"loader", "loader_by"}
"""What there is for tasks of an event loop alone."""
OF_CLASSES = {"project"}
"""What there is for classes that the user declares."""
VIEWS = {"with_deleted", "only_deleted"}
"""What the dynamic API says by the argument `deleted`."""


def methods(owner: type[Any]) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(member)
        for name, member in inspect.getmembers(owner, inspect.isfunction)
        if not name.startswith("_")
    }


def writing() -> set[str]:
    return methods(SoftDeleteRepository).keys() - methods(Reads).keys() - VIEWS


def names(signature: inspect.Signature, kind: Any) -> list[str]:
    return [
        name for name, item in signature.parameters.items() if item.kind is kind and name not in ("self", "options")
    ]


def test_the_engine_the_dynamic_api_and_repositories_have_the_same_methods() -> None:
    assert OPERATIONS.keys() - {*OWN_SQL, *OF_QUERIES, "execute_raw"} == METHODS.keys()
    assert methods(SoftDeleteRepository).keys() - OWN_SQL - VIEWS - LOADERS - OF_CLASSES == METHODS.keys()


def test_methods_are_the_same_for_both_interfaces() -> None:
    for awaitable, blocking in (
        (Reads, SyncReads),
        (Repository, SyncRepository),
        (SoftDeleteRepository, SyncSoftDeleteRepository),
    ):
        assert {
            name: list(item.parameters.values()) for name, item in methods(awaitable).items() if name not in LOADERS
        } == {name: list(item.parameters.values()) for name, item in methods(blocking).items()}


@pytest.mark.parametrize("name", METHODS)
def test_the_dynamic_api_takes_what_repositories_do(name: str) -> None:
    """In the same order; beyond it the dynamic API has Prisma's `select`, says `deleted`, and takes any argument by its name."""
    signature = methods(SoftDeleteRepository)[name]
    positional, keywords = METHODS[name]
    own = names(signature, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    by_keyword = names(signature, inspect.Parameter.KEYWORD_ONLY)

    assert tuple(own[: len(positional)]) == positional
    assert {*own, *by_keyword} <= {*positional, *keywords}
    assert {*positional, *keywords} - {*own, *by_keyword} <= {"select", "take", "order", "search", "deleted"}


def test_a_batch_has_every_method_that_writes_and_answers_no_rows() -> None:
    assert methods(BatchRepository).keys() == {name for name in writing() if not name.endswith("_and_return")}
    for name, signature in methods(BatchRepository).items():
        repository = list(methods(SoftDeleteRepository)[name].parameters)
        assert list(signature.parameters) == [item for item in repository if item != "options"], name
