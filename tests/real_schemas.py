"""Real schemas and Prisma's own test cases, where they lie beside the checkout: they belong to other projects.

Tests take their parameters from here (empty where nothing lies there, so that pytest skips them) or the marks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra_gen.schema.load import load
from infra_gen.schema.source import SourceFile

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
CORPUS = _BESIDE / "corpus"
"""A folder per schema: `schema.prisma` or `schema/`, `dmmf.json`, and where Prisma writes it `prisma-ddl.sql`."""

RECORDED = _BESIDE / "conformance"
"""Cases of Prisma's own tests with its answers, and `run.py`, which runs those of the engine."""

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="no real schemas beside the checkout")
needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="Prisma's recorded answers are not at hand")


def folders() -> list[Path]:
    """The folders of all real schemas; each one's name is the test's."""
    return sorted(path for path in CORPUS.iterdir() if path.is_dir()) if CORPUS.is_dir() else []


def source_files(folder: Path) -> list[SourceFile]:
    """The files of a real schema."""
    single = folder / "schema.prisma"
    return list(load(single if single.exists() else folder / "schema", start=folder))


def cases(name: str) -> list[dict[str, Any]]:
    """The recorded cases `<name>.jsonl`."""
    path = RECORDED / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
