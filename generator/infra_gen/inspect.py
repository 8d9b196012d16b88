"""The IR as JSON, for scripts: what `infra-gen inspect --format json` prints. Imports the IR.

One rule makes it: a dataclass of the IR is an object with the dataclass's fields as keys, in their order; a value that may be of
several classes says which by a first key `kind`; a place in a file is its file, line and column. `docs/inspect.md` describes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from infra_gen import ir
from infra_gen.schema.source import Span

VERSION = 1
"""Of the form. It changes when a key goes or means something else, not when one is added."""

KINDS: Mapping[type, str] = {
    ir.ScalarField: "scalar",
    ir.RelationField: "relation",
    ir.LiteralDefault: "literal",
    ir.FunctionDefault: "function",
}

CONNECTIONS = ("url", "directUrl", "shadowDatabaseUrl")
_PASSWORD = re.compile(r"(?<=://)([^:/@?]*):.*@")
_SECRET_PARAMETER = re.compile(r"([?&][^=&]*(?:password|key|token|secret)[^=&]*=)[^&]*", re.IGNORECASE)


def inspect(schema: ir.Schema) -> dict[str, Any]:
    """A schema as JSON values: the same for the same files. Connections that stand in the schema are shown without their secrets."""
    said = {"version": VERSION, **_plain(schema)}
    datasource = said["datasource"]
    for values in (datasource, datasource["properties"]):
        values.update({name: _without_secrets(values[name]) for name in CONNECTIONS if name in values})
    return said


def _plain(value: Any) -> Any:
    match value:
        case Span():
            return {"file": value.file.path, "line": value.line, "column": value.column}
        case ir.EnvironmentVariable(name=name):
            return {"env": name}
        case Mapping():
            return {name: _plain(item) for name, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            kind = KINDS.get(type(value))
            said = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
            return {"kind": kind, **said} if kind else said
        case _:
            return value


def _without_secrets(url: Any) -> Any:
    """A URL's text with `***` for its password; anything else (`{"env": …}`) as it is."""
    if not isinstance(url, str):
        return url
    return _SECRET_PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))
