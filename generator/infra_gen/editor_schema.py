"""`infrastructure.config.yml` in JSON Schema, by which editors complete and check it. Made of the table of settings; imports that alone."""

from __future__ import annotations

from typing import Any

from infra_runtime.configuration.kinds import VARIABLE_SCHEMA
from infra_runtime.configuration.settings import Configuration, Section, Setting, Settings


def editor_schema() -> dict[str, Any]:
    """The schema, of draft 2020-12 (https://json-schema.org/draft/2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "infrastructure.config.yml of infra-gen",
        **_section(Configuration),
    }


def _section(type_: type[Settings]) -> dict[str, Any]:
    """A section, which may also be empty: a name with nothing behind it."""
    properties = {name: _entry(entry) for name, entry in type_.entries().items()}
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _entry(entry: Setting | Section) -> dict[str, Any]:
    if isinstance(entry, Setting):
        return {"description": entry.about, "anyOf": [entry.kind.json_schema(), VARIABLE_SCHEMA]}
    if entry.by_name:
        return {
            "description": entry.about,
            "type": ["object", "null"],
            "additionalProperties": _section(entry.type),
        }
    return {"description": entry.about, **_section(entry.type)}
