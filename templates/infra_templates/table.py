"""The table of templates: what is rendered, when, how often and where to. One loop of the generator runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `{module}` in `path` is that of what it is rendered for; `when` names what the package must have."""

    file: str
    path: str
    each: Literal["package", "model", "enum"] = "package"
    when: str = ""


TEMPLATES = (
    Template("package.py.jinja", "__init__.py"),
    Template("client.py.jinja", "client.py"),
    Template("enums.py.jinja", "enums.py", when="enums"),
    Template("schema.py.jinja", "schema.py"),
    Template("py.typed.jinja", "py.typed"),
    Template("types/package.py.jinja", "types/__init__.py"),
    Template("types/enums.py.jinja", "types/enums.py", when="enums"),
    Template("model.py.jinja", "{module}.py", each="model"),
    Template("types/model.py.jinja", "types/{module}.py", each="model"),
)
