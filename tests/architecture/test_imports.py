"""The direction of imports: which part may know which."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "runtime" / "infra_runtime"
GENERATOR = ROOT / "generator" / "infra_gen"

RUNTIME_LAYERS: dict[str, frozenset[str]] = {
    # The bottom: metadata and errors know nobody.
    "errors": frozenset(),
    "schema": frozenset(),
    "context": frozenset(),
    "effects": frozenset(),
    "operation": frozenset({"schema"}),
    "changes": frozenset({"context", "effects", "schema"}),
    "urls": frozenset({"errors", "schema"}),
    "configuration": frozenset({"environment", "errors", "schema", "urls"}),
    "full_text": frozenset({"schema"}),
    "hits": frozenset(),
    # Drivers know statements and errors, no query.
    "drivers": frozenset({"effects", "errors", "full_text", "schema", "urls"}),
    "executor": frozenset({"context", "drivers", "effects", "errors"}),
    "transactions": frozenset({"context", "drivers", "effects", "errors", "executor"}),
    "pipeline": frozenset({"context", "effects", "errors", "operation"}),
    # Values and rows know metadata.
    "values": frozenset({"errors", "schema"}),
    "rows": frozenset({"errors", "schema"}),
    "fields": frozenset(),
    "filters": frozenset({"fields"}),
    "sql_text": frozenset({"errors", "schema"}),
    "dialects": frozenset({"schema"}),
    "registry": frozenset({"errors"}),
    "health": frozenset({"drivers", "effects", "errors"}),
    # From arguments to SQL: of what runs it they know nothing but what the engine hands them.
    "engine": frozenset({"context", "dialects", "effects", "errors", "operation", "schema", "urls", "values"}),
    "arguments": frozenset(
        {"context", "effects", "engine", "errors", "fields", "full_text", "hits", "schema", "values"}
    ),
    "compiler": frozenset({"arguments", "dialects", "engine", "errors", "full_text", "hits", "schema", "values"}),
    "operations": frozenset(
        {
            "arguments",
            "changes",
            "compiler",
            "context",
            "effects",
            "engine",
            "errors",
            "hits",
            "operation",
            "schema",
            "sql_text",
            "values",
        }
    ),
    # What people call.
    "projections": frozenset({"arguments", "context", "engine", "errors", "rows", "schema"}),
    "loader": frozenset({"context", "errors", "operations", "schema"}),
    "repository": frozenset({"arguments", "fields", "loader", "operation", "schema"}),
    "builder": frozenset(
        {
            "arguments",
            "context",
            "engine",
            "environment",
            "errors",
            "fields",
            "hits",
            "operation",
            "operations",
            "repository",
            "schema",
        }
    ),
    "soft_deletes": frozenset({"operation", "repository", "schema"}),
    "batch": frozenset({"effects", "errors", "operation", "schema"}),
    "environment": frozenset(),
}
"""What each part may import of the runtime."""

RUNTIME_ROOTS = {"__init__", "infrastructure"}
"""Where all parts come together."""

NEVER_TOGETHER = [
    ("compiler", "drivers"),
    ("compiler", "executor"),
    ("arguments", "drivers"),
    ("operations", "drivers"),
]
"""Pairs of which neither may import the other."""

NOT_IN_RUNTIME = {"infra_gen", "infra_templates", "jinja2", "black", "watchfiles", "typer", "click"}
LAZY = {"sqlalchemy", "psycopg", "pymysql", "asyncmy", "redis", "yaml"}
"""Libraries that no module of the runtime imports while it is itself imported, unless only compiling needs that module."""
COMPILING = {"compiler"}
DRIVERS = {path for path in RUNTIME.glob("drivers/*.py") if path.name.startswith(("postgresql", "mysql"))}
"""Imported at the first connection to their database, by `infra_runtime.drivers`."""


def modules_of(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def part_of(path: Path, package: Path) -> str:
    """The part a module belongs to: the first folder or module under the package."""
    first = path.relative_to(package).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path, *, at_import_only: bool = False) -> Iterator[str]:
    """The absolute names a module imports; what stands under TYPE_CHECKING is for checkers and does not count."""
    tree = ast.parse(path.read_text())
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            pending.extend(node.orelse)
            continue
        if at_import_only and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        pending.extend(ast.iter_child_nodes(node))


def parts_imported(path: Path, package: str) -> set[str]:
    names = (name.split(".") for name in imports_of(path) if not name.startswith(POSITIONS))
    return {parts[1] for parts in names if parts[0] == package and len(parts) > 1}


@pytest.mark.parametrize("path", modules_of(RUNTIME), ids=lambda path: str(path.relative_to(RUNTIME)))
def test_the_runtime_imports_nothing_of_the_generator(path: Path) -> None:
    assert {name.partition(".")[0] for name in imports_of(path)}.isdisjoint(NOT_IN_RUNTIME)


@pytest.mark.parametrize("part", sorted(RUNTIME_LAYERS))
def test_a_part_of_the_runtime_imports_only_what_it_may(part: str) -> None:
    modules = [path for path in modules_of(RUNTIME) if part_of(path, RUNTIME) == part]
    assert modules, f"there is no part {part}"
    for path in modules:
        allowed = RUNTIME_LAYERS[part] | {part}
        assert parts_imported(path, "infra_runtime") & _runtime_parts() <= allowed, path


@pytest.mark.parametrize(("one", "other"), NEVER_TOGETHER)
def test_parts_that_never_import_each_other(one: str, other: str) -> None:
    for part, forbidden in ((one, other), (other, one)):
        for path in modules_of(RUNTIME):
            if part_of(path, RUNTIME) == part:
                assert forbidden not in parts_imported(path, "infra_runtime"), path


@pytest.mark.parametrize("path", modules_of(RUNTIME), ids=lambda path: str(path.relative_to(RUNTIME)))
def test_heavy_libraries_are_imported_when_they_are_needed(path: Path) -> None:
    if part_of(path, RUNTIME) in COMPILING or path in DRIVERS:
        return
    assert {name.partition(".")[0] for name in imports_of(path, at_import_only=True)}.isdisjoint(LAZY)


def test_a_client_is_made_without_the_heavy_libraries() -> None:
    code = """
import sys
import infra_runtime
assert len([name for name in sys.modules if name.startswith("infra_runtime")]) == 1, "the package imports its modules"
from infra_runtime import SyncInfrastructure, Infrastructure, Schema
client = SyncInfrastructure(schema=Schema("sqlite", ()), url=":memory:")
client.connect()
loaded = {"sqlalchemy", "pydantic", "psycopg", "jinja2", "infra_gen", "infra_runtime.compiler"} & set(sys.modules)
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


POSITIONS = "infra_gen.schema.source"
"""Places in a text: a value that every part of the generator may carry along."""

GENERATOR_LAYERS: dict[str, frozenset[str]] = {
    # The bottom: they know nobody.
    "failure": frozenset(),
    "memo": frozenset(),
    "naming": frozenset(),
    "replace": frozenset(),
    "version": frozenset(),
    # The IR is a value: it knows neither the language it came from nor what is made of it.
    "ir": frozenset(),
    # The language knows its own text only.
    "schema": frozenset({"failure", "memo"}),
    "directives": frozenset({"ir", "schema"}),
    "checks": frozenset({"directives", "memo", "schema"}),
    "formatting": frozenset({"checks", "memo", "schema"}),
    "resolve": frozenset({"directives", "ir", "memo", "schema"}),
    "front": frozenset({"plugins", "checks", "configured", "directives", "ir", "memo", "resolve", "schema"}),
    "configured": frozenset({"directives", "ir", "metadata", "schema"}),
    # What is made of the IR.
    "metadata": frozenset({"ir", "memo", "naming"}),
    "dmmf": frozenset({"failure", "ir", "resolve", "schema"}),
    "accepted": frozenset({"checks", "directives", "dmmf", "front", "plugins", "resolve", "schema", "version"}),
    "inspect": frozenset({"ir"}),
    "plan": frozenset({"ir", "memo", "metadata", "naming"}),
    "config": frozenset({"failure", "ir", "plan"}),
    "plugins": frozenset({"config", "directives", "failure", "ir", "plan"}),
    "editor_schema": frozenset(),
    "infrastructure_file": frozenset({"config", "failure", "schema"}),
    "generate": frozenset(
        {"plugins", "config", "failure", "ir", "memo", "metadata", "naming", "plan", "replace", "version"}
    ),
    "again": frozenset({"config", "failure", "generate", "ir", "memo", "resolve", "schema"}),
    "database": frozenset({"failure", "infrastructure_file", "ir", "metadata"}),
    "migrations": frozenset({"database", "failure", "ir"}),
    "starting": frozenset({"config", "failure", "front", "ir", "plan", "plugins", "schema"}),
    "pull": frozenset({"checks", "database", "directives", "failure", "front", "ir", "resolve", "schema"}),
    "dynamic": frozenset({"database", "failure", "front", "ir", "metadata", "plugins", "schema"}),
    # What only knows files and their content.
    "watch": frozenset(),
    # What `prisma generate` runs, beside the command line.
    "explanation": frozenset({"failure", "schema"}),
    "hook": frozenset(
        {
            "accepted",
            "config",
            "explanation",
            "failure",
            "front",
            "generate",
            "infrastructure_file",
            "plugins",
            "schema",
            "version",
        }
    ),
    # What looks at everything, and mends nothing.
    "doctor": frozenset(
        {
            "config",
            "database",
            "explanation",
            "failure",
            "front",
            "generate",
            "infrastructure_file",
            "ir",
            "migrations",
            "plugins",
            "schema",
            "version",
        }
    ),
    # What looks at the code of users.
    "projections": frozenset({"failure"}),
}
"""`cli → generate → plan → ir ← resolve ← schema`: what each part may import of the generator."""

GENERATOR_ROOTS = {"__init__", "__main__", "cli"}
"""Where all parts come together."""


def test_every_part_has_its_place() -> None:
    """A new folder or module says what it may import, in a row above."""
    assert _runtime_parts() == RUNTIME_LAYERS.keys() | RUNTIME_ROOTS
    assert {part_of(path, GENERATOR) for path in modules_of(GENERATOR)} == GENERATOR_LAYERS.keys() | GENERATOR_ROOTS


@pytest.mark.parametrize("layers", [RUNTIME_LAYERS, GENERATOR_LAYERS], ids=["runtime", "generator"])
def test_the_directions_have_no_circle(layers: dict[str, frozenset[str]]) -> None:
    assert set(TopologicalSorter(layers).static_order()) == layers.keys()


@pytest.mark.parametrize("part", sorted(GENERATOR_LAYERS))
def test_a_part_of_the_generator_imports_only_what_it_may(part: str) -> None:
    modules = [path for path in modules_of(GENERATOR) if part_of(path, GENERATOR) == part]
    assert modules, f"there is no part {part}"
    for path in modules:
        assert parts_imported(path, "infra_gen") & (GENERATOR_LAYERS.keys() | GENERATOR_ROOTS) <= (
            GENERATOR_LAYERS[part] | {part}
        ), path


def test_the_command_line_starts_before_templates_and_formatters_load() -> None:
    heavy = {"jinja2", "black", "watchfiles", "typer", "sqlalchemy"}
    imported = imports_of(GENERATOR / "__main__.py", at_import_only=True)
    assert {name.partition(".")[0] for name in imported}.isdisjoint(heavy)


def _runtime_parts() -> set[str]:
    return {part_of(path, RUNTIME) for path in modules_of(RUNTIME)}
