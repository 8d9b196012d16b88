"""What each provider's databases need to be compared and changed, as one table: reading, normalising, altering, quoting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from infra_gen import ir
from infra_gen.database.alter import mysql as alter_mysql
from infra_gen.database.alter import postgresql as alter_postgresql
from infra_gen.database.alter import sqlite as alter_sqlite
from infra_gen.database.catalog import Catalog, Column, TableName
from infra_gen.database.compare import Difference, compare
from infra_gen.database.ddl import mysql as ddl_mysql
from infra_gen.database.ddl import postgresql as ddl_postgresql
from infra_gen.database.ddl import sqlite as ddl_sqlite
from infra_gen.database.ddl.step import Step
from infra_gen.database.expected import expected_catalog
from infra_gen.database.introspect import mysql as introspect_mysql
from infra_gen.database.introspect import postgresql as introspect_postgresql
from infra_gen.database.introspect import sqlite as introspect_sqlite
from infra_gen.database.introspect.query import Query


@dataclass(frozen=True, slots=True)
class Dialect:
    """`read` takes the database schemas that the Prisma schema names; none where it names none, or the provider has none."""

    read: Callable[[Query, tuple[str, ...]], Catalog]
    normalize: Callable[[Catalog], Catalog]
    alter: Callable[[Difference, Catalog, Catalog], list[Step]]
    quote: Callable[[str], str]
    is_recreated: Callable[[Column, Column], bool]
    """Is a column dropped and made anew where its type changes from one to the other?"""
    home: Callable[[Query], tuple[str, ...]] = lambda query: ()
    """The database schema where tables are that name none."""

    def qualified(self, name: TableName) -> str:
        return f"{self.quote(name.schema)}.{self.quote(name.name)}" if name.schema else self.quote(name.name)

    def steps(self, before: Catalog, after: Catalog) -> list[Step]:
        """What leads from one catalog to another."""
        return self.alter(self.compare(before, after), before, after)

    def compare(self, before: Catalog, after: Catalog) -> Difference:
        return compare(before, after, self.normalize)


DIALECTS: dict[ir.Provider, Dialect] = {
    "sqlite": Dialect(
        lambda query, schemas: introspect_sqlite.read_catalog(query),
        introspect_sqlite.normalize,
        lambda difference, before, after: alter_sqlite.alter(difference, before),
        ddl_sqlite.quote,
        lambda before, after: False,
    ),
    "postgresql": Dialect(
        lambda query, schemas: introspect_postgresql.read_catalog(query, schemas),
        introspect_postgresql.normalize,
        alter_postgresql.alter,
        ddl_postgresql.quote,
        alter_postgresql.is_recreated,
        introspect_postgresql.home,
    ),
    "mysql": Dialect(
        lambda query, schemas: introspect_mysql.read_catalog(query),
        introspect_mysql.normalize,
        alter_mysql.alter,
        ddl_mysql.quote,
        alter_mysql.is_recreated,
    ),
}


def catalogs(schema: ir.Schema, query: Query, *, directives: bool = True) -> tuple[Catalog, Catalog]:
    """What the database of `schema` holds, as far as a schema can say it, and what it should hold.

    A partial index that is there is left out unless one of its name is wanted: Prisma's schemas have no word for most of them.
    `directives`: with what they ask for; without, what is there of it is neither wanted nor in the way.
    """
    dialect = DIALECTS[schema.datasource.provider]
    wanted = expected_catalog(schema, directives=directives)
    named = wanted.schemas if any(model.schema for model in schema.models) else ()
    live = dialect.read(query, named)
    if not directives:
        live = live.without_directives(expected_catalog(schema))
    known = {index.name for table in wanted.tables for index in table.indexes}
    return (
        live.without_indexes(lambda index: index.where is not None and index.name not in known),
        wanted if named else replace(wanted, schemas=dialect.home(query)),
    )
