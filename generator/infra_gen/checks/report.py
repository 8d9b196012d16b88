"""Where checks put what they find. Imports only the sources."""

from __future__ import annotations

from infra_gen.schema.source import Diagnostic, SourceFile, Span


class Report:
    """Collects diagnostics, in whatever order the checks run, and gives them in the order of the source."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}
        self.has_errors = False
        self.said = 0
        """How often something was reported, be it found already."""
        self.about: object = None
        """What is being looked at."""
        self.doubtful: set[object] = set()
        """What something was reported of while it was looked at."""

    @property
    def count(self) -> int:
        """How many different things were found so far."""
        return len(self._found)

    def error(self, message: str, span: Span) -> None:
        """Refuse the schema. The same sentence at the same place counts once."""
        self._say(Diagnostic(message, span))
        self.has_errors = True

    def warning(self, message: str, span: Span) -> None:
        """Say that something is doubtful, without refusing the schema."""
        self._say(Diagnostic(message, span, "warning"))

    def _say(self, diagnostic: Diagnostic) -> None:
        self._found[diagnostic] = None
        self.said += 1
        self.doubtful.add(self.about)

    def attribute_error(self, attribute: str, message: str, span: Span) -> None:
        """An error of an attribute; `attribute` with its signs: `@id`, `@@index`."""
        self.error(f'Error parsing attribute "{attribute}": {message}', span)

    def in_source_order(self, files: tuple[SourceFile, ...]) -> tuple[Diagnostic, ...]:
        """Everything found, sorted by file and position."""
        rank = {id(file): number for number, file in enumerate(files)}
        return tuple(sorted(self._found, key=lambda item: (rank.get(id(item.span.file.whole), 0), item.span.offset)))
