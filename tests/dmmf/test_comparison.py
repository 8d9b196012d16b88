"""The datamodel against Prisma's own, key for key and in its order, where Prisma's parser is at hand: over our cases, over real
schemas and those of Prisma's own tests where they lie beside the checkout, and over random schemas. Of real schemas its
answers are also recorded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from infra_gen.checks.providers import NOT_YET_SUPPORTED
from infra_gen.dmmf import datamodel
from infra_gen.front import compile_schema
from infra_gen.schema.source import SchemaError, SourceFile
from tests import real_schemas
from tests.checks import golden as checks
from tests.dmmf.golden import CASES, in_order
from tests.dmmf.schemas import law, meaningful
from tests.prisma_parser import PrismaParser, without_connection

LATEST_ONLY = {"preview_features/metrics.prisma"}
"""Cases that Prisma's latest parser no longer accepts."""

CONFORMANCE_HEADER = """\
datasource test {{
  provider = "{provider}"
{properties}}}

generator client {{
  provider        = "infra-gen"
  previewFeatures = [{features}]
}}

"""
FEATURES = {"sqlite": '"views"', "postgresql": '"views", "partialIndexes"', "mysql": '"views", "shardKeys"'}


def compare(files: Sequence[SourceFile], prisma_parser: PrismaParser) -> bool:
    """Asserts that both accept the schema and say the same of it, or that both refuse it. True for the first."""
    files = [SourceFile(file.path, without_connection(file.text)) for file in files]
    answer = prisma_parser.ask("datamodel", files)
    try:
        ours = datamodel(compile_schema(files).schema)
    except SchemaError:
        ours = None
    assert in_order(ours) == in_order(answer.get("datamodel")), answer.get("raw")
    return ours is not None


def accepted_by_the_checks() -> list[Path]:
    return [case for case in checks.schemas() if " error: " not in checks.expected_of(case).read_text(encoding="utf-8")]


@pytest.mark.parametrize("case", [*CASES, *accepted_by_the_checks()], ids=lambda case: case.stem)
def test_our_cases(case: Path, prisma_parser: PrismaParser) -> None:
    assert compare([SourceFile("schema.prisma", case.read_text(encoding="utf-8"))], prisma_parser)


def files_of_a_supported_database(folder: Path) -> list[SourceFile]:
    files = real_schemas.source_files(folder)
    if any(f'"{name}"' in file.text for name in NOT_YET_SUPPORTED for file in files if "datasource" in file.text):
        pytest.skip("of a database that is refused")
    return files


@pytest.mark.parametrize("folder", real_schemas.folders(), ids=lambda folder: folder.name)
def test_real_schemas(folder: Path, prisma_parser: PrismaParser) -> None:
    assert compare(files_of_a_supported_database(folder), prisma_parser)


@pytest.mark.parametrize("folder", real_schemas.folders(), ids=lambda folder: folder.name)
def test_real_schemas_as_recorded(folder: Path) -> None:
    recorded = json.loads((folder / "dmmf.json").read_text(encoding="utf-8"))["datamodel"]
    ours = datamodel(compile_schema(files_of_a_supported_database(folder)).schema)
    assert in_order(ours) == in_order(recorded)


@pytest.mark.parametrize("case", real_schemas.cases("psl_validation"), ids=lambda case: case["id"])
def test_prismas_own_cases_of_validation(case: dict[str, Any], prisma_parser: PrismaParser) -> None:
    if case["provider"] in NOT_YET_SUPPORTED or case["id"] in LATEST_ONLY:
        pytest.skip("not judged alike on purpose")
    compare([SourceFile("schema.prisma", case["schema"])], prisma_parser)


@pytest.mark.parametrize(
    ("recorded", "provider"), [("sqlite", "sqlite"), ("postgresql", "postgresql"), ("mariadb", "mysql")]
)
def test_the_schemas_of_prismas_own_tests_of_its_engine(
    recorded: str, provider: str, prisma_parser: PrismaParser
) -> None:
    cases = real_schemas.cases(recorded)
    if not cases:
        pytest.skip("Prisma's recorded answers are not at hand")
    schemas = {
        CONFORMANCE_HEADER.format(
            provider=provider,
            properties=(f'  relationMode = "{case["relation_mode"]}"\n' if case["relation_mode"] else "")
            + (f"  schemas = {json.dumps(case['db_schemas'])}\n" if case["db_schemas"] else ""),
            features=FEATURES[provider],
        )
        + case["datamodel"]
        for case in cases
    }
    accepted = [compare([SourceFile("schema.prisma", schema)], prisma_parser) for schema in sorted(schemas)]
    assert sum(accepted) > 0.95 * len(accepted)


@law
@given(text=meaningful())
def test_random_schemas(text: str, prisma_parser: PrismaParser) -> None:
    assert compare([SourceFile("schema.prisma", text)], prisma_parser)
