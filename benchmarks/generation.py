"""Generating packages of 40, 150 and 400 models: the command, the steps within a process, and runs after a change there.

The command is `infra-gen generate` into an empty folder, its wall time from process start to end; the steps are the best of several rounds.
A run after a change begins with the schema's text: parsed and checked, planned, rendered, compared with the files and written.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.made_schema import compiled, made_schema, make_package
from infra_gen.config import Options
from infra_gen.generate import files_of
from infra_gen.generate.write import write

SIZES = (40, 150, 400)
ROUNDS = 3


def best(work: Callable[[], Any]) -> float:
    """The seconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def command(schema: str, *, again: bool) -> float:
    """The seconds of the whole command in a folder without output, or `again` where all is as it should be."""
    times = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "schema.prisma").write_text(schema, encoding="utf-8")
            took = 0.0
            for _ in range(2 if again else 1):
                began = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "infra_gen", "generate"], cwd=folder, check=True, capture_output=True
                )
                took = time.perf_counter() - began
            times.append(took)
    return min(times)


def written(files: dict[str, str]) -> None:
    """Writes a package into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "db", files)


def after(text: Callable[[int], str]) -> float:
    """The seconds of a run within this process that follows another. `text` answers the schema of each run, the first is 0."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        make_package(text(0), Path(folder))
        for number in range(1, ROUNDS + 1):
            schema = text(number)
            began = time.perf_counter()
            make_package(schema, Path(folder))
            times.append(time.perf_counter() - began)
    return min(times)


def same(text: str, number: int) -> str:
    """A schema that stays."""
    return text


def with_field(text: str, number: int) -> str:
    """A schema in which one model changes from run to run."""
    return text.replace("model Entity5 {", f"model Entity5 {{\n  more{number} Int")


def main() -> None:
    print("models   command   again     parse and resolve   render     write   nothing   a model     size")
    for size in SIZES:
        text = made_schema(size)
        schema = compiled(text)
        files = files_of(schema, Options())
        parse, render = best(partial(compiled, text)), best(partial(files_of, schema, Options()))
        print(
            f"{size:6} {command(text, again=False):7.2f} s {command(text, again=True):7.2f} s {parse:13.2f} s "
            f"{render:14.2f} s {best(partial(written, files)):7.2f} s "
            f"{after(partial(same, text)):7.3f} s {after(partial(with_field, text)):7.3f} s "
            f"{sum(map(len, files.values())) / 1e6:6.1f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
