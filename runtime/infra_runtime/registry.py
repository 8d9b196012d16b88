"""The registered client: one place for code that has no client at hand. Imports `errors`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from infra_runtime.errors import ClientAlreadyRegisteredError, ClientNotRegisteredError

if TYPE_CHECKING:
    from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure

    AnyClient: TypeAlias = Infrastructure | SyncInfrastructure

_registered: AnyClient | Callable[[], AnyClient] | None = None


def register(client: AnyClient | Callable[[], AnyClient]) -> None:
    """Makes `client`, or what a function answers, the one that `get_client` gives. Errors: ClientAlreadyRegisteredError."""
    global _registered
    if _registered is not None:
        raise ClientAlreadyRegisteredError("a client is already registered")
    _registered = client


def unregister() -> None:
    """Forgets the registered client."""
    global _registered
    _registered = None


def get_client() -> AnyClient:
    """The registered client. Errors: ClientNotRegisteredError."""
    if _registered is None:
        raise ClientNotRegisteredError("no client is registered: call register(client) first")
    return _registered() if callable(_registered) else _registered
