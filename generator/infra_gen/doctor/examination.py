"""All checks, in the order in which one builds on another. A check whose ground is missing is left out: what is missing has been told."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from infra_gen.doctor import database, history, installation, prisma, project
from infra_gen.doctor.findings import Finding, guarded
from infra_gen.doctor.project import Place
from infra_gen.migrations.folder import MigrationsFolder

Ground = TypeVar("Ground")


def examine(place: Place) -> Iterator[Finding]:
    """Looks at everything, and tells each finding as soon as it is known."""
    yield from guarded("python", installation.python)
    yield from guarded("toolkit", installation.toolkit)
    yield from guarded("extras", installation.extras)
    sources = yield from _grounded("config", lambda: project.sources(place))
    compiled = None
    if sources is not None:
        compiled = yield from _grounded("schema", lambda: project.schema(place, sources))
    if compiled is not None:
        yield from guarded("driver", lambda: installation.driver(compiled.schema.datasource.provider))
        options = yield from _grounded("options", lambda: project.options(place, compiled))
        yield from guarded("generator", lambda: project.block(compiled))
        if options is not None:
            yield from guarded("package", lambda: project.package(place, compiled, options))
    yield from guarded("prisma", lambda: prisma.prisma(place.here, compiled.schema if compiled else None))
    if compiled is None or place.offline:
        return
    found = yield from _grounded("migrations", lambda: history.folder(place, compiled))
    folder = found or MigrationsFolder(history.path_of(place, compiled), (), None)
    reached = yield from _grounded("database", lambda: database.reach(place, compiled, folder))
    if reached is None:
        return
    yield from guarded("privileges", lambda: database.privileges(reached))
    if found is None:
        return
    said = yield from _collected(guarded("migrations", lambda: history.migrations(reached, folder)))
    if history.are_applied(said):
        yield from guarded("tables", lambda: database.tables(reached, folder))


def _grounded(
    check: str, look: Callable[[], tuple[Ground | None, Finding | None]]
) -> Generator[Finding, None, Ground | None]:
    """What later checks stand on; None where there is none, or looking for it crashed."""
    ground: Ground | None = None

    def looked() -> Iterator[Finding]:
        nonlocal ground
        ground, finding = look()
        if finding is not None:
            yield finding

    yield from guarded(check, looked)
    return ground


def _collected(findings: Iterator[Finding]) -> Generator[Finding, None, list[Finding]]:
    """Tells findings, and keeps them."""
    kept = []
    for finding in findings:
        kept.append(finding)
        yield finding
    return kept
