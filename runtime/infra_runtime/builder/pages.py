"""Pages of a query: by number, by tokens (keyset pages), and as the connections of Relay.

A page by number is `skip` and `take`, and counts. A keyset page begins behind the row that a token stands for, which an index finds: it
costs the same at any depth, and no row is lost or seen twice when others come and go between pages. A connection is a keyset page in the
words of the Relay Cursor Connections Specification (https://relay.dev/graphql/connections.htm).

The rows of keyset pages and connections are told apart by a unique key that completes the order; it goes the way of the order's last
key. The classes of pages are pydantic models, so that web frameworks write their schemas: `Page[User]`.

Imports `builder.paging`, `builder.tokens`, `context`, `engine`, `errors`, `operation`, `operations.pages` and `schema` of the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from infra_runtime.builder.composed import NOT_SAID
from infra_runtime.builder.tokens import Tokens
from infra_runtime.context import OperationContext
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError
from infra_runtime.operation import Operation
from infra_runtime.operations.pages import Slice
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.operations.explain import SqlStatement

Item = TypeVar("Item")
PageT = TypeVar("PageT")
PageCoT = TypeVar("PageCoT", covariant=True)
Arguments = Mapping[str, Any]


# -- what is answered --------------------------------------------------------------------------------------------------
class Page(BaseModel, Generic[Item], frozen=True):
    """A page by its number, from 1 on."""

    items: list[Item]
    page: int
    limit: int
    total: int | None
    """The rows on all pages; None where they were not counted."""
    pages: int | None
    """The number of pages; None where they were not counted."""
    has_next: bool
    has_previous: bool


class KeysetPage(BaseModel, Generic[Item], frozen=True):
    """A page that begins behind the row of a token, or ends before it."""

    items: list[Item]
    has_next: bool
    has_previous: bool
    next: str | None
    """The token for `after` that leads to the next page; None at the end."""
    previous: str | None
    """The token for `before` that leads to the page before; None at the beginning."""


class PageInfo(BaseModel, frozen=True):
    """What the Relay specification says of a connection's edges."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Edge(BaseModel, Generic[Item], frozen=True):
    """A row and its cursor."""

    node: Item
    cursor: str


class Connection(BaseModel, Generic[Item], frozen=True):
    """A page as the Relay specification has it."""

    edges: list[Edge[Item]]
    page_info: PageInfo


# -- what is asked for -------------------------------------------------------------------------------------------------
class PageRequest(Protocol[PageCoT]):
    """A page of a query: the operation that reads it, and what is made of the operation's answer."""

    def operation(self, model: Model, arguments: Arguments, tokens: Tokens | None) -> Operation: ...

    def answer(self, found: Slice, tokens: Tokens | None) -> PageCoT: ...

    @property
    def by_tokens(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ByNumber:
    """`Page`."""

    page: int
    limit: int
    total: bool
    by_tokens = False

    def operation(self, model: Model, arguments: Arguments, tokens: Tokens | None) -> Operation:
        skip = (self.page - 1) * self.limit
        return Operation("find_page", model, {**arguments, "take": self.limit, "skip": skip, "total": self.total})

    def answer(self, found: Slice, tokens: Tokens | None) -> Page[Any]:
        return Page.model_construct(
            items=found.rows,
            page=self.page,
            limit=self.limit,
            total=found.total,
            pages=None if found.total is None else -(-found.total // self.limit),
            has_next=found.more,
            has_previous=self.page > 1,
        )


@dataclass(frozen=True, slots=True)
class ByTokens:
    """`KeysetPage`. `is_before`: it ends before `token`, or at the end, instead of beginning behind it, or at the beginning."""

    token: str | None
    is_before: bool
    limit: int
    by_tokens = True

    def operation(self, model: Model, arguments: Arguments, tokens: Tokens | None) -> Operation:
        side = "before" if self.is_before else "after"
        take = -self.limit if self.is_before else self.limit
        return Operation("find_page", model, {**arguments, "take": take, "seek": _seek(tokens, **{side: self.token})})

    def answer(self, found: Slice, tokens: Tokens | None) -> KeysetPage[Any]:
        assert tokens is not None
        came_from = self.token is not None
        has_next, has_previous = (came_from, found.more) if self.is_before else (found.more, came_from)
        # Where nothing is left on this side of the token, the token itself leads back.
        first = tokens.write(found.place(0)) if found.rows else self.token
        last = tokens.write(found.place(-1)) if found.rows else self.token
        return KeysetPage.model_construct(
            items=found.rows,
            has_next=has_next,
            has_previous=has_previous,
            next=last if has_next else None,
            previous=first if has_previous else None,
        )


@dataclass(frozen=True, slots=True)
class AsConnection:
    """`Connection`. `size`: of the page, negative where it is the last rows that are wanted."""

    size: int
    is_last: bool
    after: str | None
    before: str | None
    by_tokens = True

    def operation(self, model: Model, arguments: Arguments, tokens: Tokens | None) -> Operation:
        # A page of no rows still says whether there are any.
        take = max(self.size, 1)
        seek = _seek(tokens, after=self.after, before=self.before)
        return Operation("find_page", model, {**arguments, "take": -take if self.is_last else take, "seek": seek})

    def answer(self, found: Slice, tokens: Tokens | None) -> Connection[Any]:
        assert tokens is not None
        rows = found.rows if self.size else []
        more = found.more if self.size else bool(found.rows)
        edges: list[Edge[Any]] = [
            Edge.model_construct(node=row, cursor=tokens.write(found.place(place))) for place, row in enumerate(rows)
        ]
        return Connection.model_construct(
            edges=edges,
            page_info=PageInfo.model_construct(
                has_next_page=self.before is not None if self.is_last else more,
                has_previous_page=more if self.is_last else self.after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )


def _seek(tokens: Tokens | None, **given: str | None) -> dict[str, Any]:
    assert tokens is not None
    return {side: tokens.read(token, side) for side, token in given.items() if token is not None}


# -- how it is asked for -----------------------------------------------------------------------------------------------
def page_request(
    model: Model, arguments: Arguments, *, page: Any, limit: Any, total: Any, after: Any, before: Any, most: int | None
) -> ByNumber | ByTokens:
    """What `paginate` asks for. Errors: ArgumentError, for what does not go together and for sizes that make no sense."""
    said = [name for name, token in (("after", after), ("before", before)) if token is not NOT_SAID]
    _refuse_pages_of_pages(model, arguments)
    if len(said) == 2 or (said and (page is not None or total is not None)):
        given = [*said, *(name for name, value in (("page", page), ("total", total)) if value is not None)]
        raise ArgumentError(
            f"{' and '.join(given)} cannot stand together: say page (and total), or after, or before", model=model.name
        )
    size = _size(model, "limit", limit, most)
    if said:
        is_before = said == ["before"]
        return ByTokens(before if is_before else after, is_before, size)
    number = 1 if page is None else _number(model, "page", page)
    if number < 1:
        raise InputError("pages are numbered from 1 on", path=("page",), model=model.name)
    if (number - 1) * size >= 2**63:
        raise InputError(f"{number} is out of range", path=("page",), model=model.name)
    return ByNumber(number, size, total is None or bool(total))


def connection_request(
    model: Model, arguments: Arguments, *, first: Any, after: Any, last: Any, before: Any, most: int | None
) -> AsConnection:
    """What `connection` asks for. Errors: ArgumentError, as `page_request`."""
    _refuse_pages_of_pages(model, arguments)
    if (first is None) == (last is None):
        raise ArgumentError(
            "a connection is of the first edges or of the last: say first=10, or last=10"
            + (", not both" if first is not None else ""),
            model=model.name,
        )
    name, size = ("first", first) if last is None else ("last", last)
    return AsConnection(_size(model, name, size, most, least=0), last is not None, after, before)


def _refuse_pages_of_pages(model: Model, arguments: Arguments) -> None:
    for argument, method in (("take", "limit"), ("skip", "offset"), ("cursor", "cursor"), ("seek", "seek")):
        if arguments.get(argument) is not None:
            raise ArgumentError(
                f"{method}() cannot stand with pages, which say by themselves where they begin and how long they are",
                path=(method,),
                model=model.name,
            )


def _size(model: Model, name: str, value: Any, most: int | None, *, least: int = 1) -> int:
    size = _number(model, name, value)
    if size < least:
        raise InputError(f"a page has at least {least} row{'' if least == 1 else 's'}", path=(name,), model=model.name)
    if most is not None and size > most:
        raise InputError(
            f"{size} rows are more than this client allows, which is {most} (its max_limit)",
            path=(name,),
            model=model.name,
        )
    if size >= 2**62:
        raise InputError(f"{size} is out of range", path=(name,), model=model.name)
    return size


def _number(model: Model, name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise InputError(f"expected int, got {type(value).__name__}", path=(name,), model=model.name)


# -- how it is read ----------------------------------------------------------------------------------------------------
class _Client(Protocol):
    @property
    def engine(self) -> Engine: ...

    def _context_of(self, options: Mapping[str, Any] | None) -> OperationContext: ...


class _PageOf(Generic[PageT]):
    """What both interfaces share: a query, and which page of it."""

    def __init__(
        self,
        client: Any,
        model: Model,
        arguments: Arguments,
        options: Mapping[str, Any] | None,
        request: PageRequest[PageT],
    ) -> None:
        self._client = client
        self._model = model
        self._arguments = arguments
        self._options = options
        self._request = request

    def to_sql(self) -> tuple[SqlStatement, ...]:
        """The statements that `execute` would send, without sending them."""
        return self._client.statements(self._prepared()[0], self._options)  # type: ignore[no-any-return]

    def _explained(self, analyze: bool) -> Operation:
        return Operation("explain", self._model, {"operation": self._prepared()[0], "analyze": analyze})

    def _prepared(self) -> tuple[Operation, Tokens | None]:
        """The operation, after all that can be refused before any SQL."""
        client: _Client = self._client
        tokens = None
        if self._request.by_tokens:
            tokens = Tokens(client.engine, client._context_of(self._options), self._model, self._arguments)
        return self._request.operation(self._model, self._arguments, tokens), tokens


class PageOf(_PageOf[PageT]):
    """A page of a query, to be awaited."""

    async def execute(self) -> PageT:
        """Reads the page. Errors: PageTokenError for a token that is none of this query's, ArgumentError; before any SQL."""
        operation, tokens = self._prepared()
        return self._request.answer(await self._client.execute(operation, self._options), tokens)

    async def explain(self, *, analyze: bool = False) -> str:
        """How the database would go about it, as `explain` of queries: is the place found in an index?"""
        return await self._client.execute(self._explained(analyze), self._options)  # type: ignore[no-any-return]


class SyncPageOf(_PageOf[PageT]):
    """A page of a query, for blocking code."""

    def execute(self) -> PageT:
        """Reads the page. Errors: PageTokenError for a token that is none of this query's, ArgumentError; before any SQL."""
        operation, tokens = self._prepared()
        return self._request.answer(self._client.execute(operation, self._options), tokens)

    def explain(self, *, analyze: bool = False) -> str:
        """How the database would go about it, as `explain` of queries: is the place found in an index?"""
        return self._client.execute(self._explained(analyze), self._options)  # type: ignore[no-any-return]
