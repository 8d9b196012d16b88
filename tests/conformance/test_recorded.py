"""Answers recorded of Prisma's own engine, where they lie beside the checkout: none may be lost that is not in KNOWN.md.

They are thousands of lines that belong to another project, so they are no part of this one: without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import connect_mysql, scratch_mysql, scratch_postgresql

HERE = Path(__file__).parent
RECORDED = HERE.parents[1].parent / "shared" / "conformance"
SECTION = re.compile(r"^## (\w+)$", re.MULTILINE)
KNOWN = re.compile(r"^- `([^`]+)`: \S", re.MULTILINE)
MEMORY_FOLDER = Path("/dev/shm")
"""Hundreds of databases are made: a folder that never reaches a disk makes that a matter of seconds."""

MARIADB_THREADS = 6

Outcomes = dict[str, list[str]]
"""What went wrong in each case; nothing where it passed."""

pytestmark = [
    pytest.mark.skipif(not (RECORDED / "run.py").is_file(), reason="Prisma's recorded answers are not at hand"),
    # One test is hundreds of cases: a minute by itself, and several beside others.
    pytest.mark.timeout(1500),
]


def known(provider: str) -> list[str]:
    """The cases of `provider` that KNOWN.md lists."""
    _, *parts = SECTION.split((HERE / "KNOWN.md").read_text(encoding="utf-8"))
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    return KNOWN.findall(sections[provider])


def on_sqlite(folder: Path) -> Outcomes:
    out = folder / "outcomes.jsonl"
    scratch = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else folder
    # Its exit code says whether all passed; KNOWN.md says which must.
    run = subprocess.run(
        [sys.executable, str(RECORDED / "run.py"), "sqlite", "--jobs", "2", "--out", str(out)],
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert out.is_file(), run.stderr
    lines = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    return {line["id"]: line["failures"] for line in lines}


def on_postgresql(folder: Path) -> Outcomes:
    """In one database, emptied for each case: making a database takes longer than a case."""
    import psycopg

    runner = _runner()
    lines = (RECORDED / "postgresql.jsonl").read_text(encoding="utf-8").splitlines()
    outcomes: Outcomes = {}
    with scratch_postgresql() as url, psycopg.connect(url, autocommit=True) as connection:
        execute: Any = connection.execute
        execute(f'ALTER DATABASE "{connection.info.dbname}" SET synchronous_commit = off')
        for case in map(json.loads, lines):
            for (name,) in execute(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_)'"
            ).fetchall():
                execute(f'DROP SCHEMA "{name}" CASCADE')
            execute("CREATE SCHEMA public")
            outcomes[case["id"]] = _failures(runner, case, "postgresql", url)
    return outcomes


def on_mariadb(_: Path) -> Outcomes:
    """In databases made anew for each case, several at a time: the server spends the time waiting for its disk."""
    runner = _runner()
    runner.PREVIEW.append("shardKeys")
    lines = (RECORDED / "mariadb.jsonl").read_text(encoding="utf-8").splitlines()
    waiting = deque(map(json.loads, lines))
    outcomes: Outcomes = {}

    def work() -> None:
        with scratch_mysql() as url:
            connection, name = connect_mysql(url), url.rpartition("/")[2]
            while waiting:
                case = waiting.popleft()
                connection.query(f"DROP DATABASE {name}")
                connection.query(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
                outcomes[case["id"]] = _failures(runner, case, "mariadb", url)
            connection.close()

    with ThreadPoolExecutor(MARIADB_THREADS) as threads:
        for done in [threads.submit(work) for _ in range(MARIADB_THREADS)]:
            done.result()
    return outcomes


def _runner() -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location("recorded_answers", RECORDED / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _failures(runner: ModuleType, case: dict[str, Any], provider: str, url: str) -> list[str]:
    try:
        run = runner.Case(case, provider, url)
        try:
            return list(run.run())
        finally:
            run.close()
    except Exception as error:  # whatever comes is the result
        return [f"{type(error).__name__}: {error}"]


RUNS: dict[str, Callable[[Path], Outcomes]] = {
    "sqlite": on_sqlite,
    "postgresql": on_postgresql,
    "mariadb": on_mariadb,
}


@pytest.fixture(scope="module", params=list(RUNS))
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def outcomes(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return RUNS[provider](tmp_path_factory.mktemp("recorded"))


def test_every_case_passes_that_is_not_known_to_differ(provider: str, outcomes: Outcomes) -> None:
    lost = {case: failures for case, failures in outcomes.items() if failures and case not in known(provider)}
    assert not lost, "\n".join(f"{case}: {failures[0]}" for case, failures in lost.items())


def test_what_is_known_to_differ_is_a_case(provider: str, outcomes: Outcomes) -> None:
    listed = known(provider)
    assert set(listed) <= set(outcomes)
    assert len(listed) == len(set(listed))
