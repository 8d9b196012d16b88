"""The shop's fixtures, and a way to write a configuration file."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import Database, Databases
from tests.runtime.conftest import shop_schema, shop_url

__all__ = ["shop_schema", "shop_url"]

Write = Callable[[str], str]


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, databases: Databases) -> Database:
    return databases(request.param)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes `infrastructure.config.yml` in the working folder, and answers its path as a user writes it."""
    monkeypatch.chdir(tmp_path)

    def written(text: str) -> str:
        Path("infrastructure.config.yml").write_text(textwrap.dedent(text), encoding="utf-8")
        return "infrastructure.config.yml"

    return written
