"""What both drivers of MySQL and MariaDB have in common: where and how to connect, how a session is set up, and what answers say.

Imports the runtime's `errors`, `effects`, `urls` and `drivers.base`.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from infra_runtime.drivers.base import Isolation, TransactionOptions
from infra_runtime.effects import Statement
from infra_runtime.errors import ConfigurationError
from infra_runtime.urls import DatabaseUrl

CONNECT_TIMEOUT = 5.0
"""Seconds, where the URL does not say; Prisma's default."""
IN_TRANSACTION = 1
NO_BACKSLASH_ESCAPES = 512
"""Bits of the server's status."""
IDLE_BEFORE_PING = 30.0
"""Seconds after which a connection is asked whether it still lives before it is lent: networks forget silent ones."""

SET_UP = (
    "SET NAMES utf8mb4, autocommit = 1, time_zone = '+00:00', lc_messages = 'en_US', "
    "sql_mode = TRIM(BOTH ',' FROM REPLACE(CONCAT(',', @@sql_mode, ',STRICT_TRANS_TABLES,'), ',NO_BACKSLASH_ESCAPES,', ','))"
)
"""Text in UTF-8, moments in UTC, errors in English, as they are read for names; and no value is cut to fit without a word."""

ISOLATIONS: dict[Isolation, str] = {
    "read_uncommitted": "READ UNCOMMITTED",
    "read_committed": "READ COMMITTED",
    "repeatable_read": "REPEATABLE READ",
    "serializable": "SERIALIZABLE",
}
_MATCHED = re.compile(rb"Rows matched: (\d+)")
_MARIADB = re.compile(r"(\d+)\.(\d+)\.\d+-MariaDB")
_SSL_ACCEPT = ("strict", "accept_invalid_certs")


def connect_arguments(url: DatabaseUrl, wait: float | None) -> dict[str, Any]:
    """The keyword arguments of `connect` that PyMySQL and asyncmy share. Errors: ConfigurationError."""
    if not url.database:
        raise ConfigurationError("the database URL names no database: write mysql://user@host:3306/database")
    limit = url.connect_timeout or CONNECT_TIMEOUT
    arguments: dict[str, Any] = {
        "user": url.user,
        # Both libraries would encode a text in Latin-1.
        "password": url.password.encode(),
        "database": url.database,
        "charset": "utf8mb4",
        "connect_timeout": max(0.001, limit if wait is None else min(limit, wait)),
        "autocommit": None,
    }
    if url.host.startswith("/"):
        arguments["unix_socket"] = url.host
    else:
        arguments.update(host=url.host, port=url.port)
    return arguments


def tls_context(url: DatabaseUrl) -> ssl.SSLContext | None:
    """What the URL says of TLS: `sslaccept`, `sslcert` (the authority's certificate), `sslidentity` and `sslpassword` (a PKCS 12 file).

    None where it says nothing: the connection is plain then, as in Prisma. Errors: ConfigurationError.
    """
    accept, authority, identity = (url.parameters.get(name) for name in ("sslaccept", "sslcert", "sslidentity"))
    if accept is None and authority is None and identity is None:
        return None
    if accept is not None and accept not in _SSL_ACCEPT:
        raise ConfigurationError(f"sslaccept in the database URL is one of {', '.join(_SSL_ACCEPT)}, not {accept}")
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"the file of sslcert in the database URL cannot be read: {error}") from error
    if accept != "strict":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if identity is not None:
        _load_identity(context, identity, url.parameters.get("sslpassword", ""))
    return context


def _load_identity(context: ssl.SSLContext, path: str, password: str) -> None:
    """Python's own TLS takes PEM files alone; where cryptography is installed, it unpacks the PKCS 12 file into one."""
    try:
        from cryptography.hazmat.primitives import serialization  # pyright: ignore[reportMissingImports]
        from cryptography.hazmat.primitives.serialization import (  # pyright: ignore[reportMissingImports]
            pkcs12,
        )
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "sslidentity in the database URL needs cryptography: pip install cryptography"
        ) from error
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(Path(path).read_bytes(), password.encode() or None)
        if key is None or certificate is None:
            raise ValueError("it holds no key with its certificate")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the file of sslidentity in the database URL cannot be used: {error}") from error
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (certificate, *others))
    with tempfile.TemporaryDirectory(prefix="infra-tls-") as folder:
        file = Path(folder) / "identity.pem"
        file.touch(mode=0o600)
        file.write_bytes(pem)
        context.load_cert_chain(file)


def product_of(version: str) -> str:
    """`mariadb` for a server of MariaDB 10.5 or later: these answer rows of INSERT and DELETE, as MySQL does not."""
    found = _MARIADB.search(version)
    return "mariadb" if found and (int(found[1]), int(found[2])) >= (10, 5) else ""


def beginning(options: TransactionOptions) -> list[str]:
    """The statements that begin a transaction. Errors: ConfigurationError for an isolation level that MySQL has not."""
    statements = []
    if options.isolation is not None:
        level = ISOLATIONS.get(options.isolation)
        if level is None:
            raise ConfigurationError(
                f"MySQL has no isolation level {options.isolation}: use one of {', '.join(ISOLATIONS)}"
            )
        statements.append(f"SET TRANSACTION ISOLATION LEVEL {level}")
    return [*statements, f"START TRANSACTION{' READ ONLY' if options.read_only else ''}"]


def answer(result: Any, statement: Statement) -> Any:
    """What `statement` asks for, of what a wire was answered."""
    match statement.returns:
        case "rows":
            rows = result.rows
            return [] if rows is None else rows
        case "count":
            return 0 if result.description is not None else _count(result)
        case "row_id":
            return result.insert_id if result.affected_rows else None
        case _:
            return tuple(column[0] for column in result.description or ()), result.rows or []


def _count(result: Any) -> int:
    """The rows that a statement touched: for an UPDATE those that matched, also where they held the new values already.

    The server would count them so itself (CLIENT_FOUND_ROWS), but then count rows that an INSERT found to be there, too.
    """
    matched = _MATCHED.search(result.message or b"")
    return int(matched[1]) if matched else int(result.affected_rows)


def readable(sock: socket.socket) -> Callable[[], object]:
    """A function that says, at once, whether there is something to read."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        return partial(poll.poll, 0)
    return lambda: select.select([sock], [], [], 0)[0]
