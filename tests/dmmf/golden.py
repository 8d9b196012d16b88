"""The golden cases: a schema in `cases/<provider>.prisma`, its datamodel in `cases/<provider>.json`.

`python -m pytest tests/dmmf --update-goldens` (or `make goldens`) writes what is made now; read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path

from infra_gen.dmmf import datamodel
from infra_gen.dmmf.document import Datamodel
from infra_gen.front import compile_schema
from infra_gen.schema.source import SourceFile

CASES = sorted((Path(__file__).parent / "cases").glob("*.prisma"))


def datamodel_of(*texts: str) -> Datamodel:
    """The datamodel of a schema of one or several files."""
    return datamodel(compile_schema([SourceFile(f"{number}.prisma", text) for number, text in enumerate(texts)]).schema)


def in_order(value: object) -> object:
    """A JSON value in which the order of keys counts: objects as lists of pairs."""
    if isinstance(value, dict):
        return "object", [(name, in_order(item)) for name, item in value.items()]
    return [in_order(item) for item in value] if isinstance(value, list) else value


def golden_of(case: Path) -> Path:
    return case.with_suffix(".json")


def rendered(case: Path) -> str:
    """A case's datamodel as its golden file has it: two spaces, a line per value."""
    return json.dumps(datamodel_of(case.read_text(encoding="utf-8")), indent=2, ensure_ascii=False) + "\n"
