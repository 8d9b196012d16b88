"""The write tree: what `data` arguments become once they are checked against the schema.

Values are final driver values, by field name. Conditions (`where`) are the caller's own mappings, checked but not yet walked:
they are joined with the condition of the relation when their turn comes. Imports the runtime's `schema` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from infra_runtime.schema import Model, RelationField, ScalarField

AssignmentOperator = Literal["set", "increment", "decrement", "multiply", "divide", "push"]
Where: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One column of an UPDATE: `field <operator> value`."""

    field: ScalarField
    operator: AssignmentOperator
    value: Any


@dataclass(frozen=True, slots=True)
class CreateData:
    """A row to be made. `values` has the client's defaults in it, and lacks foreign keys that nested writes provide."""

    model: Model
    values: dict[str, Any]
    before: tuple[Nested, ...] = ()
    """Nested writes with something to do before the row, in the order in which it is done."""
    others: tuple[Nested, ...] = ()
    """Nested writes with something to do after the row."""

    @property
    def is_flat(self) -> bool:
        """Is it one row and nothing else?"""
        return not self.before and not self.others

    @property
    def waits(self) -> bool:
        """Do other rows give this one its foreign keys?"""
        return any(item.relation.is_owner for item in self.before)

    @property
    def ends_with_row(self) -> bool:
        """Is the row itself the last thing that is written?"""
        return not self.others


@dataclass(frozen=True, slots=True)
class UpdateData:
    """Changes of rows. `touched` are values that every update sets (`@updatedAt`), where the caller set none."""

    model: Model
    assignments: tuple[Assignment, ...]
    touched: tuple[Assignment, ...] = ()
    before: tuple[Nested, ...] = ()
    """As in `CreateData`."""
    others: tuple[Nested, ...] = ()
    """As in `CreateData`."""

    @property
    def is_flat(self) -> bool:
        """Are there no nested writes?"""
        return not self.before and not self.others

    @property
    def ends_with_row(self) -> bool:
        """Is the row itself the last thing that is written?"""
        return not self.others


@dataclass(frozen=True, slots=True)
class Nested:
    """One nested operation: `{"posts": {"connect": …}}`."""

    relation: RelationField
    step: Step
    precedes_row: bool = False
    """Does it begin before the row: because it gives the row's own foreign key its value, or looks for the one row to be connected?"""


@dataclass(frozen=True, slots=True)
class Create:
    """`create` and `create_many`."""

    rows: tuple[CreateData, ...]
    skip_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Connect:
    wheres: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class ConnectOrCreate:
    choices: tuple[tuple[Where, CreateData], ...]


@dataclass(frozen=True, slots=True)
class Set:
    wheres: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Disconnect:
    """On a to-one relation there is one condition, `{}` for `True`."""

    wheres: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """On a to-one relation there is one condition, `{}` for `True`."""

    wheres: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Update:
    changes: tuple[tuple[Where, UpdateData], ...]


@dataclass(frozen=True, slots=True)
class UpdateMany:
    changes: tuple[tuple[Where, UpdateData], ...]


@dataclass(frozen=True, slots=True)
class Upsert:
    choices: tuple[tuple[Where, CreateData, UpdateData], ...]


@dataclass(frozen=True, slots=True)
class DeleteMany:
    wheres: tuple[Where, ...]


Step: TypeAlias = (
    Create | Connect | ConnectOrCreate | Set | Disconnect | Delete | Update | UpdateMany | Upsert | DeleteMany
)
