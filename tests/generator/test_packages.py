"""What holds of every generated package, whatever the schema: clean for checkers, formatters and linters, the same bytes each time.

Held to a stress schema of our own for each provider, and to real schemas where they lie beside the checkout: to those of fewer than 20
models, or with INFRA_TEST_ALL_SCHEMAS set to all of them, which takes minutes. Each tool runs once over all packages together.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from typing_extensions import is_typeddict

from infra_gen.front import compile_schema
from infra_gen.generate import files_of
from infra_gen.schema.source import SchemaError
from tests import real_schemas
from tests.generator.packages import files, importable, options
from tests.generator.stress import PROVIDERS, stress_schema
from tests.typing.checkers import mypy, pyright

REFUSED = frozenset(
    {"prisma__prisma-examples__cockroachdb", "prisma__prisma-examples__mongodb", "prisma__prisma-examples__sql-server"}
)
"""Real schemas of providers that there is nothing for."""

Packages = dict[str, dict[str, str]]
"""The files of packages, by their names."""


def stress_packages() -> Packages:
    namings = dict(zip(PROVIDERS, ("schema", "snake_case", "schema"), strict=True))
    return {provider: files(stress_schema(provider), naming=namings[provider]) for provider in PROVIDERS}


def real_packages() -> Packages:
    schemas = {
        "".join(letter if letter.isalnum() else "_" for letter in folder.name): compile_schema(
            real_schemas.source_files(folder)
        ).schema
        for folder in real_schemas.folders()
        if folder.name not in REFUSED
    }
    most = None if os.environ.get("INFRA_TEST_ALL_SCHEMAS") else 20
    return {
        name: files_of(schema, options(), folder="..")
        for name, schema in schemas.items()
        if most is None or len(schema.models) < most
    }


MAKERS = {"stress": stress_packages, "real": real_packages}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("stress", marks=pytest.mark.xdist_group("stress_packages")),
        pytest.param("real", marks=[real_schemas.needs_corpus, pytest.mark.xdist_group("real_packages")]),
    ],
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def packages(kind: str) -> Packages:
    return MAKERS[kind]()


@pytest.fixture(scope="module")
def folder(packages: Packages, kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages, written into one folder."""
    folder = tmp_path_factory.mktemp(kind)
    for name, texts in packages.items():
        for path, text in texts.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text, encoding="utf-8")
    return folder


def test_mypy_strict_finds_nothing(packages: Packages, folder: Path) -> None:
    assert mypy(folder, sorted(packages)) == {}


def test_pyright_finds_nothing_not_even_in_its_strict_mode(packages: Packages, folder: Path) -> None:
    assert pyright(folder, sorted(packages), mode="strict") == {}


def run(*command: str, folder: Path) -> str:
    """What a tool says of a folder that it does not like; nothing where it does."""
    ran = subprocess.run([sys.executable, "-m", *command, "."], cwd=folder, capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr if ran.returncode else ""


def test_black_would_change_nothing(packages: Packages, folder: Path) -> None:
    assert run("black", "--check", "--quiet", folder=folder) == ""


def test_ruff_finds_nothing(packages: Packages, folder: Path) -> None:
    """Lines are as long as the schema's names make them: black leaves those, too."""
    rules = ("--select", "E,F,I", "--ignore", "E501", "--line-length", "88", "--target-version", "py311")
    assert run("ruff", "check", "--isolated", *rules, folder=folder) == ""


_DIGEST = """
import hashlib, json
from tests.generator.test_packages import MAKERS
print(hashlib.sha256(json.dumps(MAKERS["{}"]()).encode()).hexdigest())
"""


def test_a_package_is_the_same_bytes_each_time(kind: str) -> None:
    def digest(seed: str) -> str:
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))}
        command = [sys.executable, "-c", _DIGEST.format(kind)]
        root = Path(__file__).parents[2]
        return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=True).stdout

    assert digest("1") == digest("2")


def test_every_module_is_imported_and_every_input_resolved(packages: Packages, folder: Path) -> None:
    for name, texts in packages.items():
        with importable(name, folder) as modules:
            package = modules("")
            for exported in package.__all__:
                assert getattr(package, exported).__module__.startswith(f"{name}.")
            inputs = [cls for path in texts if path.startswith("types/") for cls in _inputs(modules(path))]
            assert inputs
            for cls in inputs:
                get_type_hints(cls, include_extras=True)


def _inputs(module: Any) -> Iterator[type]:
    for value in vars(module).values():
        if is_typeddict(value) and value.__module__ == module.__name__:
            yield value


@real_schemas.needs_corpus
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_schemas_of_other_providers_are_refused(name: str) -> None:
    with pytest.raises(SchemaError, match=r'The datasource provider "\w+" is not supported by infra-gen'):
        compile_schema(real_schemas.source_files(real_schemas.CORPUS / name))
