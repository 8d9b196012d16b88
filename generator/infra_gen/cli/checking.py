"""`check`: the projections of a user's code, ahead of running it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra_gen.cli import console
from infra_gen.cli.options import JsonOption
from infra_gen.schema.report import count


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATHS]", help="Files and folders of Python code. Default: here.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check all projections in Python code against their models: each error with its place; exit 1 where there are any.

    The modules that declare projections are imported, and no others.

    Example: `infra-gen check app`
    """
    from infra_gen.projections import check as check_projections

    looked_at = paths or [Path()]
    with console.phase("the projections were checked"):
        checked = check_projections(looked_at)
    console.detail("code: " + ", ".join(map(str, looked_at)))
    findings = checked.findings
    if as_json:
        errors = [console.entry(item.message, item.file, item.line, item.column) for item in findings]
        console.document({"projections": checked.projections}, errors=errors)
    elif findings:
        for finding in findings:
            console.answer(str(finding))
        console.refuse(f"{count(len(findings), 'error')} in {count(checked.projections, 'projection')}")
    else:
        console.tell(f"{count(checked.projections, 'projection')}: all fit")
    if findings:
        raise typer.Exit(1)
