"""Renders a planned package: from views to `{path: text}`, by the table of templates.

The templates come with the toolkit; a folder of the user's may hold others under the same names, which win. What the memory knows to be
made from the same is not rendered. May import `infra_templates`, `plan`, jinja2.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2.meta import find_referenced_templates

from infra_gen.failure import Failure
from infra_gen.generate.layout import black_version, blackened, tidy
from infra_gen.generate.memory import Memory, digest
from infra_gen.generate.toolkit import toolkit
from infra_gen.plan.package import PackagePlan
from infra_templates.table import TEMPLATES, Template


def render(plan: PackagePlan, own_templates: Path | None, memory: Memory) -> dict[str, str]:
    """The files of a package, by their paths within it.

    Errors: Failure where a template of the user's own is broken.
    """
    environment = _environment(own_templates)
    common = toolkit()
    package, models = digest(common, plan.source), [digest(common, source) for source in plan.model_sources]
    files: dict[str, str] = {}
    for entry in TEMPLATES:
        if entry.when and not getattr(plan, entry.when):
            continue
        try:
            is_own = own_templates is not None and _is_own(entry.file, environment, own_templates)
            for path, index in _outputs(entry, plan):
                if is_own:
                    files[path] = _laid_out(path, _rendered(entry, plan, index, environment), memory)
                    continue
                made_from = package if index is None else models[index]
                text = memory.recall(path, made_from)
                if text is None:
                    text = tidy(_rendered(entry, plan, index, environment))
                    memory.keep(path, made_from, text)
                files[path] = text
        except TemplateError as error:
            if own_templates is None:
                raise
            raise Failure(f"The template {entry.file} (with {own_templates}) cannot be rendered: {error}") from error
    return files


def _outputs(entry: Template, plan: PackagePlan) -> Iterator[tuple[str, int | None]]:
    """The files that a template makes, each with the position of its model."""
    if entry.each == "package":
        yield entry.path, None
    else:
        for index, module in enumerate(plan.modules):
            yield entry.path.format(module=module), index


def _rendered(entry: Template, plan: PackagePlan, index: int | None, environment: Environment) -> str:
    given = {} if index is None else {"model": plan.models[index]}
    return environment.get_template(entry.file).render(package=plan.view, **given)


def _laid_out(path: str, rendered: str, memory: Memory) -> str:
    """What a template of the user's makes, laid out: it may print anything of the package, so that only the text itself can tell."""
    rendered = tidy(rendered)
    made_from = digest(black_version(), rendered)
    text = memory.recall(path, made_from)
    if text is None:
        text = blackened(path, rendered)
        memory.keep(path, made_from, text)
    return text


def _is_own(name: str, environment: Environment, own_templates: Path) -> bool:
    """Is a template the user's, or one that it refers to? The toolkit's need no black."""
    pending, seen = [name], {name}
    while pending:
        known = pending.pop()
        if (own_templates / known).is_file():
            return True
        assert environment.loader is not None
        text, _, _ = environment.loader.get_source(environment, known)
        referred = {other for other in find_referenced_templates(environment.parse(text)) if other} - seen
        seen |= referred
        pending += referred
    return False


def _environment(own_templates: Path | None) -> Environment:
    if own_templates is None:
        return _toolkits_environment()
    if not own_templates.is_dir():
        raise Failure(f"The folder of templates {own_templates} does not exist.")
    return _made(ChoiceLoader([FileSystemLoader(own_templates), PackageLoader("infra_templates", "")]))


@cache
def _toolkits_environment() -> Environment:
    """Made once in a process, so that its templates are compiled once."""
    return _made(PackageLoader("infra_templates", ""))


def _made(loader: BaseLoader) -> Environment:
    return Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
