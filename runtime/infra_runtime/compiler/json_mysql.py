"""Compiles conditions on Json columns in the functions that MySQL and MariaDB share; a path that leads nowhere matches nothing.

Of a value of another kind than a condition is about, it is unknown, so that its negation leaves it out as well, as in Prisma. Two values are equal where each contains the other, as in Prisma: the order of an array does not count.
Source: https://dev.mysql.com/doc/refman/8.4/en/json-function-reference.html, https://mariadb.com/kb/en/json-functions/.
"""

from __future__ import annotations

from typing import Any

from infra_runtime.compiler.build import Build


def condition(build: Build, stored: Any, path: int | None, operator: str, value: Any) -> Any:
    """`stored`, or what `path` finds in it, compared with `value` (JSON text, or a LIKE pattern)."""
    from sqlalchemy import case, func, literal_column

    here = _found(build, stored, path)
    kind = func.json_type(here)
    if operator == "equals":
        return _equal(here, value)
    if operator in ("contains", "startswith", "endswith"):
        return case((kind == literal_column("'STRING'"), func.json_unquote(here).like(value, escape="\\")))
    if operator in ("<", "<=", ">", ">="):
        return _compared(here, operator, value)
    return case((kind == literal_column("'ARRAY'"), _array(here, operator, value)))


def missing(build: Build, stored: Any, path: int | None) -> Any:
    """Nothing is there: the column is NULL, or the path leads nowhere."""
    return _found(build, stored, path).is_(None)


def _found(build: Build, stored: Any, path: int | None) -> Any:
    from sqlalchemy import func

    return stored if path is None else func.json_extract(stored, build.parameter(path))


def _equal(one: Any, other: Any) -> Any:
    from sqlalchemy import and_, func, literal_column

    yes: Any = literal_column("1")
    return and_(func.json_contains(one, other) == yes, func.json_contains(other, one) == yes)


def _compared(here: Any, operator: str, value: Any) -> Any:
    """Numbers with numbers, text with text; nothing else has an order."""
    from sqlalchemy import and_, case, func, literal_column

    numbers: Any = literal_column("('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')")
    text: Any = literal_column("'STRING'")
    nothing: Any = literal_column("0e0")
    kind, given = func.json_type(here), func.json_type(value)
    one, other = func.json_unquote(here), func.json_unquote(value)
    return case(
        (and_(kind.op("IN")(numbers), given.op("IN")(numbers)), (one + nothing).op(operator)(other + nothing)),
        (and_(kind == text, given == text), one.op(operator)(other)),
    )


def _array(here: Any, operator: str, value: Any) -> Any:
    from sqlalchemy import func, literal_column

    if operator == "array_contains":
        return func.json_contains(here, value) == literal_column("1")
    place: Any = literal_column("'$[0]'")
    if operator == "array_ends_with":
        last = func.json_length(here).op("-")(literal_column("1"))
        place = func.concat(literal_column("'$['"), last, literal_column("']'"))
    return _equal(func.json_extract(here, place), value)
