"""The table `_prisma_migrations`: what was applied to a database, with its checksum, as Prisma reads and writes it.

A row with no `finished_at` and no `rolled_back_at` is a migration that failed, or is being applied. The tables' definitions are those
Prisma's own tables have, so that either finds what it expects.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra_gen.migrations.sessions import Session

TABLE = "_prisma_migrations"
CREATE = {
    "postgresql": f"""CREATE TABLE {TABLE} (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)""",
    "mysql": f"""CREATE TABLE {TABLE} (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             DATETIME(3),
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          DATETIME(3),
    started_at              DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    applied_steps_count     INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci""",
    "sqlite": f"""CREATE TABLE "{TABLE}" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)""",
}
EXISTS = {
    "postgresql": "SELECT to_regclass('_prisma_migrations') IS NOT NULL",
    "mysql": f"SELECT count(*) > 0 FROM information_schema.tables WHERE table_schema = database() AND table_name = '{TABLE}'",
    "sqlite": f"SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = '{TABLE}'",
}


@dataclass(frozen=True, slots=True)
class Applied:
    """One row of the history."""

    id: str
    name: str
    checksum: str
    finished: bool
    rolled_back: bool
    logs: str | None

    @property
    def failed(self) -> bool:
        return not self.finished and not self.rolled_back


class History:
    """The history of one database."""

    def __init__(self, session: Session, provider: str) -> None:
        self._session = session
        self._provider = provider

    def exists(self) -> bool:
        return bool(self._session.query(EXISTS[self._provider])[0][0])

    def create(self) -> None:
        self._session.query(CREATE[self._provider])

    def drop(self) -> None:
        self._session.query(f"DROP TABLE {TABLE}")

    def rows(self) -> list[Applied]:
        """What was applied, in that order; nothing where there is no history yet."""
        if not self.exists():
            return []
        found = self._session.query(
            "SELECT id, migration_name, checksum, finished_at IS NOT NULL, rolled_back_at IS NOT NULL, logs "
            f"FROM {TABLE} ORDER BY started_at, migration_name"
        )
        return [
            Applied(str(key), str(name), str(checksum), bool(finished), bool(rolled_back), logs)
            for key, name, checksum, finished, rolled_back, logs in found
        ]

    def start(self, name: str, checksum: str) -> str:
        """Notes that a migration begins. Returns: the row's id."""
        key = str(uuid.uuid4())
        self._write(
            f"INSERT INTO {TABLE} (id, checksum, migration_name, started_at, applied_steps_count) VALUES (?, ?, ?, ?, 0)",
            (key, checksum, name, self._now()),
        )
        return key

    def finish(self, key: str) -> None:
        self._write(
            f"UPDATE {TABLE} SET finished_at = ?, applied_steps_count = applied_steps_count + 1 WHERE id = ?",
            (self._now(), key),
        )

    def fail(self, key: str, logs: str) -> None:
        self._write(f"UPDATE {TABLE} SET logs = ? WHERE id = ?", (logs, key))

    def mark_rolled_back(self, name: str) -> None:
        """Of the rows of this name that failed."""
        self._write(
            f"UPDATE {TABLE} SET rolled_back_at = ? WHERE migration_name = ? AND finished_at IS NULL AND rolled_back_at IS NULL",
            (self._now(), name),
        )

    def mark_applied(self, name: str, checksum: str) -> None:
        """Without running it: for a database that has got there otherwise."""
        key, now = str(uuid.uuid4()), self._now()
        self._write(
            f"INSERT INTO {TABLE} (id, checksum, finished_at, migration_name, logs, started_at, applied_steps_count) "
            "VALUES (?, ?, ?, ?, '', ?, 0)",
            (key, checksum, now, name, now),
        )

    def _write(self, sql: str, parameters: Sequence[Any]) -> None:
        self._session.query(sql.replace("?", self._session.mark), parameters)

    def _now(self) -> Any:
        """Now as the provider's table has it.

        SQLite holds milliseconds since 1970, as Prisma's engine writes them, or texts where Prisma's driver adapters have begun the history:
        the rows are ordered by this, and SQLite puts all numbers before all texts.
        """
        now = datetime.datetime.now(datetime.UTC)
        if self._provider == "sqlite":
            has_texts = self._session.query(f"SELECT 1 FROM {TABLE} WHERE typeof(started_at) = 'text' LIMIT 1")
            return now.isoformat(timespec="milliseconds") if has_texts else int(now.timestamp() * 1000)
        return now if self._provider == "postgresql" else now.replace(tzinfo=None)
