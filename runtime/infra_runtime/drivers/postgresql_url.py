"""Prisma's URLs of PostgreSQL in libpq's words.

Sources: https://www.prisma.io/docs/orm/overview/databases/postgresql#connection-details,
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS. Imports the runtime's `errors` and `urls`.
"""

from __future__ import annotations

from typing import Any

from infra_runtime.errors import ConfigurationError
from infra_runtime.urls import PORTS, DatabaseUrl

CONNECT_TIMEOUT = 5.0
"""Seconds to connect where the URL does not say; Prisma's default."""
STATEMENT_CACHE_SIZE = 250
"""Statements each connection keeps prepared where the URL does not say."""
AS_THEY_ARE = (
    "application_name",
    "channel_binding",
    "client_encoding",
    "gssencmode",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "passfile",
    "require_auth",
    "service",
    "sslcrl",
    "sslkey",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
)
"""Parameters that mean the same to libpq."""


def conninfo(url: DatabaseUrl) -> dict[str, Any]:
    """What psycopg connects with. Errors: ConfigurationError."""
    given = url.parameters
    info: dict[str, Any] = {name: given[name] for name in AS_THEY_ARE if name in given}
    info.setdefault("client_encoding", "UTF8")
    info.setdefault("application_name", "infra-gen")
    info |= {"dbname": url.database or url.user or "postgres", **_place(url)}
    if url.user:
        info["user"] = url.user
    if url.password:
        info["password"] = url.password
    if options := _options(url):
        info["options"] = options
    return info | _encryption(url)


def _place(url: DatabaseUrl) -> dict[str, Any]:
    """Host and port; of several hosts libpq takes the first that answers, each with a port of its own."""
    if "," not in url.host:
        return {"host": url.host, "port": url.port}
    places = [place.rpartition(":") if ":" in place else (place, "", "") for place in url.host.split(",")]
    return {
        "host": ",".join(host for host, _, _ in places),
        "port": ",".join(port or str(PORTS["postgresql"]) for _, _, port in places),
    }


def connect_timeout(url: DatabaseUrl) -> float | None:
    """Seconds a connection may take to come about; None: as long as it takes."""
    seconds = url.connect_timeout
    return CONNECT_TIMEOUT if seconds is None else (seconds or None)


def statement_cache_size(url: DatabaseUrl) -> int:
    """How many statements a connection keeps prepared; 0 through a PgBouncer, which mixes connections."""
    if url.pgbouncer:
        return 0
    given = url.parameters.get("statement_cache_size")
    if given is None:
        return STATEMENT_CACHE_SIZE
    if not given.isdecimal():
        raise ConfigurationError(f"statement_cache_size in the database URL must be a whole number, not {given!r}")
    return int(given)


def _options(url: DatabaseUrl) -> str:
    """Settings of the session: the schema that names stand in by default, and what the URL asks for."""
    asked = url.parameters.get("options", "")
    if url.schema is None or url.pgbouncer:
        return asked
    name = url.schema.replace("\\", "\\\\").replace('"', '""').replace(" ", "\\ ")
    return f'{asked} -c search_path="{name}"'.strip()


def _encryption(url: DatabaseUrl) -> dict[str, str]:
    """Prisma's `sslcert` is the authority that signed the server's certificate, which libpq calls `sslrootcert`; with an `sslkey`
    beside it, it is the client's own certificate, as in libpq."""
    given = url.parameters
    if "sslidentity" in given:
        raise ConfigurationError(
            "sslidentity in the database URL names a PKCS #12 file, which libpq does not read; turn it into two PEM files "
            "(openssl pkcs12 -in client.p12 -nodes -out …) and name them with sslcert= and sslkey="
        )
    info = {}
    if "sslmode" in given:
        info["sslmode"] = given["sslmode"]
    if "sslcert" in given:
        info["sslcert" if "sslkey" in given else "sslrootcert"] = given["sslcert"]
    accept = given.get("sslaccept")
    if accept == "strict":
        info["sslmode"] = "verify-full"
        if "sslrootcert" not in info and "sslrootcert" not in given:
            info["sslrootcert"] = "system"
    elif accept not in (None, "accept_invalid_certs"):
        raise ConfigurationError(f"sslaccept in the database URL is strict or accept_invalid_certs, not {accept!r}")
    elif info.get("sslmode") == "require" and "sslrootcert" in info and accept == "accept_invalid_certs":
        # libpq checks the certificate where it is given an authority, though it is only asked to encrypt.
        del info["sslrootcert"]
    return info
