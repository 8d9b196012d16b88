"""The page on migrations: its commands run in their order, and print what the page says they print (`…` stands for anything)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "migrations.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(?P<language>prisma|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGED = {"infra-gen migrate diff --from database --to schema": ("  title String\n", "  title String\n  pages Int?\n")}
"""What is done to the schema before a command, as the page tells."""


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    schema = tmp_path / "schema.prisma"
    for match in _BLOCK.finditer(PAGE):
        if match["language"] == "prisma":
            schema.write_text(match["text"])
            continue
        for command in re.split(r"^\$ ", match["text"], flags=re.MULTILINE)[1:]:
            line, _, expected = command.partition("\n")
            if line in CHANGED:
                schema.write_text(schema.read_text().replace(*CHANGED[line]))
            words = line.split()
            assert words[0] == "infra-gen"
            done = subprocess.run(
                [sys.executable, "-m", "infra_gen", *words[1:]],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (line, done.stderr)
            pattern = ".*".join(map(re.escape, expected.rstrip("\n").split("…")))
            assert re.fullmatch(pattern + r"\n*", done.stdout, re.DOTALL), (line, done.stdout)
