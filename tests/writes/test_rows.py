"""Writes of one row or many, without nested ones: values, defaults, arithmetic, keys, what is answered."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infra_runtime.errors import (
    ArgumentError,
    FieldNotFoundError,
    ForeignKeyViolationError,
    InputError,
    MissingRequiredValueError,
    NullConstraintViolationError,
    RecordNotFoundError,
    UniqueViolationError,
)
from tests.writes.conftest import Ask, Client

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def test_create_answers_the_row_with_its_defaults(ask: Ask) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)

    ada = ask("User.create", data={"email": "ada@x.io"})

    assert ada["id"] == 1
    assert (ada["role"], ada["logins"], ada["active"], ada["balance"]) == ("READER", 0, True, Decimal(0))
    assert ada["name"] is None
    assert before <= ada["created_at"] <= datetime.now(UTC)
    assert ada["created_at"] == ada["updated_at"]


def test_create_makes_ids_in_the_client_where_the_schema_says_so(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io"})

    ids = [ask("Post.create", data={"title": title, "author_id": 1})["id"] for title in ("a", "b")]

    assert len({uuid.UUID(one) for one in ids}) == 2


def test_create_answers_only_what_is_selected(ask: Ask) -> None:
    assert ask("User.create", data={"email": "ada@x.io"}, select={"email": True, "id": False}) == {"email": "ada@x.io"}


def test_create_answers_relations_that_are_included(ask: Ask) -> None:
    ada = ask(
        "User.create", data={"email": "ada@x.io", "written": {"create": {"title": "Notes"}}}, include={"written": True}
    )

    assert [post["title"] for post in ada["written"]] == ["Notes"]


def test_mapped_columns_and_enums_are_written_under_their_database_names(ask: Ask, client: Client) -> None:
    ask("Tag.create", data={"label": "new"})
    ask("User.create", data={"email": "ada@x.io", "role": "ADMIN"})

    assert ask("Tag.find_many") == [{"id": 1, "label": "new"}]
    assert client.wait(client.infra.query_raw('SELECT role FROM "users"')) == [{"role": "administrator"}]
    assert ask("User.update", where={"id": 1}, data={"role": {"set": "WRITER"}})["role"] == "WRITER"


def test_create_many_answers_how_many_and_keeps_the_order(ask: Ask) -> None:
    rows = [{"label": "a"}, {"label": "b", "id": 10}, {"label": "c"}]

    assert ask("Tag.create_many", data=rows) == 3
    assert ask("Tag.create_many", data=[]) == 0
    assert {row["label"] for row in ask("Tag.find_many")} == {"a", "b", "c"}


def test_create_many_sets_null_where_a_row_says_nothing_and_the_default_where_there_is_one(ask: Ask) -> None:
    ask("User.create_many", data=[{"email": "a", "name": "Ada", "logins": 3}, {"email": "b"}])

    rows = ask("User.find_many", order={"email": "asc"}, select={"name": True, "logins": True})

    assert rows == [{"name": "Ada", "logins": 3}, {"name": None, "logins": 0}]


def test_create_many_makes_client_defaults_for_each_row(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io"})

    ask("Post.create_many", data=[{"title": str(number), "author_id": 1} for number in range(50)])

    assert len({row["id"] for row in ask("Post.find_many")}) == 50


def test_create_many_skips_duplicates_but_no_other_violation(ask: Ask) -> None:
    ask("Tag.create", data={"label": "a"})

    assert ask("Tag.create_many", data=[{"label": "a"}, {"label": "b"}, {"label": "b"}], skip_duplicates=True) == 1
    with pytest.raises(UniqueViolationError) as caught:
        ask("Tag.create_many", data=[{"label": "c"}, {"label": "a"}])
    assert (caught.value.code, caught.value.model, caught.value.fields) == ("P2002", "Tag", ("label",))
    assert ask("Tag.count") == 2
    with pytest.raises(ForeignKeyViolationError):
        ask("Comment.create_many", data=[{"text": "?", "post_id": "none"}], skip_duplicates=True)


def test_create_many_and_return_answers_the_rows_in_the_order_given(ask: Ask) -> None:
    rows = ask("Tag.create_many_and_return", data=[{"label": "b"}, {"label": "a", "id": 7}, {"label": "c"}])

    assert [row["label"] for row in rows] == ["b", "a", "c"]
    assert rows[1]["id"] == 7


def test_create_many_and_return_with_skip_duplicates_answers_only_new_rows(ask: Ask) -> None:
    ask("Tag.create", data={"label": "a"})

    rows = ask("Tag.create_many_and_return", data=[{"label": "a"}, {"label": "b"}], skip_duplicates=True)

    assert [row["label"] for row in rows] == ["b"]


def test_create_many_and_return_with_relations(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io"})

    posts = ask(
        "Post.create_many_and_return",
        data=[{"title": "b", "author_id": 1}, {"title": "a", "author_id": 1}],
        include={"author": True},
    )

    assert [(post["title"], post["author"]["email"]) for post in posts] == [("b", "ada@x.io"), ("a", "ada@x.io")]


def test_update_changes_what_is_given_and_moves_updated_at(ask: Ask) -> None:
    ada = ask("User.create", data={"email": "ada@x.io", "name": "Ada", "updated_at": LONG_AGO})
    assert ada["updated_at"] == LONG_AGO

    now = ask("User.update", where={"email": "ada@x.io"}, data={"name": None, "score": {"set": 1.5}})

    assert (now["name"], now["score"], now["email"]) == (None, 1.5, "ada@x.io")
    assert now["updated_at"] > LONG_AGO
    assert now["created_at"] == ada["created_at"]


def test_updated_at_moves_with_a_foreign_key_but_not_with_other_rows(ask: Ask) -> None:
    for email in ("boss", "x", "y"):
        ask("User.create", data={"email": email, "updated_at": LONG_AGO})

    ask("User.update", where={"email": "boss"}, data={"reports": {"connect": {"email": "x"}}})
    ask("User.update", where={"email": "y"}, data={"manager": {"connect": {"email": "boss"}}})

    moved = {row["email"]: row["updated_at"] > LONG_AGO for row in ask("User.find_many")}
    assert moved == {"boss": False, "x": True, "y": True}


def test_update_with_nothing_to_change_answers_the_row_as_it_is(ask: Ask) -> None:
    ada = ask("User.create", data={"email": "ada@x.io"})

    assert ask("User.update", where={"id": 1}, data={}) == ada


@pytest.mark.parametrize(
    ("operation", "result"),
    [({"increment": 3}, 13), ({"decrement": 3}, 7), ({"multiply": 3}, 30), ({"divide": 3}, 3), ({"set": 2}, 2), (4, 4)],
)
def test_numbers_are_changed_in_the_database(ask: Ask, operation: object, result: int) -> None:
    ask("User.create", data={"email": "ada@x.io", "logins": 10})

    assert ask("User.update", where={"id": 1}, data={"logins": operation})["logins"] == result


def test_arithmetic_on_null_stays_null_and_unset_makes_null(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io", "name": "Ada"})

    now = ask("User.update", where={"id": 1}, data={"score": {"increment": 1.5}, "name": {"unset": True}})

    assert (now["score"], now["name"]) == (None, None)


def test_an_update_may_change_the_key_by_which_the_row_was_found(ask: Ask) -> None:
    ask("Product.create", data={"country": "CH", "number": 1, "name": "Clock", "price": Decimal("9.5")})

    moved = ask(
        "Product.update",
        where={"country_number": {"country": "CH", "number": 1}},
        data={"country": "AT", "number": {"increment": 4}},
        include={"lines": True},
    )

    assert (moved["country"], moved["number"], moved["lines"]) == ("AT", 5, [])


def test_an_update_may_ask_for_more_than_the_key(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io"})

    assert ask("User.update", where={"id": 1, "active": True}, data={"logins": 1})["logins"] == 1
    with pytest.raises(RecordNotFoundError) as caught:
        ask("User.update", where={"id": 1, "active": False}, data={"logins": 2})
    assert (caught.value.code, caught.value.model) == ("P2025", "User")
    assert "depends on one or more records that were required but not found" in str(caught.value)


def test_update_many_answers_how_many_and_moves_updated_at(ask: Ask) -> None:
    rows: list[dict[str, Any]] = [{"email": "a", "score": 2.0}, {"email": "b", "score": 3.0}, {"email": "c"}]
    ask("User.create_many", data=[{**row, "updated_at": LONG_AGO} for row in rows])

    assert ask("User.update_many", where={"email": {"in": ["a", "c"]}}, data={"score": {"multiply": 2}}) == 2
    assert [row["score"] for row in ask("User.find_many", order={"email": "asc"})] == [4.0, 3.0, None]
    moved = [row["updated_at"] > LONG_AGO for row in ask("User.find_many", order={"email": "asc"})]
    assert moved == [True, False, True]
    assert ask("User.update_many", data={"name": "all"}) == 3
    assert ask("User.update_many", data={}) == 0


def test_update_many_and_delete_many_take_relation_filters_and_limits(ask: Ask) -> None:
    ask("User.create", data={"email": "a", "written": {"create": [{"title": "x"}, {"title": "y"}, {"title": "z"}]}})
    ask("User.create", data={"email": "b", "written": {"create": {"title": "x"}}})

    assert ask("Post.update_many", where={"author": {"email": "a"}}, data={"views": 5}) == 3
    assert ask("Post.update_many", where={"views": 5}, data={"views": 6}, limit=2) == 2
    assert ask("Post.delete_many", where={"author": {"is": {"email": "a"}}}, limit=1) == 1
    assert ask("User.delete_many", where={"written": {"some": {"title": "x"}}}) >= 1
    with pytest.raises(InputError, match="positive"):
        ask("Post.delete_many", limit=-1)


def test_update_many_and_return_answers_the_rows_as_they_are_then(ask: Ask) -> None:
    ask("Tag.create_many", data=[{"label": "a"}, {"label": "b"}])

    assert ask("Tag.update_many_and_return", where={"label": "b"}, data={"label": "c"}) == [{"id": 2, "label": "c"}]
    rows = ask("Tag.update_many_and_return", data={"label": {"set": "d"}}, where={"id": 1}, include={"posts": True})
    assert rows == [{"id": 1, "label": "d", "posts": []}]


def test_delete_answers_what_the_row_was(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io", "profile": {"create": {"bio": "…"}}})

    gone = ask("User.delete", where={"email": "ada@x.io"}, include={"profile": True})

    assert (gone["email"], gone["profile"]["bio"]) == ("ada@x.io", "…")
    assert ask("User.count") == 0
    assert ask("Profile.count") == 0


@pytest.mark.parametrize("operation", ["update", "delete"])
@pytest.mark.parametrize("include", [None, {"written": True}])
def test_a_row_that_is_not_there_is_an_error_or_none(client: Client, operation: str, include: object) -> None:
    arguments: dict[str, Any] = {
        "where": {"id": 404},
        "include": include,
        **({"data": {"name": "?"}} if operation == "update" else {}),
    }

    with pytest.raises(RecordNotFoundError, match=f"No record was found for an? {operation}"):
        client.run(operation, "User", **arguments)
    client.engine.missing = "none"
    assert client.run(operation, "User", **arguments) is None


def test_foreign_keys_may_be_written_directly(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io"})

    ask("Profile.create", data={"bio": "…", "user_id": 1})

    with pytest.raises(ForeignKeyViolationError):
        ask("Profile.create", data={"bio": "…", "user_id": 404})
    with pytest.raises(UniqueViolationError):
        ask("Profile.create", data={"bio": "again", "user_id": 1})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_only_the_database_can_refuse_is_an_error_too(ask: Ask, client: Client) -> None:
    client.wait(
        client.infra.execute_raw(
            "CREATE TRIGGER strict BEFORE INSERT ON \"Tag\" BEGIN SELECT RAISE(ABORT, 'NOT NULL constraint failed: Tag.name'); END"
        )
    )

    with pytest.raises(NullConstraintViolationError):
        ask("Tag.create", data={"label": "x"})


@pytest.mark.parametrize(
    ("call", "data", "error", "path"),
    [
        ("User.create", {}, MissingRequiredValueError, ("data", "email")),
        ("User.create", {"email": None}, MissingRequiredValueError, ("data", "email")),
        ("User.create", {"emial": "x"}, FieldNotFoundError, ("data", "emial")),
        ("User.create", {"email": "x", "logins": {"increment": 1}}, InputError, ("data", "logins")),
        ("Post.create", {"title": "x"}, MissingRequiredValueError, ("data", "author_id")),
        ("Post.create", {"title": "x", "author": None}, MissingRequiredValueError, ("data", "author")),
        ("Post.create", {"title": "x", "author": {"conect": {}}}, FieldNotFoundError, ("data", "author", "conect")),
        (
            "Post.create",
            {"title": "x", "author": {"disconnect": True}},
            FieldNotFoundError,
            ("data", "author", "disconnect"),
        ),
        (
            "Post.create",
            {"title": "x", "author": {"create": {}}},
            MissingRequiredValueError,
            ("data", "author", "create", "email"),
        ),
        (
            "Post.create",
            {"title": "x", "author_id": 1, "reviewer": {"connect": {"id": 1}}},
            ArgumentError,
            ("data", "author_id"),
        ),
        (
            "User.create",
            {"email": "x", "written": {"create": [{"title": "x"}, {}]}},
            MissingRequiredValueError,
            ("data", "written", "create", 1, "title"),
        ),
        (
            "User.create",
            {"email": "x", "written": {"create": {"title": "x", "author_id": 3}}},
            ArgumentError,
            ("data", "written", "create", "author_id"),
        ),
        (
            "User.create",
            {"email": "x", "written": {"create": {"title": "x", "author": {"connect": {"id": 1}}}}},
            ArgumentError,
            ("data", "written", "create", "author"),
        ),
        (
            "Post.create",
            {"title": "x", "author_id": 1, "tags": {"create_many": {"data": []}}},
            FieldNotFoundError,
            ("data", "tags", "create_many"),
        ),
        (
            "User.create_many",
            [{"email": "x"}, {"email": "x", "written": {"create": {"title": "x"}}}],
            ArgumentError,
            ("data", 1, "written"),
        ),
        ("User.create", "x", InputError, ("data",)),
    ],
)
def test_bad_data_is_refused_before_any_sql(
    ask: Ask, statements: list[str], call: str, data: object, error: type[Exception], path: tuple[object, ...]
) -> None:
    with pytest.raises(error) as caught:
        ask(call, data=data)

    assert caught.value.path == path  # type: ignore[attr-defined]
    assert statements == []


@pytest.mark.parametrize(
    ("data", "error", "path"),
    [
        ({"logins": {"increment": 1, "set": 2}}, InputError, ("data", "logins")),
        ({"logins": {"incremnt": 1}}, FieldNotFoundError, ("data", "logins")),
        ({"email": {"increment": 1}}, FieldNotFoundError, ("data", "email")),
        ({"email": None}, MissingRequiredValueError, ("data", "email")),
        ({"email": {"unset": True}}, FieldNotFoundError, ("data", "email")),
        ({"logins": {"increment": None}}, InputError, ("data", "logins", "increment")),
        ({"written": {"update": {"title": "x"}}}, MissingRequiredValueError, ("data", "written", "update", "where")),
        ({"written": {"connect": {"title": "x"}}}, Exception, ("data", "written", "connect")),
        ({"profile": {"set": []}}, FieldNotFoundError, ("data", "profile", "set")),
        ({"profile": {"create": [{"bio": "x"}]}}, InputError, ("data", "profile", "create")),
        (
            {"written": {"update_many": {"data": {"author_id": 3}}}},
            ArgumentError,
            ("data", "written", "update_many", "data", "author_id"),
        ),
    ],
)
def test_bad_changes_are_refused_before_any_sql(
    ask: Ask, statements: list[str], data: object, error: type[Exception], path: tuple[object, ...]
) -> None:
    with pytest.raises(error) as caught:
        ask("User.update", where={"id": 1}, data=data)

    assert caught.value.path[: len(path)] == path  # type: ignore[attr-defined]
    assert statements == []


def test_unknown_names_come_with_the_nearest(ask: Ask) -> None:
    with pytest.raises(FieldNotFoundError, match="did you mean `email`"):
        ask("User.create", data={"emial": "x"})
    with pytest.raises(FieldNotFoundError, match="did you mean `connect`"):
        ask("Post.create", data={"title": "x", "author": {"conect": {}}})


def test_many_rows_with_relations_keep_their_order_and_only_what_is_selected(ask: Ask) -> None:
    ask("User.create", data={"email": "ada@x.io"})

    posts = ask(
        "Post.create_many_and_return",
        data=[{"title": title, "author_id": 1} for title in "cab"],
        select={"title": True, "author": {"select": {"email": True}}},
    )

    assert posts == [{"title": title, "author": {"email": "ada@x.io"}} for title in "cab"]


def test_data_that_nests_without_end_is_refused(ask: Ask) -> None:
    data: dict[str, Any] = {"email": "0"}
    for level in range(100):
        data = {"email": str(level), "reports": {"create": data}}

    with pytest.raises(ArgumentError, match="levels deep"):
        ask("User.create", data=data)


def test_data_that_nests_deeply_is_written(ask: Ask) -> None:
    data: dict[str, Any] = {"email": "0"}
    for level in range(1, 31):
        data = {"email": str(level), "reports": {"create": data}}

    ask("User.create", data=data)

    assert ask("User.count") == 31
