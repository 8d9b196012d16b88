"""What documentation says to people: without what it says to tools. Imports the syntax tree and the registry."""

from __future__ import annotations

from collections.abc import Iterator

from infra_gen.directives.registry import Registry
from infra_gen.schema.source import Span
from infra_gen.schema.syntax import Documentation


def prose(documentation: Documentation | None, registry: Registry) -> str:
    """The text of a documentation without directives, wherever they stand, and without the lines that begin with another tool's.

    A line of which nothing is left is left out; what holds none stays as it is.
    """
    if documentation is None:
        return ""
    cuts = tuple(_cuts(documentation, registry)) if documentation.annotations else ()
    lines: list[str] = []
    for line in documentation.lines:
        touching = [cut for cut in cuts if cut.start < line.end and line.start < cut.end]
        rest = _without(line, touching)
        if rest or not touching:
            lines += [part for part in rest.split("\n") if not part.lstrip().startswith("@")]
    return "\n".join(lines).strip()


def _cuts(documentation: Documentation, registry: Registry) -> Iterator[Span]:
    """What is no prose: directives, and of another tool's at the beginning of a line all lines that it touches."""
    beginnings = {line.start for line in documentation.lines}
    for annotation in documentation.annotations:
        span = annotation.span
        if registry.claims(annotation):
            yield span
        elif span.start in beginnings:
            last = next(line for line in documentation.lines if span.end <= line.end)
            yield Span(span.file, span.start, last.end)


def _without(line: Span, cuts: list[Span]) -> str:
    """A line without those parts; what stood on both sides of one is joined by a blank."""
    if not cuts:
        return line.text
    pieces: list[str] = []
    kept = line.start
    for cut in cuts:
        pieces.append(line.file.text[kept : cut.start])
        kept = min(cut.end, line.end)
    pieces.append(line.file.text[kept : line.end])
    return " ".join(filter(None, (piece.strip() for piece in pieces)))
