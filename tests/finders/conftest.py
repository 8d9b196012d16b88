"""The demo's tables with a few rows, on every database, and clients of both interfaces: those of the tests of projections."""

from tests.projections.conftest import client, database

__all__ = ["client", "database"]
