"""The projections of a user's code, checked ahead of running: `infra-gen check`.

Projections check themselves when their classes are made, with the real types, and no reading of source could know these as well: so the
modules that declare projections are imported. Which ones do is found by reading, so that nothing else of the code is run.
Imports `failure`, and of the runtime `errors` and `projections`.
"""

from __future__ import annotations

import ast
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module, util
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from infra_gen.failure import Failure
from infra_runtime.errors import ProjectionError, ProjectionProblem

if TYPE_CHECKING:
    from infra_runtime.projections.base import Projection

NOT_CODE = frozenset({"node_modules", "site-packages", "__pycache__"})
ROOT_CLASS = "Projection"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong, and where: line and column count from one."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found; `projections` is how many classes there are."""

    findings: tuple[Finding, ...]
    projections: int


def check(paths: Sequence[Path]) -> Checked:
    """Checks all projections in files and folders. Errors: Failure for a path that is not there."""
    from infra_runtime.projections.base import collected_problems

    sources = {path: path.read_text(encoding="utf-8", errors="replace") for path in python_files(paths)}
    files, findings = declaring(sources)
    # What user code prints is not the answer of this command.
    with collected_problems() as problems, redirect_stdout(sys.stderr):
        for file in files:
            findings += _imported(file)
        classes, later = _completed({str(file) for file in files})
    found = {*findings, *map(_finding, problems), *map(_finding, later)}
    return Checked(tuple(sorted(found)), classes)


# -- which files -------------------------------------------------------------------------------------------------------
def python_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The Python files that are named, or lie in folders that are; no hidden folders, environments or installed packages."""
    for path in paths:
        if path.is_dir():
            yield from _files_in(path)
        elif path.is_file():
            yield path.resolve()
        else:
            raise Failure(f"{path} is not there: name files or folders of Python code.")


def _files_in(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in NOT_CODE and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here.resolve() / name for name in sorted(files) if name.endswith(".py"))


def declaring(sources: dict[Path, str]) -> tuple[list[Path], list[Finding]]:
    """The files that make classes from `Projection`, directly or by way of each other's; and those that cannot be read.

    Names alone are followed, whatever modules they come from: a file too many does no harm.
    """
    names = {ROOT_CLASS}
    trees: dict[Path, ast.Module] = {}
    found: list[Path] = []
    findings: list[Finding] = []
    unread = dict(sources)
    while True:
        reached = [path for path, source in unread.items() if any(name in source for name in names)]
        for path in reached:
            source = unread.pop(path)
            try:
                trees[path] = ast.parse(source)
            except SyntaxError as error:
                findings.append(
                    Finding(_shown(path), error.lineno or 1, error.offset or 1, f"cannot be read: {error.msg}")
                )
        known = len(names)
        for path, tree in trees.items():
            made = _classes_from(tree, names)
            names |= made
            if made and path not in found:
                found.append(path)
        if not reached and len(names) == known:
            return sorted(found), findings


def _classes_from(tree: ast.Module, names: set[str]) -> set[str]:
    """The names of the classes in a module that are made from one of `names`, or from what it calls so."""
    aliases = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in names
    }
    bases = names | aliases
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(_last_name(base) in bases for base in node.bases)
    }


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# -- importing ---------------------------------------------------------------------------------------------------------
def _imported(file: Path) -> list[Finding]:
    """Imports a file; answers why it could not be."""
    try:
        _module(file)
    except ProjectionError as error:
        return [_finding(problem) for problem in error.problems]
    except (Exception, SystemExit) as error:
        return [_not_imported(file, error)]
    return []


def _module(file: Path) -> ModuleType:
    """The module of a file, under the name by which the rest of the code would import it."""
    root, name = _root_and_name(file)
    for folder in (Path.cwd(), root):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    try:
        module = import_module(name)
    except ImportError as error:
        relative = _name_below(Path.cwd(), file)
        if "relative import" not in str(error) or relative in (None, name):
            raise
        # A folder without `__init__.py` is a package too, where code is run from above it.
        module = import_module(str(relative))
    if module.__file__ is None or Path(module.__file__).resolve() != file:
        return _by_path(file)
    return module


def _root_and_name(file: Path) -> tuple[Path, str]:
    """The folder to import from, above all packages the file lies in, and the module's name there."""
    root = file.parent
    while (root / "__init__.py").exists():
        root = root.parent
    return root, _name_below(root, file) or file.stem


def _name_below(root: Path, file: Path) -> str | None:
    if not file.is_relative_to(root):
        return None
    parts = list(file.relative_to(root).with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


def _by_path(file: Path) -> ModuleType:
    """Another module has the file's name: so it goes by a name of its own."""
    name = f"_checked_{len(sys.modules)}"
    loader = SourceFileLoader(name, str(file))
    found = ModuleSpec(name, loader, origin=str(file))
    found.has_location = True
    module = util.module_from_spec(found)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def _not_imported(file: Path, error: BaseException) -> Finding:
    """Why a module could not be imported, at the last line of the user's code that was running."""
    if isinstance(error, SyntaxError) and error.filename:
        return Finding(
            _shown(Path(error.filename)), error.lineno or 1, error.offset or 1, f"cannot be read: {error.msg}"
        )
    here = Path.cwd()
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(file)
        or (Path(frame.filename).is_relative_to(here) and not NOT_CODE & set(Path(frame.filename).parts))
    ]
    said = str(error).strip().splitlines()
    told = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
    message = f"{_shown(file)} cannot be imported, so that its projections are not checked: {told}"
    if not lines:
        return Finding(_shown(file), 1, 1, message)
    last = lines[-1]
    return Finding(_shown(Path(last.filename)), last.lineno or 1, (last.colno or 0) + 1, message)


def _completed(files: set[str]) -> tuple[int, list[ProjectionProblem]]:
    """How many projections the files declare; and what is wrong with them, now that all names are there."""
    from infra_runtime.projections.base import Projection, complete

    problems: list[ProjectionProblem] = []
    classes = [cls for cls in _made_from(Projection) if _file_of(cls) in files]
    for cls in classes:
        try:
            complete(cls)
        except ProjectionError as error:
            problems += error.problems
    # A module that is imported under two names has its classes twice.
    return len({(_file_of(cls), cls.__qualname__) for cls in classes}), problems


def _made_from(cls: type[Projection[Any]]) -> Iterator[type[Projection[Any]]]:
    for made in cls.__subclasses__():
        yield made
        yield from _made_from(made)


def _file_of(cls: type) -> str:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return str(Path(file).resolve()) if file else ""


def _finding(problem: ProjectionProblem) -> Finding:
    name = f"{problem.projection}.{problem.field}" if problem.field else problem.projection
    return Finding(problem.file, problem.line, problem.column, f"{name}: {problem.message}")


def _shown(path: Path) -> str:
    """The path as short as the user would write it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
