"""What a query would send to the database, and how the database would go about it.

Imports `operations.read`, `engine` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from infra_runtime.compiler.plans import QueryPlan, RelationPlan
from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Statements, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import InputError
from infra_runtime.operation import Operation
from infra_runtime.operations.planning import planned
from infra_runtime.operations.read import FIND, model_of


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """A statement that a query would send."""

    sql: str
    parameters: tuple[Any, ...]
    """The driver's values, in the order of the placeholders; for what only rows read before it will tell, `KeysOf` them."""
    path: str = ""
    """The relations that lead to it from the query's model, as `posts.comments`; empty for the statement that the query begins with."""


@dataclass(frozen=True, slots=True)
class KeysOf:
    """Stands for the keys of rows that are yet to be read, by which the rows related to them are."""

    path: str
    fields: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{', '.join(self.fields)} of the {self.path or 'first'} rows>"


def statements(engine: Engine, context: OperationContext, operation: Operation) -> tuple[SqlStatement, ...]:
    """The statements of an operation that reads: the first, and those that read the relations of its rows."""
    if operation.name == "find_many":
        plan, values = planned(FIND, engine, context, model_of(operation.model), operation.arguments)
        return tuple(_of_plan(plan, values, ""))
    first = _first(engine, context, operation)
    return (SqlStatement(first.sql, tuple(first.parameters)),)


def explain(engine: Engine, context: OperationContext, operation: Operation) -> Program[str]:
    """The database's plan for the first statement of the operation in the argument `operation`; `analyze`: measured while it runs."""
    explained, analyze = operation.arguments["operation"], operation.arguments["analyze"]
    prefix = engine.dialect.analyzes if analyze else engine.dialect.explains
    if prefix is None:
        raise InputError(
            f"{engine.schema.provider} cannot measure its plans: leave analyze out",
            path=("analyze",),
            model=model_of(operation.model).name,
        )
    first = _first(engine, context, explained)
    return Program("read", _told(Statement(f"{prefix} {first.sql}", first.parameters, "table", model=first.model)))


def _first(engine: Engine, context: OperationContext, operation: Operation) -> Statement:
    """The statement that an operation begins with."""
    steps = engine.program(operation, context).steps
    first = next(steps)
    steps.close()
    if isinstance(first, Statements):
        first = first.statements[0]
    assert isinstance(first, Statement), operation
    return first


def _of_plan(plan: QueryPlan, values: Sequence[Any], path: str) -> Iterator[SqlStatement]:
    yield SqlStatement(plan.sql, tuple(values[slot] for slot in plan.slots), path)
    for relation in plan.relations:
        keys = KeysOf(path, relation.key_names)
        packed, width = _shape_of_keys(relation, len(values))
        related = f"{path}.{relation.name}".lstrip(".")
        yield from _of_plan(relation.compile(packed), [*values, *[keys] * width], related)


def _shape_of_keys(relation: RelationPlan, first: int) -> tuple[Any, int]:
    """The shape of the keys of one parent, and how many parameters they are."""
    width = len(relation.parent_places)
    if relation.lists == "json" or width == 1:
        return (relation.lists, first), 1
    return ("bucket", first, 1), width


def _told(statement: Statement) -> Steps[str]:
    names, rows = yield statement
    if len(names) == 1:
        return "\n".join(str(row[0]) for row in rows)
    if names[-1] == "detail":
        return "\n".join(_as_tree(rows))
    return "\n".join(_as_table([names, *rows]))


def _as_tree(rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """SQLite's steps, each below the one that it belongs to."""
    depth = {0: -1}
    for step, parent, _, detail in rows:
        depth[step] = depth.get(parent, -1) + 1
        yield f"{'  ' * depth[step]}{detail}"


def _as_table(rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
