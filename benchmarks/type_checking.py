"""`mypy --strict` on code that uses the package of 100 models: without a cache, with one, and with one error of each kind.

Times are the clock's and the processor's. An error must not take longer than its absence: types that refer to each other are never spelt out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.made_schema import made_schema, make_package

MODELS = 100
PATIENCE = 120
"""The seconds after which a run is given up."""
ROOT = Path(__file__).parents[1]

_HEAD = "from db import Infrastructure\n\nasync def use(infra: Infrastructure) -> None:\n    "
_LINES = {
    "no error": "await infra.entity5.find_many()",
    "unknown key": 'await infra.entity5.find_many(where={"nmae": "x"})',
    "unknown key, nested": 'await infra.entity5.find_many(where={"tags": {"some": {"previous": {"none": {"nmae": "x"}}}}})',
    "wrong type": 'await infra.entity5.find_many(where={"name": 3})',
    "wrong enum": 'await infra.entity5.find_many(where={"status": "OPENED"})',
    "unknown relation in include": 'await infra.entity5.find_many(include={"tagz": True})',
    "the same, nested": 'await infra.entity5.find_many(include={"tags": {"include": {"tagz": True}}})',
    "missing key of create": 'await infra.entity5.create(data={"name": "x"})',
    "missing key of create, nested": 'await infra.entity5.create(data={"name": "x", "code": "x", "tags": {"create": [{"name": "x"}]}})',
    "unknown key of update": 'await infra.entity5.update(data={"nmae": "x"}, where={"id": 1})',
    "order": 'await infra.entity5.find_many(order={"nmae": "asc"})',
    "distinct": 'await infra.entity5.find_many(distinct=["nmae"])',
    "cursor": 'await infra.entity5.find_many(cursor={"nmae": "x"})',
    "count": 'await infra.entity5.count(where={"nmae": "x"})',
    "group_by": 'await infra.entity5.group_by(["nmae"])',
    "query, no error": 'await infra.entity5.query().where(name="x").include("tags").order_by(name="asc").limit(3).all()',
    "query: unknown key": 'await infra.entity5.query().where(nmae="x").all()',
    "query: unknown key of a dict": 'await infra.entity5.query().where({"nmae": "x"}).all()',
    "query: unknown key, nested": 'await infra.entity5.query().where(tags={"some": {"previous": {"none": {"nmae": "x"}}}}).all()',
    "query: wrong type": "await infra.entity5.query().where(name=3).all()",
    "query: unknown relation": 'await infra.entity5.query().include("tagz").all()',
    "query: unknown relation, with arguments": 'await infra.entity5.query().include(tagz={"take": 3}).all()',
    "query: order": 'await infra.entity5.query().order_by(nmae="asc").all()',
    "query: unknown key of update": 'await infra.entity5.query().update(nmae="x")',
    "query of a class": "from db import Entity5; await infra.query(Entity5).where(nmae=3).all()",
    "another model's input": "from db.types.entity6 import Entity6Where; where: Entity6Where = {}; await infra.entity5.find_many(where=where)",
}


def check(folder: Path) -> str:
    """Runs mypy and answers its times and what it says first."""
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", ".mypy", "use.py"]
    began, used = time.perf_counter(), os.times()
    try:
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"more than {PATIENCE} s"
    now = os.times()
    processor = now.children_user + now.children_system - used.children_user - used.children_system
    said = ran.stdout.partition("\n")[0].removeprefix("use.py:4: ")
    return f"{time.perf_counter() - began:6.1f} s, {processor:5.1f} s of processor   {said[:110]}"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_package(made_schema(MODELS), folder)
        sources = ":".join(str(ROOT / part) for part in ("generator", "templates", "runtime"))
        (folder / "mypy.ini").write_text(f"[mypy]\nstrict = true\nmypy_path = {sources}\n", encoding="utf-8")
        for kind, line in {"no error, without a cache": _LINES["no error"], **_LINES}.items():
            (folder / "use.py").write_text(f"{_HEAD}{line}\n", encoding="utf-8")
            print(f"{kind:30} {check(folder)}", flush=True)


if __name__ == "__main__":
    main()
