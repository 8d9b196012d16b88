"""Checkers on many related models: pyright's stack holds, mypy's time stays in bounds, and messages name the key as they do on few.

How the inputs are laid out decides both, for reasons that `infra_gen.plan.inputs` tells; so the layout is held to here, too.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from benchmarks.made_schema import made_schema, make_package
from benchmarks.realistic_schema import realistic_schema
from tests.typing.checkers import Reports, mypy, pyright

USE = """\
from db import Infrastructure
from db.types.entity5 import Entity5{suffix}

first: Entity5{suffix} = {{"nmae": "x"}}

async def use(infra: Infrastructure) -> None:
    await infra.entity5.find_many(where={{"tags": {{"some": {{"next": {{"is_not": {{"previous": {{"none": {{"nmae": 3}}}}}}}}}}}}}})
    await infra.entity5.update({{"tags": {{"create": [{{"name": "x", "code": "x", "previous": {{"connect": [{{"nmae": 3}}]}}}}]}}}}, {{"id": 1}})
    await infra.entity5.find_many(where={{"tags": {{"some": {{"previous": {{"none": {{"name": "x"}}}}}}}}}}, include={{"next": True}})
"""
_WRONG = {4: "nmae", 7: "is_not", 8: "nmae"}
"""The lines that are wrong, each with what must be named: a filter that may be None is a union, which names what stands before it."""


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of 100 models, each of which leads to every other: the longest chain is of all of them."""
    folder = tmp_path_factory.mktemp("hundred")
    make_package(made_schema(100), folder)
    return folder


def assert_wrong_lines_are_named(reports: Reports, wrong: dict[int, str] = _WRONG) -> None:
    assert list(reports) == ["use.py"]
    assert reports["use.py"].keys() == wrong.keys()
    for line, name in wrong.items():
        assert name in reports["use.py"][line], reports["use.py"][line]


@pytest.mark.parametrize("suffix", ["Include", "Update"])
def test_pyright_copes_with_a_hundred_related_models_whichever_input_it_meets_first(hundred: Path, suffix: str) -> None:
    (hundred / "use.py").write_text(USE.format(suffix=suffix))
    assert_wrong_lines_are_named(pyright(hundred, ["use.py"]))


def test_pyright_copes_with_three_hundred_models_that_are_related_as_real_ones_are(tmp_path: Path) -> None:
    make_package(realistic_schema(300), tmp_path)
    (tmp_path / "use.py").write_text(USE.format(suffix="Where"))
    next_is_required = {7: "nmae"}
    assert_wrong_lines_are_named(pyright(tmp_path, ["use.py"]), _WRONG | next_is_required)


def test_mypy_takes_seconds_for_twenty_related_models(tmp_path: Path) -> None:
    make_package(made_schema(20), tmp_path)
    (tmp_path / "use.py").write_text(USE.format(suffix="Where"))
    before = os.times()
    assert_wrong_lines_are_named(mypy(tmp_path, ["use.py"]))
    after = os.times()
    # Some 10 s on a machine at rest, more than half of them for the libraries; a busy one takes twice as long.
    assert after.children_user - before.children_user < 45


def keys_of(text: str, name: str) -> list[str]:
    """The keys that a class lists itself."""
    body = re.search(rf"^class {name}\(TypedDict.*?\n(.*?)(?=^\S)", text, re.MULTILINE | re.DOTALL)
    assert body is not None, f"{name} is no class that is a TypedDict by itself"
    return re.findall(r"^    (\w+): ", body[1], re.MULTILINE)


def test_inputs_list_first_what_leads_to_less(tmp_path: Path) -> None:
    make_package(made_schema(8), tmp_path)
    text = (tmp_path / "db" / "types" / "entity5.py").read_text()
    where, unique = keys_of(text, "Entity5Where"), keys_of(text, "Entity5WhereUnique")
    include, one = keys_of(text, "Entity5Include"), keys_of(text, "Entity5CreateNestedOne")
    assert where[:4] == ["AND", "OR", "NOT", "id"]
    assert where[-5:] == ["previous", "tags", "tagged", "next", "parent"]
    assert unique[:6] == ["id", "name", "code_count", "AND", "OR", "NOT"]
    assert include == ["previous", "tags", "tagged", "next", "parent", "_count"]
    assert one == keys_of(text, "Entity5CreateNestedMany")[:1] + one[1:] == ["connect", "create", "connect_or_create"]
    assert "    name: StringCondition\n" in text
    assert "    count: IntChange\n" in text
