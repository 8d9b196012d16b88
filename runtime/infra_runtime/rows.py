"""Rows: what queries of a generated package answer.

A row is a pydantic model, frozen unless the generator was told otherwise. Queries build it from decoded values without validating
them again; `model_dump`, `model_dump_json`, `model_validate`, pickle, copy and `==` are pydantic's own.

A relation is a field that `relation()` marks. For checkers its type is exact; for pydantic it is Any, so that hundreds of models that
refer to each other need not be imported together. A relation the query did not include is absent: reading it raises
`RelationNotLoadedError` (no AttributeError, which `from_attributes` would take for "use the default"). Rows made by validation have no
relation loaded.

Imports `errors` and `schema` of the runtime.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from importlib import import_module
from itertools import repeat
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticUndefined

from infra_runtime.errors import RelationNotLoadedError
from infra_runtime.schema import Enum, Model, Schema

RowType = TypeVar("RowType", bound=BaseModel)

_BOOKKEEPING: dict[str, Callable[[Any], Any]] = {
    "__pydantic_fields_set__": lambda row: set(vars(row)),
    "__pydantic_extra__": lambda row: None,
    "__pydantic_private__": lambda row: _private_values(row),
}
"""The slots a pydantic model has beside its values: filled when something first asks for them, as few rows are ever asked."""


class _Relation:
    """What `relation()` leaves in a class body until the class is made."""

    __slots__ = ("optional",)

    def __init__(self, optional: bool) -> None:
        self.optional = optional


def relation(*, optional: bool = False) -> Any:
    """Marks a field as a relation. `optional`: it reads as None when it was not loaded, instead of raising."""
    return _Relation(optional)


def _not_loaded() -> None:
    """The default of a relation while pydantic validates; no row keeps it."""


def _private_values(row: Any) -> dict[str, Any] | None:
    values = {name: attribute.get_default() for name, attribute in type(row).__private_attributes__.items()}
    return {name: value for name, value in values.items() if value is not PydanticUndefined} or None


class Unvalidated:
    """What instances have that are made from values alone (`row_maker`): the rest of a pydantic model when something asks for it."""

    # Hidden from checkers: with it in sight, every misspelt attribute would be an Any.
    def _missing(self, name: str) -> Any:
        fill = _BOOKKEEPING.get(name)
        if fill is None:
            return super().__getattr__(name)  # type: ignore[misc]
        value = fill(self)
        object.__setattr__(self, name, value)
        return value

    vars()["__getattr__"] = _missing
    del _missing


class _Relations(Unvalidated):
    """What rows have beside pydantic's: relations that are there only when they were loaded."""

    __relations__: ClassVar[Mapping[str, _Relation]] = {}

    def __init_subclass__(cls, **config: Any) -> None:
        super().__init_subclass__(**config)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, _Relation)}
        for name in own:
            cls.__annotations__[name] = Any
            setattr(cls, name, Field(default_factory=_not_loaded))
        cls.__relations__ = {**cls.__relations__, **own}

    def model_post_init(self, context: Any, /) -> None:
        """Drops what validation put in place of relations."""
        for name in self.__relations__:
            vars(self).pop(name, None)
            vars(BaseModel)["__pydantic_fields_set__"].__get__(self).discard(name)

    # Hidden from checkers: with it in sight, every misspelt attribute would be an Any.
    def _missing(self, name: str) -> Any:
        marked = type(self).__relations__.get(name)
        if marked is None:
            return super().__getattr__(name)  # type: ignore[misc]
        if marked.optional:
            return None
        raise RelationNotLoadedError(
            f"{type(self).__name__}.{name} was not loaded: ask for it with include={{{name!r}: True}}."
        )

    vars()["__getattr__"] = _missing
    del _missing


UNVALIDATED = ConfigDict(protected_namespaces=(), defer_build=True, ser_json_bytes="base64", val_json_bytes="base64")


class Row(_Relations, BaseModel, frozen=True):
    """The base of rows that cannot be changed."""

    model_config = UNVALIDATED


class MutableRow(_Relations, BaseModel):
    """The base of rows whose fields can be assigned; that changes nothing in the database."""

    model_config = UNVALIDATED


_set_values: Callable[[Any, dict[str, Any]], None] = vars(BaseModel)["__dict__"].__set__


def row_maker(row: type[RowType]) -> Callable[[dict[str, Any]], RowType]:
    """The function that makes rows of a class from decoded values, which become the row's own `__dict__`."""
    new = row.__new__

    def make(values: dict[str, Any]) -> RowType:
        made = new(row)
        _set_values(made, values)
        return made

    return make


def rows_maker(row: type[RowType]) -> Callable[[list[dict[str, Any]]], list[RowType]]:
    """`row_maker` for many: without a call of Python's for each row."""
    new, make_one = row.__new__, row_maker(row)

    def make(values: list[dict[str, Any]]) -> list[RowType]:
        if len(values) == 1:
            return [make_one(values[0])]
        made = list(map(new, repeat(row, len(values))))
        deque(map(_set_values, made, values), 0)
        return made

    return make


def row_class(cls: type) -> type | None:
    """The class that was generated for a model: `cls` itself, or the one it is made from; None for any other class."""
    return next((item for item in cls.__mro__ if Row in item.__bases__ or MutableRow in item.__bases__), None)


class PackageRows:
    """The row classes and enums of a generated package, imported when the first query needs them; and the way back from them.

    Args:
        module: the name of a module in the package.
        renamed: the Python names of those models and enums that could not keep the schema's.
    """

    def __init__(self, module: str, renamed: Mapping[str, str] | None = None) -> None:
        self._package = module.rpartition(".")[0]
        self._renamed = renamed or {}

    @staticmethod
    def of(row: type) -> PackageRows | None:
        """The package that a row class, or a subclass of one, is from; None for any other class."""
        made = row_class(row)
        if made is None or "." not in made.__module__:
            return None
        client = f"{made.__module__.rpartition('.')[0]}.client"
        try:
            found = getattr(import_module(client), "ROWS", None)
        except ModuleNotFoundError as error:
            if error.name != client:
                raise
            return None
        return found if isinstance(found, PackageRows) else None

    @property
    def schema(self) -> Schema:
        """The metadata of the package."""
        return import_module(f"{self._package}.schema").SCHEMA  # type: ignore[no-any-return]

    def model(self, row: type) -> Model:
        """The model of a row class of this package."""
        name = (row_class(row) or row).__name__
        source = next((source for source, renamed in self._renamed.items() if renamed == name), name)
        return self.schema.model[source]

    def row_class(self, model: str) -> type[BaseModel]:
        """The row class of a model."""
        return self._named(model)  # type: ignore[no-any-return]

    def _named(self, name: str) -> Any:
        return getattr(import_module(self._package), self._renamed.get(name, name))

    def row(self, model: Model) -> Callable[[dict[str, Any]], Any]:
        """Makes a row of `model` from decoded values."""
        return row_maker(self.row_class(model.name))

    def rows(self, model: Model) -> Callable[[list[dict[str, Any]]], list[Any]]:
        """Makes rows of `model` from the decoded values of each."""
        return rows_maker(self.row_class(model.name))

    def enum(self, enum: Enum) -> Callable[[str], Any]:
        """Makes a member of `enum` from its name in the schema."""
        members: dict[str, Any] = {member.value: member for member in self._named(enum.name)}
        return members.__getitem__
