"""A few hundred hostile texts in every position of a query, on every database: what is a value stays one, and what is a name is known or refused.

Positions: values of each kind in data and in filters, keys and values of Json and its paths, raw parameters and pieces, names of fields, relations
and operators, keywords, and identifiers of raw SQL. After each test the tables are what they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_runtime import ArgumentError, DataError, InfraError, InputError, RawQueryError, sql
from infra_runtime.effects import Statement
from tests.databases import Database
from tests.hostile.strings import NO_UNICODE, TEXTS, WITH_NUL
from tests.runtime.conftest import Client

TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    "postgresql": "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1",
    "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1",
}


@pytest.fixture(autouse=True)
def unharmed(client: Client, database: Database) -> Iterator[None]:
    """There is a bystander, and afterwards it and all tables are still there."""
    client.run("create", "Product", data={"country": "at", "number": 1, "name": "bystander", "price": 1})
    before = database.query(TABLES[database.provider])
    yield
    assert database.query(TABLES[database.provider]) == before
    assert client.run("find_many", "Product", where={"name": "bystander"})[0]["country"] == "at"


@pytest.fixture
def people(client: Client) -> list[tuple[int, str]]:
    """A row for each text, with its number as the id."""
    numbered = list(enumerate(TEXTS, 1))
    data = [{"id": number, "email": str(number), "name": text} for number, text in numbered]
    assert client.run("create_many", "User", data=data) == len(TEXTS)
    return numbered


def statements_of(client: Client) -> list[str]:
    """The SQL of all statements from here on."""
    seen: list[str] = []

    def note(statement: Statement, seconds: float, error: BaseException | None) -> None:
        seen.append(statement.sql)

    client.infra.on_statement(note)
    return seen


# -- values ------------------------------------------------------------------------------------------------------------
def test_there_are_a_few_hundred() -> None:
    assert 300 <= len(TEXTS) == len(set(TEXTS))
    assert max(map(len, TEXTS)) <= 191


def test_written_together_they_are_read_as_they_are(client: Client, people: list[tuple[int, str]]) -> None:
    rows = client.run("find_many", "User", order={"id": "asc"})
    assert [(row["id"], row["name"]) for row in rows] == people


def test_written_one_by_one_they_are_read_as_they_are(client: Client) -> None:
    seen = statements_of(client)
    user = client.run("create", "User", data={"email": "0", "name": ""})
    for number, text in enumerate(TEXTS):
        updated = client.run("update", "User", where={"id": user["id"]}, data={"name": text, "email": f"{number}"})
        assert updated["name"] == text
        assert client.run("update_many", "User", where={"email": f"{number}"}, data={"name": {"set": text}}) == 1
    made = [
        client.run("create", "Profile", data={"bio": text, "user": {"create": {"email": f"of {number}"}}})
        for number, text in enumerate(TEXTS[:100])
    ]
    assert [profile["bio"] for profile in made] == TEXTS[:100]
    # One text of SQL for each shape: no value has come into any.
    assert len(set(seen)) < 20


def test_each_is_found_by_itself(client: Client, database: Database, people: list[tuple[int, str]]) -> None:
    exact = database.provider != "mysql"
    for number, text in people:
        found = client.run("find_many", "User", where={"name": text})
        assert number in [row["id"] for row in found], repr(text)
        # MySQL's collation takes some texts for the same.
        assert not exact or [row["name"] for row in found] == [text]
        others = client.run("count", "User", where={"name": {"not": text}})
        assert others == len(people) - len(found), repr(text)
        within = client.run("find_many", "User", where={"name": {"in": [text, "nobody's"]}})
        assert [row["id"] for row in within] == [row["id"] for row in found], repr(text)


@pytest.mark.parametrize("operator", ["contains", "startswith", "endswith"])
def test_each_is_part_of_itself_and_of_no_bystander(
    client: Client, database: Database, people: list[tuple[int, str]], operator: str
) -> None:
    for number, text in people:
        found = {row["id"]: row["name"] for row in client.run("find_many", "User", where={"name": {operator: text}})}
        assert number in found, repr(text)
        if database.provider == "postgresql":
            method = {"contains": "__contains__", "startswith": "startswith", "endswith": "endswith"}[operator]
            assert set(found.values()) == {other for _, other in people if getattr(other, method)(text)}, repr(text)


def test_as_unique_keys_they_find_make_and_change_their_row(client: Client, database: Database) -> None:
    texts = TEXTS if database.provider != "mysql" else [f"{number} {text}"[:190] for number, text in enumerate(TEXTS)]
    for text in texts:
        made = client.run("upsert", "Tag", where={"label": text}, data={"create": {"label": text}, "update": {}})
        again = client.run(
            "upsert", "Tag", where={"label": text}, data={"create": {"label": text}, "update": {"label": text}}
        )
        assert (made["label"], again["id"]) == (text, made["id"]), repr(text)
        assert client.run("find_unique", "Tag", where={"label": text})["id"] == made["id"], repr(text)
    some = client.run("find_many", "Tag", cursor={"label": texts[7]}, take=1)
    assert some[0]["label"] == texts[7]
    grouped = client.run("group_by", "Tag", by=["label"], count=True)
    assert {group["label"] for group in grouped} == set(texts)
    assert client.run("delete", "Tag", where={"label": texts[0]})["label"] == texts[0]
    assert client.run("delete_many", "Tag", where={"label": {"in": texts}}) == len(texts) - 1


def test_bytes_are_read_as_they_are(client: Client) -> None:
    pictures = [text.encode() for text in [*TEXTS, *WITH_NUL]]
    pictures += [bytes([number]) for number in range(256)]
    data = [{"id": number, "email": str(number), "avatar": picture} for number, picture in enumerate(pictures, 1)]
    client.run("create_many", "User", data=data)
    rows = client.run("find_many", "User", order={"id": "asc"})
    assert [bytes(row["avatar"]) for row in rows] == pictures
    for number, picture in enumerate(pictures[-60:], len(pictures) - 59):
        assert [row["id"] for row in client.run("find_many", "User", where={"avatar": picture})] == [number]


# -- Json --------------------------------------------------------------------------------------------------------------
def test_keys_and_values_of_json_are_read_as_they_are(client: Client) -> None:
    documents = [{text: [text, {"in": text}]} for text in TEXTS]
    data = [{"id": number, "email": str(number), "settings": document} for number, document in enumerate(documents, 1)]
    client.run("create_many", "User", data=data)
    rows = client.run("find_many", "User", order={"id": "asc"})
    assert [row["settings"] for row in rows] == documents


def test_a_step_of_a_path_is_a_key_whatever_it_holds(client: Client, database: Database) -> None:
    if database.provider == "sqlite":
        pytest.skip("there is no filter on Json in SQLite")
    # Were a step more than a key, it would find what is deeper.
    other = {"a": {"b": "deep"}, "other": "deep"}
    client.run("create", "User", data={"id": 1, "email": "1", "settings": other})
    for text in TEXTS:
        if text.isdecimal() or (database.provider == "postgresql" and text.lstrip("-").isdecimal()):
            # It is the place in a list.
            continue
        if database.provider == "mysql" and text.startswith("-"):
            # MariaDB finds no key that begins so, however the path is spelled.
            continue
        client.run("update", "User", where={"id": 1}, data={"settings": {**other, text: "here"}})
        for filter_ in ({"equals": "here"}, {"string_contains": "ere"}, {"string_starts_with": "he"}):
            found = client.run("count", "User", where={"settings": {"path": [text], **filter_}})
            assert found == 1, (text, filter_)
        client.run("update", "User", where={"id": 1}, data={"settings": other if text not in other else {}})
        for filter_ in ({"equals": "here"}, {"equals": "deep"}, {"string_contains": "deep"}):
            if text == "other" and filter_ != {"equals": "here"}:
                continue
            assert client.run("count", "User", where={"settings": {"path": [text], **filter_}}) == 0, (text, filter_)


def test_values_in_filters_on_json_are_values(client: Client, database: Database) -> None:
    if database.provider == "sqlite":
        pytest.skip("there is no filter on Json in SQLite")
    client.run("create", "User", data={"id": 1, "email": "1", "settings": {}})
    for text in TEXTS:
        client.run("update", "User", where={"id": 1}, data={"settings": {"a": text, "list": [text]}})
        for filter_ in (
            {"path": ["a"], "equals": text},
            {"path": ["a"], "string_contains": text},
            {"path": ["a"], "string_ends_with": text},
            {"path": ["list"], "array_contains": [text]},
            {"equals": {"a": text, "list": [text]}},
        ):
            assert client.run("count", "User", where={"settings": filter_}) == 1, (text, filter_)


# -- raw ---------------------------------------------------------------------------------------------------------------
def test_parameters_of_raw_queries_are_values(client: Client, database: Database) -> None:
    place = "CAST(? AS TEXT)" if database.provider == "postgresql" else "?"
    for text in TEXTS:
        assert client.query(f"SELECT {place} AS said", text) == [{"said": text}]
        piece = sql("SELECT CAST({} AS " + {"mysql": "CHAR"}.get(database.provider, "TEXT") + ") AS said", text)
        assert client.wait(client.infra.query_raw(piece)) == [{"said": text}]
    client.execute('INSERT INTO "Tag" (name) VALUES (?)', "it's")
    assert client.execute('UPDATE "Tag" SET name = ? WHERE name = ?', "'; DROP TABLE users; --", "it's") == 1


def is_name(text: str, provider: str) -> bool:
    """Does the database take it for a name as it is?"""
    if provider == "mysql":
        # Of the names of columns it cuts white space and control characters away; it has no characters beyond the first plane.
        cut = text.strip() != text or not text[:1].isprintable()
        return 0 < len(text) <= 64 and not cut and max(text) <= "\uffff"
    return 0 < len(text.encode()) <= {"postgresql": 63, "sqlite": 1000}[provider]


def test_identifiers_of_raw_queries_are_names(client: Client, database: Database) -> None:
    for text in TEXTS:
        if not is_name(text, database.provider):
            continue
        [row] = client.wait(client.infra.query_raw(sql("SELECT 1 AS {}", sql.identifier(text))))
        assert row == {text: 1}, repr(text)
        if text.lower() not in ("users", "id"):
            with pytest.raises(RawQueryError):
                client.wait(client.infra.query_raw(sql("SELECT * FROM {}", sql.identifier("nowhere", text))))
    for name in ("", *WITH_NUL):
        with pytest.raises(InputError):
            sql.identifier(name)


def test_words_of_sql_among_placeholders_are_refused_or_harmless(client: Client) -> None:
    for text in TEXTS:
        # What a caller concatenates is the caller's; it must not take the client with it.
        try:
            client.query(f"SELECT 1 AS one WHERE 1 = 2 AND '{text.replace(chr(39), chr(39) * 2)}' = 'x'")
        except InfraError:
            continue
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


# -- texts that no database holds --------------------------------------------------------------------------------------
def test_halves_of_pairs_are_refused_before_any_row_is_written(client: Client, database: Database) -> None:
    for text in NO_UNICODE:
        for call in (
            lambda text=text: client.run("create", "User", data={"email": text}),
            lambda text=text: client.run("find_many", "User", where={"name": text}),
            lambda text=text: client.run("find_many", "User", where={"name": {"contains": text}}),
            lambda text=text: client.query("SELECT ? AS said", text),
        ):
            with pytest.raises((InputError, DataError)):
                call()
    assert client.run("count", "User") == 0


def test_a_nul_is_kept_or_refused_and_never_cut(client: Client, database: Database) -> None:
    for number, text in enumerate(WITH_NUL):
        if database.provider == "postgresql":
            with pytest.raises((InputError, DataError)):
                client.run("create", "User", data={"email": str(number), "name": text})
            with pytest.raises((InputError, DataError)):
                client.run("find_many", "User", where={"name": text})
            with pytest.raises(InputError, match="NUL"):
                client.query("SELECT CAST(? AS TEXT) AS said", text)
            with pytest.raises(InputError, match="NUL"):
                client.query("SELECT CAST(? AS TEXT[]) AS said", [text])
        else:
            assert client.query("SELECT ? AS said", text) == [{"said": text}]
            assert client.run("create", "User", data={"email": str(number), "name": text})["name"] == text
            assert [row["name"] for row in client.run("find_many", "User", where={"name": text})] == [text]
    assert client.query("SELECT 1 AS one") == [{"one": 1}]


# -- names and keywords ------------------------------------------------------------------------------------------------
NAMED: list[tuple[str, dict[str, Any]]] = [
    ("find_many", {"where": {"<>": 1}}),
    ("find_many", {"where": {"AND": [{"<>": 1}]}}),
    ("find_many", {"where": {"name": {"<>": "x"}}}),
    ("find_many", {"where": {"written": {"<>": {}}}}),
    ("find_many", {"where": {"written": {"some": {"<>": 1}}}}),
    ("find_many", {"where": {"name": {"contains": "x", "mode": "<>"}}}),
    ("find_many", {"where": {"role": "<>"}}),
    ("find_many", {"order": {"<>": "asc"}}),
    ("find_many", {"order": {"name": "<>"}}),
    ("find_many", {"order": {"name": {"sort": "asc", "nulls": "<>"}}}),
    ("find_many", {"include": {"<>": True}}),
    ("find_many", {"include": {"written": {"where": {"<>": 1}}}}),
    ("find_many", {"include": {"_count": {"select": {"<>": True}}}}),
    ("find_many", {"cursor": {"<>": 1}}),
    ("find_many", {"distinct": ["<>"]}),
    ("find_unique", {"where": {"<>": 1}}),
    ("create", {"data": {"email": "x", "<>": 1}}),
    ("create", {"data": {"email": "x", "role": "<>"}}),
    ("create", {"data": {"email": "x", "written": {"<>": []}}}),
    ("create", {"data": {"email": "x", "written": {"create": [{"title": "x", "<>": 1}]}}}),
    ("update_many", {"where": {}, "data": {"<>": 1}}),
    ("update_many", {"where": {}, "data": {"logins": {"<>": 1}}}),
    ("count", {"select": {"<>": True}}),
    ("group_by", {"by": ["<>"]}),
    ("group_by", {"by": ["role"], "having": {"<>": 1}}),
    ("group_by", {"by": ["role"], "sum": {"<>": True}}),
]
"""Operations with a place for a name, a key or a keyword, which is `<>`."""
KNOWN = {"id", "", "AND", "OR", "NOT", "default"}
"""Texts that are names, keys or keywords somewhere."""


def filled(arguments: Any, text: str) -> Any:
    """The arguments with `text` in the place that is `<>`."""
    if isinstance(arguments, dict):
        return {(text if key == "<>" else key): filled(value, text) for key, value in arguments.items()}
    if isinstance(arguments, list):
        return [filled(item, text) for item in arguments]
    return text if arguments == "<>" else arguments


@pytest.mark.parametrize(("name", "arguments"), NAMED, ids=[f"{name} {arguments}" for name, arguments in NAMED])
def test_a_name_is_known_or_refused_before_any_sql(client: Client, name: str, arguments: dict[str, Any]) -> None:
    sent = statements_of(client)
    for text in [*TEXTS, *WITH_NUL, *NO_UNICODE]:
        if text in KNOWN:
            continue
        with pytest.raises(ArgumentError) as caught:
            client.run(name, "User", **filled(arguments, text))
        assert len(str(caught.value)) < 2000
    assert sent == []
