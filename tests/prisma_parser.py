"""Prisma's own parser, to compare with, where `INFRA_TEST_PRISMA_ORACLE` names the folder of the program that runs it, `schema.mjs`.

The program, started with `--serve`, reads a question as a line of JSON, `{"mode": "lint", "files": [["a.prisma", "…"]]}`, and
answers in one: `{"diagnostics": [{"severity", "file", "start", "message"}]}` to `lint`, `{"files": [[path, text]]}` to `format`.
Fixture: `prisma_parser`; a test that uses it is skipped where the program or Node is missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra_gen.schema.source import SourceFile

VARIABLE = "INFRA_TEST_PRISMA_ORACLE"
_CONNECTION = re.compile(r"^[ \t]*(?:url|directUrl|shadowDatabaseUrl)[ \t]*=.*$", re.MULTILINE)


def program() -> Path | None:
    """The program to run, `None` where it or Node is missing."""
    folder = os.environ.get(VARIABLE)
    found = Path(folder, "schema.mjs") if folder else None
    return found if found and found.is_file() and shutil.which("node") else None


def without_connection(text: str) -> str:
    """A schema with the lines of its connection left empty: Prisma 6 requires them in the datasource, Prisma 7 refuses them."""
    return _CONNECTION.sub("", text)


class PrismaParser:
    """Prisma's parser, kept running: an answer takes some milliseconds."""

    def __init__(self, program: Path) -> None:
        command = ["node", str(program), "--serve"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, mode: str, files: Sequence[SourceFile]) -> dict[str, Any]:
        """The program's answer about a schema of one or several files; its header lists the modes."""
        assert self._process.stdin
        assert self._process.stdout
        question = {"mode": mode, "files": [[file.path, file.text] for file in files]}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def diagnostics(self, files: Sequence[SourceFile]) -> list[dict[str, Any]]:
        """Errors and warnings, each with `severity`, `file`, `start` (in units of UTF-16), `line` (from 1) and `message`."""
        found: list[dict[str, Any]] = self.ask("lint", files)["diagnostics"]
        units = {file.path: file.text.encode("utf-16-le") for file in files}
        for item in found:
            before = units[item["file"]][: 2 * item["start"]]
            item["line"] = 1 + before.decode("utf-16-le", errors="replace").count("\n")
        return found

    def formatted(self, files: Sequence[SourceFile]) -> list[str]:
        """The files' texts as `prisma format` writes them."""
        texts = dict(self.ask("format", files)["files"])
        return [texts[file.path] for file in files]

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.communicate()
