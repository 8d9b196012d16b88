"""Field handles: `UserFields.email` names a column of a model, typed by its value.

In a filter a handle stands for the column's value in the same row: `{"gt": UserFields.created_at}`. Input types that mention handles
can be validated by pydantic; JSON has none, so that JSON schemas leave them out. Imports nothing of the runtime.
"""

from __future__ import annotations

from typing import Any, Generic, Never, TypeVar

Value = TypeVar("Value", covariant=True)


class FieldHandle(Generic[Value]):
    """A scalar field of a model."""

    __slots__ = ("model", "name")

    def __init__(self, model: str, name: str) -> None:
        self.model = model
        self.name = name

    def __repr__(self) -> str:
        return f"{self.model}.{self.name}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(FieldHandle)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Never:
        from pydantic_core import PydanticOmit

        raise PydanticOmit
