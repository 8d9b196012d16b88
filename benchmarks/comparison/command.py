"""`python -m benchmarks comparison`: arguments in, tables out."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.comparison.databases import Database, database, schema_for
from benchmarks.comparison.measuring import CHECK, FULL, QUICK, Effort, measure
from benchmarks.comparison.page import publish
from benchmarks.comparison.peers import (
    DISTRIBUTIONS,
    INTERFACES,
    PEERS,
    PROVIDERS,
    REFERENCE,
    Entry,
    entries,
    missing,
    prisma,
)
from benchmarks.comparison.processes import PeerError, PeerProcess, command_of
from benchmarks.comparison.results import Row, Table, figures_of
from benchmarks.comparison.tables import lines
from benchmarks.comparison.workloads import WORKLOADS
from benchmarks.machine import machine, versions
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
    made.add_argument("--write", action="store_true", help="put the results into docs/benchmarks.md and its figures")
    made.add_argument(
        "--remake", action="store_true", help="measure nothing, and make the page of the last results anew"
    )
    return made


def main(arguments: Sequence[str] = ()) -> None:
    given = parser().parse_args(arguments)
    effort: Effort = CHECK if given.check else QUICK if given.quick else FULL
    if given.rounds is not None:
        effort = replace(effort, rounds=given.rounds, heavy_rounds=min(given.rounds, effort.heavy_rounds))
    if given.remake:
        publish([])
        return
    # In memory, where there is a folder for that: waiting for the disk would hide what is measured.
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        for provider in given.databases:
            make_package(schema_for(provider), Path(name), f"comparison_{provider}")
            try:
                with database(provider, Path(name)) as made:
                    for interface in given.interfaces:
                        table = compared(provider, interface, given, made, Path(name), effort)
                        if given.write and not given.check:
                            publish([table])
            except (OSError, PeerError) as error:
                print(error, file=sys.stderr)


def compared(
    provider: str, interface: str, given: argparse.Namespace, made: Database, folder: Path, effort: Effort
) -> Table:
    """Compares all peers on a database by an interface, and prints each workload when it is done.

    Raises:
        OSError: there is no reference.
    """
    print(f"\n{made.version}, {interface}", flush=True)
    left_out: dict[str, str] = {}
    rows: list[Row] = []
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
                left_out[entry.title] = reason
                print(f"  {entry.title}: left out, {reason}")
        reader = started(next(entries(provider, "sync", (REFERENCE,))))
        titles = {peer.entry.peer: peer.entry for peer in peers}
        for name in given.workloads:
            cells, failed = measure(WORKLOADS[name], peers, reader, made, effort)
            figures = tuple(figures_of(cell, titles[cell.peer]) for cell in cells if cell.seconds)
            rows.append(Row(name, figures, {titles[peer].title: reason for peer, reason in failed.items()}))
            report(rows[-1])
    return Table(
        provider=provider,
        interface=interface,
        database=made.version,
        date=datetime.now(UTC).date().isoformat(),
        load=os.getloadavg()[0],
        rounds=effort.rounds,
        machine=machine(),
        versions=versions(DISTRIBUTIONS) | prisma.versions(),
        rows=tuple(rows),
        left_out=left_out,
    )


def report(row: Row) -> None:
    print(f"  {WORKLOADS[row.workload].title}")
    for line in lines(row):
        print(f"    {line}")
    for title, reason in row.failed.items():
        print(f"    {title}: {reason.splitlines()[0]}")
    sys.stdout.flush()
