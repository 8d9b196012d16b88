"""A project whose options are said in one way or another, with templates and plug-ins to name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.options import table
from tests.plugins import installing


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the metadata and modules of the plug-ins."""
    folder = tmp_path_factory.mktemp("installed")
    for name, body in table.PLUGINS.items():
        installing.put(folder, name, body)
    return folder


@pytest.fixture
def project(tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project, which is the working folder; its schema is in prisma/."""
    (tmp_path / "prisma").mkdir()
    (tmp_path / "prisma" / "schema.prisma").write_text(table.SCHEMA)
    table.put_templates(tmp_path)
    monkeypatch.chdir(tmp_path)
    with installing.on_path(installed):
        yield tmp_path
