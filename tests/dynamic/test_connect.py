"""`infra_gen.dynamic.connect`: a schema in, a client out, rows as plain dicts; both interfaces."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra_gen.database.push import DataLossError
from infra_gen.dynamic import METHODS, SyncDynamicInfrastructure, connect
from infra_gen.schema.load import SchemaNotLoadedError
from infra_gen.schema.source import SchemaError
from infra_runtime.errors import (
    ClientMisuseError,
    ClientNotConnectedError,
    FieldNotFoundError,
    RecordNotFoundError,
    UniqueViolationError,
)

SCHEMA = """
datasource db {
  provider = "sqlite"
  url      = "file:./library.db"
}

model Author {
  id    Int     @id @default(autoincrement())
  name  String  @unique
  books Book[]
}

model Book {
  id       String   @id @default(cuid())
  title    String
  price    Decimal?
  released DateTime?
  cover    Bytes?
  authorId Int
  author   Author   @relation(fields: [authorId], references: [id])
}
"""
MEMORY = "sqlite://:memory:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the schema in two files."""
    (tmp_path / "schema").mkdir()
    start = SCHEMA.index("model Book")
    (tmp_path / "schema" / "authors.prisma").write_text(SCHEMA[:start])
    (tmp_path / "schema" / "books.prisma").write_text(SCHEMA[start:])
    return tmp_path / "schema"


def pushed(schema: str = SCHEMA, url: str = MEMORY) -> SyncDynamicInfrastructure:
    infra = connect(schema, url=url, interface="sync")
    infra.connect()
    infra.push()
    return infra


# -- where the schema comes from ---------------------------------------------------------------------------------------
def test_a_schema_is_a_text_a_file_or_a_folder(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "schema.prisma"
    file.write_text(SCHEMA)
    for schema in (SCHEMA, file, str(file), folder, str(folder)):
        infra = connect(schema, url=MEMORY, interface="sync")
        assert [model.name for model in infra.engine.schema.models] == ["Author", "Book"]


def test_the_datasources_file_is_beside_the_schema(tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    with connect(tmp_path / "schema.prisma", interface="sync") as infra:
        infra.push()
    assert (tmp_path / "library.db").is_file()


def test_a_schema_that_is_not_there_is_named() -> None:
    with pytest.raises(SchemaNotLoadedError, match=r"nowhere/schema\.prisma"):
        connect("nowhere/schema.prisma")


def test_all_errors_of_a_schema_come_at_once_with_their_places() -> None:
    with pytest.raises(SchemaError) as refused:
        connect(SCHEMA.replace("Book[]", "Bok[]").replace("Decimal?", "Dezimal?"))
    assert len(refused.value.diagnostics) >= 2
    assert "schema.prisma:10:" in str(refused.value)


def test_generator_blocks_concern_nobody_here() -> None:
    generator = 'generator other {\n  provider = "elsewhere"\n  previewFeatures = ["notYetInvented"]\n}\n'
    assert connect(generator + SCHEMA, url=MEMORY, interface="sync").engine.schema.models


def test_an_unknown_interface_is_refused() -> None:
    with pytest.raises(ValueError, match="threads"):
        connect(SCHEMA, interface="threads")  # type: ignore[call-overload]


# -- queries -----------------------------------------------------------------------------------------------------------
def test_rows_are_plain_dicts_of_python_values() -> None:
    books = pushed().repository("Book")
    made = books.create(
        data={
            "title": "Notes",
            "price": "12.50",
            "released": "2024-01-02T03:04:05.678Z",
            "cover": "AQID",
            "author": {"create": {"name": "Ada"}},
        }
    )
    assert type(made) is dict
    assert made == {
        "id": made["id"],
        "title": "Notes",
        "price": Decimal("12.5"),
        "released": datetime(2024, 1, 2, 3, 4, 5, 678000, UTC),
        "cover": b"\x01\x02\x03",
        "authorId": 1,
    }


def test_values_come_as_python_values_too() -> None:
    books = pushed().repository("Book")
    released = datetime(2024, 1, 2, tzinfo=UTC)
    data = {"title": "Notes", "price": Decimal("1.5"), "released": released, "cover": b"x"}
    books.create(data={**data, "author": {"create": {"name": "Ada"}}})
    assert books.find_first(where={"released": released, "price": {"lt": 2}}, select=dict.fromkeys(data, True)) == data


def test_select_nests_as_deep_as_relations_do() -> None:
    infra = pushed()
    infra.repository("Author").create(
        data={"name": "Ada", "books": {"create": [{"title": "C"}, {"title": "A"}, {"title": "B"}]}}
    )
    assert infra.repository("Author").find_many(
        select={
            "name": True,
            "_count": {"select": {"books": True}},
            "books": {
                "order": {"title": "asc"},
                "take": 2,
                "select": {"title": True, "author": {"select": {"id": True}}},
            },
        }
    ) == [
        {
            "name": "Ada",
            "_count": {"books": 3},
            "books": [{"title": "A", "author": {"id": 1}}, {"title": "B", "author": {"id": 1}}],
        }
    ]


def test_every_method_takes_its_arguments_by_position_as_the_old_client_did() -> None:
    authors = pushed().repository("Author")
    ada = authors.create({"name": "Ada"}, {"books": True})
    assert ada == {"id": 1, "name": "Ada", "books": []}
    assert authors.update({"name": "Ada L."}, {"id": 1}) == {"id": 1, "name": "Ada L."}
    assert authors.find_many(1, 0, {"name": {"contains": "L"}}) == [{"id": 1, "name": "Ada L."}]
    assert authors.upsert({"id": 1}, {"create": {"name": "x"}, "update": {"name": "Ada"}})["name"] == "Ada"
    assert authors.create_many([{"name": "Bob"}, {"name": "Cid"}]) == 2
    assert authors.count() == 3
    assert authors.exists({"name": "Bob"}) is True
    assert authors.delete({"id": 2}) == {"id": 2, "name": "Bob"}
    assert authors.update_many({"name": "Eve"}, {"id": 3}) == 1
    assert authors.delete_many() == 2


def test_prismas_spellings_of_arguments_are_taken() -> None:
    authors = pushed().repository("Author")
    authors.create_many(data=[{"name": "Bob"}, {"name": "Ada"}, {"name": "Ada"}], skipDuplicates=True)
    assert [row["name"] for row in authors.find_many(orderBy={"name": "asc"})] == ["Ada", "Bob"]


def test_errors_are_the_runtimes() -> None:
    authors = pushed().repository("Author")
    authors.create(data={"name": "Ada"})
    with pytest.raises(UniqueViolationError):
        authors.create(data={"name": "Ada"})
    with pytest.raises(RecordNotFoundError):
        authors.update(data={"name": "x"}, where={"id": 9})
    assert connect(SCHEMA, url=MEMORY, interface="sync", missing="none").engine.missing == "none"


def test_names_nobody_knows_are_met_with_the_nearest() -> None:
    infra = pushed()
    with pytest.raises(FieldNotFoundError, match="no model Autor; did you mean Author"):
        infra.repository("Autor")
    with pytest.raises(AttributeError, match="no method find_mny; did you mean find_many"):
        infra.repository("Author").find_mny()
    with pytest.raises(TypeError, match=r"Author\.find_many\(\).*'wher'.*it takes \(take"):
        infra.repository("Author").find_many(wher={})


def test_a_repository_lists_its_methods() -> None:
    assert set(METHODS) <= set(dir(pushed().repository("Author")))


def test_a_transactions_client_has_repositories() -> None:
    infra = pushed()
    with pytest.raises(ZeroDivisionError), infra.transaction() as inside:
        inside.repository("Author").create(data={"name": "Ada"})
        raise ZeroDivisionError
    assert infra.repository("Author").count() == 0


def test_the_awaitable_client_does_the_same(tmp_path: Path) -> None:
    async def story() -> Any:
        async with connect(SCHEMA, url=f"file:{tmp_path}/library.db") as infra:
            await infra.push()
            async with infra.transaction() as inside:
                await inside.repository("Author").create(data={"name": "Ada", "books": {"create": {"title": "Notes"}}})
            return await infra.repository("Author").find_many(
                select={"name": True, "books": {"select": {"title": True}}}
            )

    assert asyncio.run(story()) == [{"name": "Ada", "books": [{"title": "Notes"}]}]


# -- push --------------------------------------------------------------------------------------------------------------
def test_push_changes_tables_and_keeps_rows(tmp_path: Path) -> None:
    url = f"file:{tmp_path}/library.db"
    with connect(SCHEMA, url=url, interface="sync") as infra:
        infra.push()
        assert infra.push().steps == ()
        infra.repository("Author").create(data={"name": "Ada"})
    with connect(SCHEMA.replace("@unique", "@unique\n  born Int?"), url=url, interface="sync") as infra:
        infra.push()
        assert infra.repository("Author").find_many() == [{"id": 1, "name": "Ada", "born": None}]


def test_push_loses_data_only_by_force(tmp_path: Path) -> None:
    url = f"file:{tmp_path}/library.db"
    with connect(SCHEMA, url=url, interface="sync") as infra:
        infra.push()
        infra.repository("Author").create(data={"name": "Ada", "books": {"create": {"title": "Notes"}}})
    without_title = SCHEMA.replace("  title    String\n", "")
    with connect(without_title, url=url, interface="sync") as infra:
        with pytest.raises(DataLossError, match=r"Book\.title"):
            infra.push()
        infra.push(force=True)
        assert "title" not in infra.repository("Book").find_first()
        assert infra.repository("Author").count() == 1, "rebuilding a table leaves the others alone"


def test_push_leaves_foreign_keys_on() -> None:
    infra = pushed()
    assert infra.query_raw("PRAGMA foreign_keys") == [{"foreign_keys": 1}]


def test_push_needs_a_connection_and_no_transaction() -> None:
    with pytest.raises(ClientNotConnectedError):
        connect(SCHEMA, url=MEMORY, interface="sync").push()
    with pushed().transaction() as inside, pytest.raises(ClientMisuseError):
        inside.push()


def test_a_push_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with connect(SCHEMA, url=f"file:{path}", interface="sync") as infra:
        infra.push()
        infra.repository("Author").create_many(data=[{"name": "Ada"}, {"name": "Bob"}])
    before = sqlite3.connect(path).execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    required = SCHEMA.replace("@unique", "@unique\n  born Int")
    with connect(required, url=f"file:{path}", interface="sync") as infra:
        with pytest.raises(Exception, match="born"):
            infra.push(force=True)
    assert sqlite3.connect(path).execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before


# -- what it costs -----------------------------------------------------------------------------------------------------
def test_it_needs_none_of_the_generators_libraries() -> None:
    program = (
        "import sys; from infra_gen.dynamic import connect; connect(sys.argv[1], url='sqlite://:memory:');"
        "print(sorted({'jinja2', 'black', 'watchfiles', 'typer', 'sqlalchemy'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program, SCHEMA], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
