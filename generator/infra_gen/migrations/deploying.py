"""What stands between a folder of migrations and a database, and bringing the database up to the folder.

A migration that failed stops everything until a person has said what became of it (`resolve`); none is ever applied over it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra_gen.failure import Failure
from infra_gen.migrations.folder import Migration, MigrationsFolder
from infra_gen.migrations.history import Applied, History
from infra_gen.migrations.sessions import ScriptError, Session


@dataclass(frozen=True, slots=True)
class Status:
    """How a folder and a history compare.

    `pending` are in the folder alone, `missing` in the history alone; `edited` were changed after they had been applied.
    """

    applied: tuple[str, ...]
    pending: tuple[Migration, ...]
    failed: tuple[Applied, ...]
    edited: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_up_to_date(self) -> bool:
        return not (self.pending or self.failed or self.missing or self.edited)


def status(folder: MigrationsFolder, rows: list[Applied]) -> Status:
    """Compares. Pure."""
    done = {row.name: row for row in rows if row.finished and not row.rolled_back}
    known = {migration.name for migration in folder.migrations}
    return Status(
        applied=tuple(migration.name for migration in folder.migrations if migration.name in done),
        pending=tuple(migration for migration in folder.migrations if migration.name not in done),
        failed=tuple(row for row in rows if row.failed and row.name not in done),
        edited=tuple(
            migration.name
            for migration in folder.migrations
            if migration.name in done and done[migration.name].checksum != migration.checksum
        ),
        missing=tuple(name for name in done if name not in known),
    )


class MigrationFailed(Failure):
    """A migration that its database refused; the history says so."""

    def __init__(self, migration: Migration, error: ScriptError) -> None:
        self.migration = migration
        where = migration.place(error.statement)
        code = f" ({error.code})" if error.code else ""
        statement = "\n\n    " + error.statement.text.replace("\n", "\n    ") if error.statement else ""
        super().__init__(
            f"{where}: the database refused this migration{code}: {error.message}.{statement}\n\n"
            "No later migration is applied until this one is resolved. When the database is as it was before it: "
            f"infra-gen migrate resolve --rolled-back {migration.name}, then mend the file and deploy again. "
            f"When you have finished its work by hand: infra-gen migrate resolve --applied {migration.name}.",
            file=str(migration.path),
            line=error.statement.line if error.statement else 0,
        )


def refuse_failed(found: Status) -> None:
    """Errors: Failure where a migration failed and was not resolved."""
    if not found.failed:
        return
    row = found.failed[0]
    said = f" The database said: {row.logs.strip()}" if row.logs and row.logs.strip() else ""
    raise Failure(
        f"The migration {row.name} began and did not finish.{said} Nothing was changed. See what it left in the database, then say which it "
        f"is: infra-gen migrate resolve --rolled-back {row.name}, or infra-gen migrate resolve --applied {row.name}."
    )


def deploy(
    folder: MigrationsFolder,
    session: Session,
    provider: str,
    *,
    is_empty: Callable[[], bool],
    progress: Callable[[int, int, str], None] = lambda done, of, name: None,
) -> tuple[str, ...]:
    """Applies what is pending, in order. The session holds the lock on migrations.

    Args:
        is_empty: has the database no tables? Asked only where there is no history yet.
        progress: told before each migration how many are done, of how many, and its name; and once more at the end.

    Returns: the names of what was applied.

    Errors: MigrationFailed for the first that the database refuses; Failure where an earlier one failed, or the database has tables of
    which no history tells.
    """
    history = History(session, provider)
    found = status(folder, history.rows())
    refuse_failed(found)
    if not found.pending:
        return ()
    if not history.exists():
        if not is_empty():
            first = folder.migrations[0].name
            raise Failure(
                "The database has tables, and no history of migrations. Nothing was changed. If the first migrations describe what is there, "
                f"say so for each of them, as in infra-gen migrate resolve --applied {first}; then deploy again."
            )
        history.create()
    for number, migration in enumerate(found.pending):
        progress(number, len(found.pending), migration.name)
        apply(migration, session, history)
    progress(len(found.pending), len(found.pending), "")
    return tuple(migration.name for migration in found.pending)


def apply(migration: Migration, session: Session, history: History) -> None:
    """Runs one migration and notes it. Errors: MigrationFailed."""
    key = history.start(migration.name, migration.checksum)
    try:
        session.script(migration.script)
    except ScriptError as error:
        history.fail(key, f"{error.code} {error.message}".strip())
        raise MigrationFailed(migration, error) from error
    history.finish(key)


def resolve_rolled_back(name: str, history: History) -> None:
    """Says that what a failed migration did is undone. Errors: Failure where none of this name failed."""
    rows = [row for row in history.rows() if row.name == name]
    if not rows:
        raise Failure(f"The history holds no migration {name}: nothing was begun that could be rolled back.")
    if not any(row.failed for row in rows):
        state = "was applied" if any(row.finished and not row.rolled_back for row in rows) else "is rolled back already"
        raise Failure(f"The migration {name} {state}: only one that failed can be marked as rolled back.")
    history.mark_rolled_back(name)


def resolve_applied(migration: Migration, history: History) -> None:
    """Says that a database has what a migration makes. Errors: Failure where the history says so already."""
    rows = [row for row in history.rows() if row.name == migration.name]
    if any(row.finished and not row.rolled_back for row in rows):
        raise Failure(f"The migration {migration.name} is marked as applied already.")
    if not history.exists():
        history.create()
    if any(row.failed for row in rows):
        history.mark_rolled_back(migration.name)
    history.mark_applied(migration.name, migration.checksum)
