"""The IR as JSON: a schema that shows everything, the page that describes it, and the laws a script relies on."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from infra_gen import ir
from infra_gen.front import compile_schema
from infra_gen.inspect import KINDS, VERSION, inspect
from infra_gen.schema.source import SourceFile

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "inspect.md"


def inspected(text: str) -> dict[str, Any]:
    return inspect(compile_schema([SourceFile("schema.prisma", text)]).schema)


def test_a_schema_is_shown_as_its_golden_file_has_it(update_goldens: bool) -> None:
    golden = FOLDER / "golden.json"
    shown = json.dumps(inspected((FOLDER / "golden.prisma").read_text(encoding="utf-8")), indent=2, ensure_ascii=False)
    if update_goldens:
        golden.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == golden.read_text(encoding="utf-8")


def test_the_page_lists_every_key_of_every_node_in_its_order() -> None:
    sections = re.findall(r"^### (\w+)$(.*?)(?=^### |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    described = {name: re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) for name, text in sections}
    nodes = {
        name: [item.name for item in fields(node)]
        for name, node in vars(ir).items()
        if is_dataclass(node) and name not in ("Span", "EnvironmentVariable")
    }
    assert described == {
        **nodes,
        "Schema": ["version", *nodes["Schema"]],
        "Span": ["file", "line", "column"],
    }
    assert f"of this form: {VERSION}" in PAGE.read_text(encoding="utf-8")


def test_what_may_be_of_several_classes_says_which() -> None:
    for alternatives in ((ir.ScalarField, ir.RelationField), (ir.LiteralDefault, ir.FunctionDefault)):
        assert len({KINDS[node] for node in alternatives}) == len(alternatives)
    shown = inspected(
        'model A {\n  id Int @id @default(autoincrement())\n  n Int @default(1)\n  a A? @relation("x", fields: [n], references: [id])\n  b A[] @relation("x")\n}\n'
    )
    by_name = {field["name"]: field for field in shown["models"][0]["fields"]}
    assert {name: field["kind"] for name, field in by_name.items()} == {
        "id": "scalar",
        "n": "scalar",
        "a": "relation",
        "b": "relation",
    }
    assert by_name["id"]["default"]["kind"] == "function"
    assert by_name["n"]["default"]["kind"] == "literal"


def test_places_are_of_the_file_they_are_in() -> None:
    files = [
        SourceFile("a.prisma", "model A {\n  id Int @id\n}\n"),
        SourceFile("b.prisma", "\n  model B {\n  id Int @id\n}\n"),
    ]
    shown = inspect(compile_schema(files).schema)
    assert [model["span"] for model in shown["models"]] == [
        {"file": "a.prisma", "line": 1, "column": 1},
        {"file": "b.prisma", "line": 2, "column": 3},
    ]


def url_of(written: str, provider: str = "postgresql") -> Any:
    return inspected(f'datasource db {{\n  provider = "{provider}"\n  url = {written}\n}}\n')["datasource"]["url"]


def test_a_connection_keeps_its_secrets() -> None:
    assert url_of('"postgresql://ada:secret@host:5432/db"') == "postgresql://ada:***@host:5432/db"
    assert url_of('"postgresql://ada:se:cr@et/@host/db?schema=x"') == "postgresql://ada:***@host/db?schema=x"
    assert url_of('"postgresql://host/db?user=ada&password=secret"') == "postgresql://host/db?user=ada&password=***"
    assert url_of('"postgresql://ada@host/db"') == "postgresql://ada@host/db"
    assert url_of('env("DATABASE_URL")') == {"env": "DATABASE_URL"}
    assert url_of('"file:./dev.db"', "sqlite") == "file:./dev.db"
