"""The schemas whose formatted text is kept beside them: a file, or a folder of files that are one schema."""

from __future__ import annotations

from pathlib import Path

from infra_gen.schema.source import SourceFile

FOLDER = Path(__file__).parent / "cases"
CASES = tuple(sorted(path for path in FOLDER.iterdir() if path.suffix == ".prisma" or path.is_dir()))


def schema_files(case: Path) -> tuple[SourceFile, ...]:
    """The files of a case, line ends as they are."""
    paths = sorted(case.glob("*.prisma")) if case.is_dir() else [case]
    return tuple(SourceFile(path.as_posix(), path.read_bytes().decode()) for path in paths)
