"""Repositories: the methods of one model, each a thin way into `client.execute`.

`Reads` holds what reads, `Repository` adds what writes; `SyncReads` and `SyncRepository` are the same for blocking code. A generated
package subclasses them with the types of its model and adds the finders.

How the signatures are typed is chosen for what checkers say: optional arguments have a default that is an Any, so their types need no
`| None` (None may still be passed), and nothing is overloaded that a user mistypes: then mypy names the wrong key.

Names and order of arguments are those of Prisma Client Python. `search` is words to look for, beside what `where` says; without an `order`
the rows that match best come first. `options` is for what is not a query: `timeout` in seconds, and what
plug-ins read. Every method raises `ArgumentError` before any SQL for arguments that make no sense, and `DataError` for what the
database refuses; see `infra_runtime.errors`. Imports `operation` and `schema` of the runtime.
"""

from __future__ import annotations

from infra_runtime.repository.awaited import Reads, Repository
from infra_runtime.repository.blocking import SyncReads, SyncRepository
from infra_runtime.repository.types import (
    NOT_GIVEN,
    Aggregate,
    CreateManyT,
    CreateT,
    FieldT,
    FoundT,
    IdT,
    IncludeT,
    Logic,
    Options,
    OrderT,
    RowT,
    Seek,
    ShapeT,
    UpdateManyT,
    UpdateT,
    UpsertManyT,
    UpsertT,
    WhereT,
    WhereUniqueT,
)

__all__ = [
    "NOT_GIVEN",
    "Aggregate",
    "CreateManyT",
    "CreateT",
    "FieldT",
    "FoundT",
    "IdT",
    "IncludeT",
    "Logic",
    "Options",
    "OrderT",
    "Reads",
    "Repository",
    "RowT",
    "Seek",
    "ShapeT",
    "SyncReads",
    "SyncRepository",
    "UpdateManyT",
    "UpdateT",
    "UpsertManyT",
    "UpsertT",
    "WhereT",
    "WhereUniqueT",
]
