"""Which toolkit this is: a digest of what decides the bytes of a package beside the schema and the options. May import `generate.memory` and `generate.reading`."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import infra_gen
import infra_runtime.schema
import infra_templates
from infra_gen.generate.memory import digest
from infra_gen.generate.reading import content


@cache
def toolkit() -> str:
    """A digest of the generator's code, its templates, the metadata's classes, and the versions of Python and Jinja."""
    files = [
        *sorted(Path(infra_gen.__file__).parent.rglob("*.py")),
        *sorted(path for path in Path(infra_templates.__file__).parent.rglob("*") if path.suffix in (".py", ".jinja")),
        Path(infra_runtime.schema.__file__),
    ]
    texts = [content(os.fspath(path)).decode() for path in files]
    return digest(str(sys.version_info), version("jinja2"), *texts)
