"""From a row class to the metadata of its model, whatever the package looks like; and what is imported on the way."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest

from infra_gen.dynamic import connect
from infra_runtime import From, Projection
from infra_runtime.rows import PackageRows, Row
from tests.databases import Databases, datasource
from tests.generator.packages import generate_text, imported
from tests.projections.package import SCHEMA

PROJECTION: Any = Projection

ODD_NAMES = """\
datasource db {
  provider = "sqlite"
  url      = "file:./dev.db"
}

model Any {
  id      Int    @id
  copy    String
  json    Json?
  classes list[]
}

model list {
  id     Int    @id
  kind   Infrastructure
  any    Any    @relation(fields: [anyId], references: [id])
  anyId  Int
}

enum Infrastructure {
  LOW
  HIGH
}
"""


def test_models_that_could_not_keep_their_names_are_found(tmp_path: Path) -> None:
    with imported(ODD_NAMES, tmp_path) as package:
        any_class, list_class, enum = package.Any_, package.list_, package.Infrastructure_

        class Inner(PROJECTION[list_class]):  # type: ignore[misc]
            kind: enum  # type: ignore[valid-type]  # pyright: ignore[reportInvalidTypeForm]

        class Outer(PROJECTION[any_class]):  # type: ignore[misc]
            copy_: str
            classes: list[Inner]

        projected: Any = Outer.__projection__()
        assert (projected.model.name, projected.columns) == ("Any", ("copy_",))
        assert Inner.__projection__().model.name == "list"


@pytest.mark.parametrize(
    "flags", [{"frozen": False}, {"relations": "optional"}, {"interface": "sync"}, {"missing": "none"}]
)
def test_every_option_of_the_generator_makes_rows_that_lead_to_their_models(
    tmp_path: Path, flags: dict[str, Any]
) -> None:
    with imported(SCHEMA, tmp_path, **flags) as package:

        customer = package.Customer

        class Card(PROJECTION[customer]):  # type: ignore[misc]
            email: str

        assert Card.__projection__().columns == ("email",)


def test_a_class_made_from_a_row_class_is_of_the_same_model(tmp_path: Path) -> None:
    with imported(SCHEMA, tmp_path) as package:
        row: Any = package.Customer

        class Special(row):  # type: ignore[misc]
            @property
            def domain(self) -> str:
                return str(self.email.partition("@")[2])

        class Card(PROJECTION[Special]):  # type: ignore[misc]
            email: str

        assert Card.__projection__().model.name == "Customer"


def test_what_is_no_row_of_a_package_leads_nowhere() -> None:
    class ByHand(Row, frozen=True):
        id: int

    assert PackageRows.of(int) is None
    assert PackageRows.of(ByHand) is None


def test_only_the_models_that_are_named_are_imported(tmp_path: Path) -> None:
    generate_text(SCHEMA, tmp_path / "lazy_shop")
    code = """
        import sys
        from typing import Annotated
        from infra_runtime import Count, From, Projection
        from lazy_shop import Post

        class PostLine(Projection[Post]):
            title: str
            tags: Annotated[int, Count("tags")]
            author_name: Annotated[str | None, From("author.name")]

        PostLine.__projection__()
        loaded = {name.removeprefix("lazy_shop.") for name in sys.modules if name.startswith("lazy_shop.")}
        assert loaded == {"client", "customer", "enums", "post", "schema"}, loaded
        assert "sqlalchemy" not in sys.modules
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_rows_of_your_own_sql_are_rows_of_a_model_that_could_not_keep_its_name(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'odd.db'}"
    with connect(ODD_NAMES, url=url, interface="sync") as tables:
        tables.push()
    with imported(ODD_NAMES, tmp_path) as package, package.SyncInfrastructure(url=url) as infra:
        infra.execute_raw("""INSERT INTO "Any" (id, copy, json) VALUES (1, 'x', '{"a": [1]}')""")
        [row] = infra.query_raw('SELECT id, copy, json FROM "Any"', model=package.Any_)
        assert (type(row), row.copy_, row.json_) == (package.Any_, "x", {"a": [1]})


LISTS = """\
enum Level {
  LOW
  HIGH
}

model Owner {
  id     Int     @id
  levels Level[]
  notes  Note[]
}

model Note {
  id      Int      @id
  words   String[]
  levels  Level[]
  owner   Owner?   @relation(fields: [ownerId], references: [id])
  ownerId Int?
}
"""


def test_lists_are_read_and_joined_where_the_database_has_them(tmp_path: Path, databases: Databases) -> None:
    database = databases("postgresql")
    with imported(datasource("postgresql") + LISTS, tmp_path) as package:
        note, level = package.Note, package.Level

        class Card(PROJECTION[note]):  # type: ignore[misc]
            words: list[str]
            levels: Sequence[level]  # type: ignore[valid-type]  # pyright: ignore[reportInvalidTypeForm]
            of_owner: Annotated[list[str] | None, From("owner.levels")]

        with package.SyncInfrastructure(url=database.url(LISTS)) as infra:
            infra.owner.create(data={"id": 1, "levels": ["HIGH"]})
            infra.note.create(data={"id": 1, "words": ["a", "b"], "levels": ["LOW", "HIGH"], "ownerId": 1})
            infra.note.create(data={"id": 2})
            first, second = infra.note.project(Card).find_many(order={"id": "asc"})
        assert (first.words, first.levels, first.of_owner) == (["a", "b"], [level.LOW, level.HIGH], [level.HIGH])
        assert (second.words, second.levels) == ([], [])
        assert not second.of_owner


def test_modules_that_name_one_another_s_projections_import_each_other_for_checkers_alone(tmp_path: Path) -> None:
    generate_text(SCHEMA, tmp_path / "round_shop")
    app = tmp_path / "app"
    app.mkdir()
    files = {
        "__init__.py": "",
        "authors.py": """
            from __future__ import annotations
            import typing as t
            from round_shop import Customer
            from infra_runtime import Projection
            if t.TYPE_CHECKING:
                from datetime import datetime as moment
                from . import tags as tagged, posts
                import not_installed.at_all
                import typing

            class AuthorCard(Projection[Customer]):
                created_at: moment
                posts: list[posts.PostLine]
                settings: typing.Any

            class AuthorName(Projection[Customer]):
                name: str | None
        """,
        "posts.py": """
            from __future__ import annotations
            from typing import TYPE_CHECKING, Annotated
            from round_shop import Post
            from infra_runtime import From, Projection
            if TYPE_CHECKING:
                from .authors import AuthorName
                from app.tags import TagName

            class PostLine(Projection[Post]):
                author: AuthorName
                labels: Annotated[list["TagName"], From("tags", take=1)]
        """,
        "tags.py": """
            from round_shop import Tag
            from infra_runtime import Projection

            class TagName(Projection[Tag]):
                name: str
        """,
    }
    for name, text in files.items():
        (app / name).write_text(textwrap.dedent(text))
    code = """
        from app.authors import AuthorCard
        [posts] = AuthorCard.__projection__().related
        line = posts.arguments["projection"]
        assert line.__module__ == "app.posts", line
        nested = {item.relation: item.arguments["projection"].__name__ for item in line.__projection__().related}
        assert nested == {"author": "AuthorName", "tags": "TagName"}, nested
        assert AuthorCard.model_json_schema()["properties"]["created_at"]["format"] == "date-time"
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
