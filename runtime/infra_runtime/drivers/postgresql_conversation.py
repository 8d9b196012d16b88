"""What is said to PostgreSQL, and what its answers mean: one set of generators that yield where they have to wait for the socket.

Statements stay prepared, parameters go as text, results come in binary. psycopg's own cursors are not used: a point read would take
twice as long. Imports psycopg, and the runtime's `errors`, `effects`, `schema` and `urls`.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import OrderedDict
from collections.abc import Generator, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGconn, PGresult

from infra_runtime.drivers.postgresql_copy import copy_texts, copying
from infra_runtime.drivers.postgresql_errors import (
    INTERRUPTED,
    Report,
    report_of,
    translate,
    unreadable,
)
from infra_runtime.drivers.postgresql_session import BAD, CLOSED, IDLE, NOT_OPEN
from infra_runtime.drivers.postgresql_sockets import READ, WRITE, cancel
from infra_runtime.drivers.postgresql_url import statement_cache_size
from infra_runtime.drivers.postgresql_values import CATALOG, Portal, Prepared, Types, texts
from infra_runtime.drivers.wording import interrupted, late, lost, no_unicode
from infra_runtime.effects import Statement
from infra_runtime.errors import (
    ClientNotConnectedError,
    InfraError,
    RawQueryError,
    TransactionError,
)
from infra_runtime.schema import Schema
from infra_runtime.urls import DatabaseUrl

Answer = TypeVar("Answer")

Steps = Generator[int, bool | None, Answer]
"""Yield what the socket is to be waited for; are sent whether what there was to read has been read already."""

MOST_PARAMETERS_PREPARED = 200
"""A statement with more is one of many rows; how many will hardly be the same again, so it is not kept prepared."""

# libpq's numbers: comparing with members of psycopg's enums costs more than reading a row.
COMMAND_OK = int(pq.ExecStatus.COMMAND_OK)
TUPLES_OK = int(pq.ExecStatus.TUPLES_OK)
_PIPELINE_SYNC = int(pq.ExecStatus.PIPELINE_SYNC)
_EMPTY = int(pq.ExecStatus.EMPTY_QUERY)
_COPIES = frozenset(map(int, (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_BOTH)))
IN_TRANSACTION = int(pq.TransactionStatus.INTRANS)
OPEN = frozenset(map(int, (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)))
TEXT = int(pq.Format.TEXT)

COMMIT = Statement("COMMIT", writes=True)
_SAVEPOINT = b"SAVEPOINT infra_copy"

_inherited: list[object] = []
"""In a forked child: its parent's connections. Nobody closes them: a word on their socket would end the parent's session."""


class Conversation:
    """A connection to the server, whoever waits for it. Its generators are the only place where something is said or read."""

    def __init__(self, url: DatabaseUrl, schema: Schema, types: Types) -> None:
        self.broken = False
        self.process = os.getpid()
        self._url = url
        self._schema = schema
        self._types = types
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._room = statement_cache_size(url)
        self._uncopied: set[str] = set()
        """The guards that failed."""
        self._names = itertools.count(1)
        self._raw: psycopg.BaseConnection[Any] | None = None
        """Psycopg's connection, kept for what it does when it is thrown away."""
        self._pgconn: PGconn = NOT_OPEN
        self._may_listen = False
        """Were there statements of the caller's own, of which one may have been LISTEN?"""
        self._deadline: float | None = None
        self._stopped = False
        self._late = False
        """Was the running statement told to end because its time is over?"""
        self._lasts = False
        """Is what was said last kept once it is done, a COMMIT or a write by itself, whether it is answered or not?"""
        self._ahead: list[bytes] = []
        """What begins and marks the transaction, and goes with the next statement: each word of its own would cost a round trip."""
        self._opening: list[bytes] = []
        """What of it began the transaction whose first statement runs."""
        self._repeatable = False
        """Of a connection that was lost: was nothing done on it that a new connection would not do as well?"""

    @property
    def in_transaction(self) -> bool:
        return self._pgconn.transaction_status in OPEN or (bool(self._ahead) and not self.broken)

    def interrupt(self) -> None:
        self._stopped = True
        self._send_cancel()

    def disown(self) -> None:
        if self._raw is not None:
            _inherited.append(self._raw)
        self._raw, self._pgconn = None, NOT_OPEN

    def _adopt(self, raw: psycopg.BaseConnection[Any]) -> None:
        """Takes over a connection that has just been made."""
        self._raw = raw
        self._pgconn = raw.pgconn
        self._pgconn.notice_handler = self._hear
        self._prepared.clear()
        self._uncopied.clear()
        self.broken = self._may_listen = False

    def _hear(self, notice: PGresult) -> None:
        """Takes note of what the server says unasked: that it closes the connection. The rest is for its log."""
        self.broken = self.broken or report_of(notice).closes

    def _leave_socket(self) -> None:
        """Called before the socket is closed, or when libpq has closed it."""

    def _finish(self) -> None:
        """Closes the socket, with the word of leave that needs no answer."""
        pgconn, self._pgconn, self._raw = self._pgconn, CLOSED, None
        if self.process == os.getpid():
            self._leave_socket()
            pgconn.finish()

    def _give_up(self) -> None:
        """Ends a connection on which a statement runs that nobody waits for any more."""
        self.broken = True
        self._send_cancel()
        self._finish()

    def _send_cancel(self) -> None:
        """Asks the server to end the running statement. From any thread."""
        cancel(self._pgconn)

    def _is_stale(self) -> bool:
        """Has the server closed the connection while nobody used it? Asked when no answer is awaited."""
        if self._pgconn.status == BAD:
            return True
        try:
            # Reading what is not there costs less than asking first; and threads change turns when they ask, but not here.
            self._pgconn.consume_input()
            self._pgconn.get_result()
            while self._may_listen and self._pgconn.notifies():
                pass
        except psycopg.Error:
            return True
        return self.broken or self._pgconn.status == BAD

    def _check_time(self) -> None:
        if self._stopped:
            raise interrupted()
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise late()

    def _seconds_left(self) -> float | None:
        """Until the deadline, if there is one."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    # -- what is said ---------------------------------------------------------------------------------------------------
    def _run(self, statement: Statement, *, is_repeated: bool = False) -> Steps[Any]:
        """Runs a statement, prepared where it can be; once more where the server has forgotten what it prepared."""
        pgconn = self._pgconn
        if self._stopped or self._deadline is not None:
            self._check_time()
        in_transaction = bool(self._ahead) or pgconn.transaction_status != IDLE
        self._lasts = statement.writes and not in_transaction
        prepared = self._prepared.get(statement.sql)
        try:
            if prepared is None:
                self._may_listen = self._may_listen or statement.raw
                if statement.returns == "copied":
                    return (yield from self._copy(statement))
                if self._is_run_once(statement):
                    return (yield from self._run_once(statement))
                prepared = yield from self._prepare(statement)
                # Told to end meanwhile, it is not begun.
                self._check_time()
            else:
                self._prepared.move_to_end(statement.sql)
            parameters = prepared.encode(statement.parameters)
            if not self._ahead:
                pgconn.send_query_prepared(prepared.name, parameters, prepared.formats, prepared.format)
                results = yield from self._receive()
            else:
                said = self._open_pipeline()
                pgconn.send_query_prepared(prepared.name, parameters, prepared.formats, prepared.format)
                results = yield from self._close_pipeline(said)
        except psycopg.Error as error:
            raise self._lost(statement, in_transaction) from error
        except UnicodeEncodeError as error:
            raise no_unicode() from error
        if len(results) == 1 and results[0].status in (TUPLES_OK, COMMAND_OK):
            return self._answer(results[0], statement, prepared)
        report = self._failure(results)
        if report.forgets and not in_transaction and not is_repeated:
            yield from self._forget(statement.sql)
            return (yield from self._run(statement, is_repeated=True))
        raise self._error(report, statement, in_transaction)

    def _open_pipeline(self) -> int:
        """Begins a message of several statements with what is said ahead; answers how many these are."""
        ahead, self._ahead = self._ahead, []
        if self._pgconn.transaction_status == IDLE:
            self._opening = ahead
        self._pgconn.enter_pipeline_mode()
        for sql in ahead:
            self._pgconn.send_query_params(sql, None)
        return len(ahead)

    def _close_pipeline(self, said: int) -> Steps[list[PGresult]]:
        """Ends it; answers what came of all but the first `said`, as long as these went well."""
        self._pgconn.pipeline_sync()
        results = yield from self._receive(to_sync=True)
        self._pgconn.exit_pipeline_mode()
        self._opening = []
        if any(result.status != COMMAND_OK for result in results[:said]):
            return results
        return results[said:]

    def _is_run_once(self, statement: Statement) -> bool:
        return (
            not self._room
            or len(statement.parameters) > MOST_PARAMETERS_PREPARED
            or (statement.returns == "count" and not statement.parameters)
        )

    def _run_once(self, statement: Statement) -> Steps[Any]:
        """Runs a statement that is not kept prepared. What types its columns have is seen from its answer, which is text."""
        if self._ahead:
            # It may be a COPY, which no pipeline holds.
            yield from self._control(b"")
        result = yield from self._one_result(statement, statement.sql, TEXT)
        return self._answer(result, statement, Prepared(b"", result, self._types, pq.Format.TEXT))

    def _one_result(self, statement: Statement, sql: str, format_: int) -> Steps[PGresult]:
        """What the server answers to `sql`, with its columns in a format."""
        in_transaction = self._pgconn.transaction_status != IDLE
        results = yield from self._query(sql, statement.parameters, format_)
        if len(results) != 1 or results[0].status not in (TUPLES_OK, COMMAND_OK):
            raise self._error(self._failure(results), statement, in_transaction)
        if statement.returns != "count":
            yield from self._learn_columns(results[0])
        return results[0]

    def _learn_columns(self, result: PGresult) -> Steps[None]:
        unknown = self._types.unknown({result.ftype(column) for column in range(result.nfields)})
        if unknown:
            yield from self._learn(unknown)

    def _copy(self, statement: Statement) -> Steps[int | None]:
        """Runs a COPY behind its guard; answers how many rows it made, None where it made none because it is not for this table."""
        guard, *columns = statement.parameters
        status = self._pgconn.transaction_status
        if guard in self._uncopied or status not in (IDLE, IN_TRANSACTION):
            return None
        pieces = copy_texts(columns)
        ahead, self._ahead = self._ahead, []
        within = bool(ahead) or status != IDLE
        if within:
            # What fails before the COPY is undone alone.
            ahead.append(_SAVEPOINT)
        said = b"; ".join([*ahead, guard.encode(), statement.sql.encode()])
        began, results = yield from copying(self._pgconn, said, pieces, lambda: self._stopped or self._late)
        if began and len(results) == 1 and results[0].status == COMMAND_OK:
            if within:
                self._ahead.append(b"RELEASE " + _SAVEPOINT)
            return results[0].command_tuples or 0
        report = self._failure(results)
        if began or report.closes or report.state == INTERRUPTED:
            raise self._error(report, statement, within)
        self._uncopied.add(guard)
        if within:
            yield from self._control(b"ROLLBACK TO " + _SAVEPOINT + b"; RELEASE " + _SAVEPOINT)
        return None

    def _declare(self, statement: Statement) -> Steps[Portal]:
        """Opens a cursor of the server's."""
        name = f"infra_cursor_{next(self._names)}"
        opening = Statement(f"DECLARE {name} NO SCROLL CURSOR FOR {statement.sql}", statement.parameters, "count")
        opening.model, opening.raw = statement.model, statement.raw
        try:
            yield from self._run_once(opening)
        except psycopg.Error as error:
            raise self._lost(statement, True) from error
        except UnicodeEncodeError as error:
            raise no_unicode() from error
        return Portal(name, Statement("", model=statement.model, raw=statement.raw))

    def _fetch(self, portal: Portal, size: int) -> Steps[list[Any]]:
        self._check_time()
        statement, columns = portal.statement, portal.columns
        try:
            result = yield from self._one_result(
                statement, f"FETCH {size} FROM {portal.name}", TEXT if columns is None else columns.format
            )
        except psycopg.Error as error:
            raise self._lost(statement, True) from error
        if columns is None:
            # From the second batch on it is known whether all of its columns can be read in binary.
            portal.columns = Prepared(b"", result, self._types)
            columns = Prepared(b"", result, self._types, pq.Format.TEXT)
        return self._answer(result, statement, columns)  # type: ignore[no-any-return]

    def _query(self, sql: str, parameters: Sequence[Any], format_: int = TEXT) -> Steps[list[PGresult]]:
        self._pgconn.send_query_params(sql.encode(), texts(parameters), None, None, format_)
        return (yield from self._receive())

    def _learn(self, types: list[int]) -> Steps[None]:
        """Asks what types of the database's own are."""
        results = yield from self._query(CATALOG, [types])
        result = results[0]
        if result.status == TUPLES_OK:
            transformer = Transformer()
            transformer.set_pgresult(result)
            self._types.learn(transformer.load_rows(0, result.ntuples, tuple))

    def _prepare(self, statement: Statement) -> Steps[Prepared]:
        """Prepares a statement and asks what it takes and answers, in one message."""
        pgconn = self._pgconn
        in_transaction = self.in_transaction
        lasts, self._lasts = self._lasts, False
        if len(self._prepared) >= self._room:
            yield from self._forget(next(iter(self._prepared)))
        name, text = b"infra_%d" % next(self._names), statement.sql.encode()
        said = self._open_pipeline()
        pgconn.send_prepare(name, text)
        pgconn.send_describe_prepared(name)
        results = yield from self._close_pipeline(said)
        if len(results) != 2 or any(result.status != COMMAND_OK for result in results):
            raise self._error(self._failure(results), statement, in_transaction)
        described = results[1]
        yield from self._learn_columns(described)
        prepared = self._prepared[statement.sql] = Prepared(name, described, self._types)
        self._lasts = lasts
        return prepared

    def _forget(self, sql: str) -> Steps[None]:
        """Lets the server forget a prepared statement; that it already has is fine."""
        prepared = self._prepared.pop(sql, None)
        if prepared is not None:
            self._pgconn.send_query(b"DEALLOCATE " + prepared.name)
            yield from self._receive()

    def _mark(self, sql: bytes) -> Steps[None]:
        """Says what begins or marks a transaction ahead of the next statement; at once where an error has stopped the transaction."""
        self._check_time()
        if self._pgconn.transaction_status in (IDLE, IN_TRANSACTION):
            self._ahead.append(sql)
        else:
            yield from self._control(sql)

    def _commit(self) -> Steps[None]:
        self._check_time()
        ahead, self._ahead = self._ahead, []
        if not ahead or self._pgconn.transaction_status != IDLE:
            yield from self._control(b"COMMIT")

    def _undo(self, name: str) -> Steps[None]:
        """Rolls back to a savepoint, and closes it: one message."""
        savepoint = b"SAVEPOINT " + name.encode()
        if savepoint in self._ahead:
            # Nothing was done since.
            self._check_time()
            del self._ahead[self._ahead.index(savepoint) :]
            return
        self._ahead.clear()
        yield from self._control(b"ROLLBACK TO " + savepoint + b"; RELEASE " + savepoint)

    def _control(self, sql: bytes, *, force: bool = False) -> Steps[None]:
        """Runs a statement that begins, ends or marks a transaction, and what is to be said ahead of it; `force`: also on a connection
        that was stopped."""
        if not force:
            self._check_time()
        ahead, self._ahead = self._ahead, []
        if ahead and self._pgconn.transaction_status == IDLE:
            self._opening = ahead
        in_transaction = bool(ahead) or self._pgconn.transaction_status != IDLE
        is_commit = self._lasts = sql == b"COMMIT"
        statement = COMMIT if is_commit else Statement(sql.decode())
        try:
            self._pgconn.send_query(b"; ".join([*ahead, sql] if sql else ahead))
            results = yield from self._receive()
        except psycopg.Error as error:
            raise self._lost(None if is_commit else statement, in_transaction) from error
        self._opening = []
        result = results[-1] if results else None
        if result is None or result.status != COMMAND_OK:
            report = self._failure(results)
            raise self._error(report, statement, in_transaction and not is_commit)
        if is_commit:
            self._check_kept(result)

    def _check_kept(self, commit: PGresult) -> None:
        """Errors: TransactionError where a COMMIT kept nothing."""
        if commit.command_status == b"ROLLBACK":
            raise TransactionError(
                "Transaction API error: the transaction was rolled back instead of committed, as a statement in it had failed"
            )

    # -- what is heard --------------------------------------------------------------------------------------------------
    def _receive(self, *, to_sync: bool = False) -> Steps[list[PGresult]]:
        """All that the server answers to what was sent; `to_sync`: up to the end of a pipeline."""
        pgconn = self._pgconn
        while pgconn.flush():
            if not (yield READ | WRITE):
                pgconn.consume_input()
        results: list[PGresult] = []
        # Nothing has been read yet, so there is no answer.
        if not (yield READ):
            pgconn.consume_input()
        while True:
            while pgconn.is_busy():
                if not (yield READ):
                    pgconn.consume_input()
            result = pgconn.get_result()
            if result is None:
                if not to_sync:
                    return results
            elif result.status == _PIPELINE_SYNC:
                return results
            else:
                results.append(result)
                if result.status in _COPIES:
                    # It would go on for ever, and only the end of the connection ends it.
                    self._give_up()
                    raise RawQueryError(
                        "COPY is no query: use a connection of psycopg's own for it", meta={"code": "0A000"}
                    )

    def _answer(self, result: PGresult, statement: Statement, prepared: Prepared) -> Any:
        """What `statement.returns` asks for."""
        returns = statement.returns
        if returns == "count":
            return 0 if (result.command_status or b"").startswith(b"SELECT") else (result.command_tuples or 0)
        try:
            rows = prepared.rows(result)
        except psycopg.Error as error:
            raise unreadable(error, statement) from error
        return (prepared.names, rows) if returns == "table" else rows

    def _failure(self, results: Sequence[PGresult]) -> Report:
        """The first error among results."""
        for result in results:
            if result.status not in (TUPLES_OK, COMMAND_OK):
                if result.status == _EMPTY:
                    return Report("42601", "the query is empty")
                return report_of(result)
        return Report("08006", "the server answered nothing")

    def _error(self, report: Report, statement: Statement, in_transaction: bool) -> InfraError:
        """The error to raise for what the server says against a statement."""
        if report.closes or self._pgconn.status == BAD:
            return self._lost(None if statement is COMMIT else statement, in_transaction)
        if report.state == INTERRUPTED:
            if self._late:
                return late()
            if self._stopped:
                return interrupted()
        return translate(report, statement, self._schema)

    def _unanswered(self) -> InfraError:
        """The error to raise where the time is over, and nothing is heard of what was told to end."""
        return lost(None, in_transaction=False) if self._lasts else late()

    def _lost(self, statement: Statement | None, in_transaction: bool) -> InfraError:
        """The connection is gone: nothing more can be said on it."""
        if self._pgconn is NOT_OPEN or self._pgconn is CLOSED:
            return ClientNotConnectedError("the connection is closed: the client was disconnected")
        self.broken = True
        self._leave_socket()
        # A transaction that was being begun is over: nothing of it was kept, whatever its first statement was.
        self._ahead, self._opening = self._opening, []
        if self._late and not self._lasts:
            return late()
        harmless = statement is not None and not statement.writes and not in_transaction
        self._repeatable = (harmless or bool(self._ahead)) and not self._stopped
        return lost(statement, in_transaction=in_transaction)
