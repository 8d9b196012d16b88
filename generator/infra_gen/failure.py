"""The root of what can go wrong for a user of the toolkit, told in one paragraph. Imports nothing."""

from __future__ import annotations


class Failure(Exception):
    """A mistake or a circumstance of the user's: its text says what, where, and what to do. No traceback is shown.

    `file` and `line` are the place for programs, where there is one: the text names it, too.
    """

    def __init__(self, text: str, *, file: str = "", line: int = 0) -> None:
        super().__init__(text)
        self.file = file
        self.line = line
