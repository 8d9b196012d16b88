"""Converting names between the schema's spelling and Python's. Pure; imports nothing of ours.

What Python has taken (keywords, methods) is the plan's matter; here only letters are changed.
"""

from __future__ import annotations

import re

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """`UserProfile` → `user_profile`, `HTTPServer` → `http_server`, `createdAt` → `created_at`."""
    return _BOUNDARY.sub("_", name).lower()


def pascal_case(name: str) -> str:
    """`user_profile` → `UserProfile`; capitals within a word are kept (`HTTPServer`)."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part)
