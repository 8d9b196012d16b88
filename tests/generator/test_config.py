"""Options: three sources, one precedence, and errors that say what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra_gen.config import Options, options_folder, read_options
from infra_gen.failure import Failure
from infra_gen.front import compile_schema
from infra_gen.schema.load import load
from tests.generator.packages import compiled


def read(tmp_path: Path, block: str = "", pyproject: str = "", **flags: Any) -> Options:
    """The options of a project whose schema is in prisma/."""
    if pyproject:
        (tmp_path / "pyproject.toml").write_text(f"[tool.infra-gen]\n{pyproject}\n")
    generator = f'generator db {{\n  provider = "infra-gen"\n{block}\n}}\n' if block else ""
    schema = compiled(f"{generator}model A {{\n  id Int @id\n}}\n")
    return read_options(schema, schema_folder=tmp_path / "prisma", flags=flags, start=tmp_path)


def test_defaults(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.output == tmp_path / "db"
    assert found.templates is None
    settings = found.plan
    assert (settings.naming, settings.interface, settings.relations) == ("schema", "both", "strict")
    assert (settings.missing, settings.frozen, settings.include, settings.exclude) == ("raise", True, (), ())


def test_flags_beat_the_block_which_beats_pyproject(tmp_path: Path) -> None:
    pyproject = 'output = "from_project"\nnaming = "snake_case"\ninterface = "sync"\nexclude = ["Audit*"]'
    block = '  output = "../from_block"\n  interface = "asyncio"'
    assert read(tmp_path, pyproject=pyproject).output == tmp_path / "from_project"
    found = read(tmp_path, block, pyproject)
    assert found.output == tmp_path / "from_block"
    assert (found.plan.naming, found.plan.interface, found.plan.exclude) == ("snake_case", "asyncio", ("Audit*",))
    assert read(tmp_path, block, pyproject, interface="both", output=None).plan.interface == "both"
    assert read(tmp_path, block, output="from_flag").output == tmp_path / "from_flag"


def test_values_in_a_block_may_be_texts_or_words(tmp_path: Path) -> None:
    assert read(tmp_path, '  frozen = "false"').plan.frozen is False
    assert read(tmp_path, "  frozen = false").plan.frozen is False
    assert read(tmp_path, '  include = ["User", "Post"]').plan.include == ("User", "Post")
    assert read(tmp_path, '  include = "User, Post"').plan.include == ("User", "Post")


def test_an_unknown_option_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        Failure, match=r"Unknown option `nameing` in the generator block `db` .*did you mean `naming`\?"
    ):
        read(tmp_path, '  nameing = "schema"')
    with pytest.raises(
        Failure, match=r"Unknown option `colour` in \[tool\.infra-gen\] of .*options are output, naming"
    ):
        read(tmp_path, pyproject='colour = "red"')


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("naming", "camel", '"schema" or "snake_case"'),
        ("interface", "threads", '"asyncio" or "sync" or "both"'),
        ("frozen", "perhaps", "true or false"),
        ("include", 3, "names of models"),
        ("output", "", "a path"),
    ],
)
def test_a_value_that_is_none_of_the_choices_is_an_error_that_lists_them(
    tmp_path: Path, option: str, value: Any, wanted: str
) -> None:
    with pytest.raises(Failure, match=f"The option `{option}` in the flags is .*: it takes {wanted}"):
        read(tmp_path, **{option: value})


def test_an_unreadable_pyproject_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"pyproject\.toml cannot be read"):
        read(tmp_path, pyproject="=")


def test_two_blocks_for_us_are_an_error(tmp_path: Path) -> None:
    blocks = "".join(f'generator {name} {{\n  provider = "infra-gen"\n}}\n' for name in ("a", "b"))
    with pytest.raises(Failure, match="several generator blocks"):
        read_options(compiled(f"{blocks}model A {{\n  id Int @id\n}}\n"), schema_folder=tmp_path, start=tmp_path)


@pytest.mark.parametrize(
    "provider", ["infra-gen", "../.venv/bin/infra-gen", "uv run infra-gen", "python -m infra_gen", "infra-gen.exe"]
)
def test_a_block_is_ours_whatever_runs_the_command(tmp_path: Path, provider: str) -> None:
    schema = compiled(f'generator a {{\n  provider = "{provider}"\n  output = "x"\n}}\nmodel A {{\n  id Int @id\n}}\n')
    assert read_options(schema, schema_folder=tmp_path, start=tmp_path).output == tmp_path / "x"


@pytest.mark.parametrize("provider", ["infra-gen-js", "prisma-client-js", "node infra-gen.js", ""])
def test_a_block_of_another_generator_is_left_alone(tmp_path: Path, provider: str) -> None:
    schema = compiled(f'generator a {{\n  provider = "{provider}"\n  output = "x"\n}}\nmodel A {{\n  id Int @id\n}}\n')
    assert read_options(schema, schema_folder=tmp_path, start=tmp_path).output == tmp_path / "db"


def test_a_provider_with_the_command_is_an_error_that_says_what_to_write(tmp_path: Path) -> None:
    schema = compiled('generator a {\n  provider = "uv run infra-gen generate"\n}\nmodel A {\n  id Int @id\n}\n')
    with pytest.raises(Failure, match='The provider of the generator block `a` .* write "uv run infra-gen", as'):
        read_options(schema, schema_folder=tmp_path, start=tmp_path)


def test_of_two_blocks_the_one_that_is_named_counts(tmp_path: Path) -> None:
    blocks = "".join(f'generator {name} {{\n  provider = "infra-gen"\n  output = "{name}"\n}}\n' for name in ("a", "b"))
    schema = compiled(f"{blocks}model A {{\n  id Int @id\n}}\n")
    assert read_options(schema, schema_folder=tmp_path, start=tmp_path, generator="b").output == tmp_path / "b"


def test_paths_in_a_block_start_at_the_file_it_stands_in(tmp_path: Path) -> None:
    """As in Prisma, also where another file of the schema comes first."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.prisma").write_text("model A {\n  id Int @id\n}\n")
    (tmp_path / "schema.prisma").write_text('generator a {\n  provider = "infra-gen"\n  output = "../x"\n}\n')
    schema = compile_schema(load(tmp_path, start=tmp_path)).schema
    assert options_folder(schema) == options_folder(schema, "a") == tmp_path
