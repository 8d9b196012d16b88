"""Where the database of a schema is: its URL, and who said so. Imports `ir`, `failure`, `infrastructure_file` and the runtime's URLs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra_gen import ir
from infra_gen.failure import Failure
from infra_gen.infrastructure_file import FILE, read_beside
from infra_runtime.environment import variable
from infra_runtime.urls import DatabaseUrl, parse_url


@dataclass(frozen=True, slots=True)
class Address:
    """A database's URL. `origin` is who said so, for people: `--url`, the variable DATABASE_URL, the datasource's url."""

    url: DatabaseUrl
    origin: str


def address(schema: ir.Schema, url: str | None, folder: Path) -> Address:
    """Of `--url`, `infrastructure.config.yml`, the schema and the environment, in this order; `.env` files count, in the working folder and
    beside the schema.

    A direct URL, of the file or the datasource, wins over a `url` of either: it leads past a pooler, which takes no statements that change
    tables (https://www.prisma.io/docs/orm/reference/prisma-schema-reference#datasource).

    Errors: Failure; ConfigurationError for one of another provider, or a file with errors; MissingExtraError for a file without PyYAML.
    """
    if url == "":
        raise Failure("--url is empty: give it as --url file:./dev.db, or leave it away to use the schema's.")
    text, origin = (url, "--url") if url else _said(schema, folder)
    return Address(parse_url(text, provider=schema.datasource.provider, folder=folder), origin)


def _said(schema: ir.Schema, folder: Path) -> tuple[str, str]:
    datasource = schema.datasource
    for said, named in (
        (f"database.direct_url of {FILE}", _in_file("direct_url", folder)),
        ("the datasource's directUrl", datasource.properties.get("directUrl")),
        (f"database.url of {FILE}", _in_file("url", folder)),
        ("the datasource's url", datasource.url),
        ("", ir.EnvironmentVariable("DATABASE_URL")),
    ):
        if callable(named):
            named = named()
        match named:
            case str(text):
                return text, said
            case ir.EnvironmentVariable(name):
                found = variable(name) or variable(name, folder)
                if not found:
                    raise Failure(f"No database URL: set {name}, or give --url file:./dev.db.")
                return found, f"the variable {name}" + (f", which {said} names" if said else "")
    raise AssertionError("the last of them is a variable")


def _in_file(name: Literal["url", "direct_url"], folder: Path) -> Callable[[], str | None]:
    """Reads a URL of the file; of the variables there only those of that one need a value."""

    def read() -> str | None:
        found = read_beside(folder, start=Path.cwd(), needed=lambda path: path == ("database", name))
        url: str | None = getattr(found.valid().database, name) if found else None
        return url

    return read
