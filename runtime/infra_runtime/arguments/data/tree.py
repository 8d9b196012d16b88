"""The write tree: what `data` arguments become once they are checked against the schema.

Values are final driver values, by field name. Conditions (`where`) are the caller's own mappings, checked but not yet walked:
they are joined with the condition of the relation when their turn comes. Imports the runtime's `schema` only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Run:
    """Flat rows to be made that set the same columns; the values of one row after those of another."""

    columns: tuple[str, ...]
    """In the model's order."""
    values: list[Any] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    """Where each of the rows stands among all."""

    def rows(self) -> Iterator[Sequence[Any]]:
        """The values of each row."""
        width = len(self.columns)
        return (self.values[row * width : (row + 1) * width] for row in range(len(self.places)))


class Rows:
    """Flat rows to be made, with the client's defaults, by the columns that they set: mostly the same ones in all.

    `given`: columns that the row they are nested in gives them, which are None as yet.
    """

    __slots__ = ("given", "model", "runs", "size")

    def __init__(self, model: Model, given: Sequence[str] = ()) -> None:
        self.model = model
        self.given = given
        self.runs: dict[tuple[str, ...], Run] = {}
        self.size = 0

    @classmethod
    def of(cls, model: Model, rows: Sequence[Mapping[str, Any]]) -> Rows:
        """Rows of values by the names of their fields."""
        made = cls(model)
        for row in rows:
            made.add(row)
        return made

    def __len__(self) -> int:
        return self.size

    def run(self, columns: tuple[str, ...]) -> Run:
        """The rows with these columns, to add values to; then they have to be `placed`."""
        found = self.runs.get(columns)
        if found is None:
            found = self.runs[columns] = Run(columns)
        return found

    def placed(self, run: Run, rows: int) -> None:
        """Counts rows whose values were added to `run`."""
        run.places.extend(range(self.size, self.size + rows))
        self.size += rows

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a row of values by the names of their fields."""
        columns = tuple([item.name for item in self.model.scalars if item.name in values or item.name in self.given])
        run = self.run(columns)
        run.values.extend([values.get(name) for name in columns])
        self.placed(run, 1)

    def by_name(self) -> list[dict[str, Any]]:
        """The rows in their order, each with its values by the names of their fields."""
        pairs = [
            (place, dict(zip(run.columns, values, strict=True)))
            for run in self.runs.values()
            for place, values in zip(run.places, run.rows(), strict=True)
        ]
        return [row for _, row in sorted(pairs, key=lambda pair: pair[0])]

    def with_given(self, values: Mapping[str, Any]) -> Rows:
        """The same rows, with these values in what was to be given."""
        rows = Rows(self.model)
        rows.size = self.size
        for columns, run in self.runs.items():
            made = rows.runs[columns] = Run(columns, run.values.copy(), run.places)
            for name, value in values.items():
                made.values[columns.index(name) :: len(columns)] = [value] * len(run.places)
        return rows


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

    rows: Rows | tuple[CreateData, ...]
    """Rows, where the relation is a list and nothing is nested in any of them."""
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
