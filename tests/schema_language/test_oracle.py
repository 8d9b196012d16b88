"""Ours against Prisma's own parser and formatter, where `INFRA_TEST_PRISMA_ORACLE` names a folder with its program `schema.mjs`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from infra_gen.formatting import format_files
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SourceFile
from tests.schema_language import schemas
from tests.schema_language.cases_of_formatting import CASES, schema_files

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
CORPUS_SCHEMAS = sorted(path for path in CORPUS.iterdir() if path.is_dir()) if CORPUS.is_dir() else []

OF_THE_GRAMMAR = (
    "This line is",
    "This block is invalid",
    "Invalid type definition",
    "Field declarations don't",
    "Fields are required by default",
    "To specify a list",
    "Optional lists are",
    "This field declaration is invalid",
    "Unknown escape",
    "Invalid unicode",
)
"""How Prisma's complaints about writing, and not about meaning, begin."""

OF_COMPOSITE_TYPES = ("A `type`", "A field of a `type`")
"""How ours about attributes in a `type` begin, for which Prisma has many sentences."""


class Oracle:
    """Prisma's own parser, kept running."""

    def __init__(self, program: Path) -> None:
        command = ["node", str(program), "--serve"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, mode: str, files: Sequence[SourceFile]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        question = {"id": 1, "mode": mode, "files": [[file.path, file.text] for file in files]}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def formatted(self, files: Sequence[SourceFile]) -> list[str]:
        texts = dict(self.ask("format", files)["files"])
        return [texts[file.path] for file in files]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    folder = os.environ.get("INFRA_TEST_PRISMA_ORACLE")
    if not folder or not shutil.which("node"):
        pytest.skip("INFRA_TEST_PRISMA_ORACLE names no folder with Prisma's parser, or there is no node")
    found = Oracle(Path(folder) / "schema.mjs")
    yield found
    found.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_our_cases(oracle: Oracle, case: Path) -> None:
    files = schema_files(case)
    assert list(format_files(files)) == oracle.formatted(files)


@pytest.mark.parametrize("folder", CORPUS_SCHEMAS, ids=lambda path: path.name)
def test_schemas_from_the_wild(oracle: Oracle, folder: Path) -> None:
    paths = sorted(folder.rglob("*.prisma"))
    files = [SourceFile(str(path), path.read_bytes().decode()) for path in paths]
    assert list(format_files(files)) == oracle.formatted(files)


@schemas.law
@given(text=schemas.well_formed)
def test_well_formed_schemas_are_formatted_alike(oracle: Oracle, text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    assert list(format_files(files)) == oracle.formatted(files)


@schemas.law
@given(text=schemas.damaged())
def test_damaged_schemas_are_formatted_alike(oracle: Oracle, text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    assert list(format_files(files)) == oracle.formatted(files)


@schemas.law
@given(text=schemas.damaged())
def test_errors_are_found_at_the_same_places(oracle: Oracle, text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    theirs = {
        found["start"]
        for found in oracle.ask("lint", files)["diagnostics"]
        if found["severity"] == "error" and any(sign in found["message"] for sign in OF_THE_GRAMMAR)
    }
    ours = {found.span.start for found in parse(files)[1] if not found.message.startswith(OF_COMPOSITE_TYPES)}
    assert {len(text[:place].encode("utf-16-le")) // 2 for place in ours} == theirs
