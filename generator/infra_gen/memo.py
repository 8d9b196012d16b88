"""What a process knows from its last run: results of pure functions, so that the next run works out only what is made of something else.

Every stage from the schema's text to the package's plan asks for its results by model through one `Memo`. A result is found by the function
and by what it was given: texts, numbers and the like by their value, everything else by being the same object. The text of a block is
where it begins: the same text gives the same syntax tree, which gives the same part of the IR, and so on. So whoever calls a function
through a memo must give it all that its result depends on, and give objects that are results of the memo themselves, or live
as long; nothing else can go wrong. Imports nothing of ours.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, TypeVarTuple, Unpack

Given = TypeVarTuple("Given")
Made = TypeVar("Made")
Value = TypeVar("Value", bound=Hashable)

_BY_VALUE = frozenset({str, int, bool, type(None)})


class Memo:
    """Results of the last run that ended well, and of those since then."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Any, Any]] = {}
        self._used: dict[Hashable, tuple[Any, Any]] = {}

    def __call__(self, function: Callable[[Unpack[Given]], Made], *given: *Given) -> Made:
        """The result of a pure function, worked out if it is not known."""
        key = (function, *map(_key, given))
        entry = self._known.get(key)
        if entry is None:
            # The entry keeps what was given alive: nothing else can get its identity.
            entry = self._known[key] = (function(*given), given)
        self._used[key] = entry
        made: Made = entry[0]
        return made

    def same(self, value: Value) -> Value:
        """A value, as the object that was equal to it before: big ones are then found by identity."""
        key = ("same", value)
        entry = self._known.setdefault(key, (value, None))
        self._used[key] = entry
        known: Value = entry[0]
        return known

    def keep(self, known: object, *key: object) -> None:
        """Keeps something to `recall` by a key, whose parts are as what functions are given.

        For checks: what nothing was wrong with is not looked at again.
        """
        found = ("kept", *map(_key, key))
        self._known[found] = self._used[found] = (known, key)

    def recall(self, *key: object) -> Any:
        """What was kept by a key; None where there is nothing."""
        found = ("kept", *map(_key, key))
        entry = self._known.get(found)
        if entry is None:
            return None
        self._used[found] = entry
        return entry[0]

    def forget_unused(self) -> None:
        """At the end of a run that went well: what it did not need is not kept for the next."""
        self._known, self._used = self._used, {}


def _key(given: Any) -> Hashable:
    kind = type(given)
    if kind in _BY_VALUE:
        return given  # type: ignore[no-any-return]
    if kind is tuple:
        return tuple([_key(item) for item in given])
    return id(given)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A run without Python's collector of garbage, which would look at all that is known again and again while a run makes more.

    Almost nothing that a run makes is garbage before its end; a process that goes on afterwards calls `collect` then.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # Else it would look at everything that the run has made before the next statement.
            gc.freeze()
            gc.enable()


def collect() -> None:
    """Collects what runs have left behind, while a process waits."""
    gc.unfreeze()
    gc.collect()
