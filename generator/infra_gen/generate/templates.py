"""The templates in force: those of the toolkit, those of plug-ins, and the user's, which win over both by their names.

Any of them is also there under a name that nothing wins over, for whoever extends it: `infra_templates/model.py.jinja` for the
toolkit's `model.py.jinja`. May import `generate.template_rules`, `infra_templates`, jinja2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    UndefinedError,
)
from jinja2 import Template as Compiled
from jinja2.utils import missing

from infra_gen.failure import Failure
from infra_gen.generate.template_rules import SUFFIX, Rules, references
from infra_templates.table import Template

ORIGINALS = "infra_templates"
"""What the names of the toolkit's own templates begin with where nothing wins over them."""
PLUGINS = "infra_plugins"
"""The same for those of plug-ins, each under the plug-in's name."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Templates that are not the toolkit's: the user's, or with `plugin` those of the plug-in of that name."""

    path: Path
    plugin: str = ""

    def name(self, file: Path) -> str:
        """What a file in the folder is called by other templates."""
        name = file.relative_to(self.path).as_posix()
        return f"{self.plugin}/{name}" if self.plugin else name

    @property
    def files(self) -> Iterable[Path]:
        """Its templates, in the order of their paths."""
        return sorted(self.path.rglob(f"*{SUFFIX}"))


class UnknownNameError(UndefinedError):
    """A template uses what is not there: a variable, or with `holder` an attribute or key of that value."""

    def __init__(self, message: str, name: str | None, holder: Any) -> None:
        super().__init__(message)
        self.name = name
        self.holder = holder


NOTHING = missing
"""As `holder`: the name is a variable's."""


class Strict(StrictUndefined):
    """What stands for an unknown name; any use of it is an UnknownNameError."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = NOTHING,
        name: str | None = None,
        exc: type[Exception] = UndefinedError,
    ) -> None:
        # Jinja calls this with the message, and raises what it answers.
        made = partial(UnknownNameError, name=None if hint else name, holder=obj)
        super().__init__(hint, obj, name, cast("type[UndefinedError]", made))


class Templates:
    """The templates of one run, and which files they make."""

    def __init__(self, folders: Sequence[Folder]) -> None:
        """
        Args:
            folders: those that are not the toolkit's, in the order in which they win.
        Errors: Failure for a folder that is not there.
        """
        for folder in folders:
            if not folder.path.is_dir():
                whose = f" of the plug-in `{folder.plugin}`" if folder.plugin else ""
                raise Failure(f"The folder of templates {folder.path}{whose} does not exist.")
        self._files: dict[str, list[Path]] = {}
        for folder in folders:
            for file in folder.files:
                self._files.setdefault(folder.name(file), []).append(file)
        self.environment = environment(folders) if folders else _toolkits_environment()
        self._users = {folder.name(file) for folder in folders if not folder.plugin for file in folder.files}
        self._own: dict[str, bool] = {}

    def own_rows(self) -> list[Template]:
        """The files that templates beside the toolkit's make by themselves.

        Errors: Failure for templates that could not do what they say; jinja2's TemplateSyntaxError.
        """
        if not self._files:
            return []
        return Rules(self.environment, self._files, toolkits=_toolkits().list_templates(), own=self._users).rows()

    def is_own(self, name: str) -> bool:
        """Is a template somebody's own, or one that it refers to? The toolkit's need no black."""
        if not self._files:
            return False
        if name not in self._own:
            pending, seen = [name], {name}
            while pending and not self._files.keys() & seen:
                referred = set(references(self.environment, pending.pop())) - seen
                seen |= referred
                pending += referred
            self._own[name] = bool(self._files.keys() & seen)
        return self._own[name]

    def get(self, name: str) -> Compiled:
        """A template, ready to be rendered."""
        return self.environment.get_template(name)

    def file(self, name: str) -> Path | None:
        """The file of a template that is not the toolkit's."""
        return next(iter(self._files.get(name, ())), None)


def environment(folders: Sequence[Folder]) -> Environment:
    """Jinja's environment for templates of several folders and the toolkit's."""
    own = [_loader(folder) for folder in folders]
    originals: Mapping[str, BaseLoader] = {
        ORIGINALS: _toolkits(),
        PLUGINS: PrefixLoader({folder.plugin: FileSystemLoader(folder.path) for folder in folders if folder.plugin}),
    }
    return _made(ChoiceLoader([*own, _toolkits(), PrefixLoader(originals)]))


def _loader(folder: Folder) -> BaseLoader:
    files = FileSystemLoader(folder.path)
    return PrefixLoader({folder.plugin: files}) if folder.plugin else files


def _toolkits() -> BaseLoader:
    return PackageLoader("infra_templates", "")


@cache
def _toolkits_environment() -> Environment:
    """Made once in a process, so that its templates are compiled once."""
    return environment(())


def _made(loader: BaseLoader) -> Environment:
    return Environment(
        loader=loader,
        undefined=Strict,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # An environment is made anew where templates may have changed.
        auto_reload=False,
    )
