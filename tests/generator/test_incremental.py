"""A run makes only what is made of something else than before, and its bytes are those of a run from nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_gen.config import Options, read_options
from infra_gen.generate import generate
from infra_gen.generate.memory import FILE, digest
from infra_gen.generate.write import MANIFEST
from infra_gen.memo import Memo
from tests.generator.packages import compiled

MODELS = [f"Model{number}" for number in range(5)]
EDITS = ("model", "field", "optional", "unique", "enum", "value", "relation", "note", "deleted", "view", "attribute")
OPTIONS: dict[str, tuple[Any, ...]] = {
    "naming": ("schema", "snake_case"),
    "interface": ("both", "sync", "asyncio"),
    "missing": ("raise", "none"),
    "relations": ("strict", "optional"),
    "frozen": (True, False),
    "exclude": ((), ("Model1*",)),
}


VIEWS = 'generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["views"]\n}\n'


class Made:
    """A schema that edits are made to: each turns one thing on or off."""

    def __init__(self) -> None:
        self.on: set[tuple[str, int]] = {("model", 1), ("model", 2), ("relation", 1)}
        self.options: dict[str, Any] = {}

    def edit(self, kind: str, at: int) -> None:
        if kind in OPTIONS:
            self.options[kind] = OPTIONS[kind][at % len(OPTIONS[kind])]
        else:
            self.on ^= {(kind, at)}

    def text(self) -> str:
        there = [number for number in range(len(MODELS)) if number == 0 or ("model", number) in self.on]
        related = [number for number in there[1:] if ("relation", number) in self.on]
        parts = [self._model(number, number in related, related if number == 0 else []) for number in there]
        value = "  EXTRA\n" if ("value", 0) in self.on else ""
        return "\n".join([VIEWS, *parts, f"enum Kind {{\n  /// The one.\n  ONE\n  OTHER\n{value}}}\n"])

    def _model(self, number: int, is_related: bool, many: list[int]) -> str:
        is_view = number > 0 and ("view", number) in self.on and ("deleted", number) not in self.on
        lines = [f"  id Int @{'unique' if is_view else 'id'}"]
        if ("field", number) in self.on:
            mark = "?" if ("optional", number) in self.on else ""
            lines.append(f"  someText String{mark}{' @unique' if ('unique', number) in self.on else ''}")
        if ("enum", number) in self.on:
            lines.append("  kind Kind")
        if ("deleted", number) in self.on:
            lines.append("  deletedAt DateTime?")
        if is_related:
            lines += ["  home Model0 @relation(fields: [homeId], references: [id])", "  homeId Int"]
        lines += [f"  list{other} {MODELS[other]}[]" for other in many]
        comments = ["/// A note."] if ("note", number) in self.on else []
        if ("deleted", number) in self.on:
            comments.append("/// @infra.softDelete(field: deletedAt)")
        if ("attribute", number) in self.on:
            comments.append(f'/// @Python(instance_name: "own{number}")')
        return "\n".join([*comments, f"{'view' if is_view else 'model'} {MODELS[number]} {{", *lines, "}\n"])


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.name != FILE.name}


def run(text: str, output: Path, *, force: bool = False, memo: Memo | None = None, **flags: Any) -> None:
    schema = compiled(text)
    options: Options = read_options(
        schema, schema_folder=output.parent, flags={"output": output, **flags}, start=output.parent
    )
    generate(schema, options, schema_folder=output.parent, force=force, memo=memo)


edits = st.tuples(st.sampled_from([*EDITS, *EDITS, *OPTIONS]), st.integers(0, len(MODELS) - 1))


@settings(max_examples=40, deadline=None)
@given(st.lists(edits, min_size=1, max_size=8))
def test_after_any_edits_the_bytes_are_those_of_a_run_from_nothing(steps: list[tuple[str, int]]) -> None:
    schema = Made()
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(schema.text(), folder / "db")
        for number, step in enumerate(steps):
            schema.edit(*step)
            # Two edits at once now and then.
            if number % 3 == 1:
                continue
            run(schema.text(), folder / "db", **schema.options)
        run(schema.text(), folder / "db", **schema.options)
        fresh = folder / "fresh"
        fresh.mkdir()
        run(schema.text(), fresh / "db", **schema.options)
        assert contents(folder / "db") == contents(fresh / "db")


TEXT = Made().text()


def remembered(output: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((output / FILE).read_text())["files"]
    return found


def put_as_made(output: Path, path: str, text: str) -> None:
    """Makes the memory believe that `text` is what it made: who sees it afterwards sees what is not made again."""
    known = json.loads((output / FILE).read_text())
    known["files"][path][1] = digest(text)
    (output / FILE).write_text(json.dumps(known))
    (output / path).write_text(text)


def test_only_what_is_made_of_something_else_is_made_again(tmp_path: Path) -> None:
    output = tmp_path / "db"
    run(TEXT, output)
    marked = ("model0.py", "model2.py", "types/model2.py", "client.py", "enums.py", "schema.py")

    def as_they_were() -> list[str]:
        return [path for path in marked if (output / path).read_text() == "# as it was\n"]

    for path in marked:
        put_as_made(output, path, "# as it was\n")
    run(TEXT, output)
    assert as_they_were() == list(marked)
    run(TEXT.replace("model Model1 {", "/// Changed.\nmodel Model1 {"), output)
    assert "Changed." in (output / "model1.py").read_text()
    # What shows the whole schema is made again; what shows the names of models, or the enums, and a neighbour, which shows the same of it
    # as before, are not.
    assert as_they_were() == list(marked[:-1])
    run(TEXT.replace("model Model1 {", "model Model1 {\n  more Int"), output)
    assert as_they_were() == list(marked[:-1])
    run(TEXT.replace("  OTHER", "  OTHER\n  MORE"), output)
    assert as_they_were() == ["model0.py", "model2.py", "types/model2.py", "client.py"]
    run(TEXT.replace("Model1", "Model3"), output)
    assert as_they_were() == ["model2.py", "types/model2.py"]
    run(TEXT, output, force=True)
    run(TEXT, tmp_path / "fresh" / "db")
    assert contents(output) == contents(tmp_path / "fresh" / "db")


@pytest.mark.parametrize("memo", [None, Memo()], ids=["another process", "the same process"])
def test_files_that_someone_changed_or_removed_are_made_again(tmp_path: Path, memo: Memo | None) -> None:
    output = tmp_path / "db"
    run(TEXT, output, memo=memo)
    before = contents(output)
    (output / "model0.py").write_text("# mine\n")
    (output / "types" / "model1.py").unlink()
    (output / FILE).unlink()
    run(TEXT, output, memo=memo)
    assert contents(output) == before


def test_a_process_that_is_to_forget_makes_what_it_has_made_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo = Memo()
    run(TEXT, tmp_path / "db", memo=memo)
    monkeypatch.setattr("infra_gen.generate.render.tidy", lambda text: f"{text}# anew\n")
    run(TEXT, tmp_path / "db", memo=memo)
    assert "# anew" not in (tmp_path / "db" / "model0.py").read_text()
    run(TEXT, tmp_path / "db", memo=memo, force=True)
    assert "# anew" in (tmp_path / "db" / "model0.py").read_text()


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"files": 3, "run": 4}', '{"files": {"model0.py": 3}}', '{"files": {"model0.py": ["x"]}}', "\x00"],
)
def test_a_memory_that_makes_no_sense_is_none(tmp_path: Path, content: str) -> None:
    output = tmp_path / "db"
    run(TEXT, output)
    before, known = contents(output), remembered(output)
    (output / FILE).write_text(content)
    run(TEXT.replace("Model1", "Model3"), output)
    run(TEXT, output)
    assert contents(output) == before
    assert remembered(output) == known


def test_own_templates_are_rendered_each_time_and_laid_out_where_they_print_something_else(tmp_path: Path) -> None:
    templates, output = tmp_path / "own", tmp_path / "db"
    templates.mkdir()
    (templates / "schema.py.jinja").write_text("MODELS   = [{% for m in package.models %}'{{ m.row }}',{% endfor %}]\n")
    run(TEXT, output, templates=str(templates))
    assert (output / "schema.py").read_text() == 'MODELS = [\n    "Model0",\n    "Model1",\n    "Model2",\n]\n'
    for path in ("schema.py", "model2.py"):
        put_as_made(output, path, "# as it was\n")
    run(TEXT, output, templates=str(templates))
    assert (output / "schema.py").read_text() == (output / "model2.py").read_text() == "# as it was\n"
    # What the toolkit's templates refer to makes all that do the user's.
    (templates / "module.jinja").write_text("{% block body %}\n{% endblock %}\nROW  =  1\n")
    run(TEXT.replace("Model1", "Model3"), output, templates=str(templates))
    assert '"Model3"' in (output / "schema.py").read_text()
    assert "\n\nROW = 1\n" in (output / "model2.py").read_text()


def test_a_check_believes_nothing(tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").write_text(f'datasource db {{\n  provider = "sqlite"\n}}\n{TEXT}')
    command = [sys.executable, "-m", "infra_gen", "generate"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    put_as_made(tmp_path / "db", "model2.py", "# as it was\n")
    checked = subprocess.run([*command, "--check"], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr.splitlines()[0]) == (1, "db/model2.py: stale")
    subprocess.run([*command, "--force"], cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run([*command, "--check"], cwd=tmp_path, check=False, capture_output=True).returncode == 0
