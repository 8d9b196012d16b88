"""The plug-ins that are installed: found by their entry points, loaded when they are needed. Imports `failure` and the API.

Finding reads the metadata of installed distributions and imports nothing of theirs, so that help and completion may list plug-ins.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from infra_gen.failure import Failure
from infra_gen.plugins.api import API_VERSION, Plugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "infra_gen.plugins"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plug-in ready to be asked. `source`: its name and distribution, in words."""

    name: str
    source: str
    plugin: Plugin


def names() -> list[str]:
    """The plug-ins that are installed, in the order of their names."""
    from importlib.metadata import entry_points

    return sorted({found.name for found in entry_points(group=GROUP)})


def distribution(name: str) -> str:
    """The distribution that brings a plug-in, and its version."""
    return _distribution(_found(name)[0])


def load(name: str) -> Loaded:
    """Loads a plug-in.

    Errors: Failure for one that is not installed, that two distributions bring, that cannot be imported, that is none, or that needs
    another version of the API.
    """
    first, *others = _found(name)
    whose = _source(first)
    if others:
        both = " and ".join(_distribution(found) for found in (first, *others))
        raise Failure(f"Two distributions bring a plug-in `{name}`, {both}: uninstall one of them.")
    if not _NAME.fullmatch(name):
        raise Failure(f"{whose} cannot have this name: small letters, digits, `-` and `_` are allowed.")
    with failing(whose, "be loaded"):
        made = first.load()
        plugin = made() if isinstance(made, type) else made
    if not isinstance(plugin, Plugin):
        raise Failure(
            f"{whose} is no plug-in: its entry point {first.value} must be a subclass of infra_gen.plugins.Plugin."
        )
    _check_version(plugin, whose)
    return Loaded(name, whose, plugin)


@contextmanager
def failing(whose: str, doing: str) -> Iterator[None]:
    """Around what a plug-in does: any error of its own becomes one message that names it. A Failure is its own message."""
    try:
        yield
    except Failure:
        raise
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}".rstrip(".: ")
        raise Failure(f"{whose} could not {doing}: {reason} ({_place(error)}).") from error


def _found(name: str) -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points

    found = tuple(entry_points(group=GROUP, name=name))
    if found:
        # The same entry point is found twice where a distribution is on the path twice.
        return tuple({(item.value, _distribution(item)): item for item in found}.values())
    known = names()
    near = get_close_matches(name, known, 1)
    if near:
        hint = f"did you mean `{near[0]}`?"
    elif known:
        hint = f"installed are {', '.join(f'`{item}`' for item in known)}."
    else:
        hint = "none is installed here."
    raise Failure(
        f"There is no plug-in `{name}`: {hint} A plug-in is installed as any package, into the environment of infra-gen."
    )


def _distribution(found: EntryPoint) -> str:
    return f"{found.dist.name} {found.dist.version}" if found.dist is not None else found.value


def _source(found: EntryPoint) -> str:
    return f"The plug-in `{found.name}` ({_distribution(found)})"


def _check_version(plugin: Plugin, whose: str) -> None:
    stated = getattr(plugin, "api_version", None)
    if stated is None:
        raise Failure(
            f'{whose} does not say which version of the plug-in API it needs: `api_version = "{API_VERSION}"`.'
        )
    wanted, ours = _VERSION.fullmatch(str(stated)), _VERSION.fullmatch(API_VERSION)
    assert ours is not None
    if wanted is None:
        raise Failure(f'{whose} says `api_version = {stated!r}`: it is two numbers, as in "{API_VERSION}".')
    needed, there = (int(wanted[1]), int(wanted[2])), (int(ours[1]), int(ours[2]))
    if needed[0] == there[0] and needed[1] <= there[1]:
        return
    instead = "Upgrade the plug-in." if needed < there else "Upgrade infra-gen."
    raise Failure(f"{whose} needs version {stated} of the plug-in API, and this infra-gen has {API_VERSION}. {instead}")


def _place(error: BaseException) -> str:
    """Where an error came up, in the code nearest to it that is no library's of Python."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if "importlib" not in Path(frame.filename).parts and not frame.filename.startswith("<")
    ]
    frame = (own or frames)[-1]
    return f"{frame.filename}:{frame.lineno}"
