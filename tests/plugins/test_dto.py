"""The example plug-in: what it writes holds for checkers and formatters, and does its work in an API."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import ValidationError

from infra_gen.dynamic import connect
from infra_gen.failure import Failure
from tests.generator.packages import importable
from tests.plugins import dto
from tests.plugins.test_plugins import made
from tests.typing.checkers import CHECKERS

SCHEMA = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

generator views {
  provider        = "prisma-client-js"
  previewFeatures = ["views"]
}

enum Role {
  READER
  AUTHOR
}

/// @infra.dto(hidden: [passwordHash])
model User {
  id           Int       @id @default(autoincrement())
  /// Where "letters" go.
  email        String    @unique @db.VarChar(20)
  name         String?   @db.VarChar(9)
  passwordHash String
  role         Role      @default(READER)
  roles        Role[]
  tags         String[]  @db.VarChar(3)
  balance      Decimal   @default(0.5) @db.Decimal(4, 2)
  age          Int?      @db.SmallInt
  /// @infra.dto(readOnly: true)
  karma        BigInt    @default(0)
  /// @infra.dto(writeOnly: true)
  secret       String    @default("a\\"b")
  meta         Json?
  raw          Bytes?
  ratio        Float     @default(1)
  isActive     Boolean   @default(true)
  born         DateTime?
  createdAt    DateTime  @default(now())
  updatedAt    DateTime  @updatedAt
  posts        Post[]
}

model Post {
  id       String @id @default(uuid())
  str      String
  data     Int?
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
}

view Names {
  name Int @unique
}
"""

FIELDS = {
    "UserCreate": "email name role roles tags balance age secret meta raw ratio isActive born",
    "UserUpdate": "email name role roles tags balance age secret meta raw ratio isActive born",
    "UserRead": "id email name role roles tags balance age karma meta raw ratio isActive born createdAt updatedAt",
    "PostCreate": "str data authorId",
    "NamesRead": "name",
}

USE = """
from typing import assert_type

from db import User, SyncInfrastructure
from db.dto.user import UserCreate, UserRead, UserUpdate
from db.enums import Role


def use(infra: SyncInfrastructure) -> UserRead:
    body = UserCreate(email="ada@x.io", role=Role.AUTHOR)
    user = infra.user.create({**body.data(), "passwordHash": "…"})
    changed = infra.user.update(UserUpdate(name="Ada").data(), {"id": user.id})
    assert_type(changed, User)
    assert_type(body.email, str)
    infra.user.update(UserUpdate(name="Ada"), {"id": 1})  # wrong
    UserCreate(name="Ada")  # wrong
    print(body.passwordHash)  # wrong
    return UserRead.model_validate(changed)
"""


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with dto.installed(tmp_path_factory.mktemp("metadata")):
        yield


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return made("dto", text=SCHEMA)


@pytest.fixture(scope="module")
def folder(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package `db` in a folder."""
    return written(files, tmp_path_factory.mktemp("dto"), "db")


def written(files: dict[str, str], folder: Path, name: str) -> Path:
    for path, text in files.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_text(text)
    return folder


def test_the_package_has_a_module_for_each_model(files: dict[str, str]) -> None:
    assert {path for path in files if path.startswith("dto/")} == {
        "dto/__init__.py",
        "dto/user.py",
        "dto/post.py",
        "dto/names.py",
    }


def test_black_would_change_nothing(files: dict[str, str]) -> None:
    import black

    for path, text in files.items():
        if path.startswith("dto/"):
            assert black.format_str(text, mode=black.Mode()) == text


@pytest.mark.parametrize("checker", CHECKERS)
def test_checkers_find_what_is_wrong_and_nothing_else(checker: str, folder: Path) -> None:
    (folder / "use.py").write_text(USE)
    reports = CHECKERS[checker](folder, ["use.py", "db"])
    wrong = {number for number, line in enumerate(USE.splitlines(), 1) if line.endswith("# wrong")}
    assert {file: set(lines) for file, lines in reports.items()} == {"use.py": wrong}, reports


def test_models_have_the_fields_they_should(folder: Path) -> None:
    with importable("db", folder) as module:
        for name, fields in FIELDS.items():
            found = module(f"dto/{name.removesuffix('Create').removesuffix('Update').removesuffix('Read').lower()}.py")
            assert list(getattr(found, name).model_fields) == fields.split()
        assert not hasattr(module("dto/names.py"), "NamesCreate")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"email": "a" * 21}, "email"),
        ({"name": "a" * 10}, "name"),
        ({"tags": ["abcd"]}, "tags"),
        ({"balance": "100.00"}, "balance"),
        ({"age": 40000}, "age"),
        ({"role": "NOBODY"}, "role"),
        ({"passwordHash": "x"}, "passwordHash"),
        ({"karma": 3}, "karma"),
        ({"email": None}, "email"),
    ],
)
def test_what_the_database_would_refuse_is_refused_before(folder: Path, given: dict[str, Any], place: str) -> None:
    with importable("db", folder) as module:
        user = module("dto/user.py")
        for model, more in ((user.UserCreate, {"email": "ada@x.io"}), (user.UserUpdate, {})):
            with pytest.raises(ValidationError) as caught:
                model.model_validate({**more, **given})
            assert {error["loc"][0] for error in caught.value.errors()} == {place}


def test_defaults_null_and_what_is_left_out(folder: Path) -> None:
    with importable("db", folder) as module:
        user = module("dto/user.py")
        made = user.UserCreate(email="ada@x.io")
        assert (made.role, str(made.balance), made.secret, made.tags) == ("READER", "0.5", 'a"b', [])
        assert made.data() == {"email": "ada@x.io"}
        assert user.UserUpdate(name=None).data() == {"name": None}
        assert user.UserUpdate().data() == {}
        assert user.UserCreate.model_json_schema()["properties"]["email"]["description"] == 'Where "letters" go.'
        assert module("dto/post.py").PostUpdate(data=3).data_() == {"data": 3}


def test_fields_are_named_as_in_python_and_hidden_as_in_the_schema() -> None:
    text = made("dto", text=SCHEMA, naming="snake_case")["dto/user.py"]
    assert "    created_at: _datetime.datetime\n" in text
    assert "password" not in text


def test_hidden_on_a_field_is_told_with_its_place() -> None:
    text = SCHEMA.replace("/// @infra.dto(readOnly: true)", "/// @infra.dto(hidden: [karma])")
    with pytest.raises(Failure, match=r"stands on the field `User\.karma` \(schema\.prisma:28:7\): write "):
        made("dto", text=text)


API = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

generator infra {
  provider = "infra-gen"
  plugins  = ["dto"]
}

/// @infra.dto(hidden: [passwordHash])
model User {
  id           Int     @id @default(autoincrement())
  email        String  @unique
  passwordHash String
  isActive     Boolean @default(true)
}
"""


def test_its_readme_is_about_what_there_is(tmp_path: Path) -> None:
    page = (dto.PROJECT / "README.md").read_text(encoding="utf-8")
    [schema] = re.findall(r"^```prisma\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [code] = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    text = SCHEMA.partition("generator views")[0] + schema
    name = "dto_readme"
    written(made("dto", text=text), tmp_path, name)
    with importable(name, tmp_path) as module:
        user = module("dto/user.py")
        assert list(user.UserCreate.model_fields) == ["email"]
        assert list(user.UserRead.model_fields) == ["id", "email", "karma"]
        app = FastAPI()
        exec(code, {"app": app, **vars(user)})
        assert list(app.openapi()["paths"]) == ["/users"]


async def test_an_api_takes_and_answers_them(tmp_path: Path) -> None:
    name = "dto_api"
    written(made("dto", text=API), tmp_path, name)
    url = f"file:{tmp_path / 'dev.db'}"
    with connect(API, url=url, interface="sync") as tables:
        tables.push()
    with importable(name, tmp_path) as module:
        infra, dtos = module("").Infrastructure(url=url), module("dto/user.py")
        app = FastAPI()

        async def create(body: Any) -> Any:
            return await infra.user.create({**body.data(), "passwordHash": "x"})

        async def update(user: int, body: Any) -> Any:
            return await infra.user.update(body.data(), {"id": user})

        create.__annotations__ |= {"body": dtos.UserCreate}
        update.__annotations__ |= {"body": dtos.UserUpdate, "user": int}
        app.post("/users", response_model=dtos.UserRead)(create)
        app.patch("/users/{user}", response_model=dtos.UserRead)(update)
        async with infra, AsyncClient(transport=ASGITransport(app), base_url="http://api") as client:
            made_ = await client.post("/users", json={"email": "ada@x.io"})
            assert (made_.status_code, made_.json()) == (200, {"id": 1, "email": "ada@x.io", "isActive": True})
            changed = await client.patch("/users/1", json={"isActive": False})
            assert changed.json() == {"id": 1, "email": "ada@x.io", "isActive": False}
            assert (await client.patch("/users/1", json={"email": None})).status_code == 422
            assert (await client.post("/users", json={"email": "b@x.io", "id": 7})).status_code == 422
            shown = (await client.get("/openapi.json")).json()["components"]["schemas"]["UserRead"]
            assert list(shown["properties"]) == ["id", "email", "isActive"]


def test_its_command_lists_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from infra_gen.cli.app import tree

    (tmp_path / "schema.prisma").write_text(API)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["infra-gen", "dto", "list"])
    with pytest.raises(SystemExit) as left:
        tree()()
    assert left.value.code == 0
    assert capsys.readouterr().out.splitlines() == [
        "UserCreate(email, isActive?)",
        "UserUpdate(email?, isActive?)",
        "UserRead(id, email, isActive)",
    ]
