"""The root of what can go wrong for a user of the toolkit, told in one paragraph. Imports nothing."""

from __future__ import annotations


class Failure(Exception):
    """A mistake or a circumstance of the user's: its text says what, where, and what to do. No traceback is shown."""
