"""What the last run made of what, so that the next one makes only what is made of something else.

For each file a digest of everything it was made from, and one of its content. It stands in the package's `__pycache__`, which no tool
takes for sources and nobody commits; who removes it loses nothing but time. A file is taken as it is on the disk if both digests are
right: then its bytes are those that would be made. Beside them stands what the whole run was made from, see `generate.inputs`. May import `generate.reading`, `memo` and `replace`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from infra_gen.generate.reading import content
from infra_gen.memo import Memo
from infra_gen.replace import replace_file

FILE = Path("__pycache__", "infra-gen.json")


def digest(*parts: str) -> str:
    """A digest of texts, one after the other, each kept apart from the next."""
    made = blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode()
        made.update(len(encoded).to_bytes(8, "big"))
        made.update(encoded)
    return made.hexdigest()


class Memory:
    """What is known of the files in a folder. Without a folder nothing is known, and nothing is kept."""

    def __init__(self, folder: Path | None, *, forgotten: bool = False, memo: Memo | None = None) -> None:
        """`forgotten`: what was known is of no use any more. `memo`: knows the texts that this process made, or read, for the folder before."""
        self._folder = folder
        self._memo = memo if memo is not None and not forgotten else Memo()
        found = {} if folder is None or forgotten else _read(folder / FILE)
        self._known: dict[str, Any] = _table(found, "files")
        self.run: Mapping[str, Any] = _table(found, "run")
        """What the last run that ended well knew of itself."""
        self._made: dict[str, list[str]] = {}

    def untouched(self) -> tuple[str, ...] | None:
        """The paths of all files, if they are as the last run left them."""
        for path, known in self._known.items():
            if not isinstance(known, list) or self._text(path, known[1:]) is None:
                return None
        return tuple(self._known)

    def recall(self, path: str, made_from: str) -> str | None:
        """The text of a file that was made from the same, if this process has it, or it is there as it was made."""
        if self._folder is None:
            return None
        if (kept := self._memo.recall(Memory, path, made_from)) is not None:
            text, self._made[path] = kept
            return str(text)
        known = self._known.get(path)
        if not isinstance(known, list) or known[:1] != [made_from]:
            return None
        found = self._text(path, known[1:])
        if found is not None:
            self._remember(path, found, known)
        return found

    def _text(self, path: str, digests: Sequence[Any]) -> str | None:
        """What is in a file, if its digest is this one."""
        assert self._folder is not None
        try:
            text = content(os.path.join(self._folder, path)).decode()
        except (OSError, UnicodeDecodeError):
            return None
        return text if digests == [digest(text)] else None

    def keep(self, path: str, made_from: str, text: str) -> None:
        """Remembers what a file was made from."""
        if self._folder is not None:
            self._remember(path, text, [made_from, digest(text)])

    def _remember(self, path: str, text: str, known: list[str]) -> None:
        self._made[path] = known
        self._memo.keep((text, known), Memory, path, known[0])

    def save(self, run: Mapping[str, Any]) -> None:
        """Keeps for the next run what this one recalled and made, and what it knows of itself.

        Where nothing can be written, the next one makes everything.
        """
        if self._folder is None or (self._made == self._known and run == self.run):
            return
        with suppress(OSError):
            (self._folder / FILE).parent.mkdir(exist_ok=True)
            replace_file(self._folder / FILE, json.dumps({"run": run, "files": self._made}).encode())


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _table(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = found.get(name)
    return table if isinstance(table, dict) else {}


NOTHING = Memory(None)
