"""What the file says of models: the commands that make indexes and methods of it see it, a client compares it with its package."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from infra_gen.database.address import address
from infra_gen.directives import DIRECTIVES
from infra_gen.directives.kinds import Columns, EmptyColumn
from infra_gen.dynamic import connect
from infra_gen.editor_schema import editor_schema
from infra_gen.failure import Failure
from infra_gen.front import compile_schema
from infra_gen.metadata import metadata
from infra_gen.schema.source import SchemaError, SourceFile
from infra_runtime import (
    Configuration,
    ConfigurationError,
    ModelSettings,
    SearchSettings,
    SoftDeleteSettings,
    SyncInfrastructure,
)
from infra_runtime.configuration.reading import Read, read_text
from infra_runtime.configuration.settings import Section
from tests.configuration.conftest import Write

SCHEMA = """\
generator infra {
  provider = "infra-gen"
  output   = "db"
}

datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

/// @infra.search(fields: [title], language: "english")
model BlogPost {
  id        Int       @id @default(autoincrement())
  title     String
  text      String
  views     Int       @default(0)
  deletedAt DateTime?
}

model Class {
  id   Int    @id
  name String
}
"""


def read(text: str) -> Read:
    return read_text(textwrap.dedent(text), "infra.yml", lambda name: None)


def options(text: str, schema: str = SCHEMA, model: str = "BlogPost") -> dict[str, Any]:
    compiled = compile_schema([SourceFile("schema.prisma", schema)], for_generators=False, configuration=read(text))
    return dict(metadata(compiled.schema).model[model].options)


def errors(text: str, schema: str = SCHEMA) -> list[str]:
    with pytest.raises(SchemaError) as caught:
        options(text, schema)
    return str(caught.value).splitlines()


# -- the file beats the directive, argument by argument ----------------------------------------------------------------
def test_without_a_word_of_a_model_its_directives_hold() -> None:
    assert (
        options("") == options("models: { blog_post: {} }") == {"search": {"fields": ("title",), "language": "english"}}
    )


@pytest.mark.parametrize("name", ["BlogPost", "blog_post", "blogPost"])
def test_an_argument_of_the_file_beats_that_of_the_directive_and_leaves_the_others(name: str) -> None:
    text = f"models: {{ {name}: {{ search: {{ fields: [title, text] }} }} }}"
    assert options(text) == {"search": {"fields": ("title", "text"), "language": "english"}}
    text = f"models: {{ {name}: {{ search: {{ language: german }} }} }}"
    assert options(text) == {"search": {"fields": ("title",), "language": "german"}}


@pytest.mark.parametrize("field", ["deletedAt", "deleted_at"])
def test_what_no_directive_says_the_file_can(field: str) -> None:
    text = f"models: {{ blog_post: {{ soft_delete: {{ field: {field}, unique: full }} }} }}"
    assert options(text)["softDelete"] == {"field": "deletedAt", "unique": "full"}


def test_names_that_python_has_taken_go_by_the_clients_name_too() -> None:
    assert options("models: { class_: { search: { fields: name } } }", model="Class") == {
        "search": {"fields": ("name",)}
    }


def test_everything_that_is_wrong_is_told_as_it_is_of_a_directive() -> None:
    text = """\
    database: { provider: mysql, pol: 1 }
    models:
      blog_post:
        search:
          fields: [title, txt, views]
        soft_delete: { field: title }
      class: { search: { language: english } }
      summary: { soft_delete: { field: gone } }
      blogpst: {}
    """
    view = "\nview Summary {\n  title String @unique\n  gone DateTime?\n}\n"
    schema = SCHEMA.replace('"infra-gen"\n', '"infra-gen"\n  previewFeatures = ["views"]\n') + view
    assert errors(text, schema) == [
        "infra.yml:1:23: `database.provider`: is mysql, and the schema's provider is sqlite: they have to be the same.",
        "infra.yml:1:30: `database`: `pol` is not known to this version: did you mean `pool`?",
        "infra.yml:5:23: There is no field `txt` in the model `BlogPost`. Did you mean `text`?",
        "infra.yml:5:28: `views` is of type Int. Name fields of type String.",
        "infra.yml:6:27: `title` is of type String. Name fields of type DateTime.",
        "infra.yml:7:12: `models.class.search`: needs `fields`, as no directive says it.",
        "infra.yml:8:14: `models.summary.soft_delete`: cannot be said of the view `Summary`: it belongs to a model.",
        "infra.yml:9:3: `models.blogpst`: there is no model `blogpst`: did you mean `blog_post`?",
    ]


def test_what_a_database_cannot_do_is_refused_as_it_is_in_a_schema() -> None:
    mysql = SCHEMA.replace('"sqlite"', '"mysql"').replace("file:./dev.db", "mysql://root@db/x")
    (error,) = errors("models: { BlogPost: { soft_delete: { field: deletedAt, unique: partial } } }", mysql)
    assert error.startswith("infra.yml:1:64: `models.BlogPost.soft_delete.unique` cannot be `partial` on mysql: ")


def test_errors_of_the_schema_come_with_those_of_the_file() -> None:
    assert errors("cache: {}", SCHEMA.replace("views     Int ", "views     Itn "))[1:] == [
        "infra.yml:1:1: `cache` is not known to this version: it knows `database`, `queries` and `models`."
    ]


def test_a_language_of_any_letters_is_text() -> None:
    text = 'models: { BlogPost: { search: { language: "a\\"b\\\\c\\n\\u00e9" } } }'
    assert options(text)["search"]["language"] == 'a"b\\c\né'


# -- the table ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", list(ModelSettings.entries()))
def test_settings_of_models_are_those_of_their_directive(name: str) -> None:
    entry = ModelSettings.entries()[name]
    assert isinstance(entry, Section)
    directive = DIRECTIVES.by_name[entry.directive]
    assert entry.about == directive.about
    assert list(entry.type.entries()) == list(directive.parameter)
    for argument, parameter in directive.parameter.items():
        setting = entry.type.setting(argument)
        assert setting.names_fields == isinstance(parameter.kind, (Columns, EmptyColumn))
        assert getattr(setting.kind, "choices", ()) == getattr(parameter.kind, "choices", ())


def test_editors_are_given_the_same_table() -> None:
    made = editor_schema()
    assert list(made["properties"]) == ["database", "queries", "models"]
    assert made["properties"]["database"]["properties"]["pool"]["properties"]["max"] == {
        "description": "How many connections there may be; `connection_limit` of a URL.",
        "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"\$\{"}],
    }
    model = made["properties"]["models"]["additionalProperties"]
    assert list(model["properties"]) == ["search", "soft_delete"]
    assert not model["additionalProperties"]


# -- clients -----------------------------------------------------------------------------------------------------------
def package(tmp_path: Path, text: str) -> Any:
    compiled = compile_schema([SourceFile("schema.prisma", SCHEMA)], for_generators=False, configuration=read(text))
    return metadata(compiled.schema)


SAID = """\
models:
  blog_post: { search: { fields: [title, text], language: german }, soft_delete: { field: deleted_at } }
"""


def test_a_package_made_with_the_file_and_a_client_with_it_agree(tmp_path: Path, write: Write) -> None:
    file = write(SAID)
    client = SyncInfrastructure(file, schema=package(tmp_path, SAID))
    assert list(client.engine.soft_deletes.values()) == ["deletedAt"]


def test_a_client_refuses_a_file_that_its_package_was_not_made_with(tmp_path: Path, write: Write) -> None:
    file = write(SAID)
    again = "run `infra-gen generate`, then `infra-gen db push` or `infra-gen migrate dev`"
    with pytest.raises(ConfigurationError) as caught:
        SyncInfrastructure(file, schema=package(tmp_path, ""))
    place, models = "infrastructure.config.yml", "models.blog_post"
    assert str(caught.value).splitlines() == [
        f"{place}:2:34: {models}.search.fields: is not what the package was generated with: {again}",
        f"{place}:2:59: {models}.search.language: is not what the package was generated with: {again}",
        f"{place}:2:91: {models}.soft_delete.field: is not what the package was generated with: {again}",
    ]


def test_a_client_names_fields_that_are_not_there(tmp_path: Path, write: Write) -> None:
    file = write("models:\n  blog_post:\n    search:\n      fields:\n      - title\n      - txet\n")
    with pytest.raises(ConfigurationError) as caught:
        SyncInfrastructure(file, schema=package(tmp_path, ""))
    assert str(caught.value) == (
        "infrastructure.config.yml:6:9: models.blog_post.search.fields.1: "
        "there is no field `txet` in BlogPost: did you mean `text`?"
    )


# -- without generated code --------------------------------------------------------------------------------------------
def test_the_dynamic_api_takes_the_file_for_its_schema(write: Write) -> None:
    file = write(f"database: {{ url: 'sqlite://:memory:' }}\n{SAID}")
    with connect(SCHEMA, config=file, interface="sync") as infra:
        infra.push()
        posts = infra.repository("BlogPost")
        made = posts.create(data={"title": "Rice", "text": "Wash it twice."})
        assert [post["id"] for post in posts.find_many(search={"query": "twice"})] == [made["id"]]
        posts.delete(where={"id": made["id"]})
        assert posts.count() == 0
        assert posts.count(deleted="only") == 1


def test_the_dynamic_api_takes_settings_of_code() -> None:
    said = ModelSettings(soft_delete=SoftDeleteSettings(field="deletedAt"), search=SearchSettings(language="german"))
    with connect(SCHEMA, config=Configuration(models={"BlogPost": said}), url=":memory:", interface="sync") as infra:
        assert list(infra.engine.soft_deletes.values()) == ["deletedAt"]
    with pytest.raises(SchemaError, match="There is no field `nope` in the model `Class`"):
        connect(SCHEMA, config=Configuration(models={"Class": ModelSettings(search=SearchSettings(fields=["nope"]))}))


# -- the commands ------------------------------------------------------------------------------------------------------
def infra_gen(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra_gen", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    (tmp_path / "infrastructure.config.yml").write_text(f"database: {{ url: '${{SHOP_URL}}' }}\n{SAID}")
    return tmp_path


def tables(database: Path) -> dict[str, str]:
    connection = sqlite3.connect(database)
    try:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    finally:
        connection.close()


def test_generate_and_push_make_what_the_file_says_and_the_package_runs_with_it(project: Path) -> None:
    made = infra_gen(project, "generate", SHOP_URL="mysql://db/other")
    assert (made.returncode, made.stderr) == (0, ""), "variables of the database are not looked at"
    assert infra_gen(project, "generate", "--check").returncode == 0, "nor missed"
    pushed = infra_gen(project, "db", "push", SHOP_URL="file:./shop.db")
    assert (pushed.returncode, pushed.stderr) == (0, "")
    assert pushed.stdout.startswith("shop.db: ")
    assert '"title", "text"' in tables(project / "shop.db")["infra_search_BlogPost"]
    code = """
from db import SyncInfrastructure
with SyncInfrastructure("infrastructure.config.yml") as infra:
    post = infra.blog_post.create(data={"title": "Rice", "text": "Wash it twice."})
    print([found.title for found in infra.blog_post.find_many(search={"query": "twice"})])
    infra.blog_post.delete(where={"id": post.id})
    infra.blog_post.restore(where={"id": post.id})
    print(infra.blog_post.count())
"""
    (project / "main.py").write_text(code)
    ran = subprocess.run(
        [sys.executable, "main.py"],
        cwd=project,
        env={**os.environ, "SHOP_URL": "file:./shop.db"},
        capture_output=True,
        text=True,
    )
    assert (ran.stdout, ran.stderr) == ("['Rice']\n1\n", "")


def test_a_changed_file_makes_the_package_stale_and_the_database_differ(project: Path) -> None:
    environment = {"SHOP_URL": "file:./shop.db"}
    assert infra_gen(project, "generate").returncode == 0
    assert infra_gen(project, "db", "push", **environment).returncode == 0
    file = project / "infrastructure.config.yml"
    file.write_text(file.read_text().replace("[title, text]", "[text]"))
    assert "schema.py: stale" in infra_gen(project, "generate", "--check").stderr
    differs = infra_gen(project, "migrate", "diff", "--from", "database", "--to", "schema", **environment)
    assert "BlogPost" in differs.stdout
    again = infra_gen(project, "migrate", "diff", "--from", "schema", "--to", "schema", **environment)
    assert again.stdout == "No difference.\n"


def test_another_state_of_the_schema_is_compared_as_far_as_the_file_fits(project: Path) -> None:
    older = project / "older.prisma"
    older.write_text((project / "schema.prisma").read_text().replace("  text      String\n", ""))
    answer = infra_gen(project, "migrate", "diff", "--from", "older.prisma", "--to", "schema")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "text" in answer.stdout


def test_errors_of_the_file_are_shown_with_their_line_and_no_values(project: Path) -> None:
    file = project / "infrastructure.config.yml"
    file.write_text(
        "database: { url: [postgresql://ada:hunter2@db/x] }\nmodels: { blog_post: { search: { fields: [nope] } } }\n"
    )
    answer = infra_gen(project, "validate")
    assert answer.returncode == 1
    assert "--> infrastructure.config.yml:1:18" in answer.stderr
    assert "--> infrastructure.config.yml:2:43" in answer.stderr
    assert "nope\n  |" + " " * 43 + "^^^^" in answer.stderr
    assert "2 errors in infrastructure.config.yml" in answer.stderr
    assert "hunter2" not in answer.stderr


def test_prisma_generate_reads_it_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import json

    from infra_gen.hook.running import run

    monkeypatch.chdir(project)
    params = {"generator": {"name": "infra"}, "schemaPath": "schema.prisma", "datamodel": "", "dmmf": {}}
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "generate", "params": params}).encode()
    assert run(io.BytesIO(request + b"\n"), answers := io.BytesIO(), io.StringIO()) == 0
    assert "error" not in json.loads(answers.getvalue())
    assert infra_gen(project, "generate", "--check").returncode == 0


# -- where the file is, and which database it leads to -----------------------------------------------------------------
def database_of(folder: Path, url: str | None = None) -> str:
    """Where commands in the working folder find the database of a schema in `folder`, and who says so."""
    schema = compile_schema([SourceFile("schema.prisma", (folder / "schema.prisma").read_text())]).schema
    found = address(schema, url, folder)
    return f"{Path(found.url.path).name}: {found.origin}"


def test_the_database_is_that_of_the_flag_then_of_the_file_then_of_the_schema(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    file, schema = project / "infrastructure.config.yml", project / "schema.prisma"
    assert database_of(project, "file:./flag.db") == "flag.db: --url"
    monkeypatch.setenv("SHOP_URL", "file:./file.db")
    assert database_of(project) == "file.db: database.url of infrastructure.config.yml"
    file.write_text("database: { url: '${NOT_SET_ANYWHERE}', direct_url: 'file:./direct.db' }")
    assert database_of(project) == "direct.db: database.direct_url of infrastructure.config.yml"
    file.write_text("database: { url: 'file:./file.db' }")
    schema.write_text(SCHEMA.replace('dev.db"\n', 'dev.db"\n  directUrl = "file:./past.db"\n'))
    assert database_of(project) == "past.db: the datasource's directUrl"
    schema.write_text(SCHEMA)
    assert database_of(project) == "file.db: database.url of infrastructure.config.yml"
    file.write_text("database: { pool: { max: '${NOT_SET_ANYWHERE}' } }")
    assert database_of(project) == "dev.db: the datasource's url"


def test_a_variable_that_is_not_set_is_told_where_it_is_wanted(project: Path) -> None:
    answer = infra_gen(project, "db", "push")
    assert answer.returncode == 1
    assert answer.stderr == (
        "error: infrastructure.config.yml:1:18: database.url: the environment variable SHOP_URL is not set: "
        "set it, or write a default as in ${SHOP_URL:-…}\n"
    )


def test_it_is_where_pyproject_says_then_here_then_beside_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    beside, here, deploy = tmp_path / "prisma", tmp_path, tmp_path / "deploy"
    for place, name in ((beside, "beside"), (here, "here"), (deploy, "deploy")):
        place.mkdir(exist_ok=True)
        (beside / "schema.prisma").write_text(SCHEMA)
        (place / "infrastructure.config.yml").write_text(f"database: {{ url: 'file:./{name}.db' }}")
        if place is deploy:
            (tmp_path / "pyproject.toml").write_text('[tool.infra-gen]\nconfig = "deploy/infrastructure.config.yml"\n')
        assert database_of(beside).startswith(f"{name}.db: ")
    (tmp_path / "pyproject.toml").write_text('[tool.infra-gen]\nconfig = "nope.yml"\n')
    with pytest.raises(Failure, match=r"There is no file .*nope\.yml, which `config` under \[tool\.infra-gen\] in"):
        database_of(beside)


def test_the_commands_print_the_schema_for_editors(tmp_path: Path) -> None:
    import json

    answer = infra_gen(tmp_path, "config", "schema")
    assert json.loads(answer.stdout) == editor_schema()
