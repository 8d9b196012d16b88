"""How diagnostics look, to people and to programs."""

from __future__ import annotations

from infra_gen.schema.report import diagnostics_json, render_diagnostics
from infra_gen.schema.source import Diagnostic, SourceFile, Span

FILE = SourceFile("db/schema.prisma", "model A {\n  id Int @id\n\tno Strin // 漢 x\r\n}\n")


def at(text: str, message: str, severity: str = "error") -> Diagnostic:
    start = FILE.text.index(text)
    return Diagnostic(message, Span(FILE, start, start + len(text)), "error" if severity == "error" else "warning")


def test_a_diagnostic_shows_its_place_its_line_and_a_caret() -> None:
    assert render_diagnostics([at("Strin", "Unknown type `Strin`.")], color=False) == "\n".join(
        [
            "error: Unknown type `Strin`.",
            " --> db/schema.prisma:3:5",
            "  |",
            "3 | \tno Strin // 漢 x",
            "  | \t   ^^^^^",
            "",
            "1 error in db/schema.prisma",
        ]
    )


def test_carets_stand_under_wide_characters() -> None:
    assert "\n  | \t               ^\n" in render_diagnostics([at("x\r", "?")], color=False)
    assert "\n  | \t            ^^\n" in render_diagnostics([at("漢", "?")], color=False)


def test_a_span_over_several_lines_is_marked_on_its_first() -> None:
    assert "\n  | ^^^^^^^^^\n" in render_diagnostics([at("model A {\n  id Int", "?")], color=False)


def test_the_end_says_how_many_there_are() -> None:
    found = [at("id", "a"), at("no", "b"), at("Int", "c", "warning")]
    assert render_diagnostics(found, color=False).splitlines()[-1] == "2 errors and 1 warning in db/schema.prisma"
    assert render_diagnostics(found[2:], color=False).splitlines()[-1] == "1 warning in db/schema.prisma"


def test_nothing_in_a_schema_steers_the_terminal() -> None:
    file = SourceFile("schema.prisma", "model \x1b[31mA\x07 {\n")
    assert "\x1b" not in render_diagnostics([Diagnostic("?", Span(file, 0, 5))], color=False)


def test_color_is_only_added() -> None:
    found = [at("id", "a"), at("Int", "c", "warning")]
    colored = render_diagnostics(found, color=True)
    for code in ("\x1b[1;31m", "\x1b[1;33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"):
        assert code in colored
        colored = colored.replace(code, "")
    assert colored == render_diagnostics(found, color=False)


def test_the_json_form() -> None:
    assert diagnostics_json([at("Strin", "b"), at("id", "a", "warning")]) == {
        "ok": False,
        "errors": [{"message": "b", "file": "db/schema.prisma", "line": 3, "column": 5}],
        "warnings": [{"message": "a", "file": "db/schema.prisma", "line": 2, "column": 3}],
    }
    assert diagnostics_json([at("id", "a", "warning")])["ok"] is True
