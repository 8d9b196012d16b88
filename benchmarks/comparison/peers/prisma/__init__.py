"""Prisma Client 7 on Node: installed by npm, generated for each provider, run as `worker.mjs`.

    python -m benchmarks.comparison.peers.prisma     installs it

No engine is downloaded: the client's query compiler is in its package, and what generates it only looks whether an engine is there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent
HOME = Path(__file__).parents[4] / ".bench" / "prisma"
"""The npm project: packages, and generated clients, which find their packages from where they are."""
GENERATOR = """
generator client {{
  provider = "prisma-client-js"
  output   = "{output}"
}}
"""


def missing() -> str | None:
    """Why it cannot run; None where it can."""
    if shutil.which("node") is None:
        return "there is no node"
    if not (HOME / "node_modules").is_dir():
        return "npm has not installed it; make bench does"
    return None


def versions() -> dict[str, str]:
    """The versions of Node and of the client, where it can run."""
    if missing():
        return {}
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    package = json.loads((HOME / "node_modules" / "@prisma" / "client" / "package.json").read_text(encoding="utf-8"))
    return {"@prisma/client": package["version"], "Node": node.removeprefix("v")}


def install() -> None:
    """Installs it by npm, where there is npm.

    Raises:
        subprocess.CalledProcessError: npm could not.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        print("There is no node or no npm: Prisma's own client is left out.")
        return
    HOME.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCES / "package.json", HOME)
    subprocess.run([npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", HOME], check=True)


def client(provider: str, schema: str) -> Path:
    """The folder of the client for a schema, generated if need be.

    Args:
        schema: the text of the schema with its datasource; the URL in it is left out, as version 7 wants it.

    Raises:
        OSError: Prisma could not generate it.
    """
    folder = HOME / "clients" / provider
    text = re.sub(r"\n\s*url\s*=.*", "", schema) + GENERATOR.format(output=folder.as_posix())
    source = HOME / f"{provider}.prisma"
    if source.exists() and source.read_text(encoding="utf-8") == text and folder.is_dir():
        return folder
    source.unlink(missing_ok=True)
    written = HOME / f"{provider}.new.prisma"
    written.write_text(text, encoding="utf-8")
    found = subprocess.run(
        ["node", "node_modules/prisma/build/index.js", "generate", "--schema", written],
        cwd=HOME,
        env={**os.environ, **_NO_ENGINE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if found.returncode:
        raise OSError(f"prisma generate: {found.stderr.strip()}")
    written.replace(source)
    return folder


_NO_ENGINE = {
    "PRISMA_SCHEMA_ENGINE_BINARY": shutil.which("false") or "/bin/false",
    "PRISMA_HIDE_UPDATE_MESSAGE": "1",
    "CHECKPOINT_DISABLE": "1",
}
