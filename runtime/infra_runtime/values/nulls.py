"""The null markers of Json fields: a database NULL is not the JSON value null.

Source: Prisma's documentation, "Working with Json fields: Using null values". Imports nothing.
"""

from __future__ import annotations

from typing import Final


class NullMarker:
    """One of `DbNull`, `JsonNull` and `AnyNull`; compared by identity, also after pickling and copying."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return self._name


DbNull: Final = NullMarker("DbNull")
"""The column holds NULL."""
JsonNull: Final = NullMarker("JsonNull")
"""The column holds the JSON value null."""
AnyNull: Final = NullMarker("AnyNull")
"""Either of them; in filters only."""
