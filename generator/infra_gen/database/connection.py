"""A plain connection for DDL: outside the client, its pools and its plans. SQLite for now."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class SqliteConnection:
    """Runs DDL on an open `sqlite3` connection, all of it or none."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    @classmethod
    def open(cls, path: Path | str) -> SqliteConnection:
        """Opens (and so makes) the file at `path`.

        Raises:
            sqlite3.OperationalError: the file cannot be opened.
        """
        return cls(sqlite3.connect(path, isolation_level=None))

    def close(self) -> None:
        self._raw.close()

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        return self._raw.execute(sql, parameters).fetchall()

    def run(self, statements: Sequence[str]) -> None:
        """Runs all of `statements` in one transaction.

        Foreign keys are off meanwhile, as tables may be rebuilt, and are checked before the commit: the PRAGMAs of a script
        do nothing within a transaction (https://www.sqlite.org/pragma.html#pragma_foreign_keys), so they are left out.
        """
        was_on = bool(self.query("PRAGMA foreign_keys")[0][0])
        self._raw.execute("PRAGMA foreign_keys = OFF")
        try:
            self._raw.execute("BEGIN IMMEDIATE")
            try:
                for sql in statements:
                    if not sql.startswith("PRAGMA"):
                        self._raw.execute(sql)
                broken = self.query("PRAGMA foreign_key_check")
                if broken:
                    raise sqlite3.IntegrityError(
                        f"rows of {broken[0][0]} refer to rows of {broken[0][2]} that are not there"
                    )
                self._raw.execute("COMMIT")
            except BaseException:
                self._raw.execute("ROLLBACK")
                raise
        finally:
            self._raw.execute(f"PRAGMA foreign_keys = {'ON' if was_on else 'OFF'}")
