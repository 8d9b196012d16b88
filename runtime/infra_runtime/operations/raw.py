"""Raw queries: the caller's SQL with bound parameters, and rows as dicts or as a model's rows.

Arguments of the operation: `query` (text, a piece made by `sql`, or a SQLAlchemy statement on `infra.tables`), `parameters`, and
`validate` (a function that makes a row of a dict). Placeholders are those of Prisma's raw queries for the provider. Imports
`compiler.hand_written`, `sql_text`, `effects`, `engine`, `errors`, `operation` and `schema`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from infra_runtime.context import OperationContext
from infra_runtime.effects import Program, Statement, Steps
from infra_runtime.engine import Engine
from infra_runtime.errors import InputError, RawQueryError
from infra_runtime.operation import Operation
from infra_runtime.schema import Model, Provider, ScalarField
from infra_runtime.sql_text import Sql

_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_READS = re.compile(r"(?:SELECT|VALUES|EXPLAIN|SHOW|DESCRIBE)\b", re.IGNORECASE)
_READS_PERHAPS = re.compile(r"WITH\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE|MERGE)\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"""
    '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]]*\]    # text and quoted names
    | --[^\n]* | /\*.*?\*/                                    # comments
    | \$(?P<number>\d+)
    """,
    re.VERBOSE | re.DOTALL,
)
_MARKED = re.compile(
    r"""
    '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `[^`]*`    # text and quoted names
    | --(?=\s|$)[^\n]* | \#[^\n]* | /\*.*?\*/                   # comments
    | (?P<mark>\?) | %
    """,
    re.VERBOSE | re.DOTALL,
)

Columns = Sequence[tuple[str, Callable[[Any], Any] | None]]

_ENCODED_AS: dict[type, ScalarField] = {
    datetime: ScalarField("parameter", "DateTime"),
    Decimal: ScalarField("parameter", "Decimal"),
    dict: ScalarField("parameter", "Json"),
    list: ScalarField("parameter", "Json"),
}
"""Types of parameters that go to the driver as a column of that type would."""


def query_raw(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[Any]]:
    """All rows."""
    return _program(engine, operation, _rows)


def query_first(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """The first row, or None."""
    return _program(engine, operation, _first)


def execute_raw(engine: Engine, context: OperationContext, operation: Operation) -> Program[int]:
    """The number of rows it touched."""
    query = _prepared(engine, operation)
    return Program("write", _count(Statement(query.sql, query.values, "count", writes=True, raw=True)))


def _program(
    engine: Engine, operation: Operation, steps: Callable[[Statement, Callable[[tuple[str, ...]], Any]], Steps[Any]]
) -> Program[Any]:
    query = _prepared(engine, operation)
    statement = Statement(query.sql, query.values, "table", writes=not query.reads, raw=True)
    model, validate = operation.model, operation.arguments.get("validate")

    def maker(names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
        if query.columns is None:
            return _row_maker(engine, model, validate, names)
        return _typed_row_maker(engine, model, validate, query.columns)

    return Program("read" if query.reads else "write", steps(statement, maker))


def _rows(statement: Statement, maker: Callable[[tuple[str, ...]], Any]) -> Steps[list[Any]]:
    names, rows = yield statement
    make = maker(names)
    return [make(row) for row in rows]


def _first(statement: Statement, maker: Callable[[tuple[str, ...]], Any]) -> Steps[Any]:
    names, rows = yield statement
    return maker(names)(rows[0]) if rows else None


def _count(statement: Statement) -> Steps[int]:
    return (yield statement)  # type: ignore[no-any-return]


def only_reads(sql: str) -> bool:
    """Can the query run on a connection that does not write? Where it is not plain to see: no."""
    start = _COMMENTS.match(sql)
    begin = start.end() if start else 0
    if _READS.match(sql, begin):
        return True
    return _READS_PERHAPS.match(sql, begin) is not None and _WRITES.search(sql) is None


def numbered_to_sqlite(sql: str) -> str:
    """`$1` becomes `?1`, which SQLite binds by position; text, quoted names and comments stay as they are."""
    return _NUMBERED.sub(lambda match: f"?{match['number']}" if match["number"] else match[0], sql)


def marks_to_mysql(sql: str) -> str:
    """`?` becomes `%s`, which MySQL's drivers take, and their own percent signs are doubled; text, quoted names and comments stay."""
    return _MARKED.sub(lambda match: "%s" if match["mark"] else match[0].replace("%", "%%"), sql)


_PLACEHOLDERS: Mapping[Provider, Callable[[str], str]] = {"sqlite": numbered_to_sqlite, "mysql": marks_to_mysql}
"""From Prisma's placeholders to the driver's, where they are not the same."""


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as the driver takes it."""

    sql: str
    reads: bool
    """Can it run on a connection that does not write?"""
    values: Sequence[Any]
    columns: Columns | None = None
    """Names and decoders of the answer's columns, where they are known before: of SQLAlchemy's statements."""


def _prepared(engine: Engine, operation: Operation) -> _Query:
    """The query of an operation; text is looked at once per text, a statement compiled once per structure."""
    query, parameters = operation.arguments["query"], operation.arguments["parameters"]
    if not isinstance(query, str):
        if parameters:
            raise InputError("values stand in the query itself, where it is not a text: give none besides")
        if not isinstance(query, Sql):
            return _compiled(engine, query)
        query, parameters = query.render(engine.schema.provider)
    sql, reads = engine.plans.get(("raw", query), lambda: _read_text(engine, query))
    return _Query(sql, reads, [_encoded(engine, value) for value in parameters])


def _compiled(engine: Engine, statement: Any) -> _Query:
    from infra_runtime.compiler.hand_written import compile_hand_written, is_statement

    if not is_statement(statement):
        raise InputError(f"a query is a text, sql(…) or a SQLAlchemy statement, not a {type(statement).__name__}")
    written = compile_hand_written(engine, statement)
    return _Query(written.sql, only_reads(written.sql), written.values, written.columns)


def _read_text(engine: Engine, query: str) -> tuple[str, bool]:
    rewritten = _PLACEHOLDERS.get(engine.schema.provider)
    return (query if rewritten is None else rewritten(query)), only_reads(query)


def _encoded(engine: Engine, value: Any) -> Any:
    if value is None or (isinstance(value, (bool, int, float, bytes)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return _encoded(engine, value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, (UUID, date)) and not isinstance(value, datetime):
        return str(value)
    if isinstance(value, (list, tuple)) and engine.dialect.lists == "array":
        return [_encoded(engine, item) for item in value]
    field = next((field for type_, field in _ENCODED_AS.items() if isinstance(value, type_)), None)
    if field is None:
        raise InputError(f"a raw query cannot take a parameter of type {type(value).__name__}")
    return engine.codec(field).encode(value)


def _row_maker(
    engine: Engine, model: Model | None, validate: Callable[[dict[str, Any]], Any] | None, names: tuple[str, ...]
) -> Callable[[tuple[Any, ...]], Any]:
    """What makes a row of a driver's tuple, given the names of the columns."""
    if model is not None:
        return engine.plans.get(("raw rows", model, names), lambda: _model_row_maker(engine, model, names))
    if validate is not None:
        return lambda values: validate(dict(zip(names, values, strict=True)))
    return lambda values: dict(zip(names, values, strict=True))


def _model_row_maker(engine: Engine, model: Model, names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
    by_column = {field.column_name: field for field in model.readable}
    known = [(index, by_column[name]) for index, name in enumerate(names) if name in by_column]
    row = engine.row_types.row(model)
    if row is not None:
        _require_all(model, {field.name for _, field in known})
    decoders = [(index, field.name, engine.codec(field).decode) for index, field in known]

    def make(values: tuple[Any, ...]) -> Any:
        fields = {
            name: values[index] if decode is None or values[index] is None else decode(values[index])
            for index, name, decode in decoders
        }
        return fields if row is None else row(fields)

    return make


def _typed_row_maker(
    engine: Engine, model: Model | None, validate: Callable[[dict[str, Any]], Any] | None, columns: Columns
) -> Callable[[tuple[Any, ...]], Any]:
    """What makes a row of a driver's tuple, where columns go by fields' names and their types are known."""
    make: Callable[[dict[str, Any]], Any] | None = validate
    if model is not None:
        names = {name for name, _ in columns}
        make = engine.row_types.row(model)
        if make is not None:
            _require_all(model, names)

    def row(values: tuple[Any, ...]) -> Any:
        fields = {
            name: value if decode is None or value is None else decode(value)
            for (name, decode), value in zip(columns, values, strict=True)
        }
        return fields if make is None else make(fields)

    return row


def _require_all(model: Model, present: Collection[str]) -> None:
    """Errors: RawQueryError where a row of `model` would lack a field."""
    absent = [field.name for field in model.readable if field.name not in present]
    if absent:
        raise RawQueryError(
            f"the query answers no column for {', '.join(absent)} of {model.name}; select them, or leave `model` out",
            model=model.name,
            fields=absent,
        )
