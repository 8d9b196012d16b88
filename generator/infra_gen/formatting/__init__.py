"""Prisma's own formatting, byte for byte: what `prisma format` writes.

Two steps: the sides of relations that are missing are written (`completion`), then every file is laid out
(`infra_gen.schema.layout`). Imports both, and nothing else of ours but the sources.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra_gen.formatting.completion import completed
from infra_gen.schema.layout import laid_out
from infra_gen.schema.source import SourceFile

__all__ = ["format_files", "format_source"]


def format_source(text: str) -> str:
    """A schema of one file, formatted."""
    return format_files([SourceFile("schema.prisma", text)])[0]


def format_files(files: Sequence[SourceFile]) -> tuple[str, ...]:
    """The text of each file of a schema, formatted; files complete one another's relations. Any text can be formatted."""
    return tuple(laid_out(file) for file in completed(files))
