"""The shapes of conditions, and how they are joined.

Shapes (a value is a slot, a field reference is a name):

    ("true",)  ("false",)  ("and", (…))  ("or", (…))  ("not", shape)
    ("null", field, is_null)
    ("compare", field, operator, operand)                 operand: ("value", slot) | ("field", name)
    ("in", field, list)                                   see Walk.list_slot
    ("in field", field, name, insensitive)                in a list column of the same row
    ("like", field, kind, operand, insensitive)
    ("search", (field, …), slot)                          the fields are searched together
    ("found", …)                                          words are searched for, see `search`
    ("list", field, operator, operand)
    ("json", field, path, operator, operand)              path: slot | None
    ("relation", name, quantifier, shape | None)          with the scopes of the model it leads to beside it

Imports `walk`.
"""

from __future__ import annotations

from infra_runtime.arguments.walk import Shape

TRUE: Shape = ("true",)
"""Nothing is said: no condition at all. OR and NOT pass over it, as in Prisma."""
FALSE: Shape = ("false",)
ONE_OF_NONE: Shape = ("or", ())
"""An empty OR: it matches nothing, but as an operand of AND it is passed over, as in Prisma."""


def both(one: Shape, other: Shape) -> Shape:
    """One condition and the other."""
    if one == TRUE:
        return other
    return one if other == TRUE else ("and", (one, other))


def all_of(shapes: list[Shape]) -> Shape:
    """All of the conditions."""
    said = [shape for shape in shapes if shape != TRUE]
    if not said:
        return TRUE
    return said[0] if len(said) == 1 else ("and", tuple(said))


def like_pattern(kind: str, text: str) -> str:
    """A LIKE pattern (escape character `\\`) in which the text's own wildcards are characters."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{'' if kind == 'startswith' else '%'}{escaped}{'' if kind == 'endswith' else '%'}"
