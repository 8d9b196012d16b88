"""docs/directives.md tells what the registry holds, and its example is a schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra_gen.directives import DIRECTIVES, DirectiveType
from infra_gen.front import compile_schema
from infra_gen.schema.source import SourceFile

PAGE = (Path(__file__).parents[2] / "docs" / "directives.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]


def rows_of(type_: DirectiveType) -> list[str]:
    return [f"| `@{type_.name}` | | | {type_.about} |"] + [
        f"| | `{item.name}`{', required' if item.is_required else ''} | {item.kind.wanted} | {item.about} |"
        for item in type_.parameters
    ]


def test_the_table_is_the_registry() -> None:
    assert [row for type_ in DIRECTIVES.types for row in rows_of(type_)] == ROWS


def test_its_example_is_a_schema_with_the_directives_it_shows() -> None:
    (block,) = re.findall(r"^```prisma\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    model = compile_schema([SourceFile("schema.prisma", block)]).schema.model["User"]
    assert {directive.name for directive in model.directives} == {"infra.cache", "infra.audit", "infra.search"}
    assert model.prose == "People who may sign in."


@pytest.mark.parametrize("type_", DIRECTIVES.types, ids=lambda type_: type_.name)
def test_the_example_of_a_directive_is_accepted(type_: DirectiveType) -> None:
    """It is what error messages tell people to write."""
    model = "model User {\n  id Int @id\n  email String\n  name String\n  role String\n  deletedAt DateTime?\n}\n"
    schema = compile_schema([SourceFile("schema.prisma", f"/// {type_.example}\n{model}")]).schema
    assert [directive.name for directive in schema.model["User"].directives] == [type_.name]
