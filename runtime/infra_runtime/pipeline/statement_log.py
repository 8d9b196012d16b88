"""Statements in the log: a statement hook for `log_queries=True`. Imports `effects` and `errors`.

The SQL and the codes of errors only: parameters may be anybody's secrets, and a database's own words may quote them.
"""

from __future__ import annotations

import logging

from infra_runtime.effects import Statement
from infra_runtime.errors import DataError, InfraError

_log = logging.getLogger("infra_runtime.sql")


def log_statement(statement: Statement, seconds: float, error: BaseException | None) -> None:
    """Logs a statement with its time at level INFO, one that failed with its error at WARNING."""
    if error is None:
        _log.info("%.2f ms  %s", seconds * 1000, statement.sql)
    else:
        _log.warning("%.2f ms  %s  %s", seconds * 1000, statement.sql, _told(error))


def _told(error: BaseException) -> str:
    """The class of an error, with Prisma's code and the database's where it has them."""
    codes = [error.code] if isinstance(error, InfraError) else []
    if isinstance(error, DataError):
        codes.append(error.meta.get("code"))
    return " ".join([type(error).__name__, *(str(code) for code in codes if code is not None)])
