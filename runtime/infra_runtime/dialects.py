"""What differs between databases, as one value each: limits, abilities, and SQLAlchemy's dialect that spells the SQL.

Compiler and operations ask here instead of asking which database it is. SQLAlchemy is imported at the first compile.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from infra_runtime.schema import Provider

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine import Dialect as SqlDialect

ListPackaging = Literal["json", "array", "bucket"]


@dataclass(frozen=True)
class Dialect:
    """One database's facts."""

    name: Provider
    max_parameters: int
    """Bound parameters in one statement."""
    lists: ListPackaging
    """How a list of values travels: as one JSON text, as one array, or as as many parameters as the next power of two."""
    insert_returning: bool
    update_returning: bool
    delete_returning: bool
    upsert: bool
    """May an upsert be one native statement that answers its row?"""
    has_mode: bool
    """Does `mode: insensitive` exist?"""
    nulls_first: bool
    """Where NULLs stand in ascending order when nothing says."""
    nulls_ordering: bool
    """Does ORDER BY take NULLS FIRST and NULLS LAST?"""

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

    def skipping_duplicates(self, statement: Any) -> Any:
        """An INSERT that leaves out rows whose key is taken; never one that hides other violations."""
        return statement.prefix_with("IGNORE") if self.name == "mysql" else statement.on_conflict_do_nothing()


DIALECTS: dict[Provider, Dialect] = {
    "sqlite": Dialect("sqlite", 32766, "json", True, True, True, True, False, True, True),
    "postgresql": Dialect("postgresql", 65535, "array", True, True, True, True, True, False, True),
    "mysql": Dialect("mysql", 65535, "bucket", False, False, False, False, False, True, False),
}


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
