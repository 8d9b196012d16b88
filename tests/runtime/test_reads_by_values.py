"""Reads by plain values answer what any read answers, whatever was asked in their words before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_gen.dynamic import SyncDynamicInfrastructure, connect
from infra_runtime.errors import ArgumentError, InputError
from tests.databases import datasource, ddl

MODELS = """
enum Role {
  ADMIN @map("admin")
  GUEST
}

model Person {
  id     Int     @id
  email  String  @unique
  age    Int?
  role   Role    @default(GUEST)
  extras Json?

  @@unique([age, role], name: "kind")
}
"""


@pytest.fixture
def infra() -> Iterator[SyncDynamicInfrastructure]:
    with connect(datasource("sqlite") + MODELS, url="sqlite://:memory:", interface="sync") as client:
        for statement in ddl(MODELS, "sqlite"):
            client.execute_raw(statement)
        people: Any = client.repository("Person")
        people.create_many(
            data=[
                {"id": 1, "email": "ada@x.io", "age": 36, "role": "ADMIN", "extras": {"a": 1}},
                {"id": 2, "email": "bob@x.io", "age": None},
                {"id": 3, "email": "cyd@x.io", "age": 36},
            ]
        )
        yield client


def ids(rows: list[Any]) -> list[int]:
    return sorted(row["id"] for row in rows)


def test_the_fields_that_are_named_say_what_is_asked_and_values_say_for_what(infra: SyncDynamicInfrastructure) -> None:
    people: Any = infra.repository("Person")
    for _ in range(2):
        assert [people.find_unique(where={"id": number})["email"] for number in (1, 2)] == ["ada@x.io", "bob@x.io"]
        assert people.find_unique(where={"email": "cyd@x.io"})["id"] == 3
        assert people.find_unique(where={"id": 4}) is None
        assert ids(people.find_many(where={"age": 36})) == [1, 3]
        assert ids(people.find_many(where={"age": 36, "role": "ADMIN"})) == [1]
        assert ids(people.find_many(where={"role": "GUEST", "age": 36})) == [3]
        assert people.find_first(where={"age": 36})["id"] == 1
        assert people.find_first(where={"age": 37}) is None
        assert ids(people.find_many(where={"age": 36}, take=1)) == [1]
        assert ids(people.find_many(where={})) == [1, 2, 3]


def test_what_is_no_plain_value_means_what_it_means(infra: SyncDynamicInfrastructure) -> None:
    people: Any = infra.repository("Person")
    assert ids(people.find_many(where={"age": 36})) == [1, 3]
    assert ids(people.find_many(where={"age": None})) == [2]
    assert ids(people.find_many(where={"age": {"gt": 30}})) == [1, 3]
    assert ids(people.find_many(where={"age": {"_ref": "age"}})) == [1, 3]
    assert people.find_unique(where={"kind": {"age": 36, "role": "GUEST"}})["id"] == 3
    with pytest.raises(ArgumentError, match="a filter such as"):
        people.find_many(where={"extras": "text"})
    assert ids(people.find_many(where={"age": 36}, take=-1)) == [3]


def test_a_value_is_refused_where_it_stands(infra: SyncDynamicInfrastructure) -> None:
    people: Any = infra.repository("Person")
    people.find_unique(where={"id": 1})
    with pytest.raises(InputError) as refused:
        people.find_unique(where={"id": 2**40})
    assert (refused.value.path, refused.value.model) == (("where", "id"), "Person")
    people.find_many(where={"role": "ADMIN"})
    with pytest.raises(InputError) as refused:
        people.find_many(where={"role": "OWNER"})
    assert refused.value.path == ("where", "role")
    for _ in range(2):
        with pytest.raises(ArgumentError, match="unknown field `nme`"):
            people.find_many(where={"nme": "x"})
        with pytest.raises(ArgumentError, match="needs the value of a unique key"):
            people.find_unique(where={"age": 36})
    people.find_many(where={"age": 36}, take=1)
    with pytest.raises(InputError, match="expected int, got bool"):
        people.find_many(where={"age": 36}, take=True)


def test_a_scope_that_is_added_later_holds(infra: SyncDynamicInfrastructure) -> None:
    people: Any = infra.repository("Person")
    assert people.find_unique(where={"id": 1}) is not None
    infra.scope("Person", lambda context: {"role": "GUEST"})
    assert people.find_unique(where={"id": 1}) is None
    assert people.find_unique(where={"id": 3}) is not None
