"""Field handles: `UserFields.email` names a column of a model, typed by its value.

In a filter a handle stands for the column's value in the same row: `{"gt": UserFields.created_at}`. Imports nothing of the runtime.
"""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class FieldHandle(Generic[Value]):
    """A scalar field of a model."""

    __slots__ = ("model", "name")

    def __init__(self, model: str, name: str) -> None:
        self.model = model
        self.name = name

    def __repr__(self) -> str:
        return f"{self.model}.{self.name}"
