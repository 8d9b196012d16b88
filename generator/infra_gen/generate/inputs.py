"""All that the bytes of a package depend on, as one digest: where it is the last run's, and the files are as that run left them, there is nothing to do.

What a package is made from has its place here: who lets something else decide its bytes adds it. Plug-ins are programs, which may read
anything, so that of a package with plug-ins nothing can be said. May import `config`, `generate`'s digests and versions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra_gen.config import Options
from infra_gen.generate.layout import black_version
from infra_gen.generate.memory import digest
from infra_gen.generate.reading import content
from infra_gen.generate.toolkit import toolkit


def inputs(
    files: Sequence[tuple[str, str]], options: Options, schema_folder: Path, configuration: object
) -> str | None:
    """The digest; None where it cannot be said.

    Args:
        files: the schema's, each with its path and its text.
        schema_folder: where `file:` URLs start.
        configuration: what infrastructure.config.yml says; `repr` shows all of it that is no secret.
    """
    if options.plugins:
        return None
    # Relative to the output, as it is in the package: who moves a project moves what it was made from, too.
    folder = os.path.relpath(schema_folder, options.output)
    try:
        templates = tuple(_templates(options.templates))
    except OSError:
        return None
    return digest(
        toolkit(),
        repr((options.plan, folder, configuration, len(files))),
        *(part for file in files for part in file),
        *templates,
    )


def _templates(folder: Path | None) -> Iterator[str]:
    """The user's templates and whatever they may include; what they make, black lays out."""
    if folder is None:
        return
    yield black_version()
    yield str(folder.is_dir())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path.relative_to(folder).as_posix()
        yield content(os.fspath(path)).decode("latin-1")
