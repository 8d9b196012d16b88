"""Agreement with Prisma: over real schemas and Prisma's own test cases where they lie beside the repository, and with
Prisma's parser itself where `INFRA_TEST_PRISMA_ORACLE` names the program that runs it.

The program reads `{"mode": "lint", "schema": "…"}` as a line of JSON and answers `{"diagnostics": [{"severity", "line"}]}`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra_gen.checks import check
from infra_gen.checks.providers import NOT_YET_SUPPORTED
from infra_gen.schema.parser import parse
from infra_gen.schema.source import Diagnostic, SourceFile
from tests.checks.golden import schemas

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus"
VALIDATION_CASES = SHARED / "conformance" / "psl_validation.jsonl"
ORACLE = os.environ.get("INFRA_TEST_PRISMA_ORACLE", "")
CONNECTION_PROPERTY = re.compile(r"^[ \t]*(?:url|directUrl|shadowDatabaseUrl)[ \t]*=.*$", re.MULTILINE)

ANSWERED_BY_LATER_VERSIONS = {"preview_features/schema_engine_driver_adapters/postgres/url_is_still_required.prisma"}
"""Cases that Prisma 7 decides otherwise than the version they were taken from."""

OWN_ANSWERS = {"datasource_ill_formed", "datasource_shadow_database", "datasource_shadow_database_is_the_database"}
"""Golden cases of what Prisma's parser no longer reads: connections in the schema."""


def diagnose_files(files: list[SourceFile]) -> list[Diagnostic]:
    document, problems = parse(files)
    return [*problems, *check(document, well_formed=not problems)]


def lines_of(diagnostics: list[Diagnostic], severity: str) -> set[int]:
    return {item.span.line for item in diagnostics if item.severity == severity}


# ---- real schemas


def corpus() -> list[Path]:
    return sorted(path for path in CORPUS.iterdir() if path.is_dir()) if CORPUS.is_dir() else []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository")
def test_real_schemas_are_accepted_except_those_of_refused_databases() -> None:
    for folder in corpus():
        files = [SourceFile(str(path), path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.prisma"))]
        errors = [item for item in diagnose_files(files) if item.severity == "error"]
        text = "".join(file.text for file in files)
        refused = any(re.search(rf'provider\s*=\s*"{name}"', text) for name in NOT_YET_SUPPORTED)
        assert len(errors) == (1 if refused else 0), f"{folder.name}: {errors[:3]}"


# ---- Prisma's own cases


def validation_cases() -> list[dict[str, Any]]:
    if not VALIDATION_CASES.is_file():
        return []
    with VALIDATION_CASES.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("case", validation_cases(), ids=lambda case: case["id"])
def test_prismas_own_cases_are_judged_as_prisma_does(case: dict[str, Any]) -> None:
    if case["id"] in ANSWERED_BY_LATER_VERSIONS:
        pytest.skip("later versions decide otherwise")
    found = diagnose_files([SourceFile("schema.prisma", case["schema"])])
    is_refused_database = case["provider"] in NOT_YET_SUPPORTED
    assert bool(lines_of(found, "error")) == (case["kind"] == "error" or is_refused_database)
    if not is_refused_database:
        expected = set(case["lines"])
        assert lines_of(found, "error") == (expected if case["kind"] == "error" else set())
        if case["kind"] != "error":
            assert lines_of(found, "warning") == expected


# ---- Prisma's parser


class Oracle:
    """Prisma's parser in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", ORACLE, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def lines(self, schema: str) -> dict[str, set[int]]:
        """The lines with errors and warnings."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"mode": "lint", "schema": schema}) + "\n")
        self._process.stdin.flush()
        found: dict[str, set[int]] = {"error": set(), "warning": set()}
        for item in json.loads(self._process.stdout.readline())["diagnostics"]:
            found[item["severity"]].add(item["line"])
        return found

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    if not ORACLE or not shutil.which("node"):
        pytest.skip("INFRA_TEST_PRISMA_ORACLE does not name a program, or there is no node")
    program = Oracle()
    yield program
    program.close()


@pytest.mark.parametrize("schema", schemas(), ids=lambda path: path.stem)
def test_prismas_parser_points_at_the_same_lines(schema: Path, oracle: Oracle) -> None:
    if schema.stem in OWN_ANSWERS or schema.stem.startswith("refused_"):
        pytest.skip("the answer is the toolkit's own")
    text = CONNECTION_PROPERTY.sub("", schema.read_text(encoding="utf-8"))
    found = diagnose_files([SourceFile("schema.prisma", text)])
    expected = oracle.lines(text)
    assert {severity: lines_of(found, severity) for severity in expected} == expected
