"""What differs between databases, as one value each: limits, abilities, and SQLAlchemy's dialect that spells the SQL.

Compiler and operations ask here instead of asking which database it is. SQLAlchemy is imported at the first compile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from infra_runtime.schema import Provider

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine import Dialect as SqlDialect

ListPackaging = Literal["json", "array", "literals"]
FullText = Literal["tsvector", "match"]
SearchIndexKind = Literal["tsvector", "match", "fts5"]


@dataclass(frozen=True)
class Dialect:
    """One database's facts."""

    name: Provider
    max_parameters: int
    """Bound parameters in one statement."""
    lists: ListPackaging
    """How a list of values travels: as one JSON text, as one array, or as a list of literals, where the driver
    writes values into the text."""
    insert_returning: bool = True
    update_returning: bool = True
    delete_returning: bool = True
    upsert: bool = True
    """May an upsert be one native statement that answers its row?"""
    has_mode: bool = False
    """Does `mode: insensitive` exist?"""
    nulls_first: bool = True
    """Where NULLs stand in ascending order when nothing says."""
    nulls_ordering: bool = True
    """Does ORDER BY take NULLS FIRST and NULLS LAST?"""
    rows_at_once: int | None = None
    """How many rows one INSERT should make at most, where more of them spare no round trip."""
    copies_from: int | None = None
    """From how many rows on a bulk is faster by COPY; None where there is none."""
    statement_bytes: int | None = None
    """How long one statement should be at most, its values with it, where a server takes no longer ones."""
    default_in_values: bool = True
    """May a row of an INSERT leave a column to its default, by DEFAULT, where other rows do not?"""
    inserts_unfound: bool = False
    """Is a row that an upsert has not found inserted by itself? It takes an INSERT that answers it and, where it fails, leaves an open transaction
    as it was."""
    answers_skipped: bool = False
    """Does an INSERT that skips duplicates answer the rows that were there, too?"""
    reads_what_it_writes: bool = True
    """May a subquery of an UPDATE or DELETE read the table that is written?"""
    sees_newest_by_lock: bool = False
    """Does a transaction see what others committed since its first read only in rows that it locks?"""
    no_action_restricts: bool = False
    """Is the referential action NoAction another name for Restrict?"""
    seeks_rows: bool = True
    """Does a comparison of rows, `(a, b) > (x, y)`, find its place in an index?"""
    orders_enums_by_place: bool = False
    """Are enums ordered by the places of their values, and yet compared by their texts?"""
    compares_by_collation: bool = False
    """Are texts that differ, as in their case, equal to the database?"""
    rounds_quotients: bool = False
    """Is the quotient of whole numbers rounded, not cut, where it is stored as one?"""
    full_text: FullText | None = None
    """How text fields are searched in the database's own language of searches, as Prisma has it; None where they cannot be."""
    pipelines: bool = False
    """Do several statements take no longer on their way than one?"""
    explains: str = "EXPLAIN"
    """What makes a query answer how it would be executed."""
    analyzes: str | None = "EXPLAIN ANALYZE"
    """The same, with what was measured while it was; None where nothing is."""
    search_index: SearchIndexKind = "fts5"
    """What searches for words are made of."""
    aggregates: Mapping[tuple[str, str], str] = field(default_factory=dict, hash=False)
    """What functions are called here that have another name for a type: by function and Prisma type."""

    @cached_property
    def sql(self) -> SqlDialect:
        """SQLAlchemy's dialect, with the placeholders of our driver."""
        if self.name == "sqlite":
            return _sqlite_dialect()
        if self.name == "postgresql":
            from sqlalchemy.dialects import postgresql

            dialect: Any = postgresql.dialect
            return dialect(paramstyle="numeric_dollar")  # type: ignore[no-any-return]
        from sqlalchemy.dialects import mysql

        dialect = mysql.dialect
        return dialect(paramstyle="format")  # type: ignore[no-any-return]

    def insert(self, table: Table) -> Any:
        """The dialect's own INSERT, which can do upserts."""
        if self.name == "sqlite":
            from sqlalchemy.dialects.sqlite import insert as sqlite_insert

            return sqlite_insert(table)
        if self.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as postgresql_insert

            return postgresql_insert(table)
        from sqlalchemy.dialects.mysql import insert as mysql_insert

        return mysql_insert(table)

    def literal(self, text: str) -> Any:
        """A text that is part of the SQL: never a value of somebody's."""
        from sqlalchemy import String, literal_column

        escaped = text.replace("'", "''")
        if self.name == "mysql":
            escaped = escaped.replace("\\", "\\\\")
        return literal_column(f"'{escaped}'", String())

    def skipping_duplicates(self, statement: Any, column: Any) -> Any:
        """An INSERT that leaves out rows whose key is taken; never one that hides other violations, as INSERT IGNORE does.

        `column`: one of those that are set. MySQL is told to set it to what it is in the row that is there.
        """
        if self.name == "mysql":
            return statement.on_duplicate_key_update({column.name: column})
        return statement.on_conflict_do_nothing()


DIALECTS: dict[Provider, Dialect] = {
    "sqlite": Dialect(
        "sqlite",
        max_parameters=32766,
        lists="json",
        # A longer text is no faster to run, but slower to prepare, and each that was is kept.
        rows_at_once=100,
        default_in_values=False,
        explains="EXPLAIN QUERY PLAN",
        analyzes=None,
    ),
    "postgresql": Dialect(
        "postgresql",
        max_parameters=65535,
        lists="array",
        copies_from=200,
        has_mode=True,
        nulls_first=False,
        full_text="tsvector",
        pipelines=True,
        search_index="tsvector",
        aggregates={("min", "Boolean"): "bool_and", ("max", "Boolean"): "bool_or"},
    ),
    "mysql": Dialect(
        "mysql",
        max_parameters=65535,
        lists="literals",
        insert_returning=False,
        update_returning=False,
        delete_returning=False,
        upsert=False,
        nulls_ordering=False,
        reads_what_it_writes=False,
        sees_newest_by_lock=True,
        # Every server's max_allowed_packet is larger, also when all characters take four bytes.
        statement_bytes=1 << 20,
        no_action_restricts=True,
        seeks_rows=False,
        orders_enums_by_place=True,
        compares_by_collation=True,
        rounds_quotients=True,
        full_text="match",
        search_index="match",
    ),
}

PRODUCTS: dict[str, Dialect] = {
    "mariadb": replace(
        DIALECTS["mysql"],
        insert_returning=True,
        delete_returning=True,
        inserts_unfound=True,
        answers_skipped=True,
        analyzes="ANALYZE",
    ),
}
"""Servers that can do more than others of their provider, by the name that their pool gives them."""


def _sqlite_dialect() -> SqlDialect:
    """SQLAlchemy's SQLite dialect, but for its habit of writing `OFFSET 0` as a parameter: every parameter is a slot of ours."""
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

    class Compiler(SQLiteCompiler):
        def limit_clause(self, select: Any, **options: Any) -> str:
            text = ""
            if select._limit_clause is not None:
                text += "\n LIMIT " + self.process(select._limit_clause, **options)
            elif select._offset_clause is not None:
                text += "\n LIMIT -1"
            if select._offset_clause is not None:
                text += " OFFSET " + self.process(select._offset_clause, **options)
            return text

    dialect: Any = sqlite.dialect(paramstyle="qmark")
    dialect.statement_compiler = Compiler
    return dialect  # type: ignore[no-any-return]
