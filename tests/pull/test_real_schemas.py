"""Schemas of real projects: pushed, then pulled into nothing, they are said whole; and pulled into themselves they stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_gen.database.expected import expected_catalog
from infra_gen.database.push import push
from infra_gen.pull.live import read_live, sayable
from infra_gen.pull.pulling import difference, emptied, pull
from tests.pull.conftest import Live, compiled
from tests.real_schemas import CORPUS, folders, needs_corpus, source_files


def _folders(provider: str) -> list[Path]:
    marks = [(folder, source_files(folder)) for folder in folders()]
    return [folder for folder, files in marks if any(f'"{provider}"' in file.text for file in files)]


@needs_corpus
@pytest.mark.parametrize("folder", _folders("sqlite"), ids=lambda folder: folder.name)
def test_on_sqlite(sqlite: Live, folder: Path) -> None:
    _pushed_and_pulled(sqlite, folder)


@needs_corpus
@pytest.mark.parametrize("folder", _folders("postgresql"), ids=lambda folder: folder.name)
def test_on_postgresql(postgresql: Live, folder: Path) -> None:
    _pushed_and_pulled(postgresql, folder)


@needs_corpus
@pytest.mark.parametrize("folder", _folders("mysql"), ids=lambda folder: folder.name)
def test_on_mysql(mysql: Live, folder: Path) -> None:
    _pushed_and_pulled(mysql, folder)


@needs_corpus
def test_relation_fields_are_called_as_prisma_called_them(postgresql: Live) -> None:
    """This schema was pulled by Prisma, and a few of its fields were named by hand since."""
    files = source_files(CORPUS / "EvolutionAPI__evolution-api__postgresql")
    schema = compiled(files)
    push(schema, postgresql.connection)
    pulled = pull(emptied(files), read_live(schema, postgresql.connection.query)).schema
    renamed = {
        item.name
        for model in schema.models
        for item in model.relations
        if item.name not in pulled.model[model.name].field
    }
    assert renamed == {"session", "Fallback", "OpenaiAssistant"}


def _pushed_and_pulled(live: Live, folder: Path) -> None:
    files = source_files(folder)
    schema = compiled(files)
    if any("@db.Citext" in file.text for file in files):
        live.run("CREATE EXTENSION citext")
    push(schema, live.connection)
    catalog = read_live(schema, live.connection.query)
    unchanged = pull(files, catalog)
    assert unchanged.files == tuple(files), unchanged.changes
    pulled = pull(emptied(files), catalog)
    left = difference(pulled.schema, sayable(pulled.schema, catalog).catalog)
    assert not left, "\n".join(f"{item}" for item in (left.changed or left.added or left.dropped))
    assert len(expected_catalog(pulled.schema, directives=False).tables) == len(catalog.tables)
