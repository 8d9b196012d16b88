"""The pages speak of what is there: paths, links, commands, make's targets, parts of the toolkit; the README's example is type-checked."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.docs.guides import ROOT
from tests.generator.packages import generate_text
from tests.typing.checkers import CHECKERS

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

SOURCES = (ROOT, ROOT / "generator", ROOT / "templates", ROOT / "runtime")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")
_PATH = re.compile(
    r"`((?:generator|templates|runtime|tests|docs|examples|benchmarks|infra_gen|infra_runtime|infra_templates)/[^`\s]*)`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_paths_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = [link for link in _LINK.findall(text) if not (page.parent / link).exists()]
    gone = [path for path in _PATH.findall(text) if not any((top / path).exists() for top in SOURCES)]
    assert (broken, gone) == ([], [])


def test_there_are_paths_to_look_at() -> None:
    assert len(_PATH.findall(CONTRIBUTING)) > 10
    assert len(_LINK.findall(README)) > 4


def test_the_map_for_contributors_has_every_part_of_the_generator() -> None:
    parts = {path for path in (ROOT / "generator" / "infra_gen").iterdir() if (path / "__init__.py").is_file()}
    missing = sorted(path.name for path in parts if f"`generator/infra_gen/{path.name}/`" not in CONTRIBUTING)
    assert missing == []


def test_makes_targets_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|\$ )make ([a-z]+)", README + CONTRIBUTING))
    assert named >= {"demo", "test", "check", "goldens"}
    assert {name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()


def test_commands_are_there() -> None:
    named = set(re.findall(r"^\$ infra-gen ((?:db )?[a-z]+)", README, re.MULTILINE))
    assert named >= {"validate", "generate", "format", "inspect", "db push"}
    for command in sorted(named):
        told = subprocess.run(
            [sys.executable, "-m", "infra_gen", *command.split(), "--help"], capture_output=True, text=True, check=False
        )
        assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("checker", CHECKERS)
def test_checkers_agree_with_the_readme(checker: str, tmp_path: Path) -> None:
    [example] = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    imports, _, body = example.partition("\n\n")
    generate_text((ROOT / "schema.prisma").read_text(encoding="utf-8"), tmp_path / "shop")
    (tmp_path / "readme.py").write_text(f"{imports}\n\n\nasync def example() -> None:\n{textwrap.indent(body, '    ')}")
    assert {file: found for file, found in CHECKERS[checker](tmp_path, ["readme.py"]).items() if found} == {}
