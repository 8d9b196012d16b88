"""Renders a planned package: from views to `{path: text}`, by the rows of the templates in force, and what plug-ins make beside them.

What the memory knows to be made from the same is not rendered; that is known of the toolkit's own templates alone. May import
`generate`'s other modules, `infra_templates`, `memo`, `plan`, jinja2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from jinja2 import TemplateError

from infra_gen.failure import Failure
from infra_gen.generate.faults import explained, no_python, python_problem
from infra_gen.generate.layout import black_version, blackened, tidy
from infra_gen.generate.memory import Memory, digest
from infra_gen.generate.paths import problem, shown
from infra_gen.generate.templates import Folder, Templates
from infra_gen.generate.toolkit import toolkit
from infra_gen.memo import Memo
from infra_gen.plan.package import PackagePlan
from infra_templates.table import TEMPLATES, Template


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is no row's of a template: a text, or a template with what it is given beside the package. `plugin`: whose it is."""

    path: str
    plugin: str
    text: str = ""
    template: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    """The model that it is about, for messages."""


def render(
    plan: PackagePlan, folders: Sequence[Folder], made: Iterable[Made], memory: Memory, memo: Memo
) -> dict[str, str]:
    """The files of a package, by their paths within it.

    Args:
        folders: templates beside the toolkit's, in the order in which they win.
        made: what plug-ins make by themselves.
    Errors: Failure where a template that is not the toolkit's is broken, makes no Python, or makes a file that another makes, too.
    """
    templates = Templates(folders)
    rendering = _Rendering(plan, templates, memory, memo)
    for row in rendering.rows():
        if not row.when or getattr(plan, row.when):
            rendering.add_row(row)
    for item in made:
        rendering.add_made(item)
    return rendering.files


class _Rendering:
    """One run over the rows."""

    def __init__(self, plan: PackagePlan, templates: Templates, memory: Memory, memo: Memo) -> None:
        self.files: dict[str, str] = {}
        self._makers: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        self._plan = plan
        self._templates = templates
        self._memory = memory
        models = [memo(digest, source) for source in plan.model_sources]
        self._model_sources = [digest(toolkit(), plan.common_source, source) for source in models]
        self._sources = {
            "names": digest(toolkit(), plan.names_source),
            "enums": digest(toolkit(), plan.enums_source),
            "schema": digest(toolkit(), plan.enums_source, *models),
        }

    def add_row(self, row: Template) -> None:
        """The files of a template."""
        is_own = self._templates.is_own(row.file)
        file = self._templates.file(row.file)
        maker = "the toolkit" if file is None else f"the template {shown(file)}"
        for path, index in self._outputs(row):
            self._claim(path, maker)
            if is_own:
                given, made_for = self._given(row, index)
                self.files[path] = self._own(path, row.file, given, made_for)
                continue
            made_from = self._sources[row.shows] if index is None else self._model_sources[index]
            text = self._memory.recall(path, made_from)
            if text is None:
                text = tidy(self._rendered(row.file, self._part(row, index), ""))
                self._memory.keep(path, made_from, text)
            self.files[path] = text

    def add_made(self, made: Made) -> None:
        """A file of a plug-in's."""
        whose = f"the plug-in `{made.plugin}`"
        if wrong := problem(made.path):
            raise Failure(f"{whose} makes a file whose path is wrong: {wrong} Nothing was written.")
        self._claim(made.path, whose)
        if made.template and self._templates.file(made.template) is None:
            raise Failure(
                f"The plug-in `{made.plugin}` has no template {made.template.partition('/')[2]}, of which it makes {made.path}. Nothing was "
                "written."
            )
        made_for = f" (of {whose}{f', for the model `{made.model}`' if made.model else ''})"
        if made.template:
            given = {"package": self._plan.view, **made.given}
            self.files[made.path] = self._own(made.path, made.template, given, made_for)
            return
        known, made_from = self._known(made.path, made.text)
        if known is None and (wrong_python := python_problem(made.path, made.text)):
            raise Failure(
                f"What {whose} makes for {made.path} is no Python: {wrong_python.msg}, in line {wrong_python.lineno or 1}: "
                f"`{(wrong_python.text or '').strip()}`. Nothing was written."
            )
        self.files[made.path] = known if known is not None else self._laid_out(made.path, made.text, made_from)

    def rows(self) -> tuple[Template, ...]:
        """The rows of the toolkit's templates and of others. Errors: Failure for templates that could not do what they say."""
        try:
            return (*TEMPLATES, *self._templates.own_rows())
        except TemplateError as error:
            told = explained(error, "", {}, self._templates.environment, "")
            if told is None:
                raise
            raise told from error

    def _outputs(self, row: Template) -> Iterator[tuple[str, int | None]]:
        """The files that a row makes, each with the position of what it is rendered for."""
        match row.each:
            case "package":
                yield row.path, None
            case "model":
                for index, module in enumerate(self._plan.modules):
                    yield row.path.format(module=module), index
            case "enum":
                for index, enum in enumerate(self._plan.view.enums):
                    yield row.path.format(module=enum.module), index

    def _part(self, row: Template, index: int | None) -> dict[str, Any]:
        """What a template of the toolkit's is given: only that which is in the digest of what its file is made from."""
        return {"package": getattr(self._plan, row.shows)} if index is None else {"model": self._plan.models[index]}

    def _given(self, row: Template, index: int | None) -> tuple[dict[str, Any], str]:
        """What a template of others' is given, and what it is rendered for, in words."""
        given: dict[str, Any] = {"package": self._plan.view}
        if index is None:
            return given, ""
        if row.each == "enum":
            enum = self._plan.view.enums[index]
            return {**given, "enum": enum}, f" (rendered for the enum `{enum.source.name}`)"
        model = self._plan.models[index]
        return {**given, "model": model}, f" (rendered for the model `{model.name}`)"

    def _claim(self, path: str, maker: str) -> None:
        """Errors: Failure where another makes that file, too; where names differ by case alone they are one file on some systems."""
        other = self._makers.setdefault(path.casefold(), maker)
        if other != maker or path in self.files:
            both = f"{maker} and {other} both" if other != maker else f"{maker} twice"
            raise Failure(f"The file {path} is made by {both}: give one another path. Nothing was written.")
        parents = list(accumulate(path.casefold().split("/")[:-1], "{}/{}".format))
        for parent in parents:
            self._folders.setdefault(parent, maker)
        for file in (path.casefold(), *parents):
            if file in self._makers and file in self._folders:
                raise Failure(
                    f"{file} is a file made by {self._makers[file]}, and a folder of files made by {self._folders[file]}: give one "
                    "another path. Nothing was written."
                )

    def _own(self, path: str, template: str, given: Mapping[str, Any], made_for: str) -> str:
        """What a template makes that may print anything: checked, and laid out."""
        rendered = self._rendered(template, given, made_for)
        known, made_from = self._known(path, rendered)
        if known is not None:
            return known
        if wrong := python_problem(path, rendered):
            raise no_python(wrong, path, rendered, self._templates.get(template), given, made_for)
        return self._laid_out(path, rendered, made_from)

    def _rendered(self, template: str, given: Mapping[str, Any], made_for: str) -> str:
        try:
            found = self._templates.get(template)
            return "".join(found.root_render_func(found.new_context(dict(given))))
        except Failure:
            raise
        except Exception as error:
            told = explained(error, template, given, self._templates.environment, made_for)
            if told is None:
                raise
            raise told from error

    def _known(self, path: str, text: str) -> tuple[str | None, str]:
        """A text as the last run laid it out, and what it is known by: only the text itself can tell what it was made from."""
        made_from = digest(black_version(), text)
        return self._memory.recall(path, made_from), made_from

    def _laid_out(self, path: str, text: str, made_from: str) -> str:
        """Python by black; what is no Python stays as it is."""
        laid_out = blackened(path, tidy(text)) if path.endswith(".py") else text
        self._memory.keep(path, made_from, laid_out)
        return laid_out
