"""The `infra-gen` command and `python -m infra_gen`.

What must start fast is answered here, before the CLI library is imported: the version, and Prisma's CLI when it runs us as a generator.
And what can end it at any moment is caught here: an interrupt from the keyboard, a reader of the output that has gone.
"""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130
"""What shells answer for a command that Ctrl-C ended: 128 + SIGINT."""


def main() -> None:
    """Runs the command line; exits with 0, 1 for what failed, 2 for wrong usage, 130 when interrupted."""
    try:
        code = _run(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        code = 1
        if not isinstance(error, BrokenPipeError):
            place = error.filename or "The output"
            print(f"error: {place} cannot be read or written: {error.strerror}.", file=sys.stderr)
        # Python flushes once more while it shuts down: into nothing, as nobody can read it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from infra_gen.version import version

        print(f"infra-gen {version()}")
        return 0
    if not arguments and os.environ.get("PRISMA_GENERATOR_INVOCATION"):
        from infra_gen.hook import running

        return running.run(sys.stdin.buffer, sys.stderr.buffer, sys.stdout)
    from infra_gen.cli import run

    return run()


if __name__ == "__main__":
    main()
