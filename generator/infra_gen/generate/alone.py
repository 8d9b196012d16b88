"""One writer at a time in a folder, by the operating system's own lock, which ends with the process that holds it. Imports nothing of ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def alone(folder: Path) -> Iterator[None]:
        """Waits until no other process is within the same folder's `alone`, and keeps others out."""
        # A folder cannot be locked here: a file where nobody looks for sources is.
        (folder / "__pycache__").mkdir(exist_ok=True)
        with open(folder / "__pycache__" / "infra-gen.lock", "ab") as file:
            while True:
                with suppress(OSError):  # After ten seconds it gives up: ask again.
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextmanager
    def alone(folder: Path) -> Iterator[None]:
        """Waits until no other process is within the same folder's `alone`, and keeps others out."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            # Some network file systems have no locks: there runs meet as they did before.
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
