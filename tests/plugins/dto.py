"""The example plug-in, installed as its pyproject.toml says, without pip."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.plugins.installing import on_path

PROJECT = Path(__file__).parents[2] / "examples" / "dto_plugin"


def put(folder: Path) -> None:
    """Writes the metadata that an editable install of it writes; the module itself is found where it is."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    metadata = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (metadata / "METADATA").write_text(head)
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(groups))


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Around the time in which it is installed; `folder` is where its metadata goes."""
    put(folder)
    sys.path.insert(0, str(PROJECT))
    try:
        with on_path(folder):
            yield
    finally:
        sys.path.remove(str(PROJECT))
