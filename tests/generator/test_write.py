"""The writer: it replaces what differs, prunes what it wrote, touches nothing foreign, and survives being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra_gen.failure import Failure
from infra_gen.generate.write import MANIFEST, compare, write
from infra_gen.replace import TEMPORARY

OLD = {"__init__.py": "old\n", "user.py": "user\n", "types/user.py": "inputs\n"}
NEW = {"__init__.py": "new\n", "user.py": "user\n", "post.py": "post\n"}


def contents(folder: Path) -> dict[str, str]:
    """All files of a folder but the manifest."""
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    return {path: text for path, text in found.items() if path != MANIFEST}


def test_it_writes_what_differs_and_removes_what_it_no_longer_makes(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "db"
    assert write(folder, OLD).written == ("__init__.py", "types/user.py", "user.py")
    changes = write(folder, NEW)
    assert (changes.written, changes.unchanged, changes.removed) == (
        ("__init__.py", "post.py"),
        ("user.py",),
        ("types/user.py",),
    )
    assert contents(folder) == NEW
    assert not (folder / "types").exists()


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert not write(tmp_path, OLD).any
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_folders_however_deep_go_with_their_last_file_and_are_cleared_of_leftovers(tmp_path: Path) -> None:
    deep = {"one/two/three.txt": "3", "one/four.txt": "4"}
    write(tmp_path, deep)
    leftover = tmp_path / "one" / "two" / f"{TEMPORARY}1-2"
    leftover.touch()
    write(tmp_path, {**deep, "one/four.txt": "5"})
    assert not leftover.exists()
    write(tmp_path, {"one/four.txt": "5"})
    assert not (tmp_path / "one" / "two").exists()
    write(tmp_path, deep)
    write(tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_comparing_writes_nothing(tmp_path: Path) -> None:
    assert compare(tmp_path / "db", OLD).written == ("__init__.py", "types/user.py", "user.py")
    assert not (tmp_path / "db").exists()


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("mine\n")
    write(tmp_path, OLD)
    write(tmp_path, NEW)
    assert contents(tmp_path) == {**NEW, "mine.py": "mine\n"}


def test_a_foreign_file_in_the_way_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text("mine\n")
    with pytest.raises(Failure, match=r"user\.py is not a file of infra-gen's.*Nothing was written"):
        write(tmp_path, OLD)
    assert contents(tmp_path) == {"user.py": "mine\n"}


def test_a_manifest_cannot_make_it_remove_files_elsewhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("mine\n")
    folder = tmp_path / "db"
    folder.mkdir()
    (folder / MANIFEST).write_text(f'{{"files": ["../outside.py", "{outside}"]}}')
    write(folder, OLD)
    assert outside.exists()


@pytest.mark.parametrize("manifest", ["", "[]", '{"files": 3}', "\x00"])
def test_a_broken_manifest_owns_nothing(tmp_path: Path, manifest: str) -> None:
    (tmp_path / MANIFEST).write_text(manifest)
    (tmp_path / "user.py").write_text("mine\n")
    with pytest.raises(Failure, match="is not a file of infra-gen's"):
        write(tmp_path, OLD)


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("")
    with pytest.raises(Failure, match="db"):
        write(tmp_path / "db", OLD)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(Failure, match="cannot be written: Permission denied"):
        write(tmp_path / "db", OLD)


def test_a_folder_that_refuses_new_files_is_a_failure_in_one_paragraph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root every folder can be written, so the refusal comes from the system call."""

    def refuse(self: Path, data: bytes) -> int:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(Failure, match=r"cannot be written: Permission denied\.") as failure:
        write(tmp_path / "db", OLD)
    assert "\n" not in str(failure.value)


_KILLED = """
import sys
from pathlib import Path
from infra_gen.generate.write import write
count = int(sys.argv[2])
while True:  # so long that the signal finds it at work
    for version in range(1000):
        write(Path(sys.argv[1]), {f"m{n + version % 2}.py": f"version {version}\\n" * 2000 for n in range(count)})
        print("written", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_run_that_is_killed_leaves_whole_files_and_the_next_one_repairs(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    for pause in (0.0, 0.003, 0.008, 0.02):
        process = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(folder), "40"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for path in folder.glob("m*.py"):
            lines = path.read_text().splitlines()
            assert len(lines) == 2000
            assert len(set(lines)) == 1
        write(folder, NEW)
        assert contents(folder) == NEW


_AT_ONCE = """
import sys
from pathlib import Path
from infra_gen.generate.write import write
name = sys.argv[2]
for version in range(30):
    write(Path(sys.argv[1]), {f"{name}{n}.py": f"{name} {version}\\n" for n in range(8)} | {"both.py": f"{name} {version}\\n"})
"""


def test_runs_at_once_leave_the_package_of_one_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    processes = [subprocess.Popen([sys.executable, "-c", _AT_ONCE, str(folder), name]) for name in ("a", "b", "c")]
    assert [process.wait() for process in processes] == [0, 0, 0]
    left = contents(folder)
    name = left["both.py"][0]
    assert left == {f"{name}{n}.py": f"{name} 29\n" for n in range(8)} | {"both.py": f"{name} 29\n"}
