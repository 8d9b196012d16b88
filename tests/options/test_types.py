"""What the values of options mean for types: right code passes, wrong code is refused.

These are claims that both checkers hold to, in one run over a package for each value.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.generator.packages import generate_text
from tests.options.table import SCHEMA, VALUES
from tests.typing.checkers import CHECKERS

FLAGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "snake": {"naming": "snake_case"},
    "awaited": {"interface": "asyncio"},
    "blocking": {"interface": "sync"},
    "optional": {"relations": "optional"},
    "lenient": {"missing": "none"},
    "mutable": {"frozen": False},
    "fewer": {"exclude": ["Note"]},
    "only": {"include": ["User", "Team"]},
    "placed": {"output": "elsewhere/rows"},
    "templated": {"templates": "own"},
    "plugged": {"plugins": ["one"]},
}
DEFAULTS = {
    "naming": "schema",
    "interface": "both",
    "relations": "strict",
    "missing": "raise",
    "frozen": True,
    "output": "db",
}
"""What `defaults` stands for."""

CLAIMS = """
from typing import assert_type
import defaults, snake, awaited, blocking, optional, lenient, mutable, fewer, only, templated, plugged
import elsewhere.rows as placed
import rows  # wrong
import plugged.one
import plugged.two  # wrong


def defaults_(infra: defaults.SyncInfrastructure, user: defaults.User) -> None:
    assert_type(infra.user.update({"firstName": "x"}, {"id": 1}), defaults.User)
    assert_type(infra.user.delete({"id": 1}), defaults.User)
    assert_type(user.notes, list[defaults.Note])
    assert_type(user.team, defaults.Team | None)
    assert_type(user.firstName, str)
    user.first_name  # wrong
    user.firstName = "x"  # wrong


async def both_(infra: defaults.Infrastructure) -> None:
    assert_type(await infra.user.find_many(), list[defaults.User])


def snake_(infra: snake.SyncInfrastructure, user: snake.User) -> None:
    assert_type(user.first_name, str)
    infra.user.find_many(where={"first_name": "x"}, order={"team_id": "asc"})
    infra.user.find_many(where={"firstName": "x"})  # wrong


async def awaited_(infra: awaited.Infrastructure) -> None:
    assert_type(await infra.user.find_many(), list[awaited.User])
    print(awaited.SyncInfrastructure)  # wrong


def blocking_(infra: blocking.SyncInfrastructure) -> None:
    assert_type(infra.user.find_many(), list[blocking.User])
    print(blocking.Infrastructure)  # wrong


def optional_(user: optional.User, note: optional.Note) -> None:
    assert_type(user.notes, list[optional.Note] | None)
    assert_type(note.user, optional.User | None)
    note.user.id  # wrong


def lenient_(infra: lenient.SyncInfrastructure) -> None:
    assert_type(infra.user.update({"firstName": "x"}, {"id": 1}), lenient.User | None)
    assert_type(infra.user.delete({"id": 1}), lenient.User | None)
    assert_type(infra.user.find_unique_or_raise({"id": 1}), lenient.User)
    infra.user.delete({"id": 1}).id  # wrong


def mutable_(user: mutable.User) -> None:
    user.firstName = "x"
    user.firstName = 3  # wrong


def fewer_(infra: fewer.SyncInfrastructure, user: fewer.User) -> None:
    assert_type(user.team, fewer.Team | None)
    user.notes  # wrong
    infra.note  # wrong
    infra.user.find_many(include={"notes": True})  # wrong


def only_(infra: only.SyncInfrastructure, user: only.User) -> None:
    assert_type(user.team, only.Team | None)
    user.notes  # wrong
    infra.note  # wrong


def placed_(infra: placed.SyncInfrastructure) -> None:
    assert_type(infra.user.find_many(), list[placed.User])


def templated_(user: templated.User) -> None:
    assert_type(user.own(), int)
    user.others()  # wrong


def plugged_() -> None:
    assert_type(plugged.one.NAME, str)
    print(plugged.one.NAMES)  # wrong
"""


@pytest.mark.parametrize("checker", list(CHECKERS))
def test_types_follow_the_options(checker: str, project: Path) -> None:
    places = {name: flags.get("output", name) for name, flags in FLAGS.items()}
    for name, flags in FLAGS.items():
        rest = {option: value for option, value in flags.items() if option != "output"}
        generate_text(SCHEMA, project / places[name], **rest)
    (project / "elsewhere" / "__init__.py").touch()
    (project / "claims.py").write_text(CLAIMS)
    reports = CHECKERS[checker](project, ["claims.py", *places.values()])
    wrong = {number for number, line in enumerate(CLAIMS.splitlines(), 1) if line.endswith("# wrong")}
    assert {file: lines for file, lines in reports.items() if file != "claims.py"} == {}
    assert set(reports["claims.py"]) == wrong, reports["claims.py"]


def test_there_are_claims_for_every_option() -> None:
    said = {(option, str(value)) for flags in FLAGS.values() for option, value in {**DEFAULTS, **flags}.items()}
    assert {option for option, _ in said} == VALUES.keys()
    closed = {option: VALUES[option] for option in ("naming", "interface", "relations", "missing", "frozen")}
    assert {(option, str(value)) for option, values in closed.items() for value in values} <= said
