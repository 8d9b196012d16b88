"""The `infra-gen` command and `python -m infra_gen`.

What must start fast is answered here, before the CLI library is imported.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; exits with 0, 1 for what failed, 2 for wrong usage."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from infra_gen.version import version

        print(f"infra-gen {version()}")
        return
    from infra_gen.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
