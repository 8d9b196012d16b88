"""Rows: pydantic models that queries build without validating, whose relations are there only when they were loaded."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import sys
import timeit
import types
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from infra_runtime.errors import RelationNotLoadedError
from infra_runtime.rows import row_maker
from tests.generator.packages import imported

SCHEMA = """
enum Role {
  READER
  ADMIN @map("administrator")
}
model User {
  id      Int      @id
  email   String   @unique
  role    Role
  born    DateTime
  avatar  Bytes?
  extras  Json?
  posts   Post[]
  profile Profile?
}
model Post {
  id       Int    @id
  title    String
  author   User   @relation(fields: [authorId], references: [id])
  authorId Int
}
model Profile {
  id     Int  @id
  user   User @relation(fields: [userId], references: [id])
  userId Int  @unique
}
"""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with imported(SCHEMA, tmp_path_factory.mktemp("rows")) as package:
        yield package


def values(db: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "email": "ada@example.org",
        "role": db.Role.ADMIN,
        "born": datetime(1815, 12, 10, tzinfo=UTC),
        "avatar": b"\xff\x00",
        "extras": {"a": [1]},
    }


@pytest.fixture
def bare(db: Any) -> Any:
    """A user whose relations were not loaded."""
    return row_maker(db.User)(values(db))


@pytest.fixture
def loaded(db: Any) -> Any:
    """A user with posts, and a profile that is not there."""
    post = row_maker(db.Post)({"id": 7, "title": "Notes", "authorId": 1})
    return row_maker(db.User)({**values(db), "posts": [post], "profile": None})


def test_reading_a_relation_that_was_not_loaded_raises(bare: Any, loaded: Any) -> None:
    with pytest.raises(
        RelationNotLoadedError, match=r"User\.posts was not loaded: ask for it with include=\{'posts': True\}"
    ):
        _ = bare.posts
    assert not issubclass(RelationNotLoadedError, AttributeError)
    assert loaded.posts[0].title == "Notes"
    assert loaded.profile is None


def test_other_attributes_are_missing_as_in_any_class(bare: Any) -> None:
    with pytest.raises(AttributeError, match="no attribute 'postz'"):
        _ = bare.postz


def test_dumps_hold_what_was_loaded(bare: Any, loaded: Any) -> None:
    assert set(bare.model_dump()) == {"id", "email", "role", "born", "avatar", "extras"}
    assert loaded.model_dump()["posts"] == [{"id": 7, "title": "Notes", "authorId": 1}]
    assert json.loads(loaded.model_dump_json()) == {
        "id": 1,
        "email": "ada@example.org",
        "role": "ADMIN",
        "born": "1815-12-10T00:00:00Z",
        "avatar": "_wA=",
        "extras": {"a": [1]},
        "posts": [{"id": 7, "title": "Notes", "authorId": 1}],
        "profile": None,
    }
    assert bare.model_dump(exclude_unset=True) == bare.model_dump()
    assert loaded.model_dump(include={"posts": {"__all__": {"title"}}}) == {"posts": [{"title": "Notes"}]}


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda row: pickle.loads(pickle.dumps(row)), lambda row: row.model_copy()],
    ids=["copy", "deepcopy", "pickle", "model_copy"],
)
def test_copies_are_equal_and_load_nothing(copied: Any, bare: Any, loaded: Any) -> None:
    assert copied(bare) == bare
    assert copied(loaded) == loaded
    assert copied(loaded).posts == loaded.posts
    with pytest.raises(RelationNotLoadedError):
        _ = copied(bare).posts


def test_rows_are_equal_by_value(db: Any, bare: Any, loaded: Any) -> None:
    assert bare == row_maker(db.User)(values(db))
    assert bare != row_maker(db.User)({**values(db), "id": 2})
    assert bare != loaded
    assert hash(row_maker(db.Post)({"id": 7, "title": "Notes", "authorId": 1})) == hash(loaded.posts[0])


def test_rows_made_by_validation_have_no_relation_loaded(db: Any, bare: Any) -> None:
    given = json.loads(bare.model_dump_json())
    row = db.User.model_validate_json(json.dumps({**given, "posts": [{"id": 1}]}))
    assert row == bare
    assert row.role is db.Role.ADMIN
    assert "posts" not in row.model_fields_set
    with pytest.raises(RelationNotLoadedError):
        _ = row.posts
    with pytest.raises(ValidationError):
        db.User.model_validate({**given, "id": "x"})


def test_from_attributes_does_not_take_a_relation_that_is_not_loaded_for_missing(bare: Any, loaded: Any) -> None:
    class PostOut(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        title: str

    class UserOut(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        email: str
        posts: list[PostOut] = []

    assert UserOut.model_validate(loaded).posts == [PostOut(title="Notes")]
    with pytest.raises(ValidationError, match="RelationNotLoadedError"):
        UserOut.model_validate(bare)


def test_a_response_model_shows_rows_as_they_are(db: Any, bare: Any, loaded: Any) -> None:
    """What FastAPI does with `response_model`: a type adapter validates, serializes and describes."""
    rows: Any = types.GenericAlias(list, db.User)
    adapter: TypeAdapter[list[Any]] = TypeAdapter(rows)
    assert adapter.validate_python([bare, loaded]) == [bare, loaded]
    shown = json.loads(adapter.dump_json([bare, loaded]))
    assert "posts" not in shown[0]
    assert shown[1]["posts"][0]["title"] == "Notes"
    described = adapter.json_schema(mode="serialization")["$defs"]["User"]
    assert described["required"] == ["id", "email", "role", "born", "avatar", "extras"]
    assert described["properties"]["posts"] == {"title": "Posts"}


def test_rows_are_frozen_unless_the_generator_was_told_otherwise(db: Any, bare: Any, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        bare.email = "x"
    with imported(SCHEMA, tmp_path, frozen=False) as mutable:
        row = row_maker(mutable.User)(values(mutable))
        row.email = "x"
        assert row.model_dump()["email"] == "x"


def test_optional_relations_read_as_none(tmp_path: Path) -> None:
    with imported(SCHEMA, tmp_path, relations="optional") as package:
        row: Any = row_maker(package.User)(values(package))
        assert row.posts is None
        assert "posts" not in row.model_dump()


def test_making_a_row_takes_about_a_microsecond(db: Any) -> None:
    make, given = row_maker(db.User), values(db)
    runs = 20_000
    seconds = min(timeit.repeat(lambda: make(given), number=runs, repeat=5)) / runs
    assert seconds < 2e-6  # 0.3 µs on an idle machine


def test_150_models_that_refer_to_each_other_are_imported_one_by_one(tmp_path: Path) -> None:
    count = 150
    models = []
    for number in range(count):
        other = (number + 1) % count
        models.append(
            f'model M{number} {{\n  id Int @id\n  next M{other} @relation("r{number}", fields: [nextId], references: [id])\n'
            f'  nextId Int\n  previous M{(number - 1) % count}[] @relation("r{(number - 1) % count}")\n}}'
        )
    with imported("\n".join(models), tmp_path) as package:
        name = package.__name__
        assert f"{name}.m1" not in sys.modules
        first = row_maker(package.M0)({"id": 1, "nextId": 2})
        assert f"{name}.m1" not in sys.modules
        nested = row_maker(package.M1)({"id": 2, "nextId": 3, "previous": [first]})
        assert nested.model_dump()["previous"] == [{"id": 1, "nextId": 2}]
        assert [getattr(package, f"M{number}").model_json_schema()["title"] for number in range(count)][-1] == "M149"


def test_inputs_validate_the_bodies_of_requests(db: Any) -> None:
    """What FastAPI does with a TypedDict as body: a type adapter validates it, its relations and enums included, and describes it."""
    inputs = importlib.import_module(f"{db.__name__}.types.user")
    adapter: TypeAdapter[Any] = TypeAdapter(inputs.UserCreate)
    body = {
        "id": 1,
        "email": "ada@example.org",
        "role": "ADMIN",
        "born": "1815-12-10T00:00:00Z",
        "posts": {"create": [{"id": 7, "title": "Notes"}]},
    }
    data = adapter.validate_python(body)
    assert data == {**body, "born": datetime(1815, 12, 10, tzinfo=UTC)}
    with pytest.raises(ValidationError, match=r"email\n +Field required"):
        adapter.validate_python({name: value for name, value in body.items() if name != "email"})
    with pytest.raises(ValidationError, match=r"posts\.create\.0\.title"):
        adapter.validate_python({**body, "posts": {"create": [{"id": 7}]}})
    assert set(adapter.json_schema()["$defs"]["UserCreate"]["required"]) == {"id", "email", "role", "born"}
    assert TypeAdapter(inputs.UserWhere).json_schema()
