"""Executors: they drive the programs of operations on connections, and answer the effects that programs yield.

`Statement` goes to the connection; every other effect is looked up by its class in a table that is open: `Changed` is there from
the start, and steps around the executor add their own. Both executors drive the same generators. Where the connection
allows it and no effect needs the event loop, the async executor runs a whole program in one change of thread, by the sync drive.
Imports `effects`, `errors`, `changes`, `context` and the protocols of `drivers.base`.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, TypeVar

from infra_runtime.context import OperationContext
from infra_runtime.drivers.base import (
    AsyncConnection,
    AsyncPool,
    AsyncRowCursor,
    Connection,
    ConnectionPool,
    PoolOptions,
    RowCursor,
    TransactionOptions,
)
from infra_runtime.effects import Begin, Effect, Later, Program, Statement, Statements, Steps, Stream
from infra_runtime.errors import OperationTimeoutError

Result = TypeVar("Result")

StatementHook = Callable[[Statement, float, BaseException | None], None]
"""Told of every statement after it ran: the statement, its seconds, and its error if it failed. Runs in the statement's thread."""

_DEFAULT_BEGIN = TransactionOptions()
_log = logging.getLogger("infra_runtime")


class Work:
    """What an operation or a transaction does between its beginning and its commit: handlers of effects write it down here."""

    __slots__ = ("after_commit", "is_to_commit")

    def __init__(self, is_to_commit: bool = False) -> None:
        self.after_commit: list[Callable[[], Any]] = []
        self.is_to_commit = is_to_commit
        """Is there a transaction that is the operation's own, and yet to be committed?"""

    def committed(self) -> None:
        """Tells those who wanted to know. Their errors are their own: what is durable has not failed."""
        waiting, self.after_commit = self.after_commit, []
        for tell in waiting:
            try:
                tell()
            except Exception:
                _log.exception("a listener failed after the commit")


Handler = Callable[[Any, Work], Any]
AsyncHandler = Callable[[Any, Work], Awaitable[Any]]


class EffectTable:
    """Who answers which effect, and who hears of statements. Shared by all clients of an engine."""

    def __init__(self) -> None:
        self.handlers: dict[type[Effect], Handler] = {}
        self.async_handlers: dict[type[Effect], AsyncHandler] = {}
        self.hooks: tuple[StatementHook, ...] = ()

    def register(self, effect: type[Effect], handler: Handler) -> None:
        """`handler(effect, work)` answers effects of this class, in the thread that runs the operation."""
        self.handlers[effect] = handler

    def register_async(self, effect: type[Effect], handler: AsyncHandler) -> None:
        """`await handler(effect, work)` answers effects of this class in the event loop; operations are then driven there."""
        self.async_handlers[effect] = handler

    def add_hook(self, hook: StatementHook) -> None:
        self.hooks = (*self.hooks, hook)

    def answer(self, effect: Effect, work: Work) -> Any:
        handler = self.handlers.get(type(effect))
        if handler is None:
            raise TypeError(f"no handler is registered for the effect {type(effect).__name__}")
        return handler(effect, work)

    def tell(self, statement: Statement, began: float, error: BaseException | None) -> None:
        seconds = time.perf_counter() - began
        for hook in self.hooks:
            hook(statement, seconds, error)

    def tell_all(self, asked: Statements, began: float, error: BaseException | None) -> None:
        """`tell`, of statements that ran together; an error is of the first without an answer, and those after it did not run."""
        if not self.hooks:
            return
        for statement in asked.statements[: len(asked.answers)]:
            self.tell(statement, began, None)
        if error is not None and len(asked.answers) < len(asked.statements):
            self.tell(asked.statements[len(asked.answers)], began, error)

    def runner(self, connection: Connection) -> Callable[[Statement], Any]:
        """How to run a statement on `connection`, with the hooks around it."""

        def run(statement: Statement) -> Any:
            began = time.perf_counter()
            try:
                answer = connection.run(statement)
            except BaseException as error:
                self.tell(statement, began, error)
                raise
            self.tell(statement, began, None)
            return answer

        return run

    def runner_async(self, connection: AsyncConnection) -> Callable[[Statement], Awaitable[Any]]:
        """`runner`, awaitable."""

        async def run(statement: Statement) -> Any:
            began = time.perf_counter()
            try:
                answer = await connection.run(statement)
            except BaseException as error:
                self.tell(statement, began, error)
                raise
            self.tell(statement, began, None)
            return answer

        return run


def drive(steps: Steps[Result], connection: Connection, effects: EffectTable, work: Work | None) -> Result:
    """Runs a program's steps to their end on a sync connection. `work` None: a program that only reads."""
    run = effects.runner(connection) if effects.hooks else connection.run
    send = steps.send
    later: list[Statement] = []
    try:
        effect = send(None)
        while True:
            try:
                if type(effect) is Statement and not later:
                    answer = run(effect)
                else:
                    answer = _answered(effect, connection, effects, work, later)
            except Exception as error:
                effect = steps.throw(error)
            else:
                effect = send(answer)
    except StopIteration as stop:
        result = stop.value
    except Exception:
        if later:
            # What was asked before has the first word.
            _run_all(Statements(()), connection, effects, work, later)
        raise
    if later:
        _run_all(Statements((), is_last=True), connection, effects, work, later)
    return result  # type: ignore[no-any-return]


async def drive_async(
    steps: Steps[Result], connection: AsyncConnection, effects: EffectTable, work: Work | None
) -> Result:
    """`drive` on an async connection: statements and async effects are awaited."""
    run = effects.runner_async(connection) if effects.hooks else connection.run
    send = steps.send
    later: list[Statement] = []
    try:
        effect = send(None)
        while True:
            try:
                if type(effect) is Statement and not later:
                    answer = await run(effect)
                else:
                    answer = await _answered_async(effect, connection, effects, work, later)
            except Exception as error:
                effect = steps.throw(error)
            else:
                effect = send(answer)
    except StopIteration as stop:
        result = stop.value
    except Exception:
        if later:
            await _run_all_async(Statements(()), connection, effects, work, later)
        raise
    if later:
        await _run_all_async(Statements((), is_last=True), connection, effects, work, later)
    return result  # type: ignore[no-any-return]


def _answered(
    effect: Effect, connection: Connection, effects: EffectTable, work: Work | None, later: list[Statement]
) -> Any:
    """The answer to an effect, with the statements that were to go along with it."""
    if isinstance(effect, Statements):
        return _run_all(effect, connection, effects, work, later)
    if isinstance(effect, Later):
        if connection.run_all is None:
            _run_all(Statements((effect.statement,)), connection, effects, work, later)
        else:
            later.append(effect.statement)
        return None
    if isinstance(effect, Statement):
        return _run_all(Statements((effect,)), connection, effects, work, later)[0]
    if later:
        _run_all(Statements(()), connection, effects, work, later)
    if isinstance(effect, Begin) and work is not None:
        if not connection.in_transaction:
            connection.begin(_DEFAULT_BEGIN, None)
            work.is_to_commit = True
        return None
    return effects.answer(effect, work if work is not None else Work())


async def _answered_async(
    effect: Effect, connection: AsyncConnection, effects: EffectTable, work: Work | None, later: list[Statement]
) -> Any:
    """`_answered`, awaitable."""
    if isinstance(effect, Statements):
        return await _run_all_async(effect, connection, effects, work, later)
    if isinstance(effect, Later):
        if connection.run_all is None:
            await _run_all_async(Statements((effect.statement,)), connection, effects, work, later)
        else:
            later.append(effect.statement)
        return None
    if isinstance(effect, Statement):
        return (await _run_all_async(Statements((effect,)), connection, effects, work, later))[0]
    if later:
        await _run_all_async(Statements(()), connection, effects, work, later)
    if isinstance(effect, Begin) and work is not None:
        if not connection.in_transaction:
            await connection.begin(_DEFAULT_BEGIN, None)
            work.is_to_commit = True
        return None
    handler = effects.async_handlers.get(type(effect))
    if handler is not None:
        return await handler(effect, work if work is not None else Work())
    return effects.answer(effect, work if work is not None else Work())


def _run_all(
    asked: Statements, connection: Connection, effects: EffectTable, work: Work | None, later: list[Statement]
) -> list[Any]:
    """The answers to several statements, which run after those of `later`, and before the COMMIT where it can go along."""
    together = connection.run_all
    if together is None:
        run = effects.runner(connection) if effects.hooks else connection.run
        for statement in asked.statements:
            asked.answers.append(run(statement))
        return asked.answers
    whole, commits = _whole(asked, later), _commits(asked, work)
    began = time.perf_counter()
    try:
        together(whole, commits)
    except BaseException as error:
        effects.tell_all(whole, began, error)
        raise
    finally:
        _take_answers(asked, whole)
    if commits and work is not None:
        work.is_to_commit = False
    effects.tell_all(whole, began, None)
    return asked.answers


async def _run_all_async(
    asked: Statements, connection: AsyncConnection, effects: EffectTable, work: Work | None, later: list[Statement]
) -> list[Any]:
    """`_run_all`, awaitable."""
    together = connection.run_all
    if together is None:
        run = effects.runner_async(connection) if effects.hooks else connection.run
        for statement in asked.statements:
            asked.answers.append(await run(statement))
        return asked.answers
    whole, commits = _whole(asked, later), _commits(asked, work)
    began = time.perf_counter()
    try:
        await together(whole, commits)
    except BaseException as error:
        effects.tell_all(whole, began, error)
        raise
    finally:
        _take_answers(asked, whole)
    if commits and work is not None:
        work.is_to_commit = False
    effects.tell_all(whole, began, None)
    return asked.answers


def _whole(asked: Statements, later: list[Statement]) -> Statements:
    """What is asked, with the statements that were to go along with it, which are taken."""
    if not later:
        return asked
    whole = Statements([*later, *asked.statements], asked.is_last)
    later.clear()
    return whole


def _take_answers(asked: Statements, whole: Statements) -> None:
    if whole is not asked:
        asked.answers += whole.answers[len(whole.statements) - len(asked.statements) :]


def _commits(asked: Statements, work: Work | None) -> bool:
    return asked.is_last and work is not None and work.is_to_commit


def open_stream(connection: Connection, stream: Stream[Any], effects: EffectTable) -> RowCursor:
    """Begins the query of a stream."""
    began = time.perf_counter()
    try:
        cursor = connection.open_cursor(stream.statement, stream.size, interleaved=stream.interleaved)
    except BaseException as error:
        effects.tell(stream.statement, began, error)
        raise
    effects.tell(stream.statement, began, None)
    return cursor


async def open_stream_async(connection: AsyncConnection, stream: Stream[Any], effects: EffectTable) -> AsyncRowCursor:
    """`open_stream`, awaitable."""
    began = time.perf_counter()
    try:
        cursor = await connection.open_cursor(stream.statement, stream.size, interleaved=stream.interleaved)
    except BaseException as error:
        effects.tell(stream.statement, began, error)
        raise
    effects.tell(stream.statement, began, None)
    return cursor


def next_batch(connection: Connection, cursor: RowCursor, stream: Stream[Result], effects: EffectTable) -> list[Result]:
    """The next rows of a stream; none at its end."""
    tuples = cursor.fetch()
    return drive(stream.finish(tuples), connection, effects, None) if tuples else []


async def next_batch_async(
    connection: AsyncConnection, cursor: AsyncRowCursor, stream: Stream[Result], effects: EffectTable
) -> list[Result]:
    """`next_batch`, awaitable."""
    tuples = await cursor.fetch()
    return await drive_async(stream.finish(tuples), connection, effects, None) if tuples else []


def deadline_of(context: OperationContext, limit: float | None) -> float | None:
    """When the operation must be done: the earliest of the context's deadline, the call's `timeout` and the pool's limit."""
    deadline = context.deadline
    seconds = context.options.get("timeout", limit) if context.options else limit
    if seconds is not None:
        own = time.monotonic() + seconds
        deadline = own if deadline is None else min(deadline, own)
    return deadline


def remaining(wait: float | None, deadline: float | None) -> float | None:
    """Seconds to wait for a connection, given when all must be done. Errors: OperationTimeoutError if that has passed."""
    if deadline is None:
        return wait
    left = deadline - time.monotonic()
    if left <= 0:
        raise OperationTimeoutError("Operations timed out: the deadline had passed before the operation began")
    return left if wait is None else min(wait, left)


def perform(
    connection: Connection, program: Program[Result], effects: EffectTable, deadline: float | None, wait: float | None
) -> Result:
    """Drives a program on a sync connection that it has to itself, within a transaction of its own if it is atomic."""
    if deadline is not None:
        connection.limit(deadline)
    if program.mode == "read":
        return drive(program.steps, connection, effects, None)
    is_atomic = program.mode == "atomic"
    work = Work(is_atomic)
    if is_atomic:
        connection.begin(_DEFAULT_BEGIN, wait)
    try:
        result = drive(program.steps, connection, effects, work)
        if work.is_to_commit:
            connection.commit()
    except BaseException:
        if is_atomic or work.is_to_commit:
            connection.rollback()
        raise
    if work.after_commit:
        work.committed()
    return result


class SyncExecutor:
    """Runs programs on a pool of sync connections."""

    def __init__(self, pool: ConnectionPool[Any], effects: EffectTable, options: PoolOptions) -> None:
        self.pool = pool
        self.effects = effects
        self.options = options

    def run(self, program: Program[Result], context: OperationContext, subject: object) -> Result:
        """Runs `program` on a connection from the pool. `subject` is what those are told who wait for the connection."""
        deadline = None
        options = self.options
        if context.deadline is not None or context.options or options.statement_timeout is not None:
            deadline = deadline_of(context, options.statement_timeout)
        wait = remaining(options.wait, deadline)
        pool = self.pool
        connection = pool.acquire(program.mode != "read", subject, wait)
        try:
            return perform(connection, program, self.effects, deadline, wait)
        finally:
            pool.release(connection)

    def stream(self, stream: Stream[Result], context: OperationContext, subject: object) -> Generator[list[Result]]:
        """The rows of `stream`, batch by batch, on a connection that goes back to the pool with the last, or when closed."""
        deadline = deadline_of(context, None)
        connection = self.pool.acquire(False, subject, remaining(self.options.wait, deadline))
        try:
            if deadline is not None:
                connection.limit(deadline)
            cursor = open_stream(connection, stream, self.effects)
            try:
                while rows := next_batch(connection, cursor, stream, self.effects):
                    yield rows
            finally:
                # A forked child leaves its parent's rows alone.
                if connection.process == os.getpid():
                    cursor.close()
        finally:
            self.pool.release(connection)


class AsyncExecutor:
    """Runs programs on a pool of async connections."""

    def __init__(self, pool: AsyncPool[Any], effects: EffectTable, options: PoolOptions) -> None:
        self.pool = pool
        self.effects = effects
        self.options = options

    async def run(self, program: Program[Result], context: OperationContext, subject: object) -> Result:
        """Runs `program` on a connection from the pool. `subject` is what those are told who wait for the connection."""
        deadline = None
        options = self.options
        if context.deadline is not None or context.options or options.statement_timeout is not None:
            deadline = deadline_of(context, options.statement_timeout)
        wait = remaining(options.wait, deadline)
        pool, writes = self.pool, program.mode != "read"
        in_one_hop = pool.in_one_hop
        if in_one_hop is not None and not self.effects.async_handlers:
            return await in_one_hop(writes, subject, wait, perform, program, self.effects, deadline, wait)  # type: ignore[no-any-return]
        connection = await pool.acquire(writes, subject, wait)
        try:
            if deadline is not None:
                await connection.limit(deadline)
            if program.mode == "read":
                return await drive_async(program.steps, connection, self.effects, None)
            return await self._perform(connection, program, wait)
        finally:
            pool.release(connection)

    async def _perform(self, connection: AsyncConnection, program: Program[Result], wait: float | None) -> Result:
        """`perform` in the event loop, of what writes."""
        is_atomic = program.mode == "atomic"
        work = Work(is_atomic)
        if is_atomic:
            await connection.begin(_DEFAULT_BEGIN, wait)
        try:
            result = await drive_async(program.steps, connection, self.effects, work)
            if work.is_to_commit:
                await connection.commit()
        except BaseException:
            if is_atomic or work.is_to_commit:
                await connection.rollback()
            raise
        if work.after_commit:
            work.committed()
        return result

    async def stream(
        self, stream: Stream[Result], context: OperationContext, subject: object
    ) -> AsyncGenerator[list[Result]]:
        """The rows of `stream`, batch by batch, on a connection that goes back to the pool with the last, or when closed."""
        deadline = deadline_of(context, None)
        connection = await self.pool.acquire(False, subject, remaining(self.options.wait, deadline))
        try:
            if deadline is not None:
                await connection.limit(deadline)
            cursor = await open_stream_async(connection, stream, self.effects)
            try:
                while rows := await next_batch_async(connection, cursor, stream, self.effects):
                    yield rows
            finally:
                if connection.process == os.getpid():
                    await cursor.close()
        finally:
            self.pool.release(connection)
