"""The package of a schema beside the client that Prisma Client Python, which is archived, generates of it: lines, import, memory.

    python -m benchmarks.archived_client [schema.prisma]

The schema is that of the demo by default. Needs the extra `prisma`. The client is imported and made, with the repositories of all models,
not connected, in a process of its own; libraries are imported before the clock runs. Figures are the best of several processes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.made_schema import make_package

DEMO = Path(__file__).parents[1] / "schema.prisma"
PROCESSES = 3
GENERATOR = """
generator client {
  provider             = "prisma-client-py"
  interface            = "sync"
  recursive_type_depth = -1
  output               = "./archived"
  enable_experimental_decimal = true
}
"""
_MEASURE = """
import json, time, {libraries}

def used():
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024

memory, processor = used(), time.process_time()
{make}
print(json.dumps([time.process_time() - processor, used() - memory]))
"""
OURS = (
    "pydantic, sqlalchemy, infra_runtime.infrastructure, infra_runtime.rows",
    "from db import SyncInfrastructure\ninfra = SyncInfrastructure(url=URL)\n[getattr(infra, model.attribute) for model in infra.schema.models]",
)
THEIRS = ("pydantic, httpx", "from archived import Prisma\nPrisma()")
URL = "postgresql://user@localhost/none"


def client_schema(text: str) -> str:
    """The schema as version 5 of Prisma reads it, for PostgreSQL, with one generator."""
    models = re.sub(r"^(generator|datasource)\s+\w+\s*\{.*?^\}\n", "", text, flags=re.DOTALL | re.MULTILINE)
    return f'datasource db {{\n  provider = "postgresql"\n  url      = "{URL}"\n}}\n{GENERATOR}{models}'


def generate(folder: Path) -> None:
    """Generates the archived client. It needs no engine, but looks whether one is there."""
    engine = shutil.which("false") or sys.executable
    engines = {"PRISMA_QUERY_ENGINE_BINARY": engine, "PRISMA_SCHEMA_ENGINE_BINARY": engine}
    paths = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])}
    command = [sys.executable, "-m", "prisma", "generate", "--schema", "schema.prisma"]
    subprocess.run(command, cwd=folder, env={**os.environ, **engines, **paths}, check=True, capture_output=True)


def measured(code: tuple[str, str], folder: Path) -> tuple[float, float]:
    """Seconds of processor, and MB."""
    libraries, make = code
    program = _MEASURE.format(libraries=libraries, make=make.replace("URL", repr(URL)))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    found = []
    for _ in range(PROCESSES + 1):  # The first writes byte code.
        command = [sys.executable, "-c", program]
        answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        found.append(json.loads(answer.stdout))
    return min(seconds for seconds, _ in found), min(memory for _, memory in found)


def measure(text: str, folder: Path) -> None:
    """Prints the figures of a schema."""
    schema = client_schema(text)
    (folder / "schema.prisma").write_text(schema, encoding="utf-8")
    make_package(schema.replace(GENERATOR, ""), folder)
    generate(folder)
    for title, package, code in (("infra-gen", "db", OURS), ("Prisma Client Python", "archived", THEIRS)):
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (folder / package).rglob("*.py"))
        seconds, memory = measured(code, folder)
        print(
            f"{title:22} {lines:9,} lines   import and client {seconds * 1000:8.0f} ms of processor, {memory:7.1f} MB"
        )


def main() -> None:
    if find_spec("prisma") is None:
        print("Left out: Prisma Client Python is not installed (infra-gen[prisma]).")
        return
    schema = Path(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].endswith(".prisma") else DEMO
    with tempfile.TemporaryDirectory() as folder:
        try:
            measure(schema.read_text(encoding="utf-8"), Path(folder))
        except subprocess.CalledProcessError as error:
            words = str(error.stderr or b"", "utf-8") if isinstance(error.stderr, bytes) else error.stderr
            print(f"Left out: {' '.join((words or str(error)).split())[-300:]}")


if __name__ == "__main__":
    main()
