"""Which plug-ins a project names, and these loaded. Imports `config`, `ir` and `active`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra_gen import ir
from infra_gen.config import plugin_names
from infra_gen.plugins.active import NONE, ActivePlugins, Chooser, activated


def chosen_by(
    flags: Mapping[str, Any] | None = None, *, start: Path | None = None, generator: str | None = None
) -> Chooser:
    """What answers the plug-ins of a project: see `config.read_options` for the arguments."""

    def choose(generators: Sequence[ir.Generator]) -> ActivePlugins:
        names = plugin_names(generators, flags=flags, start=start, generator=generator)
        return activated(names) if names else NONE

    return choose
