"""How sessions of PostgreSQL begin transactions, and what stands in the place of a connection that is not there.

Imports psycopg, `drivers.base` and the runtime's `errors`.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import pq

from infra_runtime.drivers.base import Isolation, TransactionOptions
from infra_runtime.errors import ConfigurationError

IDLE = int(pq.TransactionStatus.IDLE)
BAD = int(pq.ConnStatus.BAD)

ISOLATIONS: dict[Isolation, bytes] = {
    "read_uncommitted": b"READ UNCOMMITTED",
    "read_committed": b"READ COMMITTED",
    "repeatable_read": b"REPEATABLE READ",
    "serializable": b"SERIALIZABLE",
}


def begin_sql(options: TransactionOptions) -> bytes:
    """Errors: ConfigurationError for an isolation level that PostgreSQL does not have."""
    sql = b"BEGIN"
    if options.isolation is not None:
        if options.isolation not in ISOLATIONS:
            raise ConfigurationError(
                f"PostgreSQL has no isolation level {options.isolation}: use repeatable_read, which works on a snapshot there"
            )
        sql += b" ISOLATION LEVEL " + ISOLATIONS[options.isolation]
    return sql + b" READ ONLY" if options.read_only else sql


class _NoConnection:
    """In the place of a connection that is not there: idle, and with nothing to say."""

    transaction_status = IDLE
    status = BAD
    socket = -1

    def finish(self) -> None:
        """There is nothing to close."""

    def __getattr__(self, name: str) -> Any:
        raise psycopg.OperationalError("the connection is closed")


NOT_OPEN: Any = _NoConnection()
CLOSED: Any = _NoConnection()
