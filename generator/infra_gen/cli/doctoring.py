"""`doctor` and `version`: what is so, one line each, and what mends it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from infra_gen.cli import console
from infra_gen.cli.migrating.project import FolderOption
from infra_gen.cli.options import JsonOption, SchemaOption, UrlOption
from infra_gen.doctor import installation
from infra_gen.doctor.findings import Finding
from infra_gen.schema.report import ReportedDiagnostic, count

STYLES = {"ok": "32", "warning": "1;33", "problem": "1;31"}


def doctor(
    schema: SchemaOption = None,
    url: UrlOption = None,
    migrations: FolderOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Look at no database.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at the installation, the project and its database: what is wrong, and the command that mends it.

    Exits with 1 where there is a problem.

    Example: `infra-gen doctor --offline`
    """
    from infra_gen.doctor.examination import examine
    from infra_gen.doctor.project import Place

    findings = []
    began = time.perf_counter()
    for finding in examine(Place(Path.cwd(), schema, url, migrations, offline)):
        findings.append(finding)
        _print(finding)
        console.detail(f"{(time.perf_counter() - began) * 1000:.0f} ms")
        began = time.perf_counter()
    problems = [item for item in findings if item.mark == "problem"]
    warnings = [item for item in findings if item.mark == "warning"]
    if as_json:
        console.document(
            {"findings": [_told(item) for item in findings]},
            errors=[_entry(item) for item in problems],
            warnings=[_entry(item) for item in warnings],
        )
    elif not problems:
        console.tell("no problem" + (f", {count(len(warnings), 'warning')}" if warnings else ""))
    else:
        console.refuse(f"{count(len(problems), 'problem')}, {count(len(warnings), 'warning')}")
    raise typer.Exit(1 if problems else 0)


def _print(finding: Finding) -> None:
    say = console.tell if finding.mark == "ok" else console.answer
    mark = console.tinted(f"{finding.mark:<8}", STYLES[finding.mark], sys.stdout)
    say(f"{mark} {finding.check:<10}  {finding}")


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "mark": finding.mark,
        "text": finding.text,
        "command": finding.command,
        "advice": finding.advice,
    }


def _entry(finding: Finding) -> ReportedDiagnostic:
    return console.entry(str(finding), finding.file, finding.line, min(finding.line, 1))


def version(as_json: JsonOption = False) -> None:
    """Print the version, and those of Python and of the libraries beside it: what a report of a defect wants.

    Example: `infra-gen version --json`
    """
    from infra_gen.version import version as own

    python = ".".join(map(str, sys.version_info[:3]))
    names = [name for brought in installation.libraries().values() for name in brought]
    libraries = {name: found for name in names if (found := installation.versions(name)) is not None}
    if as_json:
        console.document({"version": own(), "python": python, "platform": sys.platform, "libraries": libraries})
        return
    console.answer(f"infra-gen {own()}")
    if not console.is_quiet():
        console.answer(f"Python {python} on {sys.platform}")
        for name, found in libraries.items():
            console.answer(f"{name} {found}")
