"""Generating packages of 40, 150 and 400 models: from nothing, after a change of one model, and after none.

Each is measured as the whole command `infra-gen generate`, from process start to end, and as a run within a process, as `infra-gen watch`
does it when a file has changed: from reading the files to the last file written. Seconds of the fastest of several rounds, and behind
them the seconds of processor time that it took. `INFRA_BENCHMARK_MODELS` names other sizes, as in `400` or `40,400`;
`INFRA_BENCHMARK_SCHEMAS` adds schemas: files or folders, parted as in PATH.
"""

from __future__ import annotations

import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path

from benchmarks.made_schema import made_schema
from infra_gen.cli.generating import generated
from infra_gen.failure import Failure
from infra_gen.memo import Memo, collect, uninterrupted
from infra_gen.schema.load import load
from infra_gen.schema.source import SchemaError

SIZES = "40,150,400"
ROUNDS = 5
MODEL = re.compile(r"^model\s+\w+\s*\{[^\n]*\n", re.MULTILINE)


@dataclass(frozen=True)
class Seconds:
    """Of the clock, and of the processor."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:7.3f} ({self.processor:.3f})"


class Schema:
    """The files of a schema in a folder of their own, in which one model can be changed."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self._folder = folder
        self._number = 0
        for path, text in files.items():
            (folder / "schema" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "schema" / path).write_text(text, encoding="utf-8")
        found = [(path, head) for path, text in files.items() for head in MODEL.finditer(text)]
        self.models = len(found)
        self._path, self._head = found[len(found) // 2]
        self._text = files[self._path]

    @property
    def flags(self) -> dict[str, str]:
        return {"output": "made"}

    def change(self) -> None:
        """Gives a model in the middle another field than it had before."""
        self._number += 1
        at = self._head.end()
        text = f"{self._text[:at]}  more{self._number} Int?\n{self._text[at:]}"
        (self._folder / "schema" / self._path).write_text(text, encoding="utf-8")

    def forget(self) -> None:
        """Removes the package."""
        shutil.rmtree(self._folder / "made", ignore_errors=True)


def measured(work: Callable[[], object], before: Callable[[], object], *, children: bool) -> Seconds:
    """The fastest of several rounds, each after what is to be done before it."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    times = []
    for _ in range(ROUNDS):
        before()
        collect()
        began, used = time.perf_counter(), resource.getrusage(who)
        work()
        took, now = time.perf_counter() - began, resource.getrusage(who)
        times.append((took, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime))
    return Seconds(min(clock for clock, _ in times), min(processor for _, processor in times))


def command() -> None:
    """The whole command."""
    flags = ["--schema", "schema", "--output", "made"]
    subprocess.run([sys.executable, "-m", "infra_gen", "generate", *flags], check=True, capture_output=True)


def measure(schema: Schema) -> list[Seconds]:
    """From nothing, a model changed, nothing changed: the command, then within a process."""
    memo, nothing = Memo(), list[object]

    def run() -> None:
        with uninterrupted():
            generated(Path("schema"), schema.flags, memo=memo)

    def anew() -> None:
        with uninterrupted():
            generated(Path("schema"), schema.flags, memo=Memo())

    return [
        measured(command, schema.forget, children=True),
        measured(command, schema.change, children=True),
        measured(command, nothing, children=True),
        measured(anew, schema.forget, children=False),
        *(measured(run, before, children=False) for before in (schema.change, nothing)),
    ]


@contextmanager
def schema_in_a_folder(files: dict[str, str]) -> Iterator[Schema]:
    """The working folder is the schema's; what is doubtful about it is told nobody."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder), redirect_stderr(io.StringIO()):
        yield Schema(Path(folder), files)


def named_schemas() -> Iterator[tuple[str, dict[str, str]]]:
    """The schemas that the environment names."""
    for path in filter(None, os.environ.get("INFRA_BENCHMARK_SCHEMAS", "").split(os.pathsep)):
        found = Path(path).resolve()
        files = load(found, start=Path.cwd())
        parent = found if found.is_dir() else found.parent
        yield found.parent.name, {str(Path(file.path).resolve().relative_to(parent)): file.text for file in files}


def main() -> None:
    print(
        f"{'':32}the command: from nothing, a model, nothing             in a process: from nothing, a model, nothing"
    )
    sizes = map(int, os.environ.get("INFRA_BENCHMARK_MODELS", SIZES).split(","))
    made = ((f"made, {size}", {"schema.prisma": made_schema(size)}) for size in sizes)
    for name, files in (*made, *named_schemas()):
        try:
            with schema_in_a_folder(files) as schema:
                figures = measure(schema)
        except (Failure, SchemaError) as error:
            print(f"{name:24} is not generated: {error}")
            continue
        print(f"{name[:24]:24} {schema.models:4} {'  '.join(map(str, figures))}", flush=True)


if __name__ == "__main__":
    main()
