"""The DDL of a schema: it runs on the real databases, and is what Prisma writes."""

from __future__ import annotations

import re
import sqlite3
import urllib.parse
from pathlib import Path

import pytest

from infra_gen.database.ddl import create_steps, script, statements
from infra_gen.front import compile_schema
from tests import real_schemas
from tests.database.schemas import LIBRARY, schema_of

GOLDENS = Path(__file__).parent / "golden"


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_the_script_is_the_golden_one(provider: str, update_goldens: bool) -> None:
    golden = GOLDENS / f"library.{provider}.sql"
    made = script(create_steps(schema_of(LIBRARY, provider)))
    if update_goldens:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(made)
    assert made == golden.read_text()


def test_it_runs_on_sqlite() -> None:
    connection = sqlite3.connect(":memory:")
    for sql in statements(schema_of(LIBRARY, "sqlite")):
        connection.execute(sql)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables >= {"Reader", "shelves", "Loan", "_ReaderToShelf"}


def test_it_runs_on_postgresql(postgresql_url: str) -> None:
    import psycopg

    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        for sql in statements(schema_of(LIBRARY, "postgresql")):
            connection.execute(sql.encode())
        rows = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        assert {name for (name,) in rows} == {"Reader", "shelves", "Loan", "_ReaderToShelf"}


def test_it_runs_on_mysql(mysql_url: str) -> None:
    import pymysql

    parts = urllib.parse.urlsplit(mysql_url)
    connection = pymysql.connect(
        host=parts.hostname or "",
        port=parts.port or 3306,
        user=parts.username or "root",
        password=parts.password or "",
        database=parts.path[1:],
    )
    with connection, connection.cursor() as cursor:
        for sql in statements(schema_of(LIBRARY, "mysql")):
            cursor.execute(sql)
        cursor.execute("SHOW TABLES")
        assert {name.lower() for (name,) in cursor.fetchall()} == {"reader", "shelves", "loan", "_readertoshelf"}


CORPUS_WITH_DDL = [folder for folder in real_schemas.folders() if (folder / "prisma-ddl.sql").exists()]
REFUSED = ("cockroachdb", "sqlserver", "mongodb")


@pytest.mark.parametrize("folder", CORPUS_WITH_DDL, ids=lambda folder: folder.name)
def test_it_is_what_prisma_writes_for_real_schemas(folder: Path) -> None:
    files = real_schemas.source_files(folder)
    if any(re.search(rf'provider\s*=\s*"{name}"', file.text) for file in files for name in REFUSED):
        pytest.skip("a provider infra-gen refuses")
    made = script(create_steps(compile_schema(files).schema))
    assert made.splitlines() == (folder / "prisma-ddl.sql").read_text().splitlines()


@pytest.mark.parametrize("provider", ["sqlite", "postgresql", "mysql"])
def test_a_number_in_quotes_is_a_number(provider: str) -> None:
    model = 'model Price {\n  id Int @id\n  amount Decimal @default("1.00112233445566778899")\n}\n'
    assert "DEFAULT 1.00112233445566778899" in "\n".join(statements(schema_of(model, provider)))
