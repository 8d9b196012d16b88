"""Which annotation holds which values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, TypedDict, Union

import pytest
from pydantic import BaseModel, JsonValue
from typing_extensions import TypeAliasType

from infra_runtime.projections.types import holds, text


class Role(StrEnum):
    ADMIN = "ADMIN"


class Plain(BaseModel):
    id: int


class Settings(TypedDict):
    theme: str
    sizes: NotRequired[list[int]]


class NoSettings(TypedDict):
    since: datetime


Name = TypeAliasType("Name", str)
Number = NewType("Number", int)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (str, str),
        (str | None, str),
        (Optional[str], str | None),  # noqa: UP045
        (Union[int, str], str),  # noqa: UP007
        (int | str | None, str | None),
        (object, str | None),
        (Any, list[Role]),
        (Annotated[str, "a note"], str),
        (Name, str),
        (Name | None, str | None),
        (str, Role),
        (Role | None, Role),
        (list[str], list[str]),
        (list[str | None], list[str]),
        (list[str], list[Role]),
        (list, list[int]),
        (Sequence[str], list[str]),
        (Iterable[object], list[datetime]),
        (Collection[str] | None, list[str]),
        (datetime, datetime),
        (Decimal | float, Decimal),
    ],
)
def test_a_field_holds_its_column_s_type_and_what_is_wider(wanted: Any, given: Any) -> None:
    assert holds(wanted, given)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (str, str | None),
        (float, int),
        (int, float),
        (int, bool),
        (date, datetime),
        (str, int),
        (Role, str),
        (Literal["ADMIN"], Role),
        (Literal["ADMIN"], str),
        (Number, int),
        (list[int], list[str]),
        (list[str], list[str | None]),
        (set[str], list[str]),
        (tuple[str, ...], list[str]),
        (str, list[str]),
        (Plain, int),
        (float, Decimal),
        (None, int),
    ],
)
def test_it_holds_nothing_that_is_narrower_or_would_have_to_be_converted(wanted: Any, given: Any) -> None:
    assert not holds(wanted, given)


@pytest.mark.parametrize(
    "wanted",
    [
        Any,
        JsonValue,
        dict[str, Any],
        dict[str, JsonValue] | None,
        Mapping[str, int],
        list[dict[str, list[int | None]]],
        Sequence[float],
        Settings,
        Settings | None,
        Literal["dark", "light", 1, None],
        dict,
        bool,
    ],
)
def test_json_is_held_by_what_json_is_made_of(wanted: Any) -> None:
    assert holds(wanted, Any)


@pytest.mark.parametrize(
    "wanted", [Plain, datetime, dict[int, str], list[Plain], set[int], NoSettings, bytes, str | Plain]
)
def test_json_is_held_by_nothing_else(wanted: Any) -> None:
    assert not holds(wanted, Any)


def test_json_that_may_be_null_needs_a_place_for_none() -> None:
    assert holds(dict[str, Any] | None, Optional[Any])  # noqa: UP045
    assert not holds(dict[str, Any], Optional[Any])  # noqa: UP045


@pytest.mark.parametrize(
    ("annotation", "written"),
    [
        (str, "str"),
        (Optional[str], "str | None"),  # noqa: UP045
        (list[Role], "list[Role]"),
        (dict[str, list[int]] | None, "dict[str, list[int]] | None"),
        (tuple[str, ...], "tuple[str, ...]"),
        (Annotated[int, 3], "int"),
        (Literal["a", 1], "Literal['a', 1]"),
        (Any, "Any"),
    ],
)
def test_types_are_told_as_they_are_written(annotation: Any, written: str) -> None:
    assert text(annotation) == written
