"""`migrate diff`: two states compared, whichever they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from infra_gen.cli import console
from infra_gen.cli.migrating.project import FolderOption
from infra_gen.cli.options import JsonOption, SchemaOption, UrlOption, compiled
from infra_gen.cli.targets import database_url, open_session
from infra_gen.database.catalog import Catalog
from infra_gen.database.expected import expected_catalog
from infra_gen.database.planning import Plan, plan
from infra_gen.failure import Failure
from infra_gen.migrations.folder import read_folder
from infra_gen.migrations.states import live_state, played_state
from infra_runtime.urls import DatabaseUrl, parse_url


def diff(
    from_: Annotated[
        str,
        typer.Option(
            "--from", metavar="STATE", help="empty, database, migrations, or a path or URL of one, or a schema's."
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="STATE", help="The same; `schema` is the schema of the project.")],
    as_script: Annotated[
        bool, typer.Option("--script", help="Print the SQL that leads from the one to the other.")
    ] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 2 where they differ.")] = False,
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    shadow_url: Annotated[
        str | None,
        typer.Option("--shadow-url", help="A server on which migrations may be played through.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two states: a schema, a database, a folder of migrations, or nothing.

    Example: `infra-gen migrate diff --from migrations --to schema --exit-code`
    """
    sides = _Sides(schema, url, migrations, shadow_url)
    before, after = sides.state(from_), sides.state(to)
    with console.phase("the two were compared"):
        planned = plan(sides.schema, before, after)
    differs = bool(planned.steps)
    if as_json:
        for caution in planned.cautions:
            console.warn(caution.text)
        steps = [{"comment": step.comment, "sql": step.sql} for step in planned.steps]
        wrong = [console.entry(f"{from_} and {to} differ")] if differs and exit_code else []
        console.document({"differs": differs, "steps": steps}, errors=wrong)
    elif as_script:
        console.answer(planned.script if differs else "-- This is an empty migration.\n", newline=False)
    else:
        console.answer("\n".join(summary(planned)) if differs else "No difference.")
    raise typer.Exit(2 if exit_code and differs else 0)


class _Sides:
    """What the two sides of a comparison may be, told apart by how they are written."""

    def __init__(self, schema: Path | None, url: str | None, migrations: Path | None, shadow_url: str | None) -> None:
        self._result = compiled(schema)
        self.schema = self._result.schema
        self._beside = Path(self._result.files[0].path).parent
        self._url = url
        self._migrations = migrations or self._beside / "migrations"
        self._shadow_url = shadow_url

    def state(self, named: str) -> Catalog:
        match named:
            case "empty":
                return Catalog(())
            case "schema":
                return expected_catalog(self.schema)
            case "database":
                return self._live(self._database())
            case "migrations":
                return self._played(self._migrations)
        path = Path(named)
        if path.is_dir() and not any(path.glob("*.prisma")):
            return self._played(path)
        if path.exists() and not named.startswith("file:"):
            other = compiled(path, is_configured=False).schema
            if other.datasource.provider != self.schema.datasource.provider:
                raise Failure(
                    f"{path} is for {other.datasource.provider}, the project's schema for {self.schema.datasource.provider}: "
                    "two databases of different kinds cannot be compared."
                )
            return expected_catalog(other)
        if ":" in named:
            return self._live(parse_url(named, provider=self.schema.datasource.provider, folder=self._beside))
        raise Failure(
            f"{named} is neither empty, schema, database nor migrations, and no such file or folder is there."
        )

    def _database(self) -> DatabaseUrl:
        return database_url(self.schema, self._url, self._beside)

    def _live(self, url: DatabaseUrl) -> Catalog:
        with open_session(self.schema, url) as session:
            return live_state(self.schema, session)[0]

    def _played(self, path: Path) -> Catalog:
        folder = read_folder(path)
        if not folder.migrations:
            raise Failure(f"{path} holds no migrations.")
        folder.require_provider(self.schema.datasource.provider)
        server = database_url(self.schema, self._shadow_url, self._beside) if self._shadow_url else self._database()
        return played_state(self.schema, folder, server)


def summary(planned: Plan) -> Iterator[str]:
    """What differs, a line each, for people."""
    difference = planned.difference
    for table in difference.added:
        yield f"+ table {table.name}"
    for table in difference.dropped:
        yield f"- table {table.name}"
    for enum in difference.added_enums:
        yield f"+ enum {enum.name}"
    for enum in difference.dropped_enums:
        yield f"- enum {enum.name}"
    for changed in difference.changed_enums:
        yield f"~ enum {changed.after.name}" + "".join(f" +{it}" for it in changed.added) + "".join(
            f" -{it}" for it in changed.dropped
        )
    for change in difference.changed:
        yield f"~ table {change.after.name}"
        yield from (f"    + column {column.name} {column.type}" for column in change.added)
        yield from (f"    - column {column.name}" for column in change.dropped)
        for before, after in change.changed:
            yield f"    ~ column {after.name}: {_column(before)} → {_column(after)}"
        if change.primary_key_differs:
            yield "    ~ primary key"
        for kind, matched, name in (
            ("index", change.indexes, "name"),
            ("foreign key", change.foreign_keys, "constraint"),
        ):
            yield from (f"    + {kind} {getattr(item, name)}" for item in matched.added)
            yield from (f"    - {kind} {getattr(item, name)}" for item in matched.dropped)
            yield from (f"    ~ {kind} {getattr(old, name)} → {getattr(new, name)}" for old, new in matched.renamed)


def _column(column: Any) -> str:
    default = f" default {column.default}" if column.default is not None else ""
    return f"{column.type}{'[]' if column.is_list else ''}{'' if column.nullable else ' not null'}{default}"
