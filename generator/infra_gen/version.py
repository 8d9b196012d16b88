"""The installed version, found without the cost of importing `importlib.metadata`'s parsers where a file name will do."""

from __future__ import annotations

import sys
from pathlib import Path


def version() -> str:
    """The version of the installed distribution; `0` where it is run from a bare folder."""
    for folder in sys.path:
        for found in Path(folder).glob("infra_gen-*.dist-info"):
            return found.name.removeprefix("infra_gen-").removesuffix(".dist-info")
    return "0"
