"""infra-gen against drivers by hand, other libraries and Prisma: the same work on the same rows, on every database, by both interfaces.

    python -m benchmarks comparison [--databases sqlite,postgresql,mysql] [--interfaces sync,async] [--peers …] [--workloads …]
                                    [--rounds N] [--quick] [--check] [--write | --remake]

All ratios are to *by hand*: what an expert writes on the driver alone to get the same rows of the same classes. `workloads` is the table of
what is measured, `peers` the table of who is; each peer is a process of its own that does what it is asked over a pipe (`worker`), so that
nobody's imports or garbage disturb others. On a busy machine look at the processor's time, and let `--rounds` be many.
Before anything is timed, what a peer answers and writes is compared with the reference; `--check` does nothing else. `--write` puts the
results into `docs/benchmarks.md`. Peers are the extra `bench`, and Prisma's own client; what is not installed is left out.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] = ()) -> None:
    """Runs the comparison. See `command`."""
    from benchmarks.comparison.command import main as run

    run(arguments)
