"""Compiles conditions on Json columns for PostgreSQL, all of them as jsonb; a path that leads nowhere matches nothing.

Of a value of another kind than a condition is about, it is unknown, so that its negation leaves it out as well.

An array contains another where jsonb says so (`[{"a": 1, "b": 2}]` contains `[{"a": 1}]`), as in Prisma. Paths and values are
parameters. Source: https://www.postgresql.org/docs/current/functions-json.html.
"""

from __future__ import annotations

from typing import Any

from infra_runtime.compiler.build import Build


def condition(build: Build, stored: Any, path: int | None, operator: str, value: Any) -> Any:
    """`stored`, or what `path` finds in it, compared with `value` (JSON text, or a LIKE pattern)."""
    from sqlalchemy import Text, and_, func, literal_column

    here = _found(build, stored, path)
    kind = func.jsonb_typeof(here)
    if operator in ("contains", "startswith", "endswith"):
        text = here.op("#>>", return_type=Text())(literal_column("'{}'"))
        return _where(kind == literal_column("'string'"), text.like(value, escape="\\"))
    given = _jsonb(value)
    if operator == "equals":
        return here == given
    if operator in ("<", "<=", ">", ">="):
        ordered: Any = literal_column("('number', 'string')")
        is_ordered = and_(kind.op("IN")(ordered), kind == func.jsonb_typeof(given))
        return _where(is_ordered, here.bool_op(operator)(given))
    return _where(kind == literal_column("'array'"), _array(here, operator, given))


def missing(build: Build, stored: Any, path: int | None) -> Any:
    """Nothing is there: the column is NULL, or the path leads nowhere."""
    return stored.is_(None) if path is None else _found(build, stored, path).is_(None)


def _where(is_of_kind: Any, condition: Any) -> Any:
    from sqlalchemy import case

    return case((is_of_kind, condition))


def _found(build: Build, stored: Any, path: int | None) -> Any:
    from sqlalchemy import ARRAY, Text, cast

    whole = _jsonb(stored)
    return whole if path is None else whole.op("#>")(cast(build.parameter(path), ARRAY(Text()))).self_group()


def _jsonb(value: Any) -> Any:
    """As jsonb: a column of type json has no operators, and a parameter no type."""
    from sqlalchemy import cast
    from sqlalchemy.dialects.postgresql import JSONB

    return cast(value, JSONB())


def _array(here: Any, operator: str, given: Any) -> Any:
    from sqlalchemy import literal_column

    if operator == "array_contains":
        return here.bool_op("@>")(given)
    place: Any = literal_column("0" if operator == "array_starts_with" else "-1")
    return here.op("->")(place).self_group() == given
