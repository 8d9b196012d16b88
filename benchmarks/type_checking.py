"""Checkers on code that uses the packages of schemas of 20 to 300 models: from nothing, with a cache, and with one error; on one of them with each kind.

Times are the clock's and the processor's. An error must not take longer than its absence: types that refer to each other are never spelt out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.made_schema import make_package
from benchmarks.realistic_schema import SCHEMAS

ERRORS = "50 models, each leads to every other"
"""The schema on which every kind of error is timed."""
FEW = ("no error", "unknown key, nested")
"""What is timed on the others."""
PATIENCE = 1200
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


_TOOLS = {
    "mypy": [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", ".mypy", "use.py"],
    "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable],
}


def check(tool: str, folder: Path) -> str:
    """Runs a checker and answers its times and what it says first."""
    began, used = time.perf_counter(), os.times()
    try:
        ran = subprocess.run(_TOOLS[tool], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"more than {PATIENCE} s"
    now = os.times()
    processor = now.children_user + now.children_system - used.children_user - used.children_system
    said = (ran.stdout or ran.stderr).strip().partition("\n")[0].removeprefix("use.py:4: ")
    return f"{time.perf_counter() - began:6.1f} s, {processor:5.1f} s of processor   {said[:110]}"


def prepare(schema: str, folder: Path) -> None:
    """Makes the package of a schema, and what the checkers want to know beside it."""
    make_package(schema, folder)
    sources = [str(ROOT / part) for part in ("generator", "templates", "runtime")]
    settings = f"[mypy]\nstrict = true\nmypy_path = {':'.join(sources)}\n"
    (folder / "mypy.ini").write_text(settings, encoding="utf-8")
    (folder / "pyrightconfig.json").write_text(
        json.dumps({"include": ["use.py"], "extraPaths": sources, "pythonVersion": "3.11"}), encoding="utf-8"
    )


def main() -> None:
    for title, schema in SCHEMAS.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prepare(schema, folder)
            kinds = _LINES if title == ERRORS else {kind: _LINES[kind] for kind in FEW}
            for kind, line in {"no error, without a cache": _LINES["no error"], **kinds}.items():
                (folder / "use.py").write_text(f"{_HEAD}{line}\n", encoding="utf-8")
                for tool in _TOOLS:
                    print(f"{title}, {tool:7}  {kind:30} {check(tool, folder)}", flush=True)


if __name__ == "__main__":
    main()
