"""Converting names between the schema's spelling and Python's. Pure; imports nothing of ours.

What Python has taken (keywords, methods) is the plan's matter; here only letters are changed.
"""

from __future__ import annotations

from infra_runtime.configuration.spelling import snake_case

__all__ = ["pascal_case", "snake_case"]


def pascal_case(name: str) -> str:
    """`user_profile` → `UserProfile`; capitals within a word are kept (`HTTPServer`)."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part)
