"""`infra-gen inspect`: what it prints in both forms, of which files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import BROKEN, SCHEMA, infra_gen


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA, encoding="utf-8")
    return tmp_path


def test_the_dmmf_is_what_it_prints(project: Path) -> None:
    answer = infra_gen(project, "inspect")
    shown = json.loads(answer.stdout)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert list(shown) == ["enums", "models", "types", "indexes"]
    assert [model["name"] for model in shown["models"]] == ["Note"]
    assert infra_gen(project, "inspect", "--format", "dmmf").stdout == answer.stdout


def test_our_own_view_says_its_version_and_where_things_stand(project: Path) -> None:
    answer = infra_gen(project, "inspect", "--format", "json")
    shown = json.loads(answer.stdout)
    assert (answer.returncode, answer.stderr, shown["version"]) == (0, "", 1)
    assert shown["datasource"]["url"] == "file:./dev.db"
    assert shown["models"][0]["span"] == {"file": "schema.prisma", "line": 11, "column": 1}


@pytest.mark.parametrize("form", ["dmmf", "json"])
def test_the_same_files_give_the_same_text(project: Path, form: str) -> None:
    one, other = (infra_gen(project, "inspect", "--format", form, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert one.stdout == other.stdout


def test_a_folder_of_files_is_one_schema(tmp_path: Path) -> None:
    folder = tmp_path / "prisma" / "schema"
    folder.mkdir(parents=True)
    (folder / "a.prisma").write_text(SCHEMA, encoding="utf-8")
    (folder / "b.prisma").write_text("/// Où l’on boit.\nmodel Place {\n  id Int @id\n}\n", encoding="utf-8")
    shown = json.loads(infra_gen(tmp_path, "inspect", "--schema", "prisma/schema").stdout)
    assert [model["name"] for model in shown["models"]] == ["Note", "Place"]
    assert shown["models"][1]["documentation"] == "Où l’on boit."


def test_the_json_is_utf_8_whatever_the_terminal_has(project: Path) -> None:
    (project / "schema.prisma").write_text(SCHEMA.replace("model Note", "/// 漢\nmodel Note"), encoding="utf-8")
    answer = infra_gen(project, "inspect", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["models"][0]["documentation"] == "漢"


def test_no_variable_needs_to_be_set_and_no_database_to_be_there(project: Path) -> None:
    schema = SCHEMA.replace('"sqlite"', '"postgresql"').replace('"file:./dev.db"', 'env("NOT_SET_ANYWHERE")')
    (project / "schema.prisma").write_text(schema, encoding="utf-8")
    answer = infra_gen(project, "inspect", "--format", "json")
    assert json.loads(answer.stdout)["datasource"]["url"] == {"env": "NOT_SET_ANYWHERE"}


@pytest.mark.parametrize("form", ["dmmf", "json"])
def test_a_password_in_the_schema_is_not_shown(project: Path, form: str) -> None:
    schema = SCHEMA.replace('"sqlite"', '"mysql"').replace("file:./dev.db", "mysql://ada:secret@localhost/shop")
    (project / "schema.prisma").write_text(schema, encoding="utf-8")
    answer = infra_gen(project, "inspect", "--format", form)
    assert answer.returncode == 0
    assert "secret" not in answer.stdout + answer.stderr


@pytest.mark.parametrize("form", ["dmmf", "json"])
def test_what_is_not_valid_has_no_meaning_to_print(project: Path, form: str) -> None:
    (project / "schema.prisma").write_text(BROKEN, encoding="utf-8")
    answer = infra_gen(project, "inspect", "--format", form)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "schema.prisma:13:8" in answer.stderr


def test_warnings_do_not_disturb_who_reads_the_json(project: Path) -> None:
    schema = """\
datasource db {
  provider     = "mysql"
  relationMode = "prisma"
}

model A {
  id Int @id
  b  B[]
}

model B {
  id  Int @id
  aId Int
  a   A   @relation(fields: [aId], references: [id])
}
"""
    (project / "schema.prisma").write_text(schema, encoding="utf-8")
    answer = infra_gen(project, "inspect")
    assert [model["name"] for model in json.loads(answer.stdout)["models"]] == ["A", "B"]
    assert "@@index([aId])" in answer.stderr
