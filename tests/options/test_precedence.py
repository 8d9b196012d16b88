"""Of each option: flags beat the generator block, which beats pyproject.toml, which beats the default."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from infra_gen.config import Options, read_options
from infra_gen.plugins.choosing import chosen_by
from tests.generator.packages import compiled
from tests.options.table import CASES, NO_DEFAULT, PATHS, SCHEMA, VALUES, block, line, meant, name_of

PAIRS = [(option, strong, weak) for option, values in VALUES.items() for strong, weak in permutations(values, 2)]


def read(project: Path, **said: tuple[str, Any]) -> Options:
    """The options of a project; each source says an option and its value."""
    schema = compiled((block(line(*said["block"], before="../")) if "block" in said else "") + SCHEMA)
    if "pyproject" in said:
        (project / "pyproject.toml").write_text(f"[tool.infra-gen]\n{line(*said['pyproject'])}\n")
    given = dict([said["flags"]]) if "flags" in said else {}
    return read_options(schema, schema_folder=project / "prisma", flags=given, start=project)


def resolved(options: Options, project: Path) -> Options:
    """With an absolute `output`, however short it is said."""
    return Options(project / options.output, options.templates, options.plan, options.plugins)


@pytest.mark.parametrize(("stronger", "weaker"), [("flags", "block"), ("flags", "pyproject"), ("block", "pyproject")])
@pytest.mark.parametrize(("option", "strong", "weak"), PAIRS, ids=name_of)
def test_the_stronger_source_wins(
    stronger: str, weaker: str, option: str, strong: Any, weak: Any, project: Path
) -> None:
    found = read(project, **{stronger: (option, strong), weaker: (option, weak)})
    assert resolved(found, project) == meant(option, strong, project)
    assert found.origins.keys() == {option}


@pytest.mark.parametrize("source", ["flags", "block", "pyproject"])
@pytest.mark.parametrize(("option", "value"), CASES, ids=name_of)
def test_every_source_beats_the_default(source: str, option: str, value: Any, project: Path) -> None:
    assert resolved(read(project, **{source: (option, value)}), project) == meant(option, value, project)


@pytest.mark.parametrize("option", VALUES)
def test_without_any_source_it_is_the_default(option: str, project: Path) -> None:
    default = Options(output=project / "db")
    assert resolved(read(project), project) == default
    if option not in NO_DEFAULT:
        assert meant(option, VALUES[option][0], project) == default


def test_plugins_that_a_schema_is_read_with_follow_the_same_rule(project: Path) -> None:
    def active(text: str, **flags: Any) -> list[str]:
        choose = chosen_by(flags, start=project)
        return [plugin.name for plugin in choose(compiled(text + SCHEMA).generators).plugins]

    assert active("") == []
    (project / "pyproject.toml").write_text('[tool.infra-gen]\nplugins = ["one"]\n')
    assert active("") == active(block()) == ["one"]
    assert active(block('plugins = ["two"]')) == ["two"]
    assert active(block('plugins = ["two"]'), plugins="one") == ["one"]
    assert active(block("plugins = []")) == []


def test_the_table_has_every_option(project: Path) -> None:
    from infra_gen.config import _OPTIONS

    assert list(VALUES) == list(_OPTIONS)
    assert set(PATHS) < set(VALUES)
