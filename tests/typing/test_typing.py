"""What mypy and pyright say to users: right code passes, wrong code is refused with the key named.

`cases/right*.py` and `cases/wrong*.py` are written against the package of the demo schema (schema.prisma); a wrong line ends in
`# names: key`, or `# names: key | other` where one of the checkers can only name the argument.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.generator.packages import generate_text
from tests.typing.checkers import CHECKERS, ROOT, Reports, mypy

CASES = Path(__file__).parent / "cases"
WRONG = sorted(CASES.glob("wrong*.py"))
_MARK = re.compile(r"# names: (.*)$")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cases beside the package they are written against."""
    folder = tmp_path_factory.mktemp("typing")
    generate_text((ROOT / "schema.prisma").read_text(), folder / "shop")
    for case in CASES.glob("*.py"):
        shutil.copy(case, folder)
    return folder


@pytest.fixture(scope="module", params=list(CHECKERS))
def reports(request: pytest.FixtureRequest, folder: Path) -> Reports:
    return CHECKERS[request.param](folder, [*sorted(case.name for case in CASES.glob("*.py")), "shop"])


def test_right_code_and_the_package_itself_pass(reports: Reports) -> None:
    wrong = {case.name for case in WRONG}
    assert {file: found for file, found in reports.items() if file not in wrong} == {}


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.stem)
def test_wrong_lines_are_refused_and_the_message_names_the_key(reports: Reports, case: Path) -> None:
    for number, line in enumerate(case.read_text().splitlines(), 1):
        mark = _MARK.search(line)
        said = reports.get(case.name, {}).get(number)
        if mark is None:
            assert said is None, f"line {number} is right, and yet: {said}"
        else:
            assert said is not None, f"line {number} passed: {line}"
            assert any(name in said.casefold() for name in mark[1].casefold().split(" | ")), f"line {number}: {said}"


def test_right_projections_pass_with_the_plugin_of_pydantic_too(tmp_path: Path) -> None:
    generate_text((ROOT / "schema.prisma").read_text(), tmp_path / "shop")
    shutil.copy(CASES / "right_projections.py", tmp_path)
    assert mypy(tmp_path, ["right_projections.py"], settings="plugins = pydantic.mypy") == {}
