"""Installs plug-ins for tests as pip would: a module and the metadata of its distribution, in a folder on the path."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from infra_gen.plugins.active import activated_plugins_forgotten

HEAD = """\
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from infra_gen import ir
from infra_gen.plugins import *
"""

Install: TypeAlias = Callable[..., Path]


def put(folder: Path, name: str, body: str, *, module: str = "", distribution: str = "", value: str = "") -> Path:
    """Installs a plug-in into a folder, and answers the module's file.

    Args:
        body: of its class, whose name is `Made`; or with `module` of the whole module.
        distribution: its name; else it is the plug-in's.
        value: of the entry point.
    """
    distribution = distribution or f"{name}-plugin"
    imported = f"{distribution.replace('-', '_')}_module"
    file = folder / f"{imported}.py"
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    file.write_text(module or f'{HEAD}\n\nclass Made(Plugin):\n    api_version = "1.0"\n{lines}')
    metadata = folder / f"{distribution.replace('-', '_')}-0.3.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.3\n")
    (metadata / "entry_points.txt").write_text(f"[infra_gen.plugins]\n{name} = {value or f'{imported}:Made'}\n")
    return file


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """Around the time in which the plug-ins of a folder are installed."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    activated_plugins_forgotten()
    before = set(sys.modules)
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(folder)):
                del sys.modules[name]
        activated_plugins_forgotten()
