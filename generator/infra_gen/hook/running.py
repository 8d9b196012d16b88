"""Runs as the generator of `prisma generate`: requests in, answers out, until stdin ends.

Of the toolkit, only `failure`, `version` and the protocol are imported before a request needs more. The schema is read from the
files that the CLI read, by the front end of `infra-gen generate`, so that both make the same bytes; the request's DMMF is for a schema that
is beyond that front end, and the text that it holds beside is left aside.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from infra_gen.hook import protocol
from infra_gen.version import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra_gen.front import Compiled
    from infra_gen.schema.source import SourceFile


def run(requests: IO[bytes], answers: IO[bytes], terminal: IO[str]) -> int:
    """Answers Prisma's requests until there are no more, and answers the process's exit code.

    What is a defect of ours is raised: Prisma shows the stderr of a generator that ends with anything but 0.

    Args:
        requests: the process's stdin.
        answers: its stderr, where Prisma reads.
        terminal: its stdout: what is written there the user sees.
    """
    for line in requests:
        if not line.strip():
            continue
        try:
            request = protocol.read_request(line)
        except protocol.UnreadableRequestError as error:
            answers.write(f"error: {error}\n".encode())
            return 1
        answers.write(_answered(request, terminal))
        answers.flush()
    return 0


def _answered(request: protocol.Request, terminal: IO[str]) -> bytes:
    try:
        match request.method:
            case "getManifest":
                output = None if protocol.names_output(request) else _default_output()
                return protocol.answer(request, protocol.manifest(version(), output))
            case "generate":
                _generate(protocol.read_generate(request), terminal)
                return protocol.answer(request, None)
            case _:
                raise protocol.unknown_method(request)
    except protocol.RefusedRequestError as error:
        return protocol.refusal(request, str(error), error.code)
    except Exception as error:
        from infra_gen.explanation import colored, explanation

        text = explanation(error, color=colored(terminal))
        if text is None:
            raise
        return protocol.refusal(request, text)


def _default_output() -> str:
    """Where `infra-gen generate` would write, were it run here: an absolute path, as Prisma starts from the schema's folder."""
    from pathlib import Path

    from infra_gen.config import default_output

    return str(default_output(Path.cwd()))


def _generate(wanted: protocol.Generate, terminal: IO[str]) -> None:
    from pathlib import Path

    from infra_gen.config import options_folder, read_options
    from infra_gen.generate import generate
    from infra_gen.schema.load import load

    compiled = _compiled(wanted, load(Path(wanted.schema), start=Path.cwd()), terminal)
    _show_warnings(compiled, terminal)
    folder = options_folder(compiled.schema, wanted.generator)
    options = read_options(compiled.schema, schema_folder=folder, generator=wanted.generator)
    generate(compiled.schema, options, schema_folder=Path(compiled.files[0].path).parent.resolve())


def _compiled(wanted: protocol.Generate, files: Sequence[SourceFile], terminal: IO[str]) -> Compiled:
    """By our own parser; where it refuses what Prisma accepted, by what Prisma says of the schema, and a line on stdout tells so."""
    from pathlib import Path

    from infra_gen.front import compile_schema
    from infra_gen.infrastructure_file import read_for
    from infra_gen.plugins.choosing import chosen_by
    from infra_gen.schema.source import SchemaError

    plugins, configuration = chosen_by(generator=wanted.generator), read_for(files, start=Path.cwd())
    try:
        return compile_schema(files, plugins=plugins, configuration=configuration)
    except SchemaError as refused:
        from infra_gen.accepted import compile_accepted
        from infra_gen.explanation import colored

        accepted = compile_accepted(files, wanted.datamodel, refused, plugins=plugins, configuration=configuration)
        head = "\x1b[1;33mwarning\x1b[0m" if colored(terminal) else "warning"
        print(f"{head}: {accepted.warning}", file=terminal, flush=True)
        return accepted.compiled


def _show_warnings(compiled: Compiled, terminal: IO[str]) -> None:
    """On stdout: of stderr, Prisma shows nothing when all goes well."""
    if compiled.warnings:
        from infra_gen.explanation import colored
        from infra_gen.schema.report import render_diagnostics

        print(render_diagnostics(compiled.warnings, color=colored(terminal)), file=terminal, flush=True)
