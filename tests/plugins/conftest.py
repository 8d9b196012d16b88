"""Plug-ins installed for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugins import installing


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[installing.Install]:
    """Installs a plug-in, see `installing.put`."""
    folder = tmp_path_factory.mktemp("installed")
    with installing.on_path(folder):

        def put(name: str, body: str = "", **given: Any) -> Path:
            return installing.put(folder, name, body, **given)

        yield put
