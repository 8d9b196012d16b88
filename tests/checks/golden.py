"""The golden cases: a schema in `cases/<name>.prisma`, what the checks say of it in `cases/<name>.txt`.

    python -m tests.checks.golden       # writes every .txt anew; look at the difference before committing it

A line of a golden file is `file:line:column severity: message`; a schema that is accepted has an empty one.
"""

from __future__ import annotations

from pathlib import Path

from infra_gen.checks import check
from infra_gen.schema.parser import parse
from infra_gen.schema.source import Diagnostic, SourceFile

FOLDER = Path(__file__).parent / "cases"


def schemas() -> list[Path]:
    """The schemas of all cases."""
    return sorted(FOLDER.glob("*.prisma"))


_OWN_ANSWERS = (
    *("refused_", "directives_", "accepted_directives"),
    *("datasource_ill_formed", "datasource_shadow_database", "numbers_that_no_float_holds"),
)
"""How the names of cases begin that Prisma's parser does not read as the toolkit does: refused databases, directives, connections
in the schema (which it no longer reads), and what it ends on without a word."""


def schemas_judged_as_by_prisma() -> list[Path]:
    """The schemas of the cases in which Prisma's parser finds the same."""
    return [path for path in schemas() if not path.stem.startswith(_OWN_ANSWERS)]


def diagnose(text: str, path: str = "schema.prisma") -> tuple[Diagnostic, ...]:
    """What the checks say of a schema that the parser has nothing against."""
    document, problems = parse([SourceFile(path, text)])
    assert not problems, f"{path} does not parse: {problems[0].message}"
    return check(document)


def expected_of(schema: Path) -> Path:
    """The golden file of a schema."""
    return schema.with_suffix(".txt")


def rendered(schema: Path) -> str:
    """The diagnostics of a case as its golden file has them."""
    found = diagnose(schema.read_text(encoding="utf-8"), schema.name)
    return "".join(f"{item.span} {item.severity}: {item.message}\n" for item in found)


def main() -> None:
    """Write every golden file anew and remove those without a schema."""
    for schema in schemas():
        expected_of(schema).write_text(rendered(schema), encoding="utf-8")
    for golden in FOLDER.glob("*.txt"):
        if not golden.with_suffix(".prisma").exists():
            golden.unlink()


if __name__ == "__main__":
    main()
