"""Which `prisma` a shell would run, npm's or PyPI's, and what it would run of a schema. Imports nothing but `ir`."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra_gen import ir
from infra_gen.doctor.findings import Finding, ok

KNOWN = range(5, 8)
"""The major versions of npm's that run generators of others: https://www.prisma.io/docs/orm/prisma-schema/overview/generators"""
_PYTHON = re.compile(rb"^#!\s*(?P<path>\S*python[\d.]*)|from prisma(?:\.cli)?\S* import main", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prisma:
    """A command line of Prisma's. `version`: empty where it does not say."""

    path: Path
    source: str
    version: str

    def __str__(self) -> str:
        return f"{self.source}'s prisma {self.version}".rstrip() + f" ({self.path})"


def command_line(start: Path, search: str | None = None) -> Prisma | None:
    """The one a shell in `start` runs as `prisma`, else the one that `npx prisma` runs there. `search`: instead of PATH."""
    found = shutil.which("prisma", path=search)
    if found is not None:
        return _npm(Path(found)) or _pypi(Path(found)) or Prisma(Path(found), "somebody", "")
    for folder in (start, *start.absolute().parents):
        place = folder / "node_modules" / ".bin" / "prisma"
        if place.exists():
            return _npm(place)
    return None


def _npm(path: Path) -> Prisma | None:
    """A link into the package, or a script beside a folder `node_modules` (Windows, `npm install --global`)."""
    real = path.resolve()
    for package in (
        *(folder / "package.json" for folder in real.parents),
        path.parent / "node_modules/prisma/package.json",
    ):
        try:
            said = json.loads(package.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(said, dict) and said.get("name") == "prisma":
            return Prisma(path, "npm", str(said.get("version", "")))
    return None


def _pypi(path: Path) -> Prisma | None:
    """A script of Python's; what it belongs to stands in the environment's libraries."""
    try:
        is_script = path.suffix == ".exe" or _PYTHON.search(path.read_bytes()[:4096]) is not None
    except OSError:
        return None
    if not is_script:
        return None
    environment = path.parent.parent
    places = (*environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages")
    for place in places:
        for folder in place.glob("prisma-*.dist-info"):
            return Prisma(path, "PyPI", folder.name.removeprefix("prisma-").removesuffix(".dist-info"))
    return Prisma(path, "PyPI", "")


def prisma(start: Path, schema: ir.Schema | None, search: str | None = None) -> Iterator[Finding]:
    """What `prisma generate` would be, and would run."""
    found = command_line(start, search)
    if found is None:
        yield ok("prisma", "no prisma is on the PATH, nor in node_modules: none is needed")
        return
    blocks = [] if schema is None else [f"{block.name} ({_provider(block)})" for block in schema.generators]
    runs = f"; prisma generate runs {', '.join(blocks)}" if blocks else ""
    major = found.version.partition(".")[0]
    if found.source == "npm" and major.isdigit() and int(major) not in KNOWN:
        yield Finding(
            "prisma",
            "warning",
            f"{found} is none of the versions {KNOWN[0]} to {KNOWN[-1]} that run infra-gen as a generator",
            advice="infra-gen generate needs no prisma",
        )
    else:
        yield ok("prisma", f"{found}{runs}")


def _provider(block: ir.Generator) -> str:
    provider = block.provider
    return (
        os.environ.get(provider.name, provider.name) if isinstance(provider, ir.EnvironmentVariable) else str(provider)
    )
