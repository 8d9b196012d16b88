"""The DMMF as a front end: read together with the schema's text, it makes what our parser makes of the text; what it cannot tell alone is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from infra_gen import ir
from infra_gen.config import Options
from infra_gen.directives import DIRECTIVES, problems
from infra_gen.dmmf import datamodel
from infra_gen.dmmf.reading import UnreadableDmmfError, datamodel_of, syntax_tree
from infra_gen.front import compile_schema
from infra_gen.generate import files_of
from infra_gen.resolve import resolve
from infra_gen.schema.parser import parse
from infra_gen.schema.source import SchemaError, SourceFile, Span
from infra_gen.schema.syntax import ConfigBlock, Document
from tests import real_schemas
from tests.dmmf.golden import CASES, golden_of
from tests.dmmf.schemas import law, meaningful

ROOT = Path(__file__).resolve().parents[2]
OWN = [
    ROOT / "schema.prisma",
    *sorted((ROOT / "examples").rglob("*.prisma")),
    *sorted((ROOT / "tests").rglob("*.prisma")),
]
SQLITE = 'datasource db {\n  provider = "sqlite"\n}\n'
POSTGRESQL = SQLITE.replace("sqlite", "postgresql")


def of_prisma_5(told: Any) -> Any:
    """A datamodel as Prisma 5 prints it."""
    older = json.loads(json.dumps(told))
    for model in older["models"]:
        del model["schema"]
        for field in model["fields"]:
            del field["nativeType"]
            field.pop("relationOnUpdate", None)
            match field.get("default"):
                case {"name": ("cuid" | "uuid") as name, "args": [version]}:
                    field["default"] = {"name": f"{name}({version})", "args": []}
    return older


FORMS: dict[str, Callable[[Any], Any]] = {"5": of_prisma_5, "7": lambda told: told}


def tree_of(told: Any, files: Sequence[SourceFile], *, with_text: bool = True) -> Document:
    written, _ = parse(files)
    configuration = [block for block in written.blocks if isinstance(block, ConfigBlock)]
    return syntax_tree(datamodel_of(told), configuration, written if with_text else Document(tuple(files), ()))


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two values of the IR differ, but for their places."""
    if isinstance(one, Span):
        return
    if is_dataclass(one) and type(one) is type(other):
        for item in fields(one):
            yield from differences(getattr(one, item.name), getattr(other, item.name), f"{place}.{item.name}")
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{place}[{number}]")
    elif one != other:
        yield f"{place}: {one!r}, {other!r}"


def compiled(files: Sequence[SourceFile]) -> ir.Schema:
    try:
        return compile_schema(files).schema
    except SchemaError:
        pytest.skip("a schema that is refused")


def assert_same(files: Sequence[SourceFile], told: Any) -> None:
    """What is made of a DMMF and the text is what is made of the text alone; so the package is, which is made of nothing else."""
    assert list(differences(compiled(files), resolve(tree_of(told, files)))) == []


# ---- the law


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_package_is_byte_for_byte_that_of_the_text(case: Path) -> None:
    files = [SourceFile("schema.prisma", case.read_text(encoding="utf-8"))]
    ours = files_of(compiled(files), Options())
    told = json.loads(golden_of(case).read_text(encoding="utf-8"))
    for form in FORMS.values():
        assert files_of(resolve(tree_of(form(told), files)), Options()) == ours
        assert_same(files, form(told))


def test_our_own_schemas() -> None:
    """Those of the tests, too; many of them are made to be refused."""
    compared = 0
    for path in OWN:
        files = [SourceFile(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))]
        try:
            told = datamodel(compile_schema(files).schema)
        except SchemaError:
            continue
        compared += 1
        for form in FORMS.values():
            assert_same(files, form(told))
    assert compared >= 15


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("folder", real_schemas.folders(), ids=lambda folder: folder.name)
def test_real_schemas(folder: Path, form: str) -> None:
    told = json.loads((folder / "dmmf.json").read_text(encoding="utf-8"))["datamodel"]
    assert_same(real_schemas.source_files(folder), FORMS[form](told))


@pytest.mark.parametrize("folder", real_schemas.folders(), ids=lambda folder: folder.name)
def test_packages_of_real_schemas(folder: Path) -> None:
    files = real_schemas.source_files(folder)
    ours = compiled(files)
    if len(ours.models) > 12:
        pytest.skip("it takes seconds to make, and the IR is compared above")
    told = json.loads((folder / "dmmf.json").read_text(encoding="utf-8"))["datamodel"]
    assert files_of(resolve(tree_of(told, files)), Options()) == files_of(ours, Options())


@settings(law, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(text=meaningful())
def test_random_schemas(text: str) -> None:
    files = [SourceFile("schema.prisma", text)]
    told = json.loads(json.dumps(datamodel(compile_schema(files).schema)))
    for form in FORMS.values():
        assert_same(files, form(told))


# ---- the DMMF alone


PLAIN = SQLITE + """
/// A user
/// @infra.cache(ttl: 60, tags: ["user"])
model User {
  id      Int      @id @default(autoincrement())
  /// how it is reached
  email   String   @unique(map: "by_email") @map("e_mail")
  token   String   @default(uuid())
  short   String   @default(nanoid(12))
  quoted  String   @default("a \\"b\\" \\\\ \\n é😀")
  logins  BigInt   @default(12)
  active  Boolean  @default(true)
  ratio   Float    @default(0.25)
  role    Role     @default(admin)
  created DateTime @default(now())
  updated DateTime @updatedAt
  boss    User?    @relation("reports", fields: [boss_id], references: [id], onDelete: SetNull, onUpdate: NoAction)
  boss_id Int?
  staff   User[]   @relation("reports")
  posts   Post[]

  @@unique([email, token], name: "both")
  @@index([created(sort: Desc)])
  @@map("users")
}

model Post {
  a     Int
  b     Int
  users User[]

  @@id([a, b])
  @@map("posts")
}

enum Role {
  /// may do all
  admin @map("a")
  guest
}
""".replace("  @@id([a, b])\n", "").replace("  a     Int\n", "  a     Int @id\n")


def test_without_the_text_a_plain_schema_is_all_there() -> None:
    files = [SourceFile("schema.prisma", PLAIN)]
    ours = compiled(files)
    theirs = resolve(tree_of(datamodel(ours), files, with_text=False))
    assert files_of(theirs, Options()) == files_of(ours, Options())


def alone(models: str, datasource: str = SQLITE, form: str = "7") -> tuple[ir.Schema, ir.Schema]:
    """A schema by its text, and by its DMMF alone."""
    files = [SourceFile("schema.prisma", datasource + models)]
    ours = compile_schema(files).schema
    return ours, resolve(tree_of(FORMS[form](datamodel(ours)), files, with_text=False))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a Float @default(1.50)", ir.LiteralDefault("1.5", "1.5")),
        ("a Decimal @default(0.3)", ir.LiteralDefault("0.30000000000000004", "0.30000000000000004")),
        ("a Float @default(2.0)", ir.LiteralDefault(2, "2")),
        ("a String @default(uuid(4))", ir.FunctionDefault("uuid", ())),
        (
            'a DateTime @default("2020-01-01 00:00:00z")',
            ir.LiteralDefault("2020-01-01T00:00:00+00:00", '"2020-01-01T00:00:00+00:00"'),
        ),
    ],
)
def test_defaults_are_of_the_value_that_prisma_computes(written: str, read: ir.Default) -> None:
    ours, theirs = alone(f"model M {{\n  id Int @id\n  {written}\n}}\n")
    assert ours.models[0].scalars[1].default != read
    assert theirs.models[0].scalars[1].default == read


def test_what_prisma_leaves_out_is_not_there() -> None:
    features = 'generator g {\n  provider = "infra-gen"\n  previewFeatures = ["views", "partialIndexes"]\n}\n'
    models = """
model A {
  id     Int @id
  hidden Int @ignore
  point  Unsupported("point")?
  gone   Gone[] @ignore
  @@index([point], type: Gist)
  @@unique([hidden])
  @@unique([id, hidden], where: raw("id > 0"))
}
model Gone {
  id Int @id
  a  A   @relation(fields: [id], references: [id])
  @@ignore
}
view V {
  id Int @unique
}
"""
    ours, theirs = alone(features + models, POSTGRESQL)
    assert [(model.name, model.is_view) for model in ours.models] == [("A", False), ("Gone", False), ("V", True)]
    assert [(model.name, model.is_view) for model in theirs.models] == [("A", False), ("V", False)]
    assert [field.name for field in theirs.model["A"].fields] == ["id"]
    assert theirs.model["A"].indexes == ()


def test_prisma_5_says_nothing_of_native_types_and_of_updates() -> None:
    models = """
model A {
  id Int    @id
  b  B      @relation(fields: [id], references: [id], onUpdate: Restrict)
}
model B {
  id   Int    @id
  name String @db.VarChar(9)
  a    A?
}
"""
    ours, theirs = alone(models, POSTGRESQL, "5")
    assert [schema.model["B"].scalars[1].native for schema in (ours, theirs)] == [
        ir.NativeType("VarChar", ("9",)),
        None,
    ]
    assert [schema.relations[0].foreign_key for schema in (ours, theirs)] != [ours.relations[0].foreign_key] * 2


def test_a_type_that_is_not_known_counts_as_one_that_prisma_does_not_support() -> None:
    ours, _ = alone("model M {\n  id Int @id\n  a Bytes?\n}\n")
    told = json.loads(json.dumps(datamodel(ours)).replace('"Bytes"', '"Vector"'))
    field = resolve(tree_of(told, [SourceFile("schema.prisma", SQLITE)])).models[0].scalars[1]
    assert (field.type, field.is_unsupported, field.arity) == ("Vector", True, "optional")


def test_places_are_those_of_the_text_and_else_name_the_field() -> None:
    text = SQLITE + "model M {\n  id Int @id\n  /// first\n  /// @infra.cash\n  a Int\n}\n"
    told = datamodel(compile_schema([SourceFile("schema.prisma", text.replace("@infra.cash", "infra.cash"))]).schema)
    told["models"][0]["fields"][1]["documentation"] = "first\n@infra.cash"
    written = [SourceFile("schema.prisma", text)]
    (there,) = problems(tree_of(told, written), DIRECTIVES, well_formed=True)
    assert str(there.span) == "schema.prisma:7:8"
    broken = [SourceFile("schema.prisma", text.replace("a Int", "a Int := 3"))]
    (named,) = problems(tree_of(told, broken), DIRECTIVES, well_formed=True)
    assert str(named.span) == "M.a:3:8"
    assert named.span.file.line_text(named.span.line) == "  /// @infra.cash"


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"enums": [], "models": [{"name": "M"}], "types": [], "indexes": []},
        {"enums": [{"name": "E", "values": [{"name": "a b"}]}], "models": [], "types": [], "indexes": []},
    ],
)
def test_a_form_that_is_not_known_is_an_error(value: Any) -> None:
    with pytest.raises(UnreadableDmmfError, match="DMMF"):
        tree_of(value, [SourceFile("schema.prisma", SQLITE)])
