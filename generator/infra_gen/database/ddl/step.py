"""One step of a DDL script, and the few phrases all dialects share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from infra_gen.database.catalog import ForeignKey, KeyColumn

ACTIONS = {
    "Cascade": "CASCADE",
    "Restrict": "RESTRICT",
    "NoAction": "NO ACTION",
    "SetNull": "SET NULL",
    "SetDefault": "SET DEFAULT",
}


SEARCH, DROP_SEARCH = "CreateSearchIndex", "DropSearchIndex"
"""The headings of steps that a directive asks for, of which Prisma knows nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """`comment` is the heading Prisma gives the step; `statements` have no semicolon. `remark` stands above them, in lines of comment."""

    comment: str
    statements: tuple[str, ...]
    remark: tuple[str, ...] = ()

    @classmethod
    def of(cls, comment: str, *statements: str) -> Step:
        return cls(comment, statements)

    @property
    def sql(self) -> str:
        """The statements as a script has them, without the last semicolon."""
        return ";\n".join(self.statements)


def listed(quote: Callable[[str], str], names: Iterable[str], separator: str = ", ") -> str:
    """Quoted names in brackets: `("a", "b")`."""
    return f"({separator.join(quote(name) for name in names)})"


def key_columns(quote: Callable[[str], str], columns: Iterable[KeyColumn]) -> str:
    """Index columns in brackets, with length, operator class and order: `("a", "b" DESC)`."""
    return f"({', '.join(_key_column(quote, column) for column in columns)})"


def _key_column(quote: Callable[[str], str], column: KeyColumn) -> str:
    length = f"({column.length})" if column.length else ""
    operator_class = f" {column.operator_class}" if column.operator_class else ""
    sort = f" {column.sort}" if column.sort else ""
    return f"{quote(column.name)}{length}{operator_class}{sort}"


def referential_actions(key: ForeignKey) -> str:
    return f"ON DELETE {ACTIONS[key.on_delete]} ON UPDATE {ACTIONS[key.on_update]}"
