"""What a change may cost, said before anything runs: a question on a terminal, elsewhere a refusal that names the flag."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from infra_gen.cli import console
from infra_gen.database.planning import Weighed
from infra_gen.failure import Failure

AcceptDataLossOption = Annotated[bool, typer.Option("--accept-data-loss", help="Go on where data would be lost.")]
AcceptLocksOption = Annotated[bool, typer.Option("--accept-locks", help="Go on where big tables are locked for long.")]


def require_consent(weighed: Weighed, *, data_loss: bool, locks: bool, instead: str) -> None:
    """Refuses what rows stand against; asks where values would be lost or big tables locked, unless that is accepted already.

    Args:
        instead: what to do about rows that stand against a change.

    Errors: Failure; typer.Abort where a person says no.
    """
    if weighed.obstacles:
        listed = _listed("The rows in the database stand against this change:", weighed.obstacles)
        raise Failure(f"{listed}\nNothing was changed. {instead}")
    for text in weighed.notes:
        console.note(text)
    for head, lines, accepted, flag in (
        ("Data would be lost:", weighed.losses, data_loss, "--accept-data-loss"),
        ("Big tables would be locked for long:", weighed.locks, locks, "--accept-locks"),
    ):
        if lines and not accepted:
            _ask(_listed(head, lines), flag)
        else:
            for text in lines:
                console.warn(text)


def tell_costs(weighed: Weighed) -> None:
    """What stops a change or wants consent, and what is worth reading: where nothing is run, or nobody was asked."""
    for text in (*weighed.obstacles, *weighed.losses, *weighed.locks):
        console.warn(text)
    for text in weighed.notes:
        console.note(text)


def is_interactive() -> bool:
    """Is there a person to ask?"""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(text: str, flag: str) -> None:
    if not is_interactive():
        raise Failure(f"{text}\nNothing was changed. To go on: {flag}.")
    typer.echo(text, err=True)
    typer.confirm("Go on?", abort=True, err=True)


def _listed(head: str, lines: Sequence[str]) -> str:
    return "\n  - ".join([head, *lines])
