"""Servers of a test's own, to restart, to speak TLS with, or to put behind a PgBouncer: never the ones that tests share.

Each listens on 127.0.0.1 alone, at a port that was free, with its files in a temporary folder, and ends with its block. A test whose server
is not installed is skipped: `initdb` and `postgres` (also from Debian's folder), `mariadb-install-db` and `mariadbd`, `pgbouncer`, `openssl`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

READY_WITHIN = 30.0
"""Seconds."""


def program(*names: str) -> str:
    """The path of the first program that is installed; the test is skipped where none is."""
    folders = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *folders])
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    pytest.skip(f"{names[0]} is not installed")


def _account(name: str) -> dict[str, Any]:
    """How to start a server that refuses to run as root."""
    if not hasattr(os, "getuid") or os.getuid() != 0:
        return {}
    return {"user": name, "group": name}


@contextmanager
def _folder(account: dict[str, Any]) -> Iterator[Path]:
    # Paths of sockets have a length that pytest's own folders pass.
    with tempfile.TemporaryDirectory(prefix="infra-gen-server-", ignore_cleanup_errors=True) as name:
        if account:
            shutil.chown(name, account["user"], account["group"])
        yield Path(name)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


def _run(command: Sequence[str], **how: Any) -> None:
    done = subprocess.run(command, capture_output=True, text=True, **how)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]} {done.stderr[-2000:]}"


class PrivateServer:
    """A server process that can be stopped and started again."""

    def __init__(self, command: Sequence[str], port: int, log: Path, answers: Callable[[], bool], **how: Any) -> None:
        self.port = port
        self._command = command
        self._log = log
        self._answers = answers
        self._how = how
        self._process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        with self._log.open("ab") as log:
            process = self._process = subprocess.Popen(self._command, stdout=log, stderr=log, **self._how)
        until = time.monotonic() + READY_WITHIN
        while not self._answers():
            assert process.poll() is None, self._log.read_text()[-2000:]
            assert time.monotonic() < until, self._log.read_text()[-2000:]
            time.sleep(0.05)

    def stop(self, *, crash: bool = False) -> None:
        """Ends it: connections are told so, unless it crashes."""
        process, self._process = self._process, None
        if process is not None:
            process.kill() if crash else process.send_signal(2 if "postgres" in self._command[0] else 15)
            process.wait(READY_WITHIN)

    def restart(self) -> None:
        self.stop()
        self.start()


@contextmanager
def postgresql(*settings: str, certificate: Certificate | None = None) -> Iterator[PrivateServer]:
    """A PostgreSQL with an empty database `postgres`, whose user `postgres` needs no password. `settings`: `name=value`."""
    import psycopg

    initdb, postgres = program("initdb"), program("postgres")
    account = _account("postgres")
    with _folder(account) as folder:
        data, port = folder / "data", _free_port()
        _run(
            [initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], cwd=folder, **account
        )
        places = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off"]
        if certificate is not None:
            for name in ("server.crt", "server.key"):
                shutil.copy(certificate.folder / name, folder / name)
                (folder / name).chmod(0o600)
                if account:
                    shutil.chown(folder / name, **account)
            places += ["ssl=on", f"ssl_cert_file={folder}/server.crt", f"ssl_key_file={folder}/server.key"]
        options = [word for setting in (*places, *settings) for word in ("-c", setting)]

        def answers() -> bool:
            try:
                psycopg.connect(host="127.0.0.1", port=port, user="postgres", connect_timeout=2).close()
            except psycopg.OperationalError:
                return False
            return True

        server = PrivateServer(
            [postgres, "-D", str(data), *options], port, folder / "log", answers, cwd=folder, **account
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def mariadb(*options: str, certificate: Certificate | None = None) -> Iterator[PrivateServer]:
    """A MariaDB with a database `shop`, whose user `root` needs no password. `options`: `--name=value`."""
    import pymysql

    install, mariadbd = program("mariadb-install-db", "mysql_install_db"), program("mariadbd", "mysqld")
    account = _account("mysql")
    with _folder(account) as folder:
        data, port = folder / "data", _free_port()
        as_user = [f"--user={account['user']}"] if account else []
        _run(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *as_user,
            ]
        )
        places = [f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket"]
        cheap = [
            f"--pid-file={folder}/pid",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-file-size=16M",
        ]
        if certificate is not None:
            for name in ("server.crt", "server.key"):
                shutil.copy(certificate.folder / name, folder / name)
                (folder / name).chmod(0o600)
                if account:
                    shutil.chown(folder / name, **account)
            cheap += [f"--ssl-cert={folder}/server.crt", f"--ssl-key={folder}/server.key"]

        def connect() -> Any:
            return pymysql.connect(host="127.0.0.1", port=port, user="root", connect_timeout=2, autocommit=True)

        def answers() -> bool:
            try:
                connect().close()
            except pymysql.Error:
                return False
            return True

        command = [mariadbd, "--no-defaults", *places, *cheap, *options, *as_user]
        server = PrivateServer(command, port, folder / "log", answers, cwd=folder)
        server.start()
        try:
            connection = connect()
            connection.cursor().execute("CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
            connection.close()
            yield server
        finally:
            server.stop()


@contextmanager
def pgbouncer(server: str, database: str, first: str) -> Iterator[int]:
    """A PgBouncer in transaction mode before the PostgreSQL at `server` (host:port); answers its port. `first` is run in each session."""
    bouncer = program("pgbouncer")
    account = _account("postgres")
    host, _, server_port = server.rpartition(":")
    with _folder(account) as folder:
        port = _free_port()
        users, file = folder / "users.txt", folder / "pgbouncer.ini"
        users.write_text('"postgres" ""\n')
        lines = [
            "[databases]",
            f"{database} = host={host} port={server_port} dbname={database} connect_query='{first}'",
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            f"listen_port = {port}",
            "unix_socket_dir =",
            "auth_type = trust",
            f"auth_file = {users}",
            "pool_mode = transaction",
            "default_pool_size = 3",
            "ignore_startup_parameters = options",
        ]
        file.write_text("\n".join(lines) + "\n")
        for path in (users, file):
            if account:
                shutil.chown(path, **account)

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        process = PrivateServer([bouncer, "-q", str(file)], port, folder / "log", answers, cwd=folder, **account)
        process.start()
        try:
            yield port
        finally:
            process.stop()


class Certificate:
    """A server's certificate for 127.0.0.1, signed by an authority of its own."""

    def __init__(self, folder: Path) -> None:
        openssl = program("openssl")
        self.folder = folder
        self.authority = folder / "authority.crt"
        subject = ["-subj", "/CN=Test authority"]
        key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
        _run(
            [
                openssl,
                "req",
                "-x509",
                *key,
                *subject,
                "-keyout",
                str(folder / "authority.key"),
                "-out",
                str(self.authority),
            ]
        )
        request = [*key[:3], "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        _run([openssl, "req", *request, "-keyout", str(folder / "server.key"), "-out", str(folder / "server.csr")])
        signing = ["-CA", str(self.authority), "-CAkey", str(folder / "authority.key"), "-CAcreateserial", "-days", "2"]
        _run(
            [
                openssl,
                "x509",
                "-req",
                *signing,
                "-copy_extensions",
                "copy",
                "-in",
                str(folder / "server.csr"),
                "-out",
                str(folder / "server.crt"),
            ]
        )
