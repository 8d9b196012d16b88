"""Prisma's own formatting, byte for byte: what `prisma format` writes. Imports the layout and the completion."""

from __future__ import annotations

from collections.abc import Sequence

from infra_gen.schema.layout import laid_out
from infra_gen.schema.source import SourceFile


def format_source(text: str) -> str:
    """A schema of one file, formatted."""
    return format_files([SourceFile("schema.prisma", text)])[0]


def format_files(files: Sequence[SourceFile]) -> tuple[str, ...]:
    """The text of each file of a schema, formatted."""
    return tuple(laid_out(file) for file in files)
