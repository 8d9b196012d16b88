"""Directives on their way to the runtime: through the generated package and through the dynamic API; names that follow `naming`."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra_gen.config import Options
from infra_gen.directives import DIRECTIVES, DirectiveType, Parameter, Registry
from infra_gen.directives.kinds import Columns, Text
from infra_gen.dynamic import connect
from infra_gen.front import compile_schema
from infra_gen.generate import files_of
from infra_gen.metadata import metadata
from infra_gen.plan.settings import PlanSettings
from infra_gen.schema.source import SourceFile
from tests.generator.packages import files, imported

DATASOURCE = 'datasource db {\n  provider = "sqlite"\n  url = "file:./x.db"\n}\n'
FIELDS = """model User {
  id        Int     @id
  fullName  String? @map("full")
  class     String
  json      String
}
"""
SAID = """/// People.
/// @infra.cache(ttl: 1800, tags: ["user", "auth"]) Kept for half an hour.
/// @infra.audit([fullName, class], exclude: json) @infra.search(fields: [fullName, class])
/// @zod.strict()
"""


def options_of(schema: Any, model: str = "User") -> Any:
    return schema.model[model].options


def test_the_generated_package_carries_what_directives_say(tmp_path: Path) -> None:
    with imported(DATASOURCE + SAID + FIELDS, tmp_path) as package:
        assert options_of(package.SyncInfrastructure.schema) == {
            "cache": {"ttl": 1800, "tags": ("user", "auth")},
            "audit": {"track": ("fullName", "class_"), "exclude": ("json_",)},
            "search": {"fields": ("fullName", "class_")},
        }
        assert inspect.cleandoc(package.User.__doc__) == "People.\nKept for half an hour."


def test_fields_follow_the_naming_of_the_package(tmp_path: Path) -> None:
    with imported(DATASOURCE + SAID + FIELDS, tmp_path, naming="snake_case") as package:
        model = package.SyncInfrastructure.schema.model["User"]
        assert model.options["audit"] == {"track": ("full_name", "class_"), "exclude": ("json_",)}
        assert all(name in model.scalar for name in model.options["search"]["fields"])
        assert model.options["cache"]["tags"] == ("user", "auth")


def test_the_dynamic_api_carries_them_in_the_schemas_names() -> None:
    infra = connect(DATASOURCE + SAID + FIELDS, url="sqlite://:memory:", interface="sync")
    assert options_of(infra.engine.schema)["audit"] == {"track": ("fullName", "class"), "exclude": ("json",)}


def test_the_dynamic_api_refuses_wrong_ones() -> None:
    with pytest.raises(
        Exception,
        match=r"schema\.prisma:6:75: There is no field `fulName` in the model `User`\. Did you mean `fullName`\?",
    ):
        connect(DATASOURCE + SAID.replace("[fullName, class])\n", "[fulName])\n").replace("/// People.\n", "") + FIELDS)


def test_a_model_without_directives_is_generated_as_if_there_were_none() -> None:
    plain = files(DATASOURCE + "/// People.\n" + FIELDS)
    assert "options" not in plain["schema.py"]
    annotated = files(DATASOURCE + '/// People. @infra.cache\n/// @Python(instance_name: "user")\n' + FIELDS)
    assert {path for path in plain if plain[path] != annotated[path]} == {"schema.py"}
    assert annotated["schema.py"].replace('            options={"cache": {}},\n', "") == plain["schema.py"]


def test_directives_of_fields_and_enums_reach_the_runtime_too() -> None:
    """The toolkit has none yet; one that is registered needs no more than its entry."""
    mask = DirectiveType(
        "infra.mask",
        ("field", "relation field", "enum"),
        (Parameter("like", Columns(), ""), Parameter("sign", Text(), "")),
        "",
        "@infra.mask",
    )
    text = DATASOURCE + (
        "model A {\n  id Int @id\n  userName String /// @infra.mask(like: [userName, id])\n"
        '  /// @infra.mask(sign: "b")\n  b B[]\n}\n'
        "model B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n  e E\n}\n"
        '/// @infra.mask(sign: "e")\nenum E {\n  ONE\n}\n'
    )
    schema = compile_schema([SourceFile("s.prisma", text)], directives=Registry((*DIRECTIVES.types, mask))).schema
    known = metadata(schema)
    assert known.model["A"].scalar["userName"].options == {"mask": {"like": ("userName", "id")}}
    assert known.model["A"].relation["b"].options == {"mask": {"sign": "b"}}
    assert known.enum["E"].options == {"mask": {"sign": "e"}}
    written = files_of(schema, Options(plan=PlanSettings(naming="snake_case")))["schema.py"]
    assert 'options={"mask": {"like": ("user_name", "id")}}' in written
    assert 'options={"mask": {"sign": "b"}}' in written
    assert 'options={"mask": {"sign": "e"}}' in written


def test_the_metadata_can_be_copied_and_sent() -> None:
    schema = connect(DATASOURCE + SAID + FIELDS, url="sqlite://:memory:", interface="sync").engine.schema
    for other in (copy.deepcopy(schema), pickle.loads(pickle.dumps(schema))):
        assert options_of(other) == options_of(schema)


# Prisma Client Python's ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "attribute"),
    [
        ('/// @Python(instance_name: "people")', "people"),
        ('/// All of them. @Python( instance_name : "people" ) Really.', "people"),
        ('/// @Python(\n/// instance_name: "people")\n/// @infra.cache', "people"),
        ("/// @Python()", "user"),
        ("/// Written in @Python.", "user"),
        ('// @Python(instance_name: "people")', "user"),
        ('/// @Python(instance_name: "transaction")', "transaction_"),
    ],
)
def test_a_models_attribute_is_renamed(comment: str, attribute: str, tmp_path: Path) -> None:
    with imported(f"{DATASOURCE}{comment}\n{FIELDS}", tmp_path) as package:
        model = package.SyncInfrastructure.schema.model["User"]
        assert model.attribute == attribute
        assert "Python" not in model.options
        assert hasattr(package.SyncInfrastructure, attribute)


def test_the_dynamic_api_knows_the_attribute() -> None:
    text = f'{DATASOURCE}/// @Python(instance_name: "people")\n{FIELDS}'
    infra = connect(text, url="sqlite://:memory:", interface="sync")
    assert infra.engine.schema.model["User"].attribute == "people"


# The command line ----------------------------------------------------------------------------------------------------


def validate(folder: Path, text: str, *flags: str) -> subprocess.CompletedProcess[str]:
    (folder / "schema.prisma").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "infra_gen", "validate", *flags], cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_errors_are_shown_with_their_line_and_a_caret(tmp_path: Path) -> None:
    answer = validate(tmp_path, f"{DATASOURCE}/// @infra.cache(tll: 5)\n{FIELDS}")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[:5] == [
        "error: `@infra.cache` has no argument `tll`. Did you mean `ttl`?",
        " --> schema.prisma:5:18",
        "  |",
        "5 | /// @infra.cache(tll: 5)",
        "  |                  ^^^",
    ]


def test_errors_are_json_too_beside_those_of_the_language(tmp_path: Path) -> None:
    answer = validate(tmp_path, f"{DATASOURCE}/// @infra.cach\n{FIELDS}model B {{\n  id Nope\n}}\n", "--json")
    assert answer.returncode == 1
    found = json.loads(answer.stdout)["errors"]
    assert [(item["line"], item["column"]) for item in found] == [(5, 6), (13, 6)]
    assert found[0] == {
        "message": "There is no directive `@infra.cach`. Did you mean `@infra.cache`?",
        "file": "schema.prisma",
        "line": 5,
        "column": 6,
    }
