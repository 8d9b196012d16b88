"""Compiles conditions on Json columns in SQLite's functions; a value with a path that leads nowhere matches nothing.

Of a value of another kind than a condition is about, it is unknown, so that its negation leaves it out as well, as in Prisma.
Source: https://www.sqlite.org/json1.html; paths and values are parameters.
"""

from __future__ import annotations

from typing import Any

from infra_runtime.compiler.build import Build


def condition(build: Build, stored: Any, path: int | None, operator: str, value: Any) -> Any:
    """`stored`, or what `path` finds in it, compared with `value` (JSON text, or a LIKE pattern)."""
    from sqlalchemy import case, func, literal_column

    here = stored if path is None else stored.op("->")(build.parameter(path))
    kind = func.json_type(stored) if path is None else func.json_type(stored, build.parameter(path))
    if operator == "equals":
        return func.json(here) == func.json(value)
    if operator in ("contains", "startswith", "endswith"):
        text = func.json_extract(stored, literal_column("'$'") if path is None else build.parameter(path))
        return case((kind == literal_column("'text'"), text.like(value, escape="\\")))
    if operator in ("<", "<=", ">", ">="):
        return _compared(stored, path, build, kind, operator, value)
    return case((kind == literal_column("'array'"), _array(build, here, operator, value)))


def missing(build: Build, stored: Any, path: int | None) -> Any:
    """Nothing is there: the column is NULL, or the path leads nowhere."""
    from sqlalchemy import func

    return stored.is_(None) if path is None else func.json_type(stored, build.parameter(path)).is_(None)


def _compared(stored: Any, path: int | None, build: Build, kind: Any, operator: str, value: Any) -> Any:
    """Numbers with numbers, text with text; nothing else has an order."""
    from sqlalchemy import and_, case, func, literal_column, or_

    root: Any = literal_column("'$'")
    one = func.json_extract(stored, root if path is None else build.parameter(path))
    other = func.json_extract(value, root)
    given = func.json_type(value)
    numbers: Any = literal_column("('integer', 'real')")
    text: Any = literal_column("'text'")
    same_kind = or_(
        and_(kind.op("IN")(numbers), given.op("IN")(numbers)),
        and_(kind == text, given == text),
    )
    return case((same_kind, one.op(operator)(other)))


def _array(build: Build, here: Any, operator: str, value: Any) -> Any:
    from sqlalchemy import func, literal_column, select

    if operator == "array_starts_with":
        return func.json(here.op("->")(literal_column("'$[0]'"))) == func.json(value)
    if operator == "array_ends_with":
        return func.json(here.op("->")(literal_column("'$[#-1]'"))) == func.json(value)
    # array_contains: every element that is asked for is there.
    wanted = func.json_each(value).table_valued("value", "atom", "type", "fullkey", name=build.name("w"))
    held = func.json_each(here).table_valued("value", "atom", "type", "fullkey", name=build.name("h"))
    found: Any = (
        select(literal_column("1"))
        .select_from(held)
        .where(func.json_quote(held.c.value) == func.json_quote(wanted.c.value), held.c.type == wanted.c.type)
    )
    lacking: Any = select(literal_column("1")).select_from(wanted).where(~found.correlate(wanted).exists())
    return ~lacking.exists()
