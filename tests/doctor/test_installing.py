"""What doctor gives to install is typed into an environment of its own; what it gives to open a file, by a user who may not write it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.docs.guides import ROOT
from tests.doctor.conftest import SCHEMA

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="users and shells of POSIX")
AS_NOBODY = """
import contextlib, io, os, sys
from infra_gen.__main__ import main
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())), contextlib.suppress(SystemExit):
    main()  # loads all modules: their folders may be closed to others
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
main()
"""


def by_check(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    order = {"ok": 0, "warning": 1, "problem": 2}
    found = json.loads(done.stdout)["findings"]
    return {item["check"]: item for item in sorted(found, key=lambda item: order[item["mark"]])}


@POSIX
@pytest.mark.parametrize("closed", ["dev.db", "."])
def test_a_file_that_may_not_be_written_is_opened(closed: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "schema.prisma").write_text(SCHEMA.format(provider="sqlite", url="file:./dev.db"))
        (folder / "dev.db").touch()
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
            os.chown(folder / "dev.db", 65534, 65534)
        (folder / closed).chmod(0o555 if closed == "." else 0o444)

        def doctor() -> dict[str, Any]:
            command = [sys.executable, "-c", AS_NOBODY, "doctor", "--json"]
            return by_check(subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100))

        [found] = [item for item in doctor().values() if "may not be written" in item["text"]]
        assert found["mark"] == "problem"
        assert found["command"].startswith("chmod u+w ")
        subprocess.run(["sh", "-c", found["command"]], cwd=folder, check=True)
        assert doctor()["privileges"]["mark"] == "ok"


@POSIX
@pytest.mark.skipif(not os.environ.get("INFRA_TEST_INSTALLS"), reason="set INFRA_TEST_INSTALLS to install extras")
@pytest.mark.timeout(900)
def test_what_it_gives_to_install_is_found_afterwards(tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").write_text(SCHEMA.format(provider="postgresql", url="postgresql://ada@127.0.0.1/x"))
    subprocess.run([sys.executable, "-m", "venv", "venv"], cwd=tmp_path, check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(ROOT)], cwd=tmp_path, check=True)

    def doctor() -> dict[str, Any]:
        command = [python, "-m", "infra_gen", "doctor", "--offline", "--json"]
        return by_check(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100))

    for check, mark in (("extras", "warning"), ("driver", "problem")):
        found = doctor()[check]
        assert (found["mark"], "-m pip install" in found["command"]) == (mark, True)
        subprocess.run(["sh", "-c", found["command"]], cwd=tmp_path, check=True)
        assert doctor()[check]["mark"] == "ok"
