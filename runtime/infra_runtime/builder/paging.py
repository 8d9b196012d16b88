"""The methods of queries that ask for pages, for both interfaces. What they ask for is made in `builder.pages`, imported at the first call.

Imports `builder.composed` and `repository` of the runtime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from infra_runtime.builder.composed import NOT_SAID, Composed
from infra_runtime.repository import RowT

if TYPE_CHECKING:
    from infra_runtime.builder.pages import (
        AsConnection,
        ByNumber,
        ByTokens,
        Connection,
        KeysetPage,
        Page,
        PageOf,
        SyncPageOf,
    )

LIMIT = 10
"""The size of a page where nothing else is said."""


class _Paging(Composed):
    """What both interfaces share."""

    def _page_request(self, **asked: Any) -> ByNumber | ByTokens:
        from infra_runtime.builder.pages import page_request

        return page_request(self._model, self._arguments, **asked, most=self._client.engine.max_limit)

    def _connection_request(self, **asked: Any) -> AsConnection:
        from infra_runtime.builder.pages import connection_request

        return connection_request(self._model, self._arguments, **asked, most=self._client.engine.max_limit)


class Paging(_Paging, Generic[RowT]):
    """Pages of a query, awaitable."""

    @overload
    def paginate(self, *, page: int = 1, limit: int = LIMIT, total: bool = True) -> PageOf[Page[RowT]]: ...

    @overload
    def paginate(self, *, after: str | None, limit: int = LIMIT) -> PageOf[KeysetPage[RowT]]: ...

    @overload
    def paginate(self, *, before: str | None, limit: int = LIMIT) -> PageOf[KeysetPage[RowT]]: ...

    def paginate(
        self,
        *,
        page: int | None = None,
        limit: int = LIMIT,
        total: bool | None = None,
        after: str | None = NOT_SAID,
        before: str | None = NOT_SAID,
    ) -> PageOf[Any]:
        """A page of the query: `await query.paginate(page=2, limit=20).execute()`.

        By number, from 1 on, with the number of all rows; `total=False` saves counting them. Or by a token of another page, at a cost that
        does not grow with depth: `after=page.next` goes on, `before=page.previous` goes back; None is the first page, or the last.
        Errors: ArgumentError here for what makes no sense; PageTokenError from `execute` for a token that is none of this query's.
        """
        from infra_runtime.builder.pages import PageOf

        request = self._page_request(page=page, limit=limit, total=total, after=after, before=before)
        return PageOf(self._client, self._model, self._arguments, self._options, request)

    def connection(
        self,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> PageOf[Connection[RowT]]:
        """A page as Relay's specification has it: the first edges after a cursor, or the last before one.

        Source: https://relay.dev/graphql/connections.htm. Errors: as `paginate`.
        """
        from infra_runtime.builder.pages import PageOf

        request = self._connection_request(first=first, after=after, last=last, before=before)
        return PageOf(self._client, self._model, self._arguments, self._options, request)


class SyncPaging(_Paging, Generic[RowT]):
    """Pages of a query, for blocking code."""

    @overload
    def paginate(self, *, page: int = 1, limit: int = LIMIT, total: bool = True) -> SyncPageOf[Page[RowT]]: ...

    @overload
    def paginate(self, *, after: str | None, limit: int = LIMIT) -> SyncPageOf[KeysetPage[RowT]]: ...

    @overload
    def paginate(self, *, before: str | None, limit: int = LIMIT) -> SyncPageOf[KeysetPage[RowT]]: ...

    def paginate(
        self,
        *,
        page: int | None = None,
        limit: int = LIMIT,
        total: bool | None = None,
        after: str | None = NOT_SAID,
        before: str | None = NOT_SAID,
    ) -> SyncPageOf[Any]:
        """A page of the query: `query.paginate(page=2, limit=20).execute()`.

        By number, from 1 on, with the number of all rows; `total=False` saves counting them. Or by a token of another page, at a cost that
        does not grow with depth: `after=page.next` goes on, `before=page.previous` goes back; None is the first page, or the last.
        Errors: ArgumentError here for what makes no sense; PageTokenError from `execute` for a token that is none of this query's.
        """
        from infra_runtime.builder.pages import SyncPageOf

        request = self._page_request(page=page, limit=limit, total=total, after=after, before=before)
        return SyncPageOf(self._client, self._model, self._arguments, self._options, request)

    def connection(
        self,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> SyncPageOf[Connection[RowT]]:
        """A page as Relay's specification has it: the first edges after a cursor, or the last before one.

        Source: https://relay.dev/graphql/connections.htm. Errors: as `paginate`.
        """
        from infra_runtime.builder.pages import SyncPageOf

        request = self._connection_request(first=first, after=after, last=last, before=before)
        return SyncPageOf(self._client, self._model, self._arguments, self._options, request)
