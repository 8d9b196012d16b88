"""Goldens: two small schemas and the packages they make, byte for byte.

`python -m pytest tests/generator/test_golden.py --update-goldens` (or `make goldens`) writes what is made now; read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_gen.config import read_options
from infra_gen.generate import files_of
from tests.generator.packages import compiled

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = sorted(path.stem for path in GOLDEN.glob("*.prisma"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_package_is_what_it_was(name: str, update_goldens: bool) -> None:
    schema = compiled((GOLDEN / f"{name}.prisma").read_text())
    made = files_of(schema, read_options(schema, schema_folder=GOLDEN, start=GOLDEN), folder="..")
    folder = GOLDEN / name
    if update_goldens:
        for stale in folder.rglob("*.*"):
            stale.unlink()
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode())
    kept = {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in folder.rglob("*.*")}
    assert made == kept


def test_there_are_goldens() -> None:
    assert SCHEMAS == ["blog", "ledger"]
