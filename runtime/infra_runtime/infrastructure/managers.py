"""Transactions to be begun: context managers that answer a client of the same class to use within. Imports `client`, `transactions`."""

from __future__ import annotations

from types import TracebackType
from typing import Generic, TypeVar

from infra_runtime.errors import (
    ClientMisuseError,
    TransactionError,
    TransactionNotStartedError,
)
from infra_runtime.infrastructure.client import Client
from infra_runtime.transactions import (
    AsyncSavepoint,
    AsyncTransaction,
    SyncSavepoint,
    SyncTransaction,
    TransactionRequest,
    begin,
    begin_async,
)

AnyClient = TypeVar("AnyClient", bound=Client)


class SyncTransactionManager(Generic[AnyClient]):
    """A transaction to be begun: as a context manager, or by `start()`, then `commit()` or `rollback()`."""

    def __init__(self, client: AnyClient, request: TransactionRequest) -> None:
        self._outer = client
        self._request = request
        self._begun: SyncTransaction | SyncSavepoint | None = None

    @property
    def _session(self) -> SyncTransaction | SyncSavepoint:
        if self._begun is None:
            raise TransactionNotStartedError(_NOT_STARTED)
        return self._begun

    def start(self) -> AnyClient:
        """Begins it and answers the client to use in it. Errors: TransactionError after `max_wait`."""
        self._begun = begin(self._outer._require_session(), self._request)
        return self._outer._sibling(session=self._begun)

    def commit(self) -> None:
        """Makes it durable; one that cannot be is rolled back."""
        session = self._session
        try:
            session.commit()
        except BaseException:
            if session.status == "open":
                undo(session)
            raise

    def rollback(self) -> None:
        """Undoes it."""
        self._session.rollback()

    def __enter__(self) -> AnyClient:
        return self.start()

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = self._session
        if error is None and session.status not in ("committed", "rolled back"):
            self.commit()
        elif session.status == "open":
            undo(session)


class TransactionManager(Generic[AnyClient]):
    """A transaction to be begun: as a context manager, or by `await start()`, then `commit()` or `rollback()`."""

    def __init__(self, client: AnyClient, request: TransactionRequest) -> None:
        self._outer = client
        self._request = request
        self._begun: AsyncTransaction | AsyncSavepoint | None = None

    @property
    def _session(self) -> AsyncTransaction | AsyncSavepoint:
        if self._begun is None:
            raise TransactionNotStartedError(_NOT_STARTED)
        return self._begun

    async def start(self) -> AnyClient:
        """Begins it and answers the client to use in it. Errors: TransactionError after `max_wait`."""
        self._begun = await begin_async(self._outer._require_session(), self._request)
        return self._outer._sibling(session=self._begun)

    async def commit(self) -> None:
        """Makes it durable; one that cannot be is rolled back."""
        session = self._session
        try:
            await session.commit()
        except BaseException:
            if session.status == "open":
                await undo_async(session)
            raise

    async def rollback(self) -> None:
        """Undoes it."""
        await self._session.rollback()

    async def __aenter__(self) -> AnyClient:
        return await self.start()

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = self._session
        if error is None and session.status not in ("committed", "rolled back"):
            await self.commit()
        elif session.status == "open":
            await undo_async(session)


_NOT_STARTED = "the transaction was not started: call start(), or use it as a context manager"


def undo(session: SyncTransaction | SyncSavepoint) -> None:
    """Rolls back after an error, which is the one to tell about: not that the transaction is over, or busy, as well."""
    try:
        session.rollback()
    except TransactionError:
        return
    except ClientMisuseError:
        session.abandon()


async def undo_async(session: AsyncTransaction | AsyncSavepoint) -> None:
    """`_undo`, awaitable."""
    try:
        await session.rollback()
    except TransactionError:
        return
    except ClientMisuseError:
        session.abandon()
