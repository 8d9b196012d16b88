"""`python -m benchmarks comparison`: arguments in, tables out."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.comparison.databases import Database, database, schema_for
from benchmarks.comparison.measuring import CHECK, FULL, QUICK, Cell, Effort, measure, ratio
from benchmarks.comparison.peers import INTERFACES, PEERS, PROVIDERS, REFERENCE, Entry, entries, missing
from benchmarks.comparison.processes import PeerError, PeerProcess, command_of
from benchmarks.comparison.workloads import WORKLOADS, Workload
from benchmarks.made_schema import make_package

MEMORY = Path("/dev/shm")
Names = tuple[str, ...]


def names_of(allowed: Sequence[str], always: Names = ()) -> Any:
    """A kind of argument: some of these names, with commas between them."""

    def read(text: str) -> Names:
        named = tuple(name.strip() for name in text.split(",") if name.strip())
        unknown = [name for name in named if name not in allowed]
        if unknown:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(allowed)}")
        return tuple(name for name in allowed if name in named or name in always)

    return read


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks comparison", description="infra-gen against everything else."
    )
    made.add_argument("--databases", type=names_of(PROVIDERS), default=PROVIDERS, help=", ".join(PROVIDERS))
    made.add_argument("--interfaces", type=names_of(INTERFACES), default=INTERFACES, help=", ".join(INTERFACES))
    made.add_argument("--peers", type=names_of(PEERS, (REFERENCE,)), default=PEERS, help=", ".join(PEERS))
    made.add_argument(
        "--workloads", type=names_of(tuple(WORKLOADS)), default=tuple(WORKLOADS), help=", ".join(WORKLOADS)
    )
    made.add_argument("--rounds", type=int, help=f"how often each peer is measured, {FULL.rounds} times by default")
    made.add_argument("--quick", action="store_true", help="few and short rounds: figures to look at, not to publish")
    made.add_argument("--check", action="store_true", help="compare what peers answer and write, and time nothing")
    return made


def main(arguments: Sequence[str] = ()) -> None:
    given = parser().parse_args(arguments)
    effort: Effort = CHECK if given.check else QUICK if given.quick else FULL
    if given.rounds is not None:
        effort = replace(effort, rounds=given.rounds, heavy_rounds=min(given.rounds, effort.heavy_rounds))
    # In memory, where there is a folder for that: waiting for the disk would hide what is measured.
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        for provider in given.databases:
            make_package(schema_for(provider), Path(name), f"comparison_{provider}")
            try:
                with database(provider, Path(name)) as made:
                    for interface in given.interfaces:
                        compare(provider, interface, given, made, Path(name), effort)
            except OSError as error:
                print(error, file=sys.stderr)


def compare(
    provider: str, interface: str, given: argparse.Namespace, made: Database, folder: Path, effort: Effort
) -> None:
    print(f"\n{made.version}, {interface}")
    with ExitStack() as stack:

        def started(entry: Entry) -> PeerProcess:
            process = PeerProcess(entry, command_of(entry, provider, made.url, folder))
            stack.callback(process.close)
            return process

        peers = []
        for entry in entries(provider, interface, given.peers):
            reason = missing(entry, provider)
            try:
                if reason is None:
                    peers.append(started(entry))
            except (PeerError, OSError) as error:
                reason = str(error)
            if reason is not None and entry.peer == REFERENCE:
                raise OSError(f"nothing to compare with on {provider}, {interface}: {reason}")
            if reason is not None:
                print(f"  {entry.title}: left out, {reason}")
        reader = started(next(entries(provider, "sync", (REFERENCE,))))
        for name in given.workloads:
            cells, failed = measure(WORKLOADS[name], peers, reader, made, effort)
            report(WORKLOADS[name], cells, failed)


def report(workload: Workload, cells: list[Cell], failed: dict[str, str]) -> None:
    print(f"  {workload.title}", flush=True)
    for line in lines(workload, cells):
        print(f"    {line}")
    for peer, reason in failed.items():
        print(f"    {peer}: {reason}", flush=True)


def lines(workload: Workload, cells: list[Cell]) -> Iterator[str]:
    reference = cells[0]
    for cell in cells if reference.seconds else ():
        yield (
            f"{cell.peer:<12} {statistics.median(cell.seconds) * 1e6:12.1f} µs {ratio(cell, reference):6.2f}×   cpu "
            f"{statistics.median(cell.cpu) * 1e6:12.1f} µs {ratio(cell, reference, cpu=True):6.2f}×   {cell.blocks} blocks, {cell.peak} bytes at most"
        )
