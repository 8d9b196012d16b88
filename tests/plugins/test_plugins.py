"""Plug-ins: what they add, in which order, and that every fault of theirs is one message that names them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra_gen import ir
from infra_gen.config import read_options
from infra_gen.failure import Failure
from infra_gen.front import Compiled, compile_schema
from infra_gen.generate import files_of, generate
from infra_gen.plugins import API_VERSION, arguments_of
from infra_gen.plugins.choosing import chosen_by
from infra_gen.schema.source import SchemaError, SourceFile
from tests.plugins.installing import HEAD, Install

SCHEMA = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

enum Role {
  READER
  AUTHOR
}

model User {
  id    Int    @id
  role  Role
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id])
}
"""
ADDED = "email  String"


def compiled(text: str = SCHEMA, *plugins: str, generator: str | None = None) -> Compiled:
    flags = {"plugins": ",".join(plugins)} if plugins else None
    choose = chosen_by(flags, start=Path("/"), generator=generator)
    return compile_schema([SourceFile("schema.prisma", text)], plugins=choose)


def made(*plugins: str, text: str = SCHEMA, **flags: Any) -> dict[str, str]:
    """The files of a package."""
    result = compiled(text, *plugins)
    given = {"plugins": ",".join(plugins), **flags}
    return files_of(result.schema, read_options(result.schema, schema_folder=Path("/x"), flags=given, start=Path("/")))


def added(*plugins: str, **flags: Any) -> dict[str, str]:
    """The files that a package has by plug-ins alone."""
    without = made(**{name: value for name, value in flags.items() if name != "text"})
    return {path: text for path, text in made(*plugins, **flags).items() if path not in without}


def refused(*plugins: str, **given: Any) -> str:
    with pytest.raises(Failure) as caught:
        made(*plugins, **given)
    return str(caught.value)


# Which are active


def test_only_plugins_that_are_named_are_loaded(install: Install) -> None:
    install("broken", module="raise RuntimeError('loaded')")
    install("fine", 'def files(self, generation): return [File("fine.txt", "fine")]')
    assert made() == files_of(
        compiled().schema, read_options(compiled().schema, schema_folder=Path("/x"), start=Path("/"))
    )
    assert added("fine") == {"fine.txt": "fine"}


def test_one_that_is_not_installed_is_told_with_the_nearest(install: Install) -> None:
    install("entities")
    assert refused("entitis").startswith("There is no plug-in `entitis`: did you mean `entities`?")
    assert refused("other").startswith("There is no plug-in `other`: installed are `entities`")


def test_they_are_asked_in_the_order_of_their_names(install: Install) -> None:
    for name in ("zeta", "alpha", "mid"):
        install(
            name,
            f"""
def transform(self, schema):
    user = schema.model["User"]
    changed = replace(user, prose=user.prose + "{name} ")
    return replace(schema, models=tuple(changed if model is user else model for model in schema.models))
""",
        )
    assert compiled(SCHEMA, "zeta", "mid", "alpha").schema.model["User"].prose == "alpha mid zeta "


def test_a_schema_is_read_with_the_plugins_of_all_its_blocks_and_a_package_made_with_its_own(install: Install) -> None:
    for name in ("one", "two"):
        install(
            name,
            f"""
def directives(self):
    return [DirectiveType("infra.{name}", ("model",), (), "Says {name}.", "@infra.{name}")]

def files(self, generation):
    return [File("{name}.txt", "{name}")]
""",
        )
    blocks = "".join(
        f'generator {name} {{\n  provider = "infra-gen"\n  output = "{name}"\n  plugins = ["{name}"]\n}}\n'
        for name in ("one", "two")
    )
    text = blocks + SCHEMA.replace("model User", "/// @infra.one @infra.two\nmodel User")
    schema = compiled(text).schema
    assert [item.name for item in schema.model["User"].directives] == ["infra.one", "infra.two"]
    for name, other in (("one", "two"), ("two", "one")):
        options = read_options(schema, schema_folder=Path("/x"), start=Path("/"), generator=name)
        files = files_of(schema, options)
        assert f"{name}.txt" in files
        assert f"{other}.txt" not in files


# Directives

DTO = """
def directives(self):
    return [
        DirectiveType(
            "infra.dto",
            ("model", "field"),
            (
                Parameter("hidden", Columns(), "Fields that are not shown."),
                Parameter("name", Text(), "What it is called.", is_positional=True),
                Parameter("kind", Word(("open", "closed")), "What it is."),
                Parameter("at", WholeNumber(1), "Where it is."),
                Parameter("on", Truth(), "Whether it is."),
            ),
            "Says more of a model.",
            "@infra.dto(hidden: [email])",
        )
    ]
"""


def with_directive(written: str) -> str:
    return SCHEMA.replace("model User {", f"/// {written}\nmodel User {{")


def test_directives_are_read_with_their_types_and_reach_the_runtime(install: Install) -> None:
    install("dto", DTO)
    text = with_directive('Prose. @infra.dto("x", hidden: [role], kind: open, at: 3, on: true)')
    user = compiled(text, "dto").schema.model["User"]
    said = {"name": "x", "hidden": ("role",), "kind": "open", "at": 3, "on": True}
    assert arguments_of(user, "infra.dto") == said
    assert arguments_of(user, "infra.cache") is None
    assert user.prose == "Prose."
    assert isinstance(user.directives[0].arguments["hidden"][0], ir.FieldName)
    assert '"dto": {' in made("dto", text=text)["schema.py"]


@pytest.mark.parametrize(
    ("written", "message", "place"),
    [
        ("@infra.dto(hiden: [role])", "`@infra.dto` has no argument `hiden`. Did you mean `hidden`?", "11:16"),
        ("@infra.dto(hidden: [rle])", "There is no field `rle` in the model `User`. Did you mean `role`?", "11:25"),
        ("@infra.dto(at: 0)", "`at` of `@infra.dto` takes a whole number of 1 or more, not `0`.", "11:20"),
        ("@infra.dtos", "There is no directive `@infra.dtos`. Did you mean `@infra.dto`?", "11:6"),
    ],
)
def test_what_is_wrong_with_a_directive_has_its_place(install: Install, written: str, message: str, place: str) -> None:
    install("dto", DTO)
    with pytest.raises(SchemaError) as caught:
        compiled(with_directive(written), "dto")
    [found] = caught.value.diagnostics
    assert (found.message, f"{found.span.line}:{found.span.column}") == (message, place)


def test_a_directive_of_a_plugin_that_is_not_named_is_unknown(install: Install) -> None:
    install("dto", DTO)
    with pytest.raises(SchemaError, match=r"There is no directive `@infra\.dto`"):
        compiled(with_directive("@infra.dto"))


def test_a_directive_that_is_there_already_is_told_of_both(install: Install) -> None:
    install("dto", DTO)
    install("other", DTO)
    install("cache", DTO.replace("infra.dto", "infra.cache"))
    install("named", DTO.replace("infra.dto", "dto"))
    assert refused("dto", "other") == (
        "The plug-in `other` (other-plugin 0.3) has a directive `@infra.dto`, which is there already, of the plug-in `dto`."
    )
    assert refused("cache").endswith("has a directive `@infra.cache`, which is there already, of the toolkit.")
    assert "has a directive `dto`: it must be a DirectiveType whose name is `infra.<name>`." in refused("named")


# Another IR

STAMPED = '''
def transform(self, schema):
    """Every model is stamped."""
    return replace(schema, models=tuple(map(self.stamped, schema.models)))

def stamped(self, model):
    like = model.field["id"]
    stamp = replace(like, name="stamp", column="stamp", type="DateTime", is_id=False, default=None)
    return replace(model, fields=(*model.fields, stamp))
'''


def test_what_is_made_is_made_of_the_schema_that_a_plugin_answers(install: Install) -> None:
    install("stamps", STAMPED)
    files = made("stamps")
    assert "    stamp: datetime\n" in files["user.py"]
    assert "    stamp: datetime\n" in files["post.py"]


def test_a_plugin_that_answers_something_else_makes_the_files_again(install: Install, tmp_path: Path) -> None:
    install("stamps", STAMPED)

    def run(*plugins: str) -> tuple[str, ...]:
        result = compiled(SCHEMA, *plugins)
        flags = {"plugins": ",".join(plugins), "output": tmp_path / "db"}
        options = read_options(result.schema, schema_folder=tmp_path, flags=flags, start=tmp_path)
        return generate(result.schema, options).changes.written

    run()
    assert set(run("stamps")) == {"post.py", "schema.py", "types/post.py", "types/user.py", "user.py"}
    assert run("stamps") == ()
    assert set(run()) == {"post.py", "schema.py", "types/post.py", "types/user.py", "user.py"}


def changing(what: str) -> str:
    """A plug-in that changes the schema by an expression."""
    return f"""
def transform(self, schema):
    user, post = schema.models
    relation, = schema.relations
    def with_user(**changes): return replace(schema, models=(replace(user, **changes), post))
    def with_role(**changes):
        return with_user(fields=tuple(replace(f, **changes) if f.name == "role" else f for f in user.fields))
    return {what}
"""


INCONSISTENT = {
    "None": "it is None, and no infra_gen.ir.Schema.",
    "with_user(table=3)": "schema.models[User].table is 3: it takes str.",
    "with_role(arity='many')": "schema.models[User].fields[role].arity is 'many': it takes 'required' or 'optional' or 'list'.",
    "with_user(fields=list(user.fields))": "schema.models[User].fields is a list: it takes tuple[ScalarField | RelationField, ...].",
    "with_role(type='Roles')": "The field `User.role` is of the enum `Roles`, which is not there.",
    "with_role(type='Text', is_enum=False)": "The field `User.role` is of the type `Text`, which is none of String, ",
    "with_role(name='id')": "There are two of the field of `User` `id`.",
    "with_role(column='id')": "There are two of the column of `User` `id`.",
    "with_role(name='a b')": "The field of `User` `a b` has a name that no schema could have.",
    "with_user(name='Post')": "There are two of the model or enum `Post`.",
    "with_user(table='Post')": "There are two of the table `Post`.",
    "with_user(fields=user.fields[1:])": "The key of `User` names `id`, which is no column of it.",
    "with_user(fields=user.fields[:2])": "The relation field `Post.author` has its other side in `User.posts`, which does not lead back.",
    "replace(schema, models=(user,))": "The relation field `User.posts` leads to the model `Post`, which is not there.",
    "replace(schema, relations=())": "The relation field `User.posts` is a side of none of the schema's relations.",
    "replace(schema, relations=(replace(relation, foreign_key=None),))": "The relation `PostToUser` has a foreign key, or, as a ",
    "replace(schema, enums=(replace(schema.enums[0], values=()),))": "The enum `Role` has no values.",
    "replace(schema, models=(user, replace(post, fields=(post.fields[0], *post.fields[2:]))))": (
        "The relation field `Post.author` names `Post.authorId`, which is no column."
    ),
}


@pytest.mark.parametrize("change", INCONSISTENT)
def test_a_schema_that_does_not_hold_together_is_told_of_its_plugin(install: Install, change: str) -> None:
    install("changing", changing(change))
    first, *lines = refused("changing").split("\n")
    assert first == "The plug-in `changing` (changing-plugin 0.3) answered a schema that does not hold together:"
    assert any(line.startswith(f"  {INCONSISTENT[change]}") for line in lines), lines


# Files


def test_files_may_be_texts_or_templates_and_python_is_laid_out(install: Install) -> None:
    file = install(
        "dto",
        """
def templates(self): return Path(__file__).parent / "dto_templates"

def files(self, generation):
    yield File("dto/names.py", "NAMES  = ['" + generation.package.models[0].row + "']")
    for model in generation.package.models:
        names = [field.name for field in model.fields]
        yield File(f"dto/{model.module}.py", template="one.jinja", given={"names": names}, model=model.name)
""",
    )
    folder = file.parent / "dto_templates"
    folder.mkdir()
    (folder / "one.jinja").write_text("FIELDS = {{ names }} # of {{ package.models | length }}\n")
    (folder / "all.jinja").write_text("{# makes dto/{module}.txt for each enum #}\n{{ enum.name }}\n")
    assert added("dto") == {
        "dto/names.py": 'NAMES = ["User"]\n',
        "dto/user.py": 'FIELDS = ["id", "role", "posts"]  # of 2\n',
        "dto/post.py": 'FIELDS = ["id", "authorId", "author"]  # of 2\n',
        "dto/role.txt": "Role\n",
    }


def test_what_is_no_python_stays_as_it_is(install: Install) -> None:
    text = "\n\n one\n\n\n\n  two "
    install("one", f"def files(self, generation): return [File('x.txt', {text!r})]")
    assert added("one") == {"x.txt": text}


def test_a_template_of_a_plugins_can_be_won_over_and_extended(install: Install, tmp_path: Path) -> None:
    file = install("dto", 'def templates(self): return Path(__file__).parent / "dto_templates"')
    folder = file.parent / "dto_templates"
    folder.mkdir()
    (folder / "all.jinja").write_text("{# makes all.txt #}\n{% block text %}\ntheirs\n{% endblock %}\n")
    own = tmp_path / "own"
    (own / "dto").mkdir(parents=True)
    (own / "dto" / "all.jinja").write_text(
        '{% extends "infra_plugins/dto/all.jinja" %}\n{% block text %}\nours and {{ super() -}}\n{% endblock %}\n'
    )
    assert made("dto", templates=own)["all.txt"] == "ours and theirs\n"


FILES_WRONG = {
    'File("x.txt", "x"), File("x.txt", "y")': "The file x.txt is made by the plug-in `one` twice: give one another path.",
    'File("client.py", "x = 1")': "The file client.py is made by the plug-in `one` and the toolkit both: give one another path.",
    'File("Client.py", "x = 1")': "The file Client.py is made by the plug-in `one` and the toolkit both: give one another path.",
    'File("../x.py", "x = 1")': "the plug-in `one` makes a file whose path is wrong: ../x.py is no path within the package: ",
    'File("/x.py", "x = 1")': "the plug-in `one` makes a file whose path is wrong: /x.py is no path within the package: ",
    'File("x.py", "def")': "What the plug-in `one` makes for x.py is no Python: invalid syntax, in line 1: `def`.",
    'File("x.py", template="nothing.jinja")': "The plug-in `one` has no template nothing.jinja",
    'File("dto/x.txt", "x"), File("DTO", "y")': (
        "dto is a file made by the plug-in `one`, and a folder of files made by the plug-in `one`: give one another path."
    ),
    'File("types", "x")': "types is a file made by the plug-in `one`, and a folder of files made by the toolkit: give one another",
    'File("client.py/x.txt", "x")': "client.py is a file made by the toolkit, and a folder of files made by the plug-in `one`: give",
    '"x.py"': "The plug-in `one` (one-plugin 0.3) makes str where a File is wanted.",
}


@pytest.mark.parametrize("files", FILES_WRONG)
def test_what_is_wrong_with_a_file_is_told_of_its_plugin(install: Install, files: str) -> None:
    install("one", f"def files(self, generation): return [{files}]")
    assert refused("one").startswith(FILES_WRONG[files])


def test_two_plugins_that_make_one_file_are_both_named(install: Install) -> None:
    for name in ("one", "two"):
        install(name, 'def files(self, generation): return [File("x.txt", "x")]')
    assert refused("two", "one").startswith("The file x.txt is made by the plug-in `two` and the plug-in `one` both")


def test_a_fault_in_a_plugins_template_has_its_file_and_line(install: Install) -> None:
    file = install(
        "dto",
        """
def templates(self): return Path(__file__).parent / "dto_templates"

def files(self, generation): return [File("x.txt", template="one.jinja", given={"names": []}, model="User")]
""",
    )
    folder = file.parent / "dto_templates"
    folder.mkdir()
    (folder / "one.jinja").write_text("\n{{ nams }}\n")
    assert refused("dto") == (
        f"{folder}/one.jinja:2: `nams` is nothing that this template is given (of the plug-in `dto`, for the model `User`). "
        "Did you mean `names`? Nothing was written."
    )


# Faults

WORKING = {
    "directives(self)": "could not say its directives",
    "transform(self, schema)": "could not change the schema",
    "templates(self)": "could not name its templates",
    "files(self, generation)": "could not make its files",
}


@pytest.mark.parametrize("method", WORKING)
def test_what_a_plugin_raises_is_one_message_with_its_place(install: Install, method: str) -> None:
    file = install("one", f"\ndef {method}:\n    return {{}}['missing']")
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if "missing" in text)
    said = "The plug-in `one` (one-plugin 0.3) " + WORKING[method] + f": KeyError: 'missing' ({file}:{line})."
    assert refused("one") == said


def test_a_failure_of_a_plugins_own_is_told_in_its_words(install: Install) -> None:
    install("one", "def files(self, generation): raise Failure('Write something else.')")
    assert refused("one") == "Write something else."


def test_one_that_cannot_be_loaded_is_told(install: Install) -> None:
    install("imports", module="import nothing_of_that_name")
    install("empty", module="x = 1")
    install("none", module="Made = 3")
    install("leaves", module="raise SystemExit(3)")
    assert re.fullmatch(
        r"The plug-in `imports` \(imports-plugin 0\.3\) could not be loaded: ModuleNotFoundError: No module named "
        r"'nothing_of_that_name' \(.*imports_plugin_module\.py:1\)\.",
        refused("imports"),
    )
    assert "could not be loaded: AttributeError: module 'empty_plugin_module' has no attribute 'Made'" in refused(
        "empty"
    )
    assert "could not be loaded: SystemExit: 3" in refused("leaves")
    assert refused("none") == (
        "The plug-in `none` (none-plugin 0.3) is no plug-in: its entry point none_plugin_module:Made must be a subclass of "
        "infra_gen.plugins.Plugin."
    )


def test_a_name_that_two_distributions_bring_is_told_with_both(install: Install) -> None:
    install("one", distribution="first")
    install("one", distribution="second")
    assert re.fullmatch(
        r"Two distributions bring a plug-in `one`, (first 0\.3 and second|second 0\.3 and first) 0\.3: uninstall one of them\.",
        refused("one"),
    )


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("2.0", f"needs version 2.0 of the plug-in API, and this infra-gen has {API_VERSION}. Upgrade infra-gen."),
        ("1.99", f"needs version 1.99 of the plug-in API, and this infra-gen has {API_VERSION}. Upgrade infra-gen."),
        ("0.9", f"needs version 0.9 of the plug-in API, and this infra-gen has {API_VERSION}. Upgrade the plug-in."),
        ("one", f"says `api_version = 'one'`: it is two numbers, as in \"{API_VERSION}\"."),
    ],
)
def test_one_for_another_version_of_the_api_is_told(install: Install, version: str, message: str) -> None:
    install("one", f'api_version = "{version}"')
    assert refused("one").endswith(message)


def test_one_that_says_no_version_is_told(install: Install) -> None:
    install("one", module=f"{HEAD}\n\nclass Made(Plugin):\n    pass\n")
    assert refused("one").endswith('does not say which version of the plug-in API it needs: `api_version = "1.0"`.')
