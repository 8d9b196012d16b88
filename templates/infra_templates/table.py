"""The table of templates: what is rendered, when, how often and where to. One loop of the generator runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `{module}` in `path` is that of what it is rendered for; `when` names what the package must have.

    `shows` is the part of the package that it prints: one of the toolkit's is given nothing else, and rendered again where that has changed.
    """

    file: str
    path: str
    each: Literal["package", "model", "enum"] = "package"
    when: str = ""
    shows: Literal["names", "enums", "schema"] = "schema"


TEMPLATES = (
    Template("package.py.jinja", "__init__.py", shows="names"),
    Template("client.py.jinja", "client.py", shows="names"),
    Template("enums.py.jinja", "enums.py", when="has_enums", shows="enums"),
    Template("schema.py.jinja", "schema.py"),
    Template("py.typed.jinja", "py.typed", shows="names"),
    Template("types/package.py.jinja", "types/__init__.py", shows="names"),
    Template("types/enums.py.jinja", "types/enums.py", when="has_enums", shows="enums"),
    Template("model.py.jinja", "{module}.py", each="model"),
    Template("types/model.py.jinja", "types/{module}.py", each="model"),
)
