"""Puts a file in the place of another, whole or not at all. Imports nothing of ours."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

TEMPORARY = ".infra-gen-"
"""What the names of files begin with that are being written; one that stays behind is of a run that was killed."""


def replace_file(path: Path, content: bytes) -> None:
    """Puts `content` in place of what is at `path`: whoever looks sees the old file or the new one, never a part.

    The file's permissions stay.

    Raises:
        OSError: it cannot be written; its `filename` is `path`, and what was there is as it was.
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        temporary.write_bytes(content)
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
