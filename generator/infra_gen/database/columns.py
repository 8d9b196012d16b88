"""Column types and defaults: from the IR's field to each database's SQL, as tables of values.

Source: Prisma's documentation of its database connectors (native type mappings) and the SQL that `prisma migrate` writes.
"""

from __future__ import annotations

import base64
import datetime
import re
from collections.abc import Callable

from infra_gen import ir

SQLITE_TYPES = {
    "String": "TEXT",
    "Boolean": "BOOLEAN",
    "Int": "INTEGER",
    "BigInt": "BIGINT",
    "Float": "REAL",
    "Decimal": "DECIMAL",
    "DateTime": "DATETIME",
    "Json": "JSONB",
    "Bytes": "BLOB",
}
POSTGRESQL_TYPES = {
    "String": "TEXT",
    "Boolean": "BOOLEAN",
    "Int": "INTEGER",
    "BigInt": "BIGINT",
    "Float": "DOUBLE PRECISION",
    "Decimal": "DECIMAL(65,30)",
    "DateTime": "TIMESTAMP(3)",
    "Json": "JSONB",
    "Bytes": "BYTEA",
}
MYSQL_TYPES = {
    "String": "VARCHAR(191)",
    "Boolean": "BOOLEAN",
    "Int": "INTEGER",
    "BigInt": "BIGINT",
    "Float": "DOUBLE",
    "Decimal": "DECIMAL(65,30)",
    "DateTime": "DATETIME(3)",
    "Json": "JSON",
    "Bytes": "LONGBLOB",
}
POSTGRESQL_NATIVE = {
    "Integer": "INTEGER",
    "DoublePrecision": "DOUBLE PRECISION",
    "ByteA": "BYTEA",
    "JsonB": "JSONB",
}
"""Native types whose SQL is not the name in capitals."""
MYSQL_NATIVE = {
    "Int": "INTEGER",
    "UnsignedInt": "INTEGER UNSIGNED",
    "UnsignedSmallInt": "SMALLINT UNSIGNED",
    "UnsignedMediumInt": "MEDIUMINT UNSIGNED",
    "UnsignedTinyInt": "TINYINT UNSIGNED",
    "UnsignedBigInt": "BIGINT UNSIGNED",
}
SERIAL = {"INTEGER": "SERIAL", "SMALLINT": "SMALLSERIAL", "BIGINT": "BIGSERIAL"}


def column_type(schema: ir.Schema, field: ir.ScalarField) -> str:
    """The SQL type of a field's column, without nullability; of the elements where the field is a list."""
    if field.is_unsupported:
        return field.type
    match schema.datasource.provider:
        case "sqlite":
            return "TEXT" if field.is_enum else SQLITE_TYPES[field.type]
        case "postgresql":
            if field.is_enum:
                enum = schema.enum[field.type]
                name = _double_quoted(enum.database)
                return f"{_double_quoted(enum.schema)}.{name}" if enum.schema else name
            return _native(field.native, POSTGRESQL_NATIVE) or POSTGRESQL_TYPES[field.type]
        case "mysql":
            if field.is_enum:
                values = ", ".join(text_literal(value.database, "mysql") for value in schema.enum[field.type].values)
                return f"ENUM({values})"
            return _native(field.native, MYSQL_NATIVE) or MYSQL_TYPES[field.type]


def _native(native: ir.NativeType | None, names: dict[str, str]) -> str | None:
    if native is None:
        return None
    name = names.get(native.name, native.name.upper())
    arguments = f"({','.join(str(int(item)) for item in native.arguments)})" if native.arguments else ""
    head, _, unsigned = name.partition(" UNSIGNED")
    return f"{head}{arguments} UNSIGNED" if unsigned or name.endswith(" UNSIGNED") else f"{name}{arguments}"


def _double_quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def is_autoincrement(field: ir.ScalarField) -> bool:
    return isinstance(field.default, ir.FunctionDefault) and field.default.name in ("autoincrement", "sequence")


def column_default(schema: ir.Schema, field: ir.ScalarField, type_: str) -> str | None:
    """The SQL of a column's default; None where the client makes it (cuid, uuid …) or there is none."""
    provider = schema.datasource.provider
    match field.default:
        case None:
            return None
        case ir.FunctionDefault(name="now"):
            return _now(provider, type_)
        case ir.FunctionDefault(name="dbgenerated", arguments=arguments):
            return str(arguments[0]) if arguments and arguments[0] else None
        case ir.FunctionDefault():
            return None
        case ir.LiteralDefault(value=value, text=text) if field.is_list:
            items = ", ".join(_literal(schema, field, item, _item_text(item, text)) for item in value)
            return f"ARRAY[{items}]::{type_}[]"
        case ir.LiteralDefault(value=value, text=text):
            return _literal(schema, field, value, text)


def _now(provider: ir.Provider, type_: str) -> str:
    precision = re.search(r"\((\d+)\)", type_)
    return f"CURRENT_TIMESTAMP({precision[1]})" if provider == "mysql" and precision else "CURRENT_TIMESTAMP"


def _item_text(item: object, text: str) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def _literal(schema: ir.Schema, field: ir.ScalarField, value: object, text: str) -> str:
    provider = schema.datasource.provider
    if field.is_enum:
        members = {member.name: member.database for member in schema.enum[field.type].values}
        return text_literal(members[str(value)], provider)
    return _LITERALS[field.type](str(value), text, provider)


def text_literal(text: str, provider: ir.Provider) -> str:
    """A string constant. MySQL reads backslashes as escapes (unless NO_BACKSLASH_ESCAPES is set), the others do not."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'" if provider != "mysql" else "'" + doubled.replace("\\", "\\\\") + "'"


def _bytes_literal(value: str, text: str, provider: ir.Provider) -> str:
    hexadecimal = base64.b64decode(value).hex()
    # Prisma writes the digits bare on SQLite; a row never gets them from there, as the client fills in literal defaults.
    return f"'\\x{hexadecimal}'" if provider == "postgresql" else f"'{hexadecimal}'"


def _moment_literal(value: str, text: str, provider: ir.Provider) -> str:
    moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    fraction = fraction.ljust(4, "0") if 1 < len(fraction) < 4 else fraction
    offset = moment.strftime("%z") or "+0000"
    if provider == "mysql":
        utc = moment.astimezone(datetime.UTC) if moment.tzinfo else moment
        return f"'{utc:%Y-%m-%d %H:%M:%S}{fraction}'"
    return f"'{moment:%Y-%m-%d %H:%M:%S}{fraction} {offset[:3]}:{offset[3:]}'"


QUOTE = '"'
"""A number may stand in quotes in the schema, so that no digit is lost; in SQL it does not."""

_LITERALS: dict[str, Callable[[str, str, ir.Provider], str]] = {
    "String": lambda value, text, provider: text_literal(value, provider),
    "Json": lambda value, text, provider: text_literal(value, provider),
    "Boolean": lambda value, text, provider: value.lower(),
    "Int": lambda value, text, provider: text,
    "BigInt": lambda value, text, provider: text,
    "Float": lambda value, text, provider: text.strip(QUOTE),
    "Decimal": lambda value, text, provider: text.strip(QUOTE),
    "Bytes": _bytes_literal,
    "DateTime": _moment_literal,
}
