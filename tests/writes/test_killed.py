"""A process that is killed in the middle of a write leaves nothing of it; or all, where the COMMIT has gone with its last statement."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.databases import Database, datasource
from tests.runtime.conftest import SHOP_MODELS, spelt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")

KILLED = """
import os, signal, sys
from infra_gen.dynamic import connect

schema, url, inserts = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = []

def hear(statement, seconds, error):
    if statement.sql.startswith("INSERT"):
        seen.append(statement)
        if len(seen) == inserts:
            os.kill(os.getpid(), signal.SIGKILL)

with connect(schema, url=url, interface="sync") as infra:
    infra.on_statement(hear)
    {write}
"""

NESTED = """infra.repository("User").create(
        data={"email": "ada", "written": {"create": [{"title": "t", "tags": {"create": [{"label": "a"}]}}]}}
    )"""
MANY = """infra.repository("Tag").create_many(
        data=[{"id": number, "label": str(number)} for number in range(1, 40_001)], skip_duplicates=True
    )"""
"""Skipping duplicates, for without that it would be one statement in PostgreSQL, which is done whole."""


def counts(database: Database) -> list[int]:
    tables = ("users", "Post", "Tag", "_PostToTag")
    return [database.query(spelt(f'SELECT count(*) FROM "{table}"', database.provider))[0][0] for table in tables]


@pytest.mark.parametrize(
    ("write", "inserts"),
    [(NESTED, 1), (NESTED, 2), (NESTED, 3), (NESTED, 4), (MANY, 1), (MANY, 2)],
    ids=["nested-1", "nested-2", "nested-3", "nested-4", "many-1", "many-2"],
)
def test_a_killed_process_leaves_no_part_of_its_write(database: Database, write: str, inserts: int) -> None:
    """It is killed after its first, second … INSERT was done, before anything else is said to the database."""
    goes_with_commit = database.provider == "postgresql" and (write, inserts) == (NESTED, 4)
    url = database.url(SHOP_MODELS)
    script = KILLED.replace("{write}", write)
    schema = datasource(database.provider) + SHOP_MODELS

    ran = subprocess.run([sys.executable, "-c", script, schema, url, str(inserts)], capture_output=True, text=True)

    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert counts(database) == ([1, 1, 1, 1] if goes_with_commit else [0, 0, 0, 0])


def test_what_is_not_killed_is_there(database: Database) -> None:
    """The same write, so that the zeros above say something."""
    url = database.url(SHOP_MODELS)
    script = KILLED.replace("{write}", NESTED)
    schema = datasource(database.provider) + SHOP_MODELS

    subprocess.run([sys.executable, "-c", script, schema, url, "99"], check=True)

    assert counts(database) == [1, 1, 1, 1]
