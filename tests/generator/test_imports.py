"""What importing a package costs: nothing is imported before it is used, and what generating needs never."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from infra_gen.database.ddl import statements
from tests.generator.packages import compiled, generate_text
from tests.options.table import SCHEMA

_PROGRAM = """
import json, sys
from db import SyncInfrastructure
HEAVY = ("sqlalchemy", "jinja2", "black", "infra_gen", "infra_templates", "typer", "db.types", "db.user", "db.team", "db.note")
seen = lambda: [name for name in HEAVY if name in sys.modules]
steps = [seen()]
infra = SyncInfrastructure(url="file:./test.db")
infra.connect()
steps.append(seen())
infra.user
steps.append(seen())
infra.user.find_first()
steps.append(seen())
infra.disconnect()
print(json.dumps(steps))
"""


def test_a_package_imports_only_what_is_used(tmp_path: Path) -> None:
    generate_text(SCHEMA, tmp_path / "db")
    connection = sqlite3.connect(tmp_path / "test.db")
    for statement in statements(compiled(SCHEMA)):
        connection.execute(statement)
    connection.close()
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=True)
    imported, connected, touched, asked = json.loads(ran.stdout)
    assert imported == []
    assert connected == []
    assert touched == ["db.user"]
    assert asked == ["sqlalchemy", "db.user"]
