"""The options of the generator: for each its values, how each front end is told of one, and what it means.

A test that goes over `VALUES` goes over every option; `test_the_table_has_every_option` sees to that.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra_gen.config import Options
from infra_gen.plan.settings import PlanSettings

SCHEMA = """
datasource db {
  provider = "sqlite"
  url      = "file:./test.db"
}

model User {
  id        Int    @id @default(autoincrement())
  firstName String
  team      Team?  @relation(fields: [teamId], references: [id])
  teamId    Int?
  notes     Note[]
}

model Team {
  id    Int    @id
  users User[]
}

model Note {
  id     Int  @id
  user   User @relation(fields: [userId], references: [id])
  userId Int
}
"""

VALUES: dict[str, tuple[Any, ...]] = {
    "output": ("db", "elsewhere/rows"),
    "naming": ("schema", "snake_case"),
    "interface": ("both", "asyncio", "sync"),
    "relations": ("strict", "optional"),
    "missing": ("raise", "none"),
    "frozen": (True, False),
    "templates": ("own", "others"),
    "include": (["User", "Team"], ["User"]),
    "exclude": (["N*"], ["Team"]),
    "plugins": (["one"], ["two"]),
}
"""At least two values for each; the first is the default, where there is one."""
NO_DEFAULT = ("templates", "include", "exclude", "plugins")
PATHS = ("output", "templates")
CASES = [(option, value) for option, values in VALUES.items() for value in values]

PLUGINS = {
    name: f'def files(self, generation): return [File("{name}.py", "NAME: str = \'{name}\'")]'
    for name in ("one", "two")
}
"""The bodies of two plug-ins, see `tests.plugins.installing`."""


def name_of(case: Any) -> str:
    """An option or a value, for the names of tests."""
    return "+".join(case) if isinstance(case, list) else str(case)


def put_templates(folder: Path) -> None:
    """Two folders of templates, each of which gives rows a method."""
    for name in ("own", "others"):
        (folder / name).mkdir()
        (folder / name / "model.py.jinja").write_text(
            '{% extends "infra_templates/model.py.jinja" %}\n{% block row_members %}\n\n'
            f"    def {name}(self) -> int:\n        return 1\n{{% endblock %}}\n"
        )


def flags(option: str, value: Any) -> list[str]:
    """As arguments of `generate` and `watch`."""
    if option == "frozen":
        return ["--frozen" if value else "--mutable"]
    return [f"--{option}", ",".join(value) if isinstance(value, list) else value]


def line(option: str, value: Any, *, before: str = "") -> str:
    """As a line of a generator block or of pyproject.toml; `before`: what stands before paths."""
    return f"{option} = {json.dumps(before + value if option in PATHS else value)}"


def block(*lines: str) -> str:
    listed = "".join(f"  {line}\n" for line in lines)
    return f'generator infra {{\n  provider = "infra-gen"\n{listed}}}\n'


def meant(option: str, value: Any, folder: Path) -> Options:
    """The options that one value means, in a project in a folder."""
    match option:
        case "output":
            return Options(output=folder / value)
        case "templates":
            return Options(output=folder / "db", templates=folder / value)
        case "plugins":
            return Options(output=folder / "db", plugins=tuple(value))
        case _:
            given: dict[str, Any] = {option: tuple(value) if isinstance(value, list) else value}
            return Options(output=folder / "db", plan=replace(PlanSettings(), **given))
