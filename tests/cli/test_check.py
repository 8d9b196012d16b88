"""`infra-gen check`: what is wrong with the projections of a user's code, without running more of it than it must."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from tests.cli.test_commands import infra_gen
from tests.generator.packages import generate_text

SCHEMA = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

model Author {
  id    Int     @id @default(autoincrement())
  name  String?
  notes Note[]
}

model Note {
  id       Int    @id @default(autoincrement())
  text     String
  author   Author @relation(fields: [authorId], references: [id])
  authorId Int
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the generated package `db` in it."""
    generate_text(SCHEMA, tmp_path / "db")
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


NOTE = """\
from __future__ import annotations

from db import Author, Note
from infra_runtime import Projection


class NoteText(Projection[Note]):
    text: str
    author: AuthorName


class AuthorName(Projection[Author]):
    name: str | None
"""


def test_projections_that_fit_are_counted(project: Path) -> None:
    write(project, {"notes.py": NOTE})
    ran = infra_gen(project, "check")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "2 projections: all fit\n", "")


def test_all_errors_of_all_files_are_told_with_their_places(project: Path) -> None:
    write(
        project,
        {
            "app/__init__.py": "",
            "app/notes.py": NOTE.replace("text: str", "txt: str"),
            "app/authors.py": """\
                from db import Author
                from infra_runtime import Projection
                from .notes import NoteText

                class AuthorCard(Projection[Author]):
                    name: str
                    notes: NoteText

                class Longer(AuthorCard):
                    ids: int
                """,
        },
    )
    ran = infra_gen(project, "check", "app")
    assert ran.returncode == 1
    assert ran.stdout.splitlines() == [
        "app/authors.py:6:5: AuthorCard.name: Author.name may be NULL: write str | None",
        "app/authors.py:6:5: Longer.name: Author.name may be NULL: write str | None",
        "app/authors.py:7:5: AuthorCard.notes: notes leads to many rows of Note: write list[NoteText]",
        "app/authors.py:7:5: Longer.notes: notes leads to many rows of Note: write list[NoteText]",
        "app/authors.py:10:5: Longer.ids: unknown field `ids` of Author; did you mean `id`? "
        'A field of another name is Annotated[…, From("id")]',
        "app/notes.py:8:5: NoteText.txt: unknown field `txt` of Note; did you mean `text`? "
        'A field of another name is Annotated[…, From("text")]',
    ]
    assert ran.stderr == "6 errors in 4 projections\n"


def test_what_is_only_known_when_all_classes_are_there_is_told_too(project: Path) -> None:
    write(
        project,
        {
            "early.py": """\
                from __future__ import annotations
                from typing import TYPE_CHECKING
                from db import Author, Note
                from infra_runtime import Projection
                if TYPE_CHECKING:
                    from notes import NotThere

                class AuthorCard(Projection[Author]):
                    notes: list[NotThere]

                class Endless(Projection[Author]):
                    notes: list[Back]

                class Back(Projection[Note]):
                    author: Endless
                """,
            "notes.py": NOTE,
        },
    )
    assert infra_gen(project, "check").stdout.splitlines() == [
        "early.py:9:5: AuthorCard.notes: `NotThere` is not in early: define or import it there",
        "early.py:12:5: Endless.notes: it would contain itself without end (Back → Endless → Back): "
        "declare a class for each level",
        "early.py:15:5: Back.author: it would contain itself without end (Endless → Back → Endless): "
        "declare a class for each level",
    ]


def test_for_scripts_it_is_one_json_value_whatever_modules_print(project: Path) -> None:
    write(project, {"notes.py": NOTE.replace("text: str", "text: int") + "\nprint('hello')\n"})
    ran = infra_gen(project, "check", "--json")
    assert ran.returncode == 1
    assert json.loads(ran.stdout) == {
        "ok": False,
        "errors": [
            {
                "message": "NoteText.text: Note.text is str, and int does not hold that: write str",
                "file": "notes.py",
                "line": 8,
                "column": 5,
            }
        ],
        "warnings": [],
        "projections": 2,
    }
    write(project, {"notes.py": NOTE})
    assert json.loads(infra_gen(project, "check", "--json", "notes.py").stdout) == {
        "ok": True,
        "errors": [],
        "warnings": [],
        "projections": 2,
    }


def test_nothing_is_imported_that_declares_no_projection(project: Path) -> None:
    write(
        project,
        {
            "notes.py": NOTE,
            "main.py": "from notes import NoteText\nraise SystemExit('it was run')\n",
            "longer.py": "from notes import AuthorName as Base\nclass Longer(Base):\n    id: int\n",
            "venv/pyvenv.cfg": "",
            "venv/lib/broken.py": "class X(Projection[Nothing]): ...",
            ".hidden/broken.py": "class X(Projection[Nothing]): ...",
        },
    )
    ran = infra_gen(project, "check")
    assert (ran.returncode, ran.stdout) == (0, "3 projections: all fit\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "import not_installed\n",
            "broken.py:2:1: broken.py cannot be imported, so that its projections are not checked: "
            "ModuleNotFoundError: No module named 'not_installed'",
        ),
        (
            "import sys\nsys.exit(3)\n",
            "broken.py:3:1: broken.py cannot be imported, so that its projections are not checked: SystemExit: 3",
        ),
        ("def half(:\n", "broken.py:2:10: cannot be read: invalid syntax"),
        (
            "1 / 0\n",
            "broken.py:2:1: broken.py cannot be imported, so that its projections are not checked: "
            "ZeroDivisionError: division by zero",
        ),
    ],
)
def test_what_cannot_be_imported_is_told_in_a_line_and_the_rest_is_checked(project: Path, text: str, told: str) -> None:
    write(
        project,
        {
            "broken.py": f"from infra_runtime import Projection\n{text}\nclass Card(Projection[int]):\n    id: int\n",
            "notes.py": NOTE.replace("text: str", "text: int"),
        },
    )
    ran = infra_gen(project, "check")
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[0] == told
    assert "notes.py:8:5: NoteText.text" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


def test_modules_are_found_as_the_rest_of_the_code_finds_them(project: Path) -> None:
    """A `src` folder that is not installed, a folder without `__init__.py`, two modules of one name, a name that is no identifier."""
    write(
        project,
        {
            "src/app/__init__.py": "",
            "src/app/base.py": NOTE,
            "src/app/cards.py": "from .base import NoteText\nclass Card(NoteText):\n    id: int\n",
            "jobs/cards.py": "from .base import NoteText\nclass Job(NoteText):\n    id: int\n",
            "jobs/base.py": NOTE,
            "other/cards.py": NOTE,
            "other-scripts/of-2026.py": NOTE,
        },
    )
    ran = infra_gen(project, "check")
    assert (ran.returncode, ran.stdout) == (0, "10 projections: all fit\n"), ran.stdout


def test_a_path_that_is_not_there_is_told(project: Path) -> None:
    ran = infra_gen(project, "check", "nowhere")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "error: nowhere is not there: name files or folders of Python code.\n"
    assert json.loads(infra_gen(project, "check", "nowhere", "--json").stdout)["ok"] is False


def test_without_projections_there_is_nothing_to_say_against_them(project: Path) -> None:
    ran = infra_gen(project, "check")
    assert (ran.returncode, ran.stdout) == (0, "0 projections: all fit\n")
