"""Peers as processes that one asks by lines of JSON: what `worker` does, from the other side. Imports `peers`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, cast

from benchmarks.comparison.databases import schema_for
from benchmarks.comparison.peers import NODE, Entry, prisma
from benchmarks.comparison.peers.base import CONNECTIONS

ROOT = Path(__file__).parents[2]


class PeerError(Exception):
    """What a peer answered instead of doing what it was asked."""


def command_of(entry: Entry, provider: str, url: str, folder: Path) -> list[str]:
    """How the process of a peer is started. `folder` has the generated packages.

    Raises:
        OSError: what it needs could not be made.
    """
    if entry.where == NODE:
        client = prisma.client(provider, schema_for(provider))
        return ["node", str(prisma.SOURCES / "worker.mjs"), provider, url, str(client), str(CONNECTIONS)]
    module = "benchmarks.comparison.worker"
    return [sys.executable, "-m", module, entry.where, entry.interface, provider, url, str(folder)]


class PeerProcess:
    """A running peer."""

    def __init__(self, entry: Entry, command: list[str]) -> None:
        self.entry = entry
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            # Byte code is kept, as users keep it; the processor's time of compiling is nobody's.
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self._read()
        except PeerError:
            self.close()
            raise

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Sends a request and waits for its answer.

        Raises:
            PeerError: the peer failed.
        """
        requests = cast(IO[str], self._process.stdin)
        requests.write(json.dumps({"do": do, **arguments}) + "\n")
        requests.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = cast(IO[str], self._process.stdout).readline()
        if not line:
            raise PeerError(f"{self.entry.title} ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerError(answer["error"])
        return answer

    def close(self) -> None:
        """Asks it to end, and ends it where it does not."""
        try:
            requests = cast(IO[str], self._process.stdin)
            requests.write('{"do": "end"}\n')
            requests.close()
            self._process.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
