"""`python -m benchmarks` runs every benchmark, `python -m benchmarks NAME …` those named, `--list` says which there are.

The comparison with other libraries is run by its name alone, `python -m benchmarks comparison`, and has options of its own; `--help` tells them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from benchmarks import comparison
from benchmarks.machine import machine, versions


def main(wanted: list[str]) -> int:
    if wanted[:1] == ["comparison"]:
        comparison.main(wanted[1:])
        return 0
    found = {path.stem: path for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))}
    names = [name for name, path in found.items() if "\ndef main() -> None:" in path.read_text(encoding="utf-8")]
    if "--list" in wanted:
        print("\n".join(names))
        return 0
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are {', '.join(names)}.", file=sys.stderr)
        return 2
    print(", ".join([machine(), *map(" ".join, versions().items())]))
    for name in wanted or names:
        module = import_module(f"benchmarks.{name}")
        print(f"\n== {name}: {(module.__doc__ or '').partition(chr(10))[0]}", flush=True)
        module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
