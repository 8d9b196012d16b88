"""Several statements in one round trip to PostgreSQL, and the COMMIT after them: libpq's pipeline, which ends with one sync.

Where one of them fails, the server passes over all that follow, COMMIT included, so that this is exact. What needs to be seen to by itself is
told one after the other, as `run` would: a statement that is yet to be prepared, one that may be a COPY, a value that is refused.
https://www.postgresql.org/docs/current/libpq-pipeline-mode.html. Imports psycopg, the conversation and the runtime's `effects` and `errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from infra_runtime.drivers import postgresql_conversation
from infra_runtime.drivers.postgresql_conversation import COMMAND_OK, COMMIT, TEXT, TUPLES_OK, Steps
from infra_runtime.drivers.postgresql_errors import report_of
from infra_runtime.drivers.postgresql_session import IDLE
from infra_runtime.drivers.postgresql_values import Prepared, texts
from infra_runtime.effects import Statement, Statements
from infra_runtime.errors import InfraError

_Message = tuple[Statement, Prepared | None, Sequence[bytes | None]]
"""A statement, how it is prepared where it is kept so, and its parameters as they travel."""


class Conversation(postgresql_conversation.Conversation):
    """A connection on which several statements can be told together."""

    def _run_all(self, asked: Statements, commits: bool) -> Steps[None]:
        # Once more on another connection, it goes on where the last one ended.
        statements = asked.statements[len(asked.answers) :]
        messages = self._messages(statements)
        if messages is None:
            return (yield from self._run_each(asked, statements, commits))
        self._check_time()
        in_transaction = bool(self._ahead) or self._pgconn.transaction_status != IDLE
        try:
            results = yield from self._tell(messages, commits)
        except psycopg.Error as error:
            lost = None if commits else next((one for one in statements if one.writes), statements[0])
            raise self._lost(lost, in_transaction) from error
        failed = [result for result in results if result.status not in (TUPLES_OK, COMMAND_OK)]
        if failed and not in_transaction and report_of(failed[0]).forgets:
            # Nothing of what was told is kept.
            return (yield from self._run_each(asked, statements, commits))
        if len(results) > len(statements) + commits:
            # What was to be said ahead of them failed.
            raise self._error(report_of(failed[0]), statements[0], in_transaction)
        for (statement, prepared, _), result in zip(messages, results, strict=False):
            if failed and result is failed[0]:
                raise self._error(report_of(result), statement, in_transaction)
            asked.answers.append((yield from self._answer_of(statement, prepared, result)))
        if commits:
            if failed:
                raise self._error(report_of(failed[0]), COMMIT, False)
            self._check_kept(results[-1])

    def _messages(self, statements: Sequence[Statement]) -> list[_Message] | None:
        """What is told; None where one of the statements has to be seen to by itself."""
        messages: list[_Message] = []
        try:
            for statement in statements:
                prepared = self._prepared.get(statement.sql)
                if prepared is not None:
                    self._prepared.move_to_end(statement.sql)
                    messages.append((statement, prepared, prepared.encode(statement.parameters)))
                elif statement.raw or statement.returns == "copied" or not self._is_run_once(statement):
                    return None
                else:
                    messages.append((statement, None, texts(statement.parameters)))
        except (InfraError, UnicodeEncodeError):
            return None
        return messages

    def _tell(self, messages: Sequence[_Message], commits: bool) -> Steps[list[PGresult]]:
        said = self._open_pipeline()
        pgconn, self._lasts = self._pgconn, False
        for statement, prepared, parameters in messages:
            if prepared is None:
                pgconn.send_query_params(statement.sql.encode(), parameters, None, None, TEXT)
            else:
                pgconn.send_query_prepared(prepared.name, parameters, prepared.formats, prepared.format)
        if commits:
            pgconn.send_query_params(b"COMMIT", None)
            # On a connection that is lost from here on it may have been done: it is not begun again.
            self._opening, self._lasts = [], True
        return (yield from self._close_pipeline(said))

    def _run_each(self, asked: Statements, statements: Sequence[Statement], commits: bool) -> Steps[None]:
        for statement in statements:
            asked.answers.append((yield from self._run(statement)))
        if commits:
            yield from self._commit()

    def _answer_of(self, statement: Statement, prepared: Prepared | None, result: PGresult) -> Steps[Any]:
        if prepared is None:
            if statement.returns != "count":
                yield from self._learn_columns(result)
            prepared = Prepared(b"", result, self._types, pq.Format.TEXT)
        return self._answer(result, statement, prepared)
