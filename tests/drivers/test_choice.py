"""Which driver serves a URL, and what is said where its library is not installed."""

from __future__ import annotations

import sys

import pytest

from infra_runtime import MissingExtraError, SyncInfrastructure, UnsupportedDatabaseError
from infra_runtime.drivers import DRIVERS
from infra_runtime.schema import Schema

POSTGRESQL = Schema("postgresql", ())


def test_a_missing_library_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setitem(DRIVERS, "postgresql", {"sync": ("psycopg", "Pool"), "asyncio": ("psycopg", "Pool")})
    with pytest.raises(MissingExtraError, match=r"pip install 'infra-gen\[postgresql\]'"):
        SyncInfrastructure(schema=POSTGRESQL, url="postgresql://localhost/shop").connect()


def test_a_fault_of_a_driver_is_not_taken_for_a_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DRIVERS, "postgresql", {"sync": ("nowhere_to_be_found", "Pool")})
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        SyncInfrastructure(schema=POSTGRESQL, url="postgresql://localhost/shop").connect()


def test_a_provider_without_driver_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(DRIVERS, "postgresql", raising=False)
    with pytest.raises(UnsupportedDatabaseError, match="no driver for postgresql"):
        SyncInfrastructure(schema=POSTGRESQL, url="postgresql://localhost/shop").connect()
