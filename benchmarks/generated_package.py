"""The packages of schemas of 20 to 300 models: what importing them, the first answer and their memory cost.

Each figure is the best of several new processes. The database is SQLite, one file.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.made_schema import compiled, make_package
from benchmarks.realistic_schema import SCHEMAS
from infra_gen.database.ddl import statements

PROCESSES = 7

_IMPORT = """
import sys, time, json
import pydantic, pydantic_core, infra_runtime.infrastructure, infra_runtime.rows
before = set(sys.modules)
began = time.perf_counter()
from db import SyncInfrastructure
SyncInfrastructure
seconds = time.perf_counter() - began
print(json.dumps([seconds, [name for name in ("sqlalchemy", "jinja2", "black", "db.types") if name in sys.modules]]))
"""

_ANSWER = """
from db import SyncInfrastructure
with SyncInfrastructure(url="file:./bench.db") as infra:
    print(infra.entity5.find_first(where={"name": "x"}))
"""

_MEMORY = """
import json
import pydantic, sqlalchemy, sqlalchemy.dialects.sqlite, infra_runtime.infrastructure, infra_runtime.rows, infra_runtime.compiler

def used():
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024

libraries = used()
from db import SyncInfrastructure
imported = used()
with SyncInfrastructure(url="file:./bench.db") as infra:
    for model in infra.schema.models:
        getattr(infra, model.attribute)
    touched = used()
    for model in infra.schema.models:
        getattr(infra, model.attribute).find_first()
    asked = used()
print(json.dumps([libraries, imported - libraries, touched - libraries, asked - libraries]))
"""


def run(code: str, folder: Path) -> str:
    """What a new process prints; it may keep byte code, as processes of users do."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def make_database(schema: str, folder: Path) -> None:
    connection = sqlite3.connect(folder / "bench.db")
    for statement in statements(compiled(schema)):
        connection.execute(statement)
    connection.commit()
    connection.close()


def seconds_of(code: str, folder: Path) -> str:
    """The times of whole processes: the clock's, and the processor's, which a busy machine changes less."""
    clock, processor = [], []
    for _ in range(PROCESSES):
        began, used = time.perf_counter(), os.times()
        run(code, folder)
        clock.append(time.perf_counter() - began)
        now = os.times()
        processor.append(now.children_user + now.children_system - used.children_user - used.children_system)
    return f"{min(clock) * 1000:8.1f} ms, {min(processor) * 1000:.0f} ms of processor"


def measure(schema: str, folder: Path) -> None:
    """Prints the figures of a schema's package; it is made in `folder`, and has a model `Entity5`."""
    make_package(schema, folder)
    make_database(schema, folder)
    run(_ANSWER, folder)  # Byte code is written once.
    imports = [json.loads(run(_IMPORT, folder)) for _ in range(PROCESSES)]
    print(
        f"import of package and client, libraries not counted   {min(seconds for seconds, _ in imports) * 1000:8.1f} ms"
    )
    print(f"  of sqlalchemy, jinja2, black, db.types it imports   {', '.join(imports[0][1]) or 'nothing'}")
    print(f"process start to first answer                         {seconds_of(_ANSWER, folder)}")
    bare = seconds_of("import pydantic, sqlalchemy", folder)
    print(f"  a process that imports pydantic and sqlalchemy only {bare}")
    if sys.platform == "linux":
        libraries, imported, touched, asked = json.loads(run(_MEMORY, folder))
        print(f"memory of the libraries                               {libraries:8.1f} MB")
        print(f"  package and client imported                        +{imported:8.1f} MB")
        print(f"  every repository touched                           +{touched:8.1f} MB")
        print(f"  every model queried once                           +{asked:8.1f} MB")


def main() -> None:
    for title, schema in SCHEMAS.items():
        with tempfile.TemporaryDirectory() as folder:
            print(title)
            measure(schema, Path(folder))


if __name__ == "__main__":
    main()
