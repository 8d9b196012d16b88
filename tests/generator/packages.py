"""Generates packages for tests: from schema text to files, to a folder, to an imported module."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from infra_gen import ir
from infra_gen.config import Options, read_options
from infra_gen.front import compile_schema
from infra_gen.generate import Result, files_of, generate
from infra_gen.schema.source import SourceFile

_numbers = itertools.count(1)

DATASOURCE = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""


def compiled(text: str) -> ir.Schema:
    """The IR of a schema; PostgreSQL where the text names no datasource."""
    text = text if "datasource" in text else DATASOURCE + text
    return compile_schema([SourceFile("schema.prisma", text)]).schema


def options(output: Path = Path("db"), **flags: Any) -> Options:
    """Options as flags give them, and nothing else."""
    return read_options(
        compiled("model A {\n  id Int @id\n}"), schema_folder=Path(), flags={"output": output, **flags}, start=Path("/")
    )


def files(text: str, **flags: Any) -> dict[str, str]:
    """The files of a schema's package."""
    return files_of(compiled(text), options(**flags))


def generate_text(text: str, output: Path, **flags: Any) -> Result:
    """Generates the package of a schema's text, with the text's own generator block but for the flags."""
    schema = compiled(text)
    chosen = read_options(schema, schema_folder=output.parent, flags={"output": output, **flags}, start=output.parent)
    return generate(schema, chosen, schema_folder=output.parent)


@contextmanager
def imported(text: str, folder: Path, **flags: Any) -> Iterator[ModuleType]:
    """The package of a schema, imported under a name of its own and forgotten afterwards."""
    name = f"generated_{next(_numbers)}"
    generate_text(text, folder / name, **flags)
    with importable(name, folder) as modules:
        yield modules("")


@contextmanager
def importable(name: str, folder: Path) -> Iterator[Callable[[str], ModuleType]]:
    """The function that imports a module of a package in a folder, by its file's path; all of them are forgotten afterwards."""

    def module(path: str) -> ModuleType:
        parts = [name, *path.removesuffix(".py").removesuffix("__init__").split("/")]
        return importlib.import_module(".".join(filter(None, parts)))

    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield module
    finally:
        sys.path.remove(str(folder))
        for known in [known for known in sys.modules if known.partition(".")[0] == name]:
            del sys.modules[known]
