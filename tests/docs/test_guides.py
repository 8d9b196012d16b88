"""The guides in docs/guide do what they say, and checkers agree with them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra_gen.dynamic import connect
from tests.docs.guides import GUIDES, ROOT, as_module, run
from tests.generator.packages import generate_text
from tests.typing.checkers import CHECKERS

SCHEMA = (ROOT / "schema.prisma").read_text(encoding="utf-8")


def test_there_are_guides() -> None:
    assert {guide.stem for guide in GUIDES} >= {"queries", "writes", "transactions", "raw_sql", "projections", "pages"}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
async def test_a_guide_does_what_it_says(guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "quickstart"))
    from shop import Infrastructure

    url = f"file:{tmp_path / 'guide.db'}"
    with connect(SCHEMA, url=url, interface="sync") as tables:
        tables.push()
    try:
        async with Infrastructure(url=url) as infra:
            assert await run(guide, {"infra": infra}) > 0
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
            del sys.modules[name]


@pytest.mark.parametrize("checker", CHECKERS)
def test_checkers_agree_with_the_guides(checker: str, tmp_path: Path) -> None:
    generate_text(SCHEMA, tmp_path / "shop")
    for guide in GUIDES:
        (tmp_path / f"{guide.stem}.py").write_text(as_module(guide), encoding="utf-8")
    reports = CHECKERS[checker](tmp_path, [f"{guide.stem}.py" for guide in GUIDES])
    assert {file: found for file, found in reports.items() if found} == {}
