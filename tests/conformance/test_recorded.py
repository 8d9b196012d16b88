"""Answers recorded of Prisma's own engine, where they lie beside the checkout: none may be lost that is not in KNOWN.md.

They are thousands of lines that belong to another project, so they are no part of this one: without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real_schemas import RECORDED, needs_recorded

HERE = Path(__file__).parent
KNOWN = re.compile(r"^- `([^`]+)`: \S", re.MULTILINE)
MEMORY_FOLDER = Path("/dev/shm")
"""Hundreds of databases are made: a folder that never reaches a disk makes that a matter of seconds."""

pytestmark = needs_recorded


def known() -> list[str]:
    return KNOWN.findall((HERE / "KNOWN.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What went wrong in each case on SQLite; nothing where it passed."""
    out = tmp_path_factory.mktemp("recorded") / "outcomes.jsonl"
    scratch = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else out.parent
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


def test_every_case_passes_that_is_not_known_to_differ(outcomes: dict[str, list[str]]) -> None:
    lost = {case: failures for case, failures in outcomes.items() if failures and case not in known()}
    assert not lost, "\n".join(f"{case}: {failures[0]}" for case, failures in lost.items())


def test_what_is_known_to_differ_is_a_case(outcomes: dict[str, list[str]]) -> None:
    assert set(known()) <= set(outcomes)
    assert len(known()) == len(set(known()))
