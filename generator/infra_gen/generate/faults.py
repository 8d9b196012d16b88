"""What went wrong in a template, as one message: its file and line, what it was rendered for, and the nearest known name.

A fault is the template's where the error came up in a template, or in what it called of Jinja or of Python; where it came up in the
toolkit's own code it is a defect of ours, and stays what it is. May import `generate.paths`, `generate.template_rules`,
`generate.templates`, jinja2.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import FrameType, GeneratorType, TracebackType
from typing import Any

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2 import Template as Compiled

import infra_gen
import infra_templates
from infra_gen.failure import Failure
from infra_gen.generate.paths import fault_at, place
from infra_gen.generate.template_rules import near_template
from infra_gen.generate.templates import NOTHING, UnknownNameError

TOOLKIT = Path(infra_gen.__file__).parent
TEMPLATES = Path(infra_templates.__file__).parent
TAGS = frozenset(
    {
        "block",
        "call",
        "extends",
        "filter",
        "for",
        "from",
        "if",
        "import",
        "include",
        "macro",
        "print",
        "raw",
        "set",
        "with",
    }
)
TAGS |= frozenset(
    {
        "elif",
        "else",
        *(f"end{name}" for name in ("block", "call", "filter", "for", "if", "macro", "raw", "set", "with")),
    }
)

_NAMED = re.compile(r"^(?:No (?P<kind>filter|test) named|Encountered unknown (?P<tag>tag)) '(?P<name>[^']*)'")


def explained(
    error: Exception, template: str, given: Mapping[str, Any], environment: Environment, made_for: str
) -> Failure | None:
    """The error of a template in the words of a message; None for a defect of the toolkit's own.

    Args:
        template: the name of what was rendered.
        given: what it was given.
        made_for: what it was rendered for, in words.
    """
    at = _places(error)
    if isinstance(error, TemplateSyntaxError):
        file, line = Path(error.filename or error.name or template), error.lineno
    elif at:
        file, line = at[-1]
    else:
        return None
    what, hint = _said(error, file, given, environment)
    # What a template of the toolkit's is asked for by another is not this one's mistake: both are named.
    outer = next((place(*call) for call in reversed(at) if call[0] != file), None) if _is_toolkits(file) else None
    return fault_at(_named(file), line, f"{what}{made_for}.{hint}{f' Called from {outer}.' if outer else ''}")


def _said(error: Exception, file: Path, given: Mapping[str, Any], environment: Environment) -> tuple[str, str]:
    """What is wrong, and a sentence with the nearest name, where there is one. `file`: the template's."""
    match error:
        case UnknownNameError(name=None):
            return _capital(str(error)), ""
        case UnknownNameError(name=str(unknown), holder=holder) if holder is NOTHING:
            known = {*given, *environment.globals, *_assigned(file, environment)}
            return f"`{unknown}` is nothing that this template is given", _near(unknown, known)
        case UnknownNameError(name=unknown, holder=holder):
            return f"{_kind(holder)} has no `{unknown}`", _near(str(unknown), _names(holder))
        case TemplateNotFound(name=str(unknown)):
            return f"there is no template {unknown}", near_template(environment, unknown)
        case TemplateSyntaxError(message=str(message)):
            return _capital(message), _near_in_jinja(message, environment)
        case RecursionError():
            return "this never comes to an end: templates or macros call each other", ""
        case _:
            return f"{type(error).__name__}: {_capital(str(error))}", ""


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f" Did you mean `{near[0]}`?" if near else ""


def _near_in_jinja(message: str, environment: Environment) -> str:
    found = _NAMED.match(message)
    if found is None:
        return ""
    known = TAGS if found["tag"] else environment.filters if found["kind"] == "filter" else environment.tests
    return _near(found["name"], known)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def _kind(value: Any) -> str:
    return "None" if value is None else f"{_article(type(value).__name__)} {type(value).__name__}"


def _article(name: str) -> str:
    return "An" if name[:1] in "AEIOaeio" else "A"


def _names(value: Any) -> set[str]:
    """What can stand behind the dot of a value."""
    keys = {key for key in value if isinstance(key, str)} if isinstance(value, Mapping) else set()
    return keys | {name for name in dir(value) if not name.startswith("_")}


def _assigned(file: Path, environment: Environment) -> set[str]:
    """The variables that a template sets by itself."""
    if not file.is_file():
        return set()
    tree = environment.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.find_all(nodes.Name) if node.ctx in ("store", "param")}


def _is_toolkits(file: Path) -> bool:
    return file.is_relative_to(TEMPLATES)


# Where


def _places(error: Exception) -> list[tuple[Path, int]]:
    """The lines of templates that an error came through; none where the last of them called the toolkit."""
    found: list[tuple[Path, int]] = []
    is_ours = False
    traceback = error.__traceback__
    while traceback is not None:
        template = _template(traceback)
        if template is not None:
            found.append((_file(template), template.get_corresponding_lineno(traceback.tb_lineno)))
            is_ours = False
        elif Path(traceback.tb_frame.f_code.co_filename).is_relative_to(TOOLKIT):
            is_ours = not isinstance(error, UnknownNameError)  # It is made by our own class, wherever that is.
        traceback = traceback.tb_next
    return [] if is_ours else found


def _named(file: Path) -> Path:
    """A template's file; of the toolkit's by the name that it is extended by."""
    return Path(TEMPLATES.name, file.relative_to(TEMPLATES)) if _is_toolkits(file) else file


def _file(template: Compiled) -> Path:
    return Path(template.filename or template.name or "")


def _template(at: TracebackType) -> Compiled | None:
    found = at.tb_frame.f_globals.get("__jinja_template__")
    return found if isinstance(found, Compiled) else None


# What came out is no Python


def python_problem(path: str, text: str) -> SyntaxError | None:
    """Why a text is no Python; None for one that is, and for files of other kinds."""
    if not path.endswith(".py"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except ValueError as error:  # A null byte.
        return SyntaxError(str(error), (path, 1, 1, ""))
    return None


def no_python(
    problem: SyntaxError, path: str, text: str, template: Compiled, given: Mapping[str, Any], made_for: str
) -> Failure:
    """The message for a file that is no Python, with the line of the template that printed what is wrong.

    Args:
        text: what the template printed, with these values.
    """
    wrong = problem.lineno or 1
    shown = (text.splitlines() or [""])[min(wrong, text.count("\n") + 1) - 1].strip()
    file, line = _printer(wrong, template, given)
    return fault_at(
        _named(file),
        _line_of(shown, file, line),
        f"what is printed here is no Python: {problem.msg}, in line {wrong} of {path}"
        f"{f': `{shown}`' if shown else ''}{made_for}.",
    )


def _printer(wrong: int, template: Compiled, given: Mapping[str, Any]) -> tuple[Path, int]:
    """The file and the line of what printed the first letter of a line."""
    printed = 1
    file, line = _file(template), 1
    for chunk, file_, line_ in _printed(template, given):
        file, line = file_, line_
        pieces = chunk.split("\n")
        if printed <= wrong < printed + len(pieces) and pieces[wrong - printed].strip():
            break
        printed += len(pieces) - 1
    return file, line


def _line_of(shown: str, file: Path, line: int) -> int:
    """Text of several lines is printed at once, and known by the first: here is the one that says it word for word, if one does.

    Else it is the first that is no tag: the line behind a tag counts as the tag's.
    """
    lines = file.read_text(encoding="utf-8").splitlines()[line - 1 :] if file.is_file() else []
    for says in (lambda text: text == shown, lambda text: not re.fullmatch(r"\{%.*%\}", text)):
        if found := next((number for number, text in enumerate(lines, line) if says(text.strip())), None):
            return found
    return line


def _printed(template: Compiled, given: Mapping[str, Any]) -> Iterator[tuple[str, Path, int]]:
    """What a template prints, piece by piece, each with the file and the line that printed it."""
    rendering = template.root_render_func(template.new_context(dict(given)))
    for chunk in rendering:
        frame = _innermost(rendering)
        at = frame.f_globals["__jinja_template__"]
        yield chunk, _file(at), at.get_corresponding_lineno(frame.f_lineno)


def _innermost(generator: Any) -> FrameType:
    """The frame that a generator has stopped in, of all those that it yields from."""
    while isinstance(generator.gi_yieldfrom, GeneratorType):
        generator = generator.gi_yieldfrom
    frame: FrameType = generator.gi_frame
    return frame
