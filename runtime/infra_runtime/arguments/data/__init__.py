"""The `data` arguments of writes → an immutable write tree, checked against the schema before any SQL.

`tree` has the nodes, `walk` the way there. Imports the runtime's `engine`, `schema`, `errors`, `values` and the walkers of `where`.
"""

from infra_runtime.arguments.data.tree import (
    Assignment,
    Connect,
    ConnectOrCreate,
    Create,
    CreateData,
    Delete,
    DeleteMany,
    Disconnect,
    Nested,
    Rows,
    Run,
    Set,
    Step,
    Update,
    UpdateData,
    UpdateMany,
    Upsert,
    Where,
)
from infra_runtime.arguments.data.walk import DataWalk

__all__ = [
    "Assignment",
    "Connect",
    "ConnectOrCreate",
    "Create",
    "CreateData",
    "DataWalk",
    "Delete",
    "DeleteMany",
    "Disconnect",
    "Nested",
    "Rows",
    "Run",
    "Set",
    "Step",
    "Update",
    "UpdateData",
    "UpdateMany",
    "Upsert",
    "Where",
]
