"""The SQL that makes a database of a catalog, as Prisma's migrations write it: one dialect per module, one table of them.

A dialect turns a catalog into `Step`s; a step is a comment (`-- CreateTable`) and one statement.
"""

from __future__ import annotations

from collections.abc import Callable

from infra_gen import ir
from infra_gen.database.catalog import Catalog
from infra_gen.database.ddl import mysql, postgresql, sqlite
from infra_gen.database.ddl.step import Step
from infra_gen.database.expected import expected_catalog

CREATE: dict[ir.Provider, Callable[[Catalog], list[Step]]] = {
    "sqlite": sqlite.create,
    "postgresql": postgresql.create,
    "mysql": mysql.create,
}


def create_steps(schema: ir.Schema, *, directives: bool = True) -> list[Step]:
    """The steps from an empty database to one of `schema`, in an order in which they run.

    `directives`: with what they ask for, of which Prisma knows nothing.
    """
    return CREATE[schema.datasource.provider](expected_catalog(schema, directives=directives))


def statements(schema: ir.Schema) -> list[str]:
    """The statements of `create_steps`, without closing semicolons."""
    return [sql for step in create_steps(schema) for sql in step.statements]


def script(steps: list[Step]) -> str:
    """The steps as the text of a `migration.sql`."""
    return "\n".join(_written(step) for step in steps)


def _written(step: Step) -> str:
    remark = "".join(f"-- {line}\n" for line in step.remark)
    return f"-- {step.comment}\n{remark}" + ("\n\n" if remark else "") + f"{step.sql};\n"
