"""Templates beside the toolkit's: they win, extend, add files; and whatever is wrong with one is one message with its place."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from infra_gen.failure import Failure
from tests.generator.packages import files, generate_text

SCHEMA = """
enum Role {
  READER
  AUTHOR
}

model User {
  id    Int    @id
  email String @db.VarChar(80)
  role  Role
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id])
}
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of own templates, below the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def put(own: Path, name: str, text: str) -> None:
    (own / name).parent.mkdir(parents=True, exist_ok=True)
    (own / name).write_text(text)


def made(own: Path) -> dict[str, str]:
    return files(SCHEMA, templates=own)


def refused(own: Path) -> str:
    """The message of what is wrong."""
    with pytest.raises(Failure) as caught:
        made(own)
    message, place = str(caught.value), f"{caught.value.file}:{caught.value.line}: "
    assert message.endswith(" Nothing was written.")
    assert message.startswith(place) or not caught.value.file
    return message


# Winning and extending


def test_a_block_of_the_original_is_replaced_or_added_to(own: Path) -> None:
    put(
        own,
        "model.py.jinja",
        """\
{% extends "infra_templates/model.py.jinja" %}
{% block imports %}
{{ super() }}
import sys
{% endblock %}
{% block row_members %}

    def label(self) -> str:
        return f"{{ model.name }} {sys.maxsize}"
{% endblock %}
{% block repository_members %}

    table = "{{ model.source.table }}"
{% if repository.is_async %}

    async def first(self): return await self.find_first()
{% endif %}
{% endblock %}
""",
    )
    text, plain = made(own)["user.py"], files(SCHEMA)["user.py"]
    assert '    def label(self) -> str:\n        return f"User {sys.maxsize}"\n' in text
    assert '    table = "User"\n\n    async def first(self):\n        return await self.find_first()\n' in text
    assert text.count("def first(") == 1
    added = ("import sys", "def label", "maxsize", "table =", "def first", "find_first()")
    rest = [line for line in text.splitlines() if line and not any(item in line for item in added)]
    assert rest == [line for line in plain.splitlines() if line]


def test_what_all_modules_begin_with_is_replaced_at_one_place(own: Path) -> None:
    put(
        own,
        "module.jinja",
        '{% extends "infra_templates/module.jinja" %}\n{% block header %}\n# Ours.\n{{ super() -}}\n{% endblock %}\n',
    )
    plain = files(SCHEMA)
    assert {path: text for path, text in made(own).items() if path.endswith(".py")} == {
        path: f"# Ours.\n{text}" for path, text in plain.items() if path.endswith(".py")
    }


def test_text_before_the_tag_that_extends_is_printed_first(own: Path) -> None:
    put(own, "enums.py.jinja", '# Ours.\n{% extends "infra_templates/enums.py.jinja" %}\n')
    assert made(own)["enums.py"] == f"# Ours.\n{files(SCHEMA)['enums.py']}"


def test_a_macro_of_the_original_can_be_called_from_the_one_that_wins(own: Path) -> None:
    put(
        own,
        "macros/alias.jinja",
        '{% import "infra_templates/macros/alias.jinja" as original %}\n'
        "{% macro define(view) %}\n# {{ view.name }}\n{{ original.define(view) }}\n{% endmacro %}\n",
    )
    assert "# UserField\nUserField: TypeAlias = " in made(own)["types/user.py"]


# Adding files


def test_a_template_that_says_so_makes_files(own: Path) -> None:
    put(own, "all.py.jinja", "{# makes extra/all.py #}\nMODELS = {{ package.models | map(attribute='row') | list }}\n")
    put(own, "one.jinja", "{# makes extra/{module}_columns.txt for each model #}\n{{ model.source.table }}\n")
    put(own, "enum.jinja", "{# makes {module}s.sql for each enum #}\n-- {{ enum.source.values[0].database }}\n")
    added = {path: text for path, text in made(own).items() if path not in files(SCHEMA)}
    assert added == {
        "extra/all.py": 'MODELS = ["User", "Post"]\n',
        "extra/user_columns.txt": "User\n",
        "extra/post_columns.txt": "Post\n",
        "roles.sql": "-- READER\n",
    }


def test_a_file_that_no_template_makes_any_more_is_removed(own: Path, tmp_path: Path) -> None:
    put(own, "all.jinja", "{# makes extra/all.txt #}\nall\n")
    assert "extra/all.txt" in generate_text(SCHEMA, tmp_path / "db", templates=own).changes.written
    put(own, "all.jinja", "{# makes extra/all.txt #}\nothers\n")
    assert generate_text(SCHEMA, tmp_path / "db", templates=own).changes.written == ("extra/all.txt",)
    (own / "all.jinja").unlink()
    assert generate_text(SCHEMA, tmp_path / "db", templates=own).changes.removed == ("extra/all.txt",)
    assert not (tmp_path / "db" / "extra").exists()


def test_templates_that_come_and_go_leave_the_bytes_of_a_run_from_nothing(own: Path, tmp_path: Path) -> None:
    def run(*steps: bool) -> dict[str, bytes]:
        output = tmp_path / "-".join(map(str, steps))
        for has_templates in steps:
            generate_text(SCHEMA, output, **({"templates": own} if has_templates else {}))
        files = (path for path in output.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(output).as_posix(): path.read_bytes() for path in files}

    put(
        own,
        "module.jinja",
        '{% extends "infra_templates/module.jinja" %}\n{% block header %}\n# Ours.\n{% endblock %}\n',
    )
    put(own, "all.jinja", "{# makes all.txt #}\nall\n")
    assert run(True, False) == run(False)
    assert run(False, True) == run(True)
    assert run(True) != run(False)


def test_templates_that_others_refer_to_and_files_of_other_kinds_need_no_name_of_ours(own: Path) -> None:
    put(own, "all.jinja", '{# makes all.txt #}\n{% include "parts/one.jinja" %}\n')
    put(own, "parts/one.jinja", "one\n")
    put(own, "README.md", "Not a template.\n")
    assert made(own)["all.txt"] == "one\n"


def test_what_is_included_by_a_name_worked_out_is_not_told_to_be_unused(own: Path) -> None:
    put(own, "all.jinja", '{# makes all.txt #}\n{% include "parts/" ~ package.missing ~ ".jinja" %}\n')
    put(own, "parts/raise.jinja", "one\n")
    assert made(own)["all.txt"] == "one\n"


# What is wrong

EXTENDING = '{% extends "infra_templates/model.py.jinja" %}\n'
FOR_USER = " (rendered for the model `User`)"

WRONG: dict[str, tuple[str, str, str]] = {
    "an unknown variable": (
        "model.py.jinja",
        "\n{{ modle.row }}",
        f"own/model.py.jinja:2: `modle` is nothing that this template is given{FOR_USER}. Did you mean `model`?",
    ),
    "an unknown attribute": (
        "model.py.jinja",
        EXTENDING + "{% block row_fields %}\n{{ super() }}\n{{ model.feilds }}\n{% endblock %}",
        f"own/model.py.jinja:4: A ModelView has no `feilds`{FOR_USER}. Did you mean `fields`?",
    ),
    "an unknown attribute of the IR, in a condition": (
        "model.py.jinja",
        "{% for field in model.fields %}\n{% if field.source.is_requird %}\n{% endif %}\n{% endfor %}",
        f"own/model.py.jinja:2: A ScalarField has no `is_requird`{FOR_USER}. Did you mean `is_required`?",
    ),
    "a variable of the template's own, misspelt": (
        "client.py.jinja",
        "{% set everything = package.models %}\n\n{{ everythin }}",
        "own/client.py.jinja:3: `everythin` is nothing that this template is given. Did you mean `everything`?",
    ),
    "a syntax error": (
        "model.py.jinja",
        "{% if model %}\n",
        "own/model.py.jinja:1: Unexpected end of template.",
    ),
    "a tag that there is not": (
        "model.py.jinja",
        EXTENDING + "\n{% blok row %}{% endblock %}",
        "own/model.py.jinja:3: Encountered unknown tag 'blok'. Did you mean `block`?",
    ),
    "a filter that there is not": (
        "model.py.jinja",
        "\n\n{{ model.row | uper }}",
        f"own/model.py.jinja:3: No filter named 'uper'{FOR_USER}. Did you mean `upper`?",
    ),
    "a test that there is not": (
        "model.py.jinja",
        "{{ model.row is strin }}",
        f"own/model.py.jinja:1: No test named 'strin'{FOR_USER}. Did you mean `string`?",
    ),
    "a filter that fails": (
        "model.py.jinja",
        "\n{{ model.row | round }}",
        f"own/model.py.jinja:2: TypeError: Type str doesn't define __round__ method{FOR_USER}.",
    ),
    "an expression that fails": (
        "model.py.jinja",
        "{{ 1 // (model.row | length - 4) }}",
        f"own/model.py.jinja:1: ZeroDivisionError: Integer division or modulo by zero{FOR_USER}.",
    ),
    "a block that there is not": (
        "model.py.jinja",
        EXTENDING + "{% block row_feilds %}{% endblock %}",
        "own/model.py.jinja:2: there is no block `row_feilds` in infra_templates/model.py.jinja: did you mean `row_fields`?",
    ),
    "text outside of blocks": (
        "model.py.jinja",
        EXTENDING + "\n\n    def label(self): ...\n{% block row_members %}{% endblock %}",
        "own/model.py.jinja:4: this stands outside of the blocks of a template that extends another, where it is never printed",
    ),
    "extending what there is not": (
        "model.py.jinja",
        '\n{% extends "infra_templates/modle.py.jinja" %}',
        "own/model.py.jinja:2: there is no template infra_templates/modle.py.jinja. Did you mean `infra_templates/model.py.jinja`?",
    ),
    "including what there is not": (
        "model.py.jinja",
        '\n{% include "heder.jinja" %}',
        f"own/model.py.jinja:2: there is no template heder.jinja{FOR_USER}.",
    ),
    "extending itself": (
        "model.py.jinja",
        '{% extends "model.py.jinja" %}',
        "own/model.py.jinja:1: model.py.jinja extends itself, as it wins over every other template of its name: write {% extends "
        '"infra_templates/model.py.jinja" %} for the original.',
    ),
    "including itself": (
        "model.py.jinja",
        '\n{% include "model.py.jinja" %}',
        f"own/model.py.jinja:2: this never comes to an end: templates or macros call each other{FOR_USER}.",
    ),
    "a macro of the original given something wrong": (
        "types/model.py.jinja",
        '{% import "infra_templates/macros/alias.jinja" as alias %}\n\n{{ alias.define(model) }}',
        f"infra_templates/macros/alias.jinja:3: A ModelView has no `line`{FOR_USER}. "
        "Called from own/types/model.py.jinja:3.",
    ),
    "no Python": (
        "model.py.jinja",
        EXTENDING + "{% block row_members %}\n\n    def label(self)\n        return 1\n{% endblock %}",
        "own/model.py.jinja:4: what is printed here is no Python: expected ':', in line ",
    ),
    "no Python, by what a value prints": (
        "model.py.jinja",
        EXTENDING + "{% block row_members %}\n    table = {{ model.source.name }} {{ model.name }}\n{% endblock %}",
        "own/model.py.jinja:3: what is printed here is no Python: invalid syntax, in line ",
    ),
    "no Python that black would take": (
        "client.py.jinja",
        "x = 1\n\nreturn x\n",
        "own/client.py.jinja:3: what is printed here is no Python: 'return' outside function, in line 3 of client.py: `return x`.",
    ),
    "a name of no template": (
        "modle.py.jinja",
        "x",
        "own/modle.py.jinja:1: nothing uses this template, as there is none to win over with the name modle.py.jinja: "
        "did you mean model.py.jinja?",
    ),
    "a first line in other words": (
        "dto.jinja",
        "{# makes dto.py for every model #}",
        "own/dto.jinja:1: what this template makes is said as {# makes dto.py #}, {# makes dto/{module}.py for each model #}",
    ),
    "files for each of what there is not": (
        "dto.jinja",
        "{# makes dto/{module}.py for each field #}",
        "own/dto.jinja:1: what this template makes is said as ",
    ),
    "one path for all models": (
        "dto.jinja",
        "{# makes dto.py for each model #}",
        "own/dto.jinja:1: there is a file for each model, so that the path needs {module}, and nothing else in braces",
    ),
    "a path of a model for one file": (
        "dto.jinja",
        "{# makes {module}.txt #}",
        "own/dto.jinja:1: {module}.txt is one file, so that nothing can stand for {module}: add `for each model`",
    ),
    "a path out of the package": (
        "dto.jinja",
        "{# makes ../dto.py #}",
        "own/dto.jinja:1: ../dto.py is no path within the package",
    ),
    "the path of the list of files": (
        "dto.jinja",
        "{# makes .infra-gen.json #}",
        "own/dto.jinja:1: .infra-gen.json is what infra-gen keeps for itself",
    ),
    "a path of the toolkit's": (
        "dto.jinja",
        "{# makes Client.py #}",
        "The file Client.py is made by the template own/dto.jinja and the toolkit both",
    ),
    "a path of the toolkit's own template": (
        "model.py.jinja",
        "{# makes dto.py #}",
        "own/model.py.jinja:1: model.py.jinja is the toolkit's template, whose files are known: leave out `makes`",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_template_is_told(case: str, own: Path) -> None:
    name, text, message = WRONG[case]
    put(own, name, text)
    assert refused(own).startswith(message)


def test_two_templates_that_make_one_file_are_both_named(own: Path) -> None:
    put(own, "a.jinja", "{# makes x.txt #}")
    put(own, "b.jinja", "{# makes x.txt #}")
    assert refused(own).startswith(
        "The file x.txt is made by the template own/b.jinja and the template own/a.jinja both: give one another path."
    )


def test_a_template_that_is_not_utf8_is_told(own: Path) -> None:
    (own / "model.py.jinja").write_bytes(b"\xff")
    assert "The template model.py.jinja cannot be read: it is not UTF-8" in refused(own)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the user may read everything")
def test_a_template_that_cannot_be_read_is_told(own: Path) -> None:
    put(own, "model.py.jinja", "")
    (own / "model.py.jinja").chmod(0)
    assert "The template model.py.jinja cannot be read: Permission denied." in refused(own)


def test_a_folder_that_is_not_there_is_told(own: Path) -> None:
    with pytest.raises(Failure, match="The folder of templates .*nowhere does not exist"):
        made(own / "nowhere")


def test_nothing_is_written(own: Path, tmp_path: Path) -> None:
    generate_text(SCHEMA, tmp_path / "db")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "db").rglob("*") if path.is_file()}
    put(own, "client.py.jinja", "fine = 1\n")
    put(own, "model.py.jinja", "{{ nothing }}")
    with pytest.raises(Failure):
        generate_text(SCHEMA, tmp_path / "db", templates=own)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "db").rglob("*") if path.is_file()} == before


def test_a_defect_of_the_toolkit_is_not_the_templates_fault(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(self: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("infra_gen.plan.models.ModelPlan.view", defective)
    put(own, "client.py.jinja", "{% for model in package.models %}{{ model.name }}{% endfor %}")
    with pytest.raises(RuntimeError, match="a defect"):
        made(own)


def test_every_message_is_one_line() -> None:
    assert all(not re.search(r"\n", message) for _, _, message in WRONG.values())
