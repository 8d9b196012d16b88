"""The DMMF's datamodel: a schema of each provider that shows everything, and the rules that one can state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from infra_gen.dmmf import document
from infra_gen.formatting import format_files
from infra_gen.schema.source import SourceFile
from tests.dmmf.golden import CASES, datamodel_of, golden_of, in_order, rendered
from tests.dmmf.schemas import law, meaningful

SQLITE = 'datasource db {\n  provider = "sqlite"\n}\n'
POSTGRESQL = 'datasource db {\n  provider = "postgresql"\n}\n'


# ---- goldens


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_schema_has_the_datamodel_of_its_golden_file(case: Path, update_goldens: bool) -> None:
    if update_goldens:
        golden_of(case).write_text(rendered(case), encoding="utf-8")
    assert rendered(case) == golden_of(case).read_text(encoding="utf-8")


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All objects within a JSON value."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(item)


FORMS = {
    "enums": (document.Enum, document.EnumValue),
    "models": (document.Model, document.Field, document.NamedKey, document.Function),
    "indexes": (document.Index, document.IndexField),
}
ONLY_SQL_SERVER_HAS = {"clustered"}


@pytest.mark.parametrize("part", sorted(FORMS))
def test_the_goldens_show_every_key_of_the_form_and_in_its_order(part: str) -> None:
    shown: set[str] = set()
    for case in CASES:
        for node in nodes(json.loads(golden_of(case).read_text(encoding="utf-8"))[part]):
            shown |= node.keys()
            assert any(
                list(node) == [key for key in form.__annotations__ if key in node]
                and form.__required_keys__ <= node.keys()
                for form in FORMS[part]
            ), node
    assert {key for form in FORMS[part] for key in form.__annotations__} - shown <= ONLY_SQL_SERVER_HAS


# ---- defaults


def default_of(field: str, datasource: str = SQLITE) -> Any:
    """The default of a field so written."""
    [model] = datamodel_of(f"{datasource}model M {{\n  id Int @id\n  {field}\n}}\n")["models"]
    assert model["fields"][1]["hasDefaultValue"] is True
    return model["fields"][1].get("default")


@pytest.mark.parametrize(
    ("field", "default"),
    [
        ("a Int @default(007)", 7),
        ("a Int @default(9223372036854775807)", 9223372036854775807),
        ("a BigInt @default(0012)", "12"),
        ("a BigInt @default(-0)", "0"),
        ("a Float @default(1.50)", 1.5),
        ("a Decimal @default(1)", 1),
        ('a Decimal @default("1.50")', 1.5),
        ('a Decimal @default("1E-3")', 0.001),
        ('a Decimal @default("1_000.5")', 1000.5),
        ('a Bytes @default("aGVsbG8=")', "aGVsbG8="),
        (r'a Json @default("{\"a\": 1}")', '{"a": 1}'),
        (r'a String @default("\u00e9\ud83d\ude00")', "é😀"),
        ('a String @default("true")', "true"),
        ("a Boolean @default(true)", True),
    ],
)
def test_a_literal_is_the_value_of_its_type(field: str, default: Any) -> None:
    found = default_of(field)
    assert (found, type(found)) == (default, type(default))


@pytest.mark.parametrize(
    ("written", "computed"),
    [
        ("0.3", 0.30000000000000004),
        ("0.30", 0.3),
        ("-0.7", -0.7000000000000001),
        ("2.675", 2.6750000000000003),
        ("0.0000000000000000000000000000000000003", 2.9999999999999996e-37),
        ("1234.5678", 1234.5678),
        ("123456789012345678.1234567890", 123456789012345680),
    ],
)
@pytest.mark.parametrize("type_", ["Float", "Decimal"])
def test_a_fraction_is_computed_in_binary_as_prisma_does(type_: str, written: str, computed: float) -> None:
    assert default_of(f"a {type_} @default({written})") == computed


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2.0", "2"),
        ("-0.0", "0"),
        ("-181010368697665088", "-181010368697665100"),
        ("100000000000000000000", "100000000000000000000"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
    ],
)
def test_a_whole_number_is_written_as_javascript_does(written: str, shown: str) -> None:
    assert json.dumps(default_of(f"a Float @default({written})")) == shown


def test_a_number_whose_digits_are_beyond_all_floats_stays_text() -> None:
    number = f"1{'0' * 400}e-400"
    assert default_of(f'a Decimal @default("{number}")') == number


def test_zeros_before_a_number_count_for_nothing_however_many() -> None:
    zeros = "0" * 5000
    assert default_of(f"a Int @default({zeros}7)") == 7
    assert default_of(f"a Float @default(-{zeros}7)") == -7


@pytest.mark.parametrize(
    ("written", "default"),
    [
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00+00:00"),
        ("2020-01-01 00:00:00z", "2020-01-01T00:00:00+00:00"),
        ("2020-01-01t10:20:30.000-00:00", "2020-01-01T10:20:30+00:00"),
        ("2020-01-01T10:20:30.1+02:00", "2020-01-01T10:20:30.100+02:00"),
        ("2020-01-01T10:20:30.1234Z", "2020-01-01T10:20:30.123400+00:00"),
        ("2020-01-01T10:20:30.00000012349Z", "2020-01-01T10:20:30.000000123+00:00"),
        ("2020-01-01T23:59:60Z", "2020-01-01T23:59:60+00:00"),
        ("2020-01-01T10:20:30\u221205:00", "2020-01-01T10:20:30-05:00"),
        ("0000-01-01T10:20:30Z", "0000-01-01T10:20:30+00:00"),
    ],
)
def test_a_date_and_time_has_one_form(written: str, default: str) -> None:
    assert default_of(f'a DateTime @default("{written}")') == default


@pytest.mark.parametrize(
    ("field", "name", "arguments"),
    [
        ("a String @default(cuid())", "cuid", [1]),
        ("a String @default(cuid(2))", "cuid", [2]),
        ("a String @default(uuid())", "uuid", [4]),
        ("a String @default(uuid(version: 7))", "uuid", [7]),
        ("a String @default(nanoid())", "nanoid", []),
        ("a String @default(nanoid(length: 12))", "nanoid", [12]),
        ("a DateTime @default(now())", "now", []),
        ("a String @default(dbgenerated())", "dbgenerated", []),
        ('a String @default(dbgenerated("x()"))', "dbgenerated", ["x()"]),
    ],
)
def test_a_function_has_its_arguments_and_the_version_in_force(field: str, name: str, arguments: list[Any]) -> None:
    assert default_of(field) == {"name": name, "args": arguments}


def test_lists_hold_values_of_their_elements() -> None:
    assert default_of("a BigInt[] @default([1, 2])", POSTGRESQL) == ["1", "2"]
    assert default_of("a Float[] @default([1, 0.3])", POSTGRESQL) == [1, 0.30000000000000004]
    assert default_of('a DateTime[] @default(["2020-01-01 00:00:00z"])', POSTGRESQL) == ["2020-01-01T00:00:00+00:00"]


def test_members_of_an_enum_may_be_called_as_the_language_calls_its_booleans() -> None:
    schema = "enum E {\n  true\n  false\n}\nmodel M {\n  id Int @id\n  e E @default(true)\n  es E[] @default([true, false])\n}\n"
    [model] = datamodel_of(POSTGRESQL + schema)["models"]
    assert [field.get("default") for field in model["fields"][1:]] == ["true", ["true", "false"]]


# ---- what is there, and where


def test_views_stand_after_all_models_and_enums_of_all_files_come_first() -> None:
    first = 'generator g {\n  provider = "infra-gen"\n  previewFeatures = ["views"]\n}\nview V {\n  a Int @unique\n}\nmodel A {\n  id Int @id\n}\n'
    found = datamodel_of(SQLITE + first, "model B {\n  id Int @id\n}\nenum E {\n  X\n}\n")
    assert [model["name"] for model in found["models"]] == ["A", "B", "V"]
    assert [index["model"] for index in found["indexes"]] == ["A", "B", "V"]
    assert [enum["name"] for enum in found["enums"]] == ["E"]


def test_indexes_of_a_model_come_by_where_they_stand_and_by_kind() -> None:
    schema = """
model M {
  a Int
  b Int @unique
  @@unique([a, b])
  @@index([a])
  @@id([a])
}
"""
    found = datamodel_of(SQLITE + schema)["indexes"]
    assert [(index["type"], index["isDefinedOnField"]) for index in found] == [
        ("id", False),
        ("unique", True),
        ("normal", False),
        ("unique", False),
    ]


def test_a_key_of_one_field_makes_it_id_or_unique_wherever_it_is_written() -> None:
    schema = "model M {\n  a Int\n  b Int\n  c Int @unique\n  @@id([a])\n  @@unique([b])\n  @@unique([a])\n}\n"
    [model] = datamodel_of(SQLITE + schema)["models"]
    assert [(field["isId"], field["isUnique"]) for field in model["fields"]] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert model["primaryKey"] == {"name": None, "fields": ["a"]}
    assert model["uniqueFields"] == [["b"], ["a"]]


def test_a_partial_key_makes_no_field_unique_and_hides_one_that_does() -> None:
    schema = """
generator g {
  provider        = "infra-gen"
  previewFeatures = ["partialIndexes"]
}
model M {
  id Int @id
  a  Int @unique
  b  Int @unique(where: raw("b > 0"))
  c  Int @unique
  @@unique([c], map: "partial", where: raw("c > 0"))
}
"""
    found = datamodel_of(POSTGRESQL + schema)
    [model] = found["models"]
    assert [field["name"] for field in model["fields"] if field["isUnique"]] == ["a"]
    assert model["uniqueFields"] == []
    assert [(index["type"], index["fields"][0]["name"]) for index in found["indexes"]] == [
        ("id", "id"),
        ("unique", "a"),
        ("unique", "b"),
        ("unique", "c"),
        ("unique", "c"),
    ]


@law
@given(text=meaningful())
def test_it_is_json_that_formatting_the_schema_does_not_change(text: str) -> None:
    found = datamodel_of(text)
    [formatted] = format_files([SourceFile("schema.prisma", text)])
    assert in_order(json.loads(json.dumps(found))) == in_order(found) == in_order(datamodel_of(formatted))
