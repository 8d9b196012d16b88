"""`db pull`: what a database has, written into the schema."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from infra_gen.cli import console
from infra_gen.cli.options import JsonOption, SchemaOption, UrlOption
from infra_gen.cli.targets import database_url, open_session
from infra_gen.failure import Failure
from infra_gen.front import compile_schema
from infra_gen.plugins.choosing import chosen_by
from infra_gen.pull import Pulled, emptied, new_schema, read_comments, read_live
from infra_gen.pull import pull as pull_into
from infra_gen.replace import replace_file
from infra_gen.schema.load import SchemaNotLoadedError, load
from infra_gen.schema.report import count
from infra_gen.schema.source import SourceFile
from infra_runtime.urls import DatabaseUrl, parse_url


def pull(
    schema: SchemaOption = None,
    url: UrlOption = None,
    print_only: Annotated[bool, typer.Option("--print", help="Print the schema; write nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write all anew: of the schema its datasource and generators stay alone.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write what the database has into the schema: tables, columns, keys, relations, enums.

    What the two agree on stays as it is written, with comments, names and directives. With --url and no schema a new one is made.

    Example: `infra-gen db pull --print`
    """
    present = _files(schema, url)
    pulled, target = _pulled(emptied(present) if force else present, url)
    changed = [
        (before, after) for before, after in zip(present, pulled.files, strict=True) if _is_to_write(before, after)
    ]
    if not print_only:
        _write(changed)
    for line in pulled.unsaid:
        console.warn(line)
    if as_json:
        files = [{"path": file.path, "text": file.text} for file in pulled.files] if print_only else []
        written = [] if print_only else [after.path for _, after in changed]
        console.document({"written": written, "changes": pulled.changes, "files": files})
    elif print_only:
        console.answer("\n".join(file.text for file in pulled.files), newline=False)
        for line in pulled.changes:
            console.tell_beside(f"  {line}")
    else:
        _report(pulled, target, [after for _, after in changed])


def _files(schema: Path | None, url: str | None) -> tuple[SourceFile, ...]:
    """The schema; where there is none and a URL is given, a new one for its provider."""
    try:
        return load(schema, start=Path.cwd())
    except SchemaNotLoadedError:
        place = schema or Path("schema.prisma")
        if not url or place.exists() or place.suffix != ".prisma":
            raise
        return (new_schema(place.as_posix(), parse_url(url).provider),)


def _pulled(files: Sequence[SourceFile], url: str | None) -> tuple[Pulled, DatabaseUrl]:
    compiled = compile_schema(files, for_generators=False, plugins=chosen_by())
    for plugin in compiled.plugins.transforming:
        raise Failure(
            f"{plugin.source} changes what the schema means, so that what the database has beyond its text cannot be told from what is to be "
            "pulled. Take it out of `plugins` for this command. Nothing was changed."
        )
    schema, directives = compiled.schema, compiled.plugins.directives()
    target = _existing(database_url(schema, url, Path(files[0].path).parent))
    with open_session(schema, target, create=None) as session:
        with console.phase("the database was read"):
            live, comments = read_live(schema, session.read), read_comments(schema, session.read)
    if not live.tables:
        raise Failure(
            f"{target} has no tables{_places(schema.datasource.schemas)}: there is nothing to pull, and nothing was changed."
        )
    return pull_into(files, live, comments, directives), target


def _existing(target: DatabaseUrl) -> DatabaseUrl:
    """A file of SQLite's is not made by looking into it. The folder of a new schema, which its URL is relative to, may not be there yet."""
    if target.provider != "sqlite":
        return target
    path = Path(os.path.normpath(target.path))
    if target.is_memory or not path.is_file():
        raise Failure(f"There is no database at {path}. Nothing was changed.")
    return replace(target, path=str(path))


def _places(schemas: Sequence[str]) -> str:
    return f" in {', '.join(schemas)}" if schemas else ""


def _is_to_write(before: SourceFile, after: SourceFile) -> bool:
    return before.text != after.text or not Path(before.path).exists()


def _write(changed: Sequence[tuple[SourceFile, SourceFile]]) -> None:
    """Writes all files or none: where one cannot be written, those before it get their old text again."""
    done: list[tuple[Path, bytes | None]] = []
    for _, after in changed:
        path = Path(after.path).resolve()
        try:
            old = path.read_bytes() if path.exists() else None
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, after.text.encode())
        except OSError as error:
            for earlier, content in done:
                with suppress(OSError):
                    _restore(earlier, content)
            raise Failure(f"{after.path} cannot be written: {error.strerror}. Nothing was changed.") from error
        done.append((path, old))


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        replace_file(path, content)


def _report(pulled: Pulled, target: DatabaseUrl, changed: Sequence[SourceFile]) -> None:
    for line in pulled.changes:
        console.tell(f"  {line}")
    if changed:
        names = ", ".join(file.path for file in changed)
        console.tell(f"{names}: as {target} has it ({count(len(pulled.changes), 'change')})")
    else:
        console.tell(f"The schema is as {target} has it: nothing to change")
