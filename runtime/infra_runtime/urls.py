"""Database URLs: Prisma's forms and the plain ones, parsed into one value that never shows its password.

Forms: https://www.prisma.io/docs/orm/reference/connection-urls, and `sqlite:///path` as SQLAlchemy writes it.
Imports the runtime's `errors` and `schema` only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote

from infra_runtime.errors import ConfigurationError, UnsupportedDatabaseError
from infra_runtime.schema import Provider

MEMORY = ":memory:"
ISO_8601 = "iso8601"
TIMESTAMP_FORMATS = (ISO_8601, "unixepoch-ms", "current_timestamp")
"""How a SQLite file may hold DateTimes: as Prisma's driver adapters write them (the default), as its Rust engine did, or as SQLite's
`CURRENT_TIMESTAMP`. All are read; the one named is written and compared with, so one file should hold one of them."""

SCHEMES: Mapping[str, Provider] = {
    "file": "sqlite",
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
PORTS: Mapping[Provider, int] = {"postgresql": 5432, "mysql": 3306}

_UNSUPPORTED = {
    "mongodb": "MongoDB",
    "mongodb+srv": "MongoDB",
    "sqlserver": "SQL Server",
    "cockroachdb": "CockroachDB",
    "prisma": "Prisma Accelerate",
    "prisma+postgres": "Prisma Accelerate",
}
_SCHEME = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
_WINDOWS_DRIVE = re.compile(r"/+(?=[a-zA-Z]:[\\/])")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A parsed URL. For SQLite only `path` counts (an absolute path, or `:memory:`), for servers all the rest."""

    provider: Provider
    path: str = ""
    host: str = ""
    """A host, several with commas, or the folder of a socket."""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Every parameter as it was written; those that no driver knows are kept and ignored, as Prisma does."""

    @property
    def is_memory(self) -> bool:
        return self.path == MEMORY

    @property
    def schema(self) -> str | None:
        """PostgreSQL's default schema (`?schema=`)."""
        return self.parameters.get("schema")

    @property
    def pgbouncer(self) -> bool:
        """Is a PgBouncer in transaction mode between? Then no statement may stay prepared."""
        return self.parameters.get("pgbouncer", "").lower() == "true"

    @property
    def timestamp_format(self) -> str:
        """How a SQLite file holds DateTimes (`?timestamp_format=unixepoch-ms`). Errors: ConfigurationError for no known form."""
        named = self.parameters.get("timestamp_format", ISO_8601)
        if named not in TIMESTAMP_FORMATS:
            raise ConfigurationError(
                f"timestamp_format in the database URL is one of {', '.join(TIMESTAMP_FORMATS)}, not {named}"
            )
        return named

    @property
    def connection_limit(self) -> int | None:
        """How many connections the pool may hold; None where the URL does not say."""
        limit = self._number("connection_limit")
        if limit is not None and (limit < 1 or limit != int(limit)):
            raise ConfigurationError(
                f"connection_limit in the database URL must be a whole number above 0, not {limit:g}"
            )
        return None if limit is None else int(limit)

    @property
    def pool_timeout(self) -> float | None:
        """Seconds to wait for a connection; 0 means for ever, as in Prisma. None where the URL does not say."""
        return self._number("pool_timeout")

    @property
    def connect_timeout(self) -> float | None:
        return self._number("connect_timeout")

    @property
    def socket_timeout(self) -> float | None:
        """Seconds one statement may take; None where the URL does not say."""
        return self._number("socket_timeout")

    def _number(self, name: str) -> float | None:
        text = self.parameters.get(name)
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number < 1e9:
            raise ConfigurationError(f"{name} in the database URL must be a number of at least 0, not {text!r}")
        return number

    def __str__(self) -> str:
        if self.provider == "sqlite":
            return f"sqlite:{self.path}"
        user = f"{self.user}{':***' if self.password else ''}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.provider}://{user}{self.host}{port}/{self.database}"


def parse_url(text: str, *, provider: Provider | None = None, folder: str | Path | None = None) -> DatabaseUrl:
    """The database that `text` names.

    Arguments: `provider`, the schema's, if the URL has to fit one; `folder`, what `file:` URLs are relative to (the
    schema's folder; the working directory where there is none). `sqlite:` URLs are relative to the working directory.
    Errors: ConfigurationError for a URL that cannot be read or is for another provider; UnsupportedDatabaseError for
    a database that is none of SQLite, PostgreSQL and MySQL. No message holds the URL: it may hold a password.
    """
    text = text.strip()
    if text == MEMORY:
        text = "sqlite::memory:"
    match = _SCHEME.fullmatch(text)
    if match is None:
        raise ConfigurationError(
            "the database URL must begin with file:, sqlite:, postgresql:// or mysql://"
            if text
            else "the database URL is empty"
        )
    scheme = match["scheme"].lower()
    if scheme in _UNSUPPORTED:
        raise UnsupportedDatabaseError(f"{_UNSUPPORTED[scheme]} is not supported: use sqlite, postgresql or mysql")
    if scheme not in SCHEMES:
        raise ConfigurationError(f"the database URL begins with {scheme}:, not with {_expected_schemes(provider)}")
    found = SCHEMES[scheme]
    if provider is not None and found != provider:
        raise ConfigurationError(
            f"the database URL is for {found} (it begins with {scheme}:), but the schema's provider is {provider}: "
            f"the URL must begin with {_expected_schemes(provider)}"
        )
    if found == "sqlite":
        return _sqlite(scheme, match["rest"], Path(folder) if folder else Path())
    return _server(found, match["rest"])


def _expected_schemes(provider: Provider | None) -> str:
    schemes = [f"{scheme}:" for scheme, of in SCHEMES.items() if provider in (None, of)]
    return schemes[0] if len(schemes) == 1 else f"{', '.join(schemes[:-1])} or {schemes[-1]}"


def _sqlite(scheme: str, rest: str, folder: Path) -> DatabaseUrl:
    path, _, query = rest.partition("?")
    parameters = _parameters(query)
    if scheme == "sqlite" and path.startswith("//"):
        # sqlite:///relative, sqlite:////absolute, sqlite://:memory:, and sqlite:// alone, which is memory.
        path = path[2:]
        path = path[1:] if path.startswith("/") else path
        path = path or MEMORY
    elif path.startswith("//"):
        # file:///absolute; an empty authority is the only one a file has.
        path = "/" + path.lstrip("/")
    path = _WINDOWS_DRIVE.sub("", path, count=1) if _WINDOWS_DRIVE.match(path) else path
    if path == MEMORY or parameters.get("mode") == "memory":
        return DatabaseUrl("sqlite", MEMORY, parameters=parameters)
    if not path:
        raise ConfigurationError("the database URL names no file: write file:./dev.db")
    base = folder if scheme == "file" else Path()
    return DatabaseUrl("sqlite", str((base / path).absolute()), parameters=parameters)


def _server(provider: Provider, rest: str) -> DatabaseUrl:
    if not rest.startswith("//"):
        raise ConfigurationError(f"the database URL must begin with {provider}://")
    address, _, query = rest[2:].partition("?")
    authority, _, database = address.partition("/")
    credentials, _, place = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    parameters = _parameters(query)
    host, port = _host_and_port(place)
    socket = parameters.get("host") or parameters.get("socket")
    return DatabaseUrl(
        provider,
        host=socket or unquote(host) or "localhost",
        port=port or PORTS[provider],
        user=unquote(user),
        password=unquote(password),
        database=unquote(database),
        parameters=parameters,
    )


def _host_and_port(place: str) -> tuple[str, int | None]:
    if "," in place:
        return place, None
    bracketed = re.fullmatch(r"\[(?P<host>[^\]]*)\](?::(?P<port>\d+))?", place)
    plain = re.fullmatch(r"(?P<host>[^:\[\]]*)(?::(?P<port>\d*))?", place)
    match = bracketed or plain
    if match is None:
        raise ConfigurationError(
            "the host and port of the database URL cannot be read; "
            "characters such as @ : / in the user or password must be written as %40 %3A %2F"
        )
    return match["host"], int(match["port"]) if match["port"] else None


def _parameters(query: str) -> Mapping[str, str]:
    return MappingProxyType(dict(parse_qsl(query, keep_blank_values=True)))
