"""The command line. It parses arguments, calls one function of the toolkit, prints, and turns failures into exit codes.

Exit codes: 0 done, 1 it failed (or `--check` found something), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations


def run() -> int:
    """Runs the command line of this process and answers its exit code."""
    import sys

    from infra_gen.cli import commands
    from infra_gen.cli.app import tree
    from infra_gen.cli.failures import reporting_failures

    return reporting_failures(lambda: commands.run(tree(), sys.argv[1:]))
