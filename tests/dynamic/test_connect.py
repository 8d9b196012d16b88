"""`infra_gen.dynamic.connect`: a schema in, a client out, rows as plain dicts; on every database, by both interfaces."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra_gen.database.push import DataLossError
from infra_gen.dynamic import METHODS, DynamicInfrastructure, DynamicRepository, SyncDynamicInfrastructure, connect
from infra_gen.schema.load import SchemaNotLoadedError
from infra_gen.schema.source import SchemaError
from infra_runtime.errors import (
    ClientMisuseError,
    ClientNotConnectedError,
    FieldNotFoundError,
    RecordNotFoundError,
    UniqueViolationError,
)
from tests.conftest import SCRATCH
from tests.databases import Database, Databases, datasource

SOURCE = """
datasource db {
  provider = "sqlite"
  url      = "file:./library.db"
}
"""
MODELS = """
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
SCHEMA = SOURCE + MODELS
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


class Library:
    """A client of either interface, driven from a plain test function."""

    def __init__(self, infra: SyncDynamicInfrastructure | DynamicInfrastructure, loop: asyncio.Runner | None) -> None:
        self.infra = infra
        self._loop = loop

    def wait(self, answer: Any) -> Any:
        """The answer of a client's method, whichever interface it belongs to."""
        return answer if self._loop is None else self._loop.run(answer)

    def repository(self, model: str) -> Any:
        return Waiting(self, self.infra.repository(model))

    def in_transaction(self, story: Callable[[Library], None]) -> None:
        """Runs the story within a transaction."""
        manager: Any = self.infra.transaction()
        if self._loop is None:
            with manager as inside:
                story(Library(inside, None))
            return
        inside = self._loop.run(manager.__aenter__())
        try:
            story(Library(inside, self._loop))
        except BaseException as error:
            self._loop.run(manager.__aexit__(type(error), error, None))
            raise
        self._loop.run(manager.__aexit__(None, None, None))


class Waiting:
    """A repository whose methods' answers are waited for."""

    def __init__(self, library: Library, repository: DynamicRepository) -> None:
        self._library = library
        self._repository = repository

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)
        return lambda *positional, **keywords: self._library.wait(method(*positional, **keywords))


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture(params=["sync", "asyncio"])
def library(request: pytest.FixtureRequest, database: Database) -> Iterator[Library]:
    """A client on the tables of the models, which are empty."""
    schema, url = datasource(database.provider) + MODELS, database.url(MODELS)
    if request.param == "sync":
        with connect(schema, url=url, interface="sync") as infra:
            yield Library(infra, None)
        return
    with asyncio.Runner() as loop:
        awaitable = connect(schema, url=url)
        loop.run(awaitable.connect())
        yield Library(awaitable, loop)
        loop.run(awaitable.disconnect())


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def unmade(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The datasource and the URL of a database without tables."""
    source = datasource(request.param)
    if request.param == "sqlite":
        yield source, f"file:{tmp_path}/library.db"
        return
    with SCRATCH[request.param]() as url:
        yield source, url


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
def test_rows_are_plain_dicts_of_python_values(library: Library) -> None:
    books = library.repository("Book")
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


def test_values_come_as_python_values_too(library: Library) -> None:
    books = library.repository("Book")
    released = datetime(2024, 1, 2, tzinfo=UTC)
    data = {"title": "Notes", "price": Decimal("1.5"), "released": released, "cover": b"x"}
    books.create(data={**data, "author": {"create": {"name": "Ada"}}})
    assert books.find_first(where={"released": released, "price": {"lt": 2}}, select=dict.fromkeys(data, True)) == data


def test_select_nests_as_deep_as_relations_do(library: Library) -> None:
    library.repository("Author").create(
        data={"name": "Ada", "books": {"create": [{"title": "C"}, {"title": "A"}, {"title": "B"}]}}
    )
    assert library.repository("Author").find_many(
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


def test_every_method_takes_its_arguments_by_position_as_the_old_client_did(library: Library) -> None:
    authors = library.repository("Author")
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


def test_prismas_spellings_of_arguments_are_taken(library: Library) -> None:
    authors = library.repository("Author")
    authors.create_many(data=[{"name": "Bob"}, {"name": "Ada"}, {"name": "Ada"}], skipDuplicates=True)
    assert [row["name"] for row in authors.find_many(orderBy={"name": "asc"})] == ["Ada", "Bob"]


def test_errors_are_the_runtimes(library: Library) -> None:
    authors = library.repository("Author")
    authors.create(data={"name": "Ada"})
    with pytest.raises(UniqueViolationError):
        authors.create(data={"name": "Ada"})
    with pytest.raises(RecordNotFoundError):
        authors.update(data={"name": "x"}, where={"id": 9})


def test_a_client_may_be_told_to_answer_none_for_what_is_missing() -> None:
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


def test_a_transactions_client_has_repositories(library: Library) -> None:
    def story(inside: Library) -> None:
        inside.repository("Author").create(data={"name": "Ada"})
        assert inside.repository("Author").count() == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        library.in_transaction(story)
    assert library.repository("Author").count() == 0


def test_the_awaitable_client_pushes_too(unmade: tuple[str, str]) -> None:
    source, url = unmade

    async def story() -> Any:
        async with connect(source + MODELS, url=url) as infra:
            await infra.push()
            async with infra.transaction() as inside:
                await inside.repository("Author").create(data={"name": "Ada", "books": {"create": {"title": "Notes"}}})
            return await infra.repository("Author").find_many(
                select={"name": True, "books": {"select": {"title": True}}}
            )

    assert asyncio.run(story()) == [{"name": "Ada", "books": [{"title": "Notes"}]}]


# -- push --------------------------------------------------------------------------------------------------------------
def test_push_changes_tables_and_keeps_rows(unmade: tuple[str, str]) -> None:
    source, url = unmade
    with connect(source + MODELS, url=url, interface="sync") as infra:
        infra.push()
        assert infra.push().steps == ()
        infra.repository("Author").create(data={"name": "Ada"})
    with connect(source + MODELS.replace("@unique", "@unique\n  born Int?"), url=url, interface="sync") as infra:
        infra.push()
        assert infra.repository("Author").find_many() == [{"id": 1, "name": "Ada", "born": None}]


def test_push_loses_data_only_by_force(unmade: tuple[str, str]) -> None:
    source, url = unmade
    with connect(source + MODELS, url=url, interface="sync") as infra:
        infra.push()
        infra.repository("Author").create(data={"name": "Ada", "books": {"create": {"title": "Notes"}}})
    without_title = source + MODELS.replace("  title    String\n", "")
    with connect(without_title, url=url, interface="sync") as infra:
        with pytest.raises(DataLossError, match="the column `title` on the `Book` table"):
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
