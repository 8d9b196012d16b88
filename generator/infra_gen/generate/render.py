"""Renders a planned package: from views to `{path: text}`, by the table of templates.

The templates come with the toolkit; a folder of the user's may hold others under the same names, which win. May import
`infra_templates`, `plan`, jinja2.
"""

from __future__ import annotations

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

from infra_gen.failure import Failure
from infra_gen.generate.layout import tidy
from infra_gen.plan.views import PackageView
from infra_templates.table import TEMPLATES


def render(package: PackageView, own_templates: Path | None = None) -> dict[str, str]:
    """The files of a package, by their paths within it.

    Errors: Failure where a template of the user's own is broken.
    """
    environment = _environment(own_templates)
    files: dict[str, str] = {}
    for entry in TEMPLATES:
        if entry.when and not getattr(package, entry.when):
            continue
        try:
            template = environment.get_template(entry.file)
            if entry.each == "package":
                files[entry.path] = tidy(template.render(package=package))
            else:
                for model in package.models:
                    path = entry.path.format(module=model.module)
                    files[path] = tidy(template.render(package=package, model=model))
        except TemplateError as error:
            if own_templates is None:
                raise
            raise Failure(f"The template {entry.file} (with {own_templates}) cannot be rendered: {error}") from error
    return files


def _environment(own_templates: Path | None) -> Environment:
    loader: BaseLoader = PackageLoader("infra_templates", "")
    if own_templates is not None:
        if not own_templates.is_dir():
            raise Failure(f"The folder of templates {own_templates} does not exist.")
        loader = ChoiceLoader([FileSystemLoader(own_templates), loader])
    return Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
