"""The public names of the IR, of the views and of the plug-in API: none changes unnoticed.

`python -m pytest tests/plugins/test_promise.py --update-goldens` writes what there is now. A name that is added raises the second number of
`API_VERSION`, one that goes or means something else the first: docs/plugins.md says so to those who rely on it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

from infra_gen import ir, plugins
from infra_gen.plan import views
from infra_gen.plugins import EnumView, FieldView, ModelView, PackageView

GOLDEN = Path(__file__).parent / "promise.txt"
TEMPLATES = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
VIEWS = {PackageView: "`package`", ModelView: "a model", FieldView: "a field of a model", EnumView: "an enum"}


def promised() -> Iterator[str]:
    """A line for each public name, with its type as it is written."""
    yield f"infra_gen.plugins.API_VERSION = {plugins.API_VERSION}"
    for name, value in sorted(vars(ir).items()):
        if inspect.isclass(value) and value.__module__ == ir.__name__:
            yield from described(f"infra_gen.ir.{name}", value)
    for name in ("Arity", "Provider", "ReferentialAction"):
        yield f"infra_gen.ir.{name} = {', '.join(get_args(getattr(ir, name)))}"
    yield f"infra_gen.ir.SCALAR_TYPES = {', '.join(ir.SCALAR_TYPES)}"
    for name in sorted(plugins.__all__):
        value = getattr(plugins, name)
        if inspect.isclass(value):
            yield from described(f"infra_gen.plugins.{name}", value)
        elif callable(value):
            yield f"infra_gen.plugins.{name}{inspect.signature(value)}"


def described(name: str, kind: type) -> Iterator[str]:
    """A class: its fields, and what else is public."""
    yield name
    public = public_attributes(kind)
    own = {item.name: f"{item.name}: {item.type}" for item in fields(kind)} if is_dataclass(kind) else {}
    for attribute, text in own.items():
        if attribute in public:
            yield f"  {text}"
    for attribute, text in getattr(kind, "__annotations__", {}).items():
        if attribute in public and attribute not in own:
            yield f"  {attribute}: {text}"
    for attribute, value in sorted(vars(kind).items()):
        if attribute in own or attribute not in public or kind in VIEWS:
            continue
        yield f"  {attribute}{inspect.signature(value) if inspect.isfunction(value) else ''}"


def public_attributes(kind: type) -> set[str]:
    """The attributes without an underscore; of the views those that the page on templates names."""
    if kind in VIEWS:
        [row] = re.findall(rf"^\| {re.escape(VIEWS[kind])} \| (.*) \|$", TEMPLATES, re.MULTILINE)
        return set(re.findall(r"`(\w+)`", row))
    names: Any = {*vars(kind), *(item.name for item in fields(kind))} if is_dataclass(kind) else set(vars(kind))
    annotated = getattr(kind, "__annotations__", {})
    # How a kind of argument reads is between it and the toolkit.
    return {name for name in {*names, *annotated} - {"read"} if not name.startswith("_")}


def test_public_names_are_those_that_were_promised(update_goldens: bool) -> None:
    now = "".join(f"{line}\n" for line in promised())
    if update_goldens:
        GOLDEN.write_text(now, encoding="utf-8")
    assert now == GOLDEN.read_text(encoding="utf-8")


def test_the_list_has_what_people_use() -> None:
    text = GOLDEN.read_text(encoding="utf-8")
    for line in (
        "  arity: Arity",
        "  is_unsupported: bool",
        "  transform(self, schema",
        "  models: Sequence[ModelView]",
    ):
        assert f"\n{line}" in text
    assert "schema_text" not in text


def test_views_that_are_exported_are_those_that_templates_meet() -> None:
    assert {plugins.MemberView, *VIEWS} <= {value for value in vars(views).values() if inspect.isclass(value)}
