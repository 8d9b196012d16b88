"""Statements in the log: a statement hook for `log_queries=True`. Imports `effects`.

Texts only: parameters may be anybody's secrets.
"""

from __future__ import annotations

import logging

from infra_runtime.effects import Statement

_log = logging.getLogger("infra_runtime.sql")


def log_statement(statement: Statement, seconds: float, error: BaseException | None) -> None:
    """Logs a statement with its time at level INFO, one that failed with its error at WARNING."""
    if error is None:
        _log.info("%.2f ms  %s", seconds * 1000, statement.sql)
    else:
        _log.warning("%.2f ms  %s  %s: %s", seconds * 1000, statement.sql, type(error).__name__, error)
