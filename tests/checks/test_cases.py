"""The golden cases: for each schema, everything that is said of it, where, and in which words.

`python -m tests.checks.golden` writes the golden files anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_gen import checks
from infra_gen.checks.context import Context, Hopeless
from tests.checks.golden import FOLDER, diagnose, expected_of, rendered, schemas

TABLES = [name for name in vars(checks) if name.endswith("_RULES")]


@pytest.mark.parametrize("schema", schemas(), ids=lambda path: path.stem)
def test_a_schema_gets_the_diagnostics_of_its_golden_file(schema: Path) -> None:
    assert rendered(schema) == expected_of(schema).read_text(encoding="utf-8")


def test_every_golden_file_has_its_schema() -> None:
    assert sorted(FOLDER.glob("*.txt")) == [expected_of(schema) for schema in schemas()]


@pytest.mark.parametrize("schema", schemas(), ids=lambda path: path.stem)
def test_only_what_is_named_accepted_is_accepted_without_a_word(schema: Path) -> None:
    is_silent = expected_of(schema).read_text(encoding="utf-8") == ""
    assert is_silent == schema.stem.startswith("accepted_")


def test_every_rule_is_shown_by_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that no schema here breaks would be a rule nobody has seen working."""
    reported: set[str] = set()

    def watched(rule: checks.Rule[object]) -> checks.Rule[object]:
        def run(item: object, context: Context) -> None:
            before = context.report.count
            try:
                rule(item, context)
            except Hopeless:
                reported.add(rule.__name__)
                raise
            if context.report.count > before:
                reported.add(rule.__name__)

        return run

    names: set[str] = set()
    for table in TABLES:
        rules = getattr(checks, table)
        names |= {rule.__name__ for rule in rules}
        monkeypatch.setattr(checks, table, tuple(watched(rule) for rule in rules))
    for schema in schemas():
        diagnose(schema.read_text(encoding="utf-8"), schema.name)
    assert names - reported == set()
