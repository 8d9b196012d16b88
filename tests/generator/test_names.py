"""Names that are taken: each gets the documented rename (docs/naming.md), and the database keeps its own."""

from __future__ import annotations

import enum
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from pydantic import BaseModel
from typing_extensions import is_typeddict

from infra_gen.plan.names import CLIENT_ATTRIBUTES, ENUM_ATTRIBUTES, KEYWORDS, ROW_ATTRIBUTES, given_out
from infra_runtime.infrastructure import Infrastructure, SyncInfrastructure
from infra_runtime.rows import MutableRow, Row, row_maker
from tests.generator.packages import generate_text, imported
from tests.typing.checkers import mypy

TAKEN = """\
enum Kind {
  title
  None
  name
  plain
  mro  @map("m")
}

model users {
  id         Int      @id
  class      String   @unique
  from       Int      @map("origin")
  copy       String?
  json       Json
  json_      Json
  model_dump Boolean
  AND        Int
  int        Int
  str        String[]
  list       Int[]
  datetime   DateTime?
  userId     Int
  user_id    Int
  kind       Kind
  Kind       Kind[]
  Decimal    Decimal
  users      users?   @relation("self", fields: [userId], references: [id])
  many       users[]  @relation("self")
  Post       Post[]

  @@unique([class, from])
}

model Post {
  id      Int    @id
  include String @unique
  owner   users  @relation(fields: [ownerId], references: [id])
  ownerId Int
}

model Transaction {
  id Int @id
}

model Client {
  id Int @id
}

model SyncUser {
  id Int @id
}

model User {
  id Int @id
}

model UserFields {
  id Int @id
}

model Infrastructure {
  id Int @id
}

model Userprofile {
  id Int @id
}

model UserProfile {
  id Int @id
}

model userProfile {
  id Int @id
}
"""


def attributes(*classes: type) -> set[str]:
    return {name for cls in classes for name in dir(cls) if not name.startswith("_")}


def test_the_lists_of_taken_names_hold_what_is_taken() -> None:
    assert attributes(Infrastructure, SyncInfrastructure) <= CLIENT_ATTRIBUTES
    assert attributes(BaseModel, Row, MutableRow) <= ROW_ATTRIBUTES
    assert attributes(enum.StrEnum) | {"name", "value", "mro"} <= ENUM_ATTRIBUTES | KEYWORDS


def test_plain_names_are_given_out_first() -> None:
    assert given_out({"userId": "user_id", "user_id": "user_id"}, ()) == {"userId": "user_id_", "user_id": "user_id"}
    assert given_out({"json": "json", "json_": "json_"}, {"json"}) == {"json": "json__", "json_": "json_"}


def test_taken_names_get_an_underscore_and_columns_stay(tmp_path: Path) -> None:
    with imported(TAKEN, tmp_path, naming="snake_case") as package:
        model = package.SyncInfrastructure.schema.model["users"]
        columns = {field.name: field.column_name for field in model.scalars}
        assert columns["class_"] == "class"
        assert columns["from_"] == "origin"
        assert columns["copy_"] == "copy"
        assert (columns["json__"], columns["json_"]) == ("json", "json_")
        assert columns["model_dump_"] == "model_dump"
        assert columns["and_"] == "AND"
        assert (columns["int"], columns["datetime"]) == ("int", "datetime")
        assert (columns["user_id"], columns["user_id_"]) == ("user_id", "userId")
        assert model.relation["users"].fields == ("user_id_",)
        assert [key.name for key in model.unique_keys] == ["id", "class_", "class__from_"]
        members = package.Kind.__members__
        assert {name: member.value for name, member in members.items()} == {
            "title_": "title",
            "None_": "None",
            "name_": "name",
            "plain": "plain",
            "mro_": "mro",
        }


def test_attributes_modules_and_classes_never_meet(tmp_path: Path) -> None:
    with imported(TAKEN, tmp_path) as package:
        by_name = package.SyncInfrastructure.schema.model
        assert by_name["Transaction"].attribute == "transaction_"
        assert by_name["users"].attribute == "users"
        assert isinstance(package.users, type)
        assert package.users.__module__.endswith(".users_")
        assert package.Client.__module__.endswith(".client_")
        assert package.Infrastructure_.__module__.endswith(".infrastructure")
        assert package.UserFields.__module__.endswith(".user_fields")
        assert package.UserFields_.__module__.endswith(".user")
        folder = Path(str(package.__file__)).parent
        names = [path.name.casefold() for path in folder.glob("*.py")]
        assert len(names) == len(set(names))
        client: Any = package.SyncInfrastructure(url="postgresql://localhost/x")
        for model in client.engine.schema.models:
            row = package.Infrastructure_ if model.name == "Infrastructure" else getattr(package, model.name)
            assert type(client.engine.row_types.row(model)({})) is row
            assert getattr(client, model.attribute)._model is model


LIKE_INPUTS = """\
enum Role {
  ADMIN
}

enum RoleList {
  LONG
}

enum RoleNullable {
  NONE
}

enum RoleName {
  NAME
}

model User {
  id       Int          @id
  role     Role
  roles    Role[]
  list     RoleList?
  nullable RoleNullable
  named    RoleName
  all      UserWhere[]
}

model UserWhere {
  id     Int  @id
  user   User @relation(fields: [userId], references: [id])
  userId Int
}
"""


ENUM_FIELDS = {
    "role": ("Role", "ADMIN"),
    "list": ("RoleList", "LONG"),
    "nullable": ("RoleNullable", "NONE"),
    "named": ("RoleName", "NAME"),
}


def test_inputs_of_enums_and_models_called_alike_keep_apart(tmp_path: Path) -> None:
    with imported(LIKE_INPUTS, tmp_path) as package:
        inputs = importlib.import_module(f"{package.__name__}.types.user")
        where = get_type_hints(inputs.UserWhere)
        filters = {name: [cls for cls in get_args(hint) if is_typeddict(cls)] for name, hint in where.items()}
        told = {
            name: get_args(get_type_hints(found[0])["in"])[0] for name, found in filters.items() if name in ENUM_FIELDS
        }
        assert {name: get_args(value) for name, value in told.items()} == {
            name: (getattr(package, enum), Literal[member]) for name, (enum, member) in ENUM_FIELDS.items()
        }
        assert get_args(get_type_hints(where["roles"])["has_every"]) == (told["role"],)
        of_model = importlib.import_module(f"{package.__name__}.types.user_where")
        assert set(get_type_hints(of_model.UserWhereWhere)) >= {"user", "userId"}
    generate_text(LIKE_INPUTS, tmp_path / "db")
    assert mypy(tmp_path, ["db"]) == {}


def test_a_row_of_a_model_full_of_taken_names_works(tmp_path: Path) -> None:
    with imported(TAKEN, tmp_path) as package:
        row: Any = row_maker(package.users)({"class_": "x", "json_": {}, "int": 3, "Kind": [package.Kind.title_]})
        assert (row.class_, row.json_, row.int) == ("x", {}, 3)
        assert row.model_dump()["Kind"] == ["title"]


def test_checkers_and_black_accept_it(tmp_path: Path) -> None:
    for naming in ("schema", "snake_case"):
        generate_text(TAKEN, tmp_path / naming, naming=naming)
    black = subprocess.run(
        [sys.executable, "-m", "black", "--check", "-q", "."], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert black.returncode == 0, black.stderr
