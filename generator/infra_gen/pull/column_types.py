"""Column types: from a database's SQL to the type of a field, as `columns` of `infra_gen.database` leads the other way. Pure.

Source: Prisma's documentation of its database connectors (native type mappings). Imports those tables and the native types of the checks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infra_gen import ir
from infra_gen.checks.native_types import MYSQL, POSTGRESQL, NativeType
from infra_gen.database.columns import MYSQL_NATIVE, MYSQL_TYPES, POSTGRESQL_NATIVE, POSTGRESQL_TYPES
from infra_gen.database.introspect.postgresql import LENGTHS
from infra_gen.pull.text import quoted

_PARTS = re.compile(r"(?P<head>[A-Z ]+?)(?:\((?P<arguments>\d+(?:,\d+)*)\))?(?P<unsigned> UNSIGNED)?")
_SQLITE = {
    "INT": "Int",
    "INTEGER": "Int",
    "SERIAL": "Int",
    "BIGINT": "BigInt",
    "REAL": "Float",
    "FLOAT": "Float",
    "DOUBLE": "Float",
    "BOOLEAN": "Boolean",
    "TEXT": "String",
    "DATE": "DateTime",
    "DATETIME": "DateTime",
    "TIMESTAMP": "DateTime",
    "BINARY": "Bytes",
    "BLOB": "Bytes",
    "JSONB": "Json",
}
_SQLITE_PARTS = {"CHAR": "String", "NUMERIC": "Decimal", "DECIMAL": "Decimal"}
"""What is in a type's name, whatever else."""
_WITH_NO_FRACTION = ("DATETIME", "TIMESTAMP", "TIME")
"""MySQL's types whose length is 0 where none is written; Prisma's schema says it."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field's type: of Prisma's, an enum's name, or the database's own text. `native`: `VarChar(20)`, where it is not the usual one."""

    name: str
    native: str | None = None
    is_unsupported: bool = False

    @property
    def text(self) -> str:
        return f"Unsupported({quoted(self.name)})" if self.is_unsupported else self.name


def field_type(provider: ir.Provider, sql: str, enums: Mapping[str, str]) -> FieldType:
    """The type of a field for a column of the SQL type.

    Args:
        enums: the names of enums by the SQL that columns of them have as type.
    """
    if sql in enums:
        return FieldType(enums[sql])
    found = _READERS[provider](sql)
    if found is not None:
        return found
    head, bracket, rest = sql.partition("(")
    return FieldType(sql if '"' in sql else f"{head.lower()}{bracket}{rest}", is_unsupported=True)


def _sqlite(sql: str) -> FieldType | None:
    name = _SQLITE.get(sql) or next((type_ for part, type_ in _SQLITE_PARTS.items() if part in sql), None)
    return FieldType(name) if name else None


def _postgresql(sql: str) -> FieldType | None:
    return _of_tables(LENGTHS.get(sql, sql), _USUAL_OF_POSTGRESQL, _NATIVE_OF_POSTGRESQL)


def _mysql(sql: str) -> FieldType | None:
    if sql == "TINYINT(1)":
        return FieldType("Boolean")
    if sql == "BIT(1)":
        return FieldType("Boolean", "Bit(1)")
    if sql.startswith("BIT("):
        return FieldType("Bytes", f"Bit{sql[3:]}")
    if sql.startswith("TINYINT"):
        return FieldType("Int", "UnsignedTinyInt" if "UNSIGNED" in sql else "TinyInt")
    return _of_tables(f"{sql}(0)" if sql in _WITH_NO_FRACTION else sql, _USUAL_OF_MYSQL, _NATIVE_OF_MYSQL)


def _of_tables(sql: str, usual: Mapping[str, str], natives: Mapping[str, NativeType]) -> FieldType | None:
    if sql in usual:
        return FieldType(usual[sql])
    parts = _PARTS.fullmatch(sql)
    if parts is None:
        return None
    head, arguments = parts["head"], parts["arguments"]
    native = natives.get(f"{head}{parts['unsigned'] or ''}") or natives.get(head)
    if native is None:
        return None
    shown = f"({', '.join(arguments.split(','))})" if arguments else ""
    return FieldType(native.prisma_types[0], f"{native.name}{shown}")


def _by_sql(natives: Mapping[str, NativeType], names: Mapping[str, str]) -> dict[str, NativeType]:
    return {names.get(name, name.upper()): native for name, native in natives.items()}


_USUAL_OF_POSTGRESQL = {sql: name for name, sql in POSTGRESQL_TYPES.items()}
_USUAL_OF_MYSQL = {sql: name for name, sql in MYSQL_TYPES.items()}
_NATIVE_OF_POSTGRESQL = _by_sql(POSTGRESQL, POSTGRESQL_NATIVE)
_NATIVE_OF_MYSQL = _by_sql(MYSQL, MYSQL_NATIVE)
_READERS = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}
