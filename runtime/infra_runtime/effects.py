"""Effects: what an operation asks of the world, and the program an executor drives.

An operation is a generator: it yields effects and is sent their answers, so one implementation serves the sync and the
async interface. The union is open: an executor looks the effect's class up in a table, and steps around the executor may
add classes of their own. Errors of an effect are thrown into the generator at the `yield`, already translated to
`infra_runtime.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

Result = TypeVar("Result")
Streamed = TypeVar("Streamed")


class Effect:
    """The base of all effects."""

    __slots__ = ()


class Statement(Effect):
    """One SQL statement with its driver values in positional order.

    `returns="rows"`: the answer is a list of tuples; `"count"`: the number of rows it touched, an int;
    `"row_id"`: the generated integer key of the inserted row, 0 where it has none, None where no row was inserted (databases without
    RETURNING); `"table"`: the columns' names and the list of tuples; `"copied"`: the number of rows that a COPY made, or None where it is
    not for this table, of which its guard knows, a query that fails then: `parameters` are the guard, and the values of each column.
    `writes` tells an executor that the outcome is unknown when the connection breaks.
    """

    __slots__ = ("model", "parameters", "raw", "returns", "sql", "writes")

    def __init__(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        returns: Literal["rows", "count", "row_id", "table", "copied"] = "rows",
        writes: bool = False,
        model: str | None = None,
        raw: bool = False,
    ) -> None:
        self.sql = sql
        self.parameters = parameters
        self.returns = returns
        self.writes = writes
        self.model = model
        """The model it is about; used to put errors in the schema's words."""
        self.raw = raw
        """The caller's own SQL: what the database says against it is a RawQueryError."""


class Statements(Effect):
    """Statements of which none needs the answers of those before it, answered by the list of their answers.

    They run in their order up to the first that fails, whose error is theirs; a connection that can sends them in one round trip. Outside a
    transaction they only read. `is_last`: once they have run well, all of the operation is written, and no row is missed that has to be
    there, so that the COMMIT of a transaction that is the operation's own may go along with them.
    """

    __slots__ = ("answers", "is_last", "statements")

    def __init__(self, statements: Sequence[Statement], is_last: bool = False) -> None:
        self.statements = statements
        self.is_last = is_last
        self.answers: list[Any] = []
        """As they come; where one fails, those before it."""


class Later(Effect):
    """A statement of an atomic program of whose answer nothing is needed, so that it may go along with what is asked next, or with the COMMIT
    at the end; its error is raised there. Answered by None."""

    __slots__ = ("statement",)

    def __init__(self, statement: Statement) -> None:
        self.statement = statement


class Begin(Effect):
    """What follows is within one transaction: said by a program of mode `bulk` that may need none. Answered by None."""

    __slots__ = ()


Steps = Generator[Effect, Any, Result]
"""An operation, or a part of one; parts are joined with `yield from`."""

Mode = Literal["read", "write", "bulk", "atomic"]
"""read: any connection, no transaction; write: one statement that writes, by itself; atomic: within one transaction, and within one that is
open already in a savepoint; bulk: one statement that writes many rows, or one that writes and may have to go on (`Begin`): by itself where no
transaction is open, else as atomic."""


@dataclass(slots=True)
class Program(Generic[Result]):
    """An operation ready to be driven, and what it needs of a connection."""

    mode: Mode
    steps: Steps[Result]


@dataclass(slots=True)
class Stream(Generic[Streamed]):
    """A query whose rows are read a batch at a time, so that memory does not grow with their number."""

    statement: Statement
    size: int
    """Rows in a batch."""
    finish: Callable[[Sequence[Any]], Steps[list[Streamed]]]
    """The steps that make rows of a batch's tuples, with all that is wanted with them."""
    interleaved: bool
    """Do these steps yield statements, while more rows are to be read?"""


def side_by_side(parts: Sequence[Steps[Result]], *, is_last: bool = False) -> Steps[list[Result]]:
    """What steps answer that do not depend on each other: the statements that they ask for next go together.

    `is_last`: none of them asks more than once, and `Statements` says the rest. Errors: those of the first, in their order, that fails.
    """
    results: dict[int, Result] = {}
    turns: Sequence[tuple[int, Any]] = [(place, None) for place in range(len(parts))]
    while True:
        asked: list[tuple[int, Effect]] = []
        for place, answer in turns:
            try:
                asked.append((place, parts[place].send(answer)))
            except StopIteration as stop:
                results[place] = stop.value
        if not asked:
            return [results[place] for place in range(len(parts))]
        if len(asked) == 1 and not is_last:
            place, effect = asked[0]
            turns = [(place, (yield effect))]
            continue
        together = Statements([statement for _, effect in asked for statement in _statements(effect)], is_last)
        try:
            answers = yield together
        except Exception:
            # Those before the one that failed may fail by what they were answered.
            for place, answer in _divided(asked, together.answers):
                with suppress(StopIteration):
                    parts[place].send(answer)
            raise
        # Steps that stand side by side with others in turn are answered by these, which have the statements in one of theirs.
        turns = _divided(asked, answers)


def _divided(asked: Sequence[tuple[int, Effect]], answers: Sequence[Any]) -> list[tuple[int, Any]]:
    """The answers to what several steps asked for, with the places of these; as many as are answered whole."""
    divided: list[tuple[int, Any]] = []
    first = 0
    for place, effect in asked:
        last = first + len(_statements(effect))
        if last > len(answers):
            break
        divided.append((place, answers[first] if isinstance(effect, Statement) else answers[first:last]))
        first = last
    return divided


def _statements(effect: Effect) -> Sequence[Statement]:
    if isinstance(effect, Statement):
        return (effect,)
    assert isinstance(effect, Statements), effect
    return effect.statements
