"""A schema that Prisma accepts and infra-gen does not know: the run goes on by the DMMF, and one line says what is not there."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from infra_gen.config import Options
from infra_gen.dmmf import datamodel
from infra_gen.front import compile_schema
from infra_gen.generate import files_of
from infra_gen.hook.running import run
from infra_gen.schema.source import SourceFile

SCHEMA = """\
datasource db {
  provider = "sqlite"
}

generator infra {
  provider = "infra-gen"
  output   = "./db"
}

/// A shelf
model Shelf {
  id     Int    @id
  name   String @unique @default("main")
  books  Book[]
  secret Int    @default(1) @ignore
}

model Book {
  id       Int     @id
  price    Decimal @default(1.50)
  shelf    Shelf   @relation(fields: [shelf_id], references: [id])
  shelf_id Int

  @@index([shelf_id])
}

enum Kind {
  paper
  audio
}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, in which the schema stands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


class Told:
    """What comes of a request whose schema is `text`, and which Prisma has read as it reads `known`."""

    def __init__(self, text: str, known: str = SCHEMA, **replaced: str) -> None:
        Path("schema.prisma").write_text(text)
        dmmf: Any = datamodel(compile_schema([SourceFile("schema.prisma", known)]).schema)
        for before, after in replaced.items():
            dmmf = json.loads(json.dumps(dmmf).replace(before, after))
        params = {"generator": {"name": "infra"}, "schemaPath": str(Path("schema.prisma").absolute())}
        request = {"jsonrpc": "2.0", "id": 2, "method": "generate", "params": {**params, "dmmf": {"datamodel": dmmf}}}
        answers, terminal = io.BytesIO(), io.StringIO()
        assert run(io.BytesIO(json.dumps(request).encode()), answers, terminal) == 0
        answer = json.loads(answers.getvalue())
        self.shown = terminal.getvalue()
        self.error = answer["error"]["message"] if "error" in answer else ""

    @property
    def files(self) -> dict[str, str]:
        """The package that was written."""
        return {
            str(path.relative_to("db")): path.read_text()
            for path in Path("db").rglob("*")
            if path.suffix in (".py", ".typed") and "__pycache__" not in path.parts
        }


def package(schema: str) -> dict[str, str]:
    return files_of(compile_schema([SourceFile("schema.prisma", schema)]).schema, Options(), folder="..")


def changed(before: str, after: str) -> str:
    assert before in SCHEMA
    return SCHEMA.replace(before, after)


@pytest.mark.parametrize(
    ("text", "place", "missing"),
    [
        pytest.param(
            changed("  books  Book[]\n", "  books  Book[] <- shelf\n"),
            "schema.prisma:14:3 (`books  Book[] <- shelf`)",
            "what that line says of `Shelf.books` beyond its type, column, keys and default",
            id="a line of a field",
        ),
        pytest.param(
            changed('@unique @default("main")', '@unique @default("main") @sealed(by: "x")'),
            'schema.prisma:13:42 (`name   String @unique @default("main") @sealed(by: "x")`)',
            "what that line says of `Shelf.name` beyond its type, column, keys and default",
            id="an attribute of a field",
        ),
        pytest.param(
            changed("  @@index([shelf_id])\n", "  @@index([shelf_id])\n  @@partition(by: [id])\n"),
            "schema.prisma:25:3 (`@@partition(by: [id])`)",
            "`@@partition` of `Book`",
            id="an attribute of a model",
        ),
        pytest.param(
            SCHEMA + "\npolicy Readers {\n  allow read\n}\n",
            "schema.prisma:32:1 (`policy Readers {`)",
            "what stands there (`policy`)",
            id="a block",
        ),
        pytest.param(
            changed("  audio\n", "  audio = 2\n"),
            "schema.prisma:29:3 (`audio = 2`)",
            "what that line says of `Kind.audio` beyond",
            id="a value of an enum",
        ),
    ],
)
def test_one_line_says_what_is_not_known_and_what_is_not_there(text: str, place: str, missing: str) -> None:
    told = Told(text)
    assert told.error == ""
    (line,) = told.shown.splitlines()
    assert line.startswith("warning: Prisma accepts what infra-gen ")
    assert place in line
    assert missing in line
    assert told.files == package(SCHEMA)


def test_many_places_are_counted() -> None:
    told = Told(SCHEMA + "".join(f"\npolicy P{number} {{\n}}\n" for number in range(9)))
    (line,) = told.shown.splitlines()
    assert "schema.prisma:32:1" in line
    assert "6 lines more" in line


def test_of_a_line_that_is_not_known_the_default_is_the_one_that_prisma_computes() -> None:
    told = Told(changed("@default(1.50)", "@default(1.50) :: money"))
    assert told.files == package(changed("@default(1.50)", "@default(1.5)"))


def test_a_field_of_a_type_that_is_not_known_is_left_out() -> None:
    text = changed("  shelf_id Int\n", "  shelf_id Int\n  place    Vector?\n")
    told = Told(text, changed("  shelf_id Int\n", "  shelf_id Int\n  place    Bytes?\n"), Bytes="Vector")
    assert "without " in told.shown
    assert "`Book.place`, as infra-gen has no values of the type `Vector`" in told.shown
    assert told.files == package(SCHEMA)


def test_a_directive_that_is_wrong_stays_an_error() -> None:
    told = Told(changed("  books  Book[]\n", "  books  Book[] <- shelf\n").replace("/// A shelf", "/// @infra.cash"))
    assert told.shown == ""
    assert "There is no directive `@infra.cash`" in told.error
    assert "--> schema.prisma:10:6" in told.error
    assert "books" not in told.error


def test_where_the_text_is_not_known_an_error_names_the_field() -> None:
    known = changed("  books  Book[]\n", "  /// infra.cash\n  books  Book[]\n")
    text = changed("  books  Book[]\n", "  /// @infra.cash\n  books  Book[] <- shelf\n")
    told = Told(text, known, **{'"infra.cash"': '"@infra.cash"'})
    assert "There is no directive `@infra.cash`" in told.error


def test_a_database_that_is_not_served_stays_an_error() -> None:
    told = Told(changed('"sqlite"', '"mongodb"') + "policy Readers {\n}\n")
    assert 'The datasource provider "mongodb" is not supported by infra-gen' in told.error


def test_a_configuration_that_is_wrong_stays_an_error() -> None:
    Path("infrastructure.config.yml").write_text("models:\n  nobody: {cache: {ttl: 1}}\n")
    for text in (SCHEMA, SCHEMA + "policy Readers {\n}\n"):
        assert "nobody" in Told(text).error


def test_a_dmmf_of_another_form_leaves_the_refusal_as_it_is() -> None:
    text = SCHEMA + "policy Readers {\n}\n"
    told = Told(text, **{'"isList"': '"is_list"'})
    assert "--> schema.prisma:31:1" in told.error
    assert not Path("db").exists()
