"""`infra-gen watch` runs again when the file changes, and when it comes to be."""

from __future__ import annotations

from pathlib import Path

from tests.watch.test_watching import SCHEMA, Start, start

__all__ = ["start"]


def test_a_change_of_the_file_is_a_change(tmp_path: Path, start: Start) -> None:
    (tmp_path / "prisma").mkdir()
    (tmp_path / "prisma" / "schema.prisma").write_text(SCHEMA.replace("id Int @id", "id Int @id\n  text String"))
    watching = start()
    file = tmp_path / "infrastructure.config.yml"
    file.write_text("models: { note: { search: { fields: txt } } }")
    shown = "\n".join(watching.until("failed, waiting for a change"))
    assert "There is no field `txt` in the model `Note`. Did you mean `text`?" in shown
    file.write_text("models: { note: { search: { fields: text } } }")
    assert "infrastructure.config.yml changed: db: " in watching.until("written")[-1]
    assert '"search": {"fields": ("text",)}' in (tmp_path / "db" / "schema.py").read_text()
    (tmp_path / "prisma" / "infrastructure.config.yml").write_text("")
    file.unlink()
    assert "infrastructure.config.yml" in watching.until("written")[-1]
    assert "search" not in (tmp_path / "db" / "schema.py").read_text()
