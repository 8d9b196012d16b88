"""What is installed: Python, the toolkit, the libraries it stands on, its extras, the driver of a provider. Imports `version`."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as installed_version
from importlib.util import find_spec

from infra_gen.doctor import shell
from infra_gen.doctor.findings import Finding, ok
from infra_gen.version import version

OLDEST, NEWEST = (3, 11), (3, 14)
"""Pythons that the toolkit is tested with."""
DRIVERS: Mapping[str, Sequence[str]] = {"postgresql": ("psycopg",), "mysql": ("pymysql", "asyncmy")}
"""The libraries that reach a provider, which the extra of its name brings; SQLite's is Python's own."""
FOR_DEVELOPERS = ("all", "test", "dev")
"""Extras that are not for users, or bring only others."""

Versions = Callable[[str], str | None]
"""The installed version of a distribution; None where there is none."""


def versions(name: str) -> str | None:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return None


def libraries(requirements: Sequence[str] | None = None) -> dict[str, list[str]]:
    """What the toolkit asks for, by extra; under "" what it always needs. Nothing where it is not installed.

    Args:
        requirements: as its metadata has them (https://packaging.python.org/en/latest/specifications/core-metadata/#requires-dist).
    """
    if requirements is None:
        try:
            requirements = requires("infra-gen") or ()
        except PackageNotFoundError:
            requirements = ()
    found: dict[str, list[str]] = {"": []}
    for text in requirements:
        name, extra = _NAME.match(text), _EXTRA.search(text)
        if name is not None and name[0] != "infra-gen" and not (extra and extra["name"] in FOR_DEVELOPERS):
            found.setdefault(extra["name"] if extra else "", []).append(name[0])
    return found


_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"""extra\s*==\s*['"](?P<name>[^'"]+)""")


def python(running: Sequence[int] = sys.version_info[:3]) -> Iterator[Finding]:
    """Is this Python one of those that the toolkit is tested with?"""
    named = f"Python {'.'.join(map(str, running))}"
    if tuple(running[:2]) < OLDEST:
        yield Finding("python", "problem", f"{named} is older than {_dotted(OLDEST)}", advice="Use a newer Python")
    elif tuple(running[:2]) > NEWEST:
        yield Finding(
            "python", "warning", f"{named} is newer than {_dotted(NEWEST)}, the last one that this version knows"
        )
    else:
        yield ok("python", f"{named} ({sys.executable})")


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def toolkit(found: Versions = versions) -> Iterator[Finding]:
    """The toolkit and what it stands on; and whether the shell finds this one."""
    stands_on = ", ".join(f"{name} {found(name) or 'missing'}" for name in libraries()[""])
    yield ok("toolkit", f"infra-gen {version()} ({stands_on or 'not installed, but run from its folder'})")
    yield from _outside_their_ranges(found)
    command = shutil.which(shell.PROGRAM)
    if command is not None and not shell.is_ours(command):
        yield Finding(
            "toolkit",
            "warning",
            f"the shell finds another infra-gen: {command}",
            advice=f"Activate the environment of {sys.executable}, or run it as {shell.line(*shell.program())}",
        )


def _outside_their_ranges(found: Versions) -> Iterator[Finding]:
    """Libraries of another version than the toolkit asks for. Read with `packaging`, which the generator's extra brings along."""
    if find_spec("packaging") is None:
        return
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(text) for text in requires("infra-gen") or ()]
    except PackageNotFoundError:
        return
    for requirement in wanted:
        present = found(requirement.name)
        optional = requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})
        if requirement.name == "infra-gen" or (optional and (present is None or _is_for_developers(str(requirement)))):
            continue
        if present is None or not requirement.specifier.contains(present, prereleases=True):
            is_there = f"{requirement.name} {present}" if present else f"no {requirement.name}"
            plain = f"{requirement.name}{requirement.specifier}"
            text = f"{is_there} is installed, and infra-gen asks for {plain}"
            yield Finding("toolkit", "problem", text, shell.install(plain))


def _is_for_developers(requirement: str) -> bool:
    extra = _EXTRA.search(requirement)
    return extra is not None and extra["name"] in FOR_DEVELOPERS


def extras(found: Versions = versions) -> Iterator[Finding]:
    """Which extras are there. That the generator's is not is worth a warning: production does without it."""
    known = {extra: names for extra, names in libraries().items() if extra}
    whole = [extra for extra, names in known.items() if not _missing(names, found)]
    yield ok("extras", ", ".join(f"{extra} ({_named(known[extra], found)})" for extra in whole) or "none is installed")
    if missing := _missing(known.get("generator", ()), found):
        yield Finding(
            "extras",
            "warning",
            f"without {', '.join(missing)} no package can be generated; production needs none of this",
            shell.install("infra-gen[generator]"),
        )


def _named(names: Sequence[str], found: Versions) -> str:
    return ", ".join(f"{name} {found(name)}" for name in names)


def _missing(names: Sequence[str], found: Versions) -> list[str]:
    return [name for name in names if found(name) is None]


def driver(provider: str, found: Versions = versions) -> Iterator[Finding]:
    """Can the drivers of a schema's provider be loaded?"""
    names = DRIVERS.get(provider)
    if names is None:
        import sqlite3

        yield ok("driver", f"sqlite3 of Python (SQLite {sqlite3.sqlite_version})")
        return
    command = shell.install(f"infra-gen[{provider}]")
    if missing := _missing(names, found):
        text = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed, which {provider} needs"
        yield Finding("driver", "problem", text, command)
        return
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            yield Finding("driver", "problem", f"{name} cannot be loaded: {str(error).splitlines()[0]}", command)
            return
    yield ok("driver", _named(names, found))
