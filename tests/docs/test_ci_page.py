"""The page on CI: its YAML and JSON say what they seem to, its commands run, and pre-commit itself runs the hooks of this checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.test_commands import BROKEN, SCHEMA, infra_gen
from tests.cli.test_json import infra_gen as in_process
from tests.docs.guides import ROOT
from tests.doctor.conftest import BIN

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
COPIED = ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "schema.prisma", ".pre-commit-hooks.yaml")
CODE = ("generator", "templates", "runtime")
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


PRE_COMMIT, GITHUB, GITLAB = (yaml.safe_load(text) for text in blocks("yaml"))
JOB = GITHUB["jobs"]["schema"]
STEPS = [step["run"] for step in JOB["steps"] if "run" in step]


# -- commands ----------------------------------------------------------------------------------------------------------
def test_the_files_are_what_these_services_read() -> None:
    assert GITHUB[True] == [
        "push",
        "pull_request",
    ], "YAML 1.1 reads `on` as true, and so does every reader of these files"
    assert [step["uses"].partition("@")[0] for step in JOB["steps"] if "uses" in step] == [
        "actions/checkout",
        "actions/setup-python",
    ]
    assert GITLAB["schema"]["cache"]["paths"]
    assert set(GITLAB["schema"]["script"]) <= {*STEPS}
    [make] = blocks("make")
    assert set(re.findall(r"^\t(.*)$", make, re.MULTILINE)) <= {*STEPS}


def test_extras_that_are_installed_are_there() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {name for found in re.findall(r"infra-gen\[([^]]+)\]", PAGE) for name in found.split(",")}
    assert named
    assert named <= extras.keys()


@pytest.fixture
def project(postgresql_url: str, tmp_path: Path) -> tuple[Path, str]:
    """A project as one would be committed, and the URL of a database that is not there yet."""
    (tmp_path / "schema.prisma").write_text(
        SCHEMA.replace('"sqlite"', '"postgresql"').replace('"file:./dev.db"', 'env("DATABASE_URL")')
    )
    for command in (("generate",), ("migrate", "dev", "--name", "init")):
        assert infra_gen(tmp_path, *command, DATABASE_URL=postgresql_url).returncode == 0
    return tmp_path, f"{postgresql_url}_ci"


def test_its_steps_pass_on_a_database_of_their_own_and_fail_where_they_should(
    project: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, url = project
    commands = [command.split()[1:] for command in STEPS if command.startswith("infra-gen ")]
    assert len(commands) == len(STEPS) - 1
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PATH", ENVIRONMENT["PATH"])
    try:
        for command in commands:
            done = in_process(folder, *command)
            assert done.code == 0, (command, done)
        schema = folder / "schema.prisma"
        schema.write_text(schema.read_text().replace("  text String\n", "  text String\n  number Int?\n"))
        codes = {" ".join(command): in_process(folder, *command).code for command in commands}
    finally:
        _drop(url)
    assert {command: code for command, code in codes.items() if code} == {
        "format --check": 1,
        "generate --check": 1,
        "migrate diff --from migrations --to schema --exit-code": 2,
        "doctor": 1,
    }


def _drop(url: str) -> None:
    import psycopg

    with psycopg.connect(url.removesuffix("_ci"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)".encode())


# -- VS Code -----------------------------------------------------------------------------------------------------------
def test_the_tasks_find_what_the_commands_print(tmp_path: Path) -> None:
    [tasks] = (json.loads(text)["tasks"] for text in blocks("json"))
    assert [task["command"].split()[:2] for task in tasks] == [["infra-gen", "watch"], ["infra-gen", "validate"]]
    (tmp_path / "schema.prisma").write_text(BROKEN)
    told = infra_gen(tmp_path, *tasks[1]["command"].split()[1:]).stderr.splitlines()
    first, second = (re.compile(pattern["regexp"]) for pattern in tasks[1]["problemMatcher"]["pattern"])
    pairs = [(first.match(one), second.match(two)) for one, two in pairwise(told)]
    found = [(one[1], *two.groups()) for one, two in pairs if one and two]
    assert found == [("error", "schema.prisma", "13", "8"), ("error", "schema.prisma", "14", "8")]


# -- pre-commit --------------------------------------------------------------------------------------------------------
def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=600)


def git(folder: Path, *words: str) -> str:
    done = run(folder, "git", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def repository(folder: Path, config: Any) -> Path:
    """A repository with a schema, its package, and hooks."""
    (folder / "schema.prisma").write_text(SCHEMA)
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    assert infra_gen(folder, "generate").returncode == 0
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    return folder


def hooks_pass(folder: Path, home: Path) -> dict[str, bool]:
    """What pre-commit says of each hook for what is staged; a hook that it did not run is left out."""
    done = run(folder, str(BIN / "pre-commit"), "run", "--color=never", PRE_COMMIT_HOME=str(home))
    said = re.findall(r"^(infra-gen [a-z -]+?)\.\.+(?:\(.*\))?(Passed|Failed|Skipped)$", done.stdout, re.MULTILINE)
    assert len(said) == len(HOOKS), done.stdout + done.stderr
    return {name.strip(): state == "Passed" for name, state in said if state != "Skipped"}


NEEDS_PRE_COMMIT = pytest.mark.skipif(
    not (BIN / "pre-commit").exists() or shutil.which("git") is None, reason="there is no pre-commit"
)


def test_the_page_names_the_hooks_there_are() -> None:
    [named] = PRE_COMMIT["repos"]
    assert [hook["id"] for hook in named["hooks"]] == [hook["id"] for hook in HOOKS]


def _run_the_hooks(folder: Path, home: Path) -> None:
    names = [hook["name"] for hook in HOOKS]
    assert hooks_pass(folder, home) == dict.fromkeys(names, True)
    git(folder, "commit", "--quiet", "--no-verify", "--message", "a")

    (folder / "notes.txt").write_text("x")
    git(folder, "add", "notes.txt")
    assert hooks_pass(folder, home) == {}, "nothing of theirs is committed"

    (folder / "schema.prisma").write_text(SCHEMA.replace("  text String\n", "  text String\n  number Int?\n"))
    git(folder, "add", "schema.prisma")
    assert hooks_pass(folder, home) == dict(zip(names, (False, True, False), strict=True))
    assert "  number Int?" in (folder / "schema.prisma").read_text(), "formatted, to be looked at and added"


@NEEDS_PRE_COMMIT
def test_pre_commit_takes_the_manifest_and_runs_its_hooks(tmp_path: Path) -> None:
    """With the infra-gen of this environment in the place of one that pre-commit installs."""
    assert run(ROOT, str(BIN / "pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml").returncode == 0
    here = [{**hook, "language": "system", "additional_dependencies": []} for hook in HOOKS]
    (tmp_path / "project").mkdir()
    _run_the_hooks(repository(tmp_path / "project", {"repos": [{"repo": "local", "hooks": here}]}), tmp_path / "home")


@NEEDS_PRE_COMMIT
@pytest.mark.skipif(
    not os.environ.get("INFRA_TEST_INSTALLS"), reason="set INFRA_TEST_INSTALLS to let pre-commit install this checkout"
)
@pytest.mark.timeout(900)
def test_pre_commit_installs_this_checkout_and_runs_its_hooks(tmp_path: Path) -> None:
    toolkit = tmp_path / "toolkit"
    toolkit.mkdir()
    for name in COPIED:
        shutil.copy(ROOT / name, toolkit)
    for name in CODE:
        shutil.copytree(ROOT / name, toolkit / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(toolkit, "init", "--quiet")
    git(toolkit, "add", "--all")
    git(toolkit, "commit", "--quiet", "--message", "a")
    [named] = PRE_COMMIT["repos"]
    (tmp_path / "project").mkdir()
    config = {"repos": [{**named, "repo": str(toolkit), "rev": git(toolkit, "rev-parse", "HEAD")}]}
    _run_the_hooks(repository(tmp_path / "project", config), tmp_path / "home")
