"""Defaults of columns: from SQL to what stands in `@default(…)`. Pure.

A constant becomes a literal, the present moment `now()`, a counter `autoincrement()`; all else is `dbgenerated("…")` with the database's
own text, which says the same in any case.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping

from infra_gen import ir
from infra_gen.database.catalog import Column
from infra_gen.database.introspect.expressions import canonical, canonical_list
from infra_gen.pull.column_types import FieldType
from infra_gen.pull.text import quoted

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_WHOLE = re.compile(r"[+-]?\d+")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_NOW = re.compile(r"current_timestamp(?:\(\d\))?")
_ITEM = re.compile(r"\s*((?:'(?:[^']|'')*'|[^',])+)\s*(?:,|$)")
_TRUTHS = {"true": "true", "false": "false", "1": "true", "0": "false"}


def default(
    provider: ir.Provider,
    type_: FieldType,
    column: Column,
    members: Mapping[str, str] | None,
    *,
    verbatim: bool = False,
) -> str | None:
    """What stands in the brackets of `@default(…)`; None where there is none.

    Args:
        members: where the type is an enum: the names of its values by their texts in the database.
        verbatim: in the database's own words, whatever they are.
    """
    if column.autoincrement and type_.name in ("Int", "BigInt"):
        return "autoincrement()"
    if column.default is None or column.default.lower() == "null":
        return None
    found = None if verbatim else _literal(provider, type_, column, members)
    return found if found is not None else f"dbgenerated({quoted(_expression(provider, column))})"


def _literal(provider: ir.Provider, type_: FieldType, column: Column, members: Mapping[str, str] | None) -> str | None:
    text = (canonical_list if column.is_list else canonical)(column.default or "")
    if type_.is_unsupported:
        return None
    if not column.is_list:
        return _one(provider, type_.name, text, members)
    if not text.startswith("array[") or not text.endswith("]"):
        return None
    items = [_one(provider, type_.name, match[1].strip(), members) for match in _ITEM.finditer(text[6:-1])]
    return None if None in items else f"[{', '.join(item for item in items if item)}]"


def _one(provider: ir.Provider, type_: str, text: str, members: Mapping[str, str] | None) -> str | None:
    if members is not None:
        return members.get(_text(text) or "")
    return _LITERALS[type_](text, provider)


def _text(sql: str) -> str | None:
    """The text that a constant means; `canonical` takes the quotes off one that is a number."""
    if match := _TEXT.fullmatch(sql):
        return match[1].replace("''", "'")
    return sql if _NUMBER.fullmatch(sql) else None


def _string(sql: str, provider: ir.Provider) -> str | None:
    text = _text(sql)
    if text is None:
        return None
    return quoted(text.replace("\\\\", "\\") if provider == "mysql" else text)


def _json(sql: str, provider: ir.Provider) -> str | None:
    text = _text(sql)
    try:
        json.loads(text or "")
    except ValueError:
        return None
    return quoted(text or "")


def _bytes(sql: str, provider: ir.Provider) -> str | None:
    text = _text(sql)
    if text is None:
        return None
    try:
        value = bytes.fromhex(text.removeprefix("\\x") if provider == "postgresql" else text)
    except ValueError:
        return None
    return quoted(base64.b64encode(value).decode()) if value else None


def _moment(sql: str, provider: ir.Provider) -> str | None:
    return "now()" if _NOW.fullmatch(sql) else None


def _matching(pattern: re.Pattern[str]) -> Callable[[str, ir.Provider], str | None]:
    return lambda sql, provider: sql if pattern.fullmatch(sql) else None


_LITERALS: dict[str, Callable[[str, ir.Provider], str | None]] = {
    "String": _string,
    "Json": _json,
    "Bytes": _bytes,
    "DateTime": _moment,
    "Boolean": lambda sql, provider: _TRUTHS.get(sql),
    "Int": _matching(_WHOLE),
    "BigInt": _matching(_WHOLE),
    "Float": _matching(_NUMBER),
    "Decimal": _matching(_NUMBER),
}


def _expression(provider: ir.Provider, column: Column) -> str:
    """The default as DDL takes it: SQLite and MySQL want brackets around what is no constant."""
    text = column.expression if column.expression is not None else column.default or ""
    is_constant = _TEXT.fullmatch(text) or _NUMBER.fullmatch(text) or _NOW.fullmatch(text.lower())
    if provider == "postgresql" or is_constant or text.startswith("("):
        return text
    return f"({text})"
