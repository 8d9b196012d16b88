"""The page on templates: its blocks are those that the templates have, its examples do what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes

from infra_gen.failure import Failure
from infra_gen.generate.template_rules import parsed
from infra_gen.generate.templates import environment
from infra_gen.plugins import EnumView, FieldView, ModelView, PackageView
from infra_templates.table import TEMPLATES
from tests.docs.guides import ROOT
from tests.generator.packages import files, imported

PAGE = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
SCHEMA = 'enum Role {\n  READER\n}\n\nmodel User {\n  id Int @id\n  fullName String @map("full_name")\n  role Role\n}\n'
EXAMPLES = re.findall(r"^```jinja\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def rows(heading: str) -> Iterator[list[str]]:
    """The rows of the first table below a heading, without its head."""
    section = re.split(r"^#+ ", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def documented() -> dict[tuple[str, str], set[str]]:
    """What each block is given, by its template and its name."""
    template, found = "", {}
    for first, block, _, given in rows("Blocks"):
        template = next(iter(names(first)), template)
        found[template, *names(block)] = names(given)
    return found  # type: ignore[return-value]


def blocks(node: nodes.Node, loops: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """The blocks of a template, with the variables of the loops that they stand in and see."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.For) and isinstance(child.target, nodes.Name):
            yield from blocks(child, (*loops, child.target.name))
            continue
        if isinstance(child, nodes.Block):
            yield child.name, set(loops) if child.scoped else set()
        yield from blocks(child, loops)


def in_templates() -> dict[tuple[str, str], set[str]]:
    jinja = environment(())
    found = {
        (row.file, name): {"package", *(["model"] if row.each == "model" else []), *loops}
        for row in TEMPLATES
        for name, loops in blocks(parsed(jinja, row.file))
    }
    return found | {("module.jinja", name): set() for name, _ in blocks(parsed(jinja, "module.jinja"))}


def test_the_blocks_are_those_of_the_templates_and_are_given_what_the_page_says() -> None:
    told = documented()
    in_module = {key: value - {"module"} for key, value in told.items() if key[0] == "module.jinja"}
    assert {**told, **in_module} == in_templates()


def test_all_that_blocks_are_said_to_be_given_is_there(tmp_path: Path) -> None:
    """Each block prints what it is given, and nothing that it is not."""
    for (template, block), given in documented().items():
        if (template, block) == ("module.jinja", "body"):
            continue  # The toolkit's templates all have their own.
        mark = " ".join(f"{{{{ {name} and '{name}' }}}}" for name in sorted(given))
        text = (
            f'{{% extends "infra_templates/{template}" %}}\n{{% block {block} %}}\n# given: {mark}\n{{% endblock %}}\n'
        )
        (tmp_path / template).parent.mkdir(exist_ok=True)
        (tmp_path / template).write_text(text)
        printed = "\n".join(_rendered(tmp_path).values())
        assert f"# given: {' '.join(sorted(given))}".strip() in printed, (template, block)
        (tmp_path / template).unlink()


def _rendered(own: Path) -> dict[str, str]:
    try:
        return files(SCHEMA, templates=own)
    except Failure as error:
        # A class without its fields is no Python: that the block was rendered is all that is asked.
        pytest.fail(str(error))


def test_the_public_attributes_are_there() -> None:
    views: dict[str, Any] = {
        "`package`": PackageView,
        "a model": ModelView,
        "a field of a model": FieldView,
        "an enum": EnumView,
    }
    table = {value: names(attributes) for value, attributes in rows("What templates are given")}
    assert table.keys() == views.keys()
    for value, view in views.items():
        assert table[value] <= set(view.__slots__), value


def test_the_examples_do_what_they_say(tmp_path: Path) -> None:
    members, module, added = EXAMPLES
    for name, text in (("model.py.jinja", members), ("module.jinja", module), ("admin.jinja", added)):
        (tmp_path / name).write_text(text)
    (tmp_path / "init.jinja").write_text("{# makes admin/__init__.py #}\n")
    with imported(SCHEMA, tmp_path, templates=tmp_path) as package:
        folder = Path(str(package.__file__)).parent
        assert (folder / "client.py").read_text().startswith("# Copyright Ada Lovelace.\n# Generated by infra-gen")
        assert package.User(id=1, fullName="Ada", role="READER").label() == "User 1"
        admin = import_module(f"{package.__name__}.admin.user")
        assert admin.ROW is package.User
        assert admin.TABLE == "User"
        assert admin.COLUMNS == ["id", "full_name", "role"]


def test_the_message_of_the_example_is_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_templates").mkdir()
    (tmp_path / "my_templates" / "model.py.jinja").write_text("\n\n\n{{ model.feilds }}")
    [message] = re.findall(r"^error: (my_templates.*)$", PAGE, re.MULTILINE)
    with pytest.raises(Failure) as caught:
        files(SCHEMA, templates=tmp_path / "my_templates")
    assert str(caught.value) == message
