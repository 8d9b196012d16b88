"""`check`: the projections of a user's code, ahead of running it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra_gen.cli.failures import failures_as_json, print_json
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
    """
    with failures_as_json(as_json, None):
        from infra_gen.projections import check as check_projections

        checked = check_projections(paths or [Path()])
    findings = checked.findings
    if as_json:
        errors = [
            {"message": item.message, "file": item.file, "line": item.line, "column": item.column} for item in findings
        ]
        print_json({"ok": not findings, "errors": errors, "warnings": [], "projections": checked.projections})
    else:
        for finding in findings:
            typer.echo(str(finding))
        said = f"{count(len(findings), 'error')} in " if findings else ""
        typer.echo(
            f"{said}{count(checked.projections, 'projection')}{'' if findings else ': all fit'}", err=bool(findings)
        )
    if findings:
        raise typer.Exit(1)
