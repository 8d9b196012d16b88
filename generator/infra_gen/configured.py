"""What `infrastructure.config.yml` says of models, put in the place of their directives: the file beats them, argument by argument.

It is judged by the kinds of the directives themselves, so that what is an error in a schema is one in the file, with its place there. Imports
the directives, the IR, `metadata`, the syntax tree, and the runtime's settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from infra_gen import ir
from infra_gen.directives import DirectiveType, Registry
from infra_gen.directives.kinds import Reading
from infra_gen.directives.nodes import Node, nodes
from infra_gen.metadata import default_attribute
from infra_gen.schema.source import Diagnostic, SourceFile, Span
from infra_gen.schema.syntax import ArrayValue, ConstantValue, Document, StringValue, Value
from infra_runtime.configuration.binding import models_of, names_in, of_directives, problems_of_databases
from infra_runtime.configuration.kinds import Text
from infra_runtime.configuration.places import Path, problem
from infra_runtime.configuration.reading import Read
from infra_runtime.configuration.settings import Configuration, ModelSettings, Setting, Settings
from infra_runtime.configuration.spelling import found
from infra_runtime.errors import ConfigurationProblem


def configured(
    schema: ir.Schema, document: Document, read: Read, registry: Registry
) -> tuple[ir.Schema, list[Diagnostic]]:
    """The schema with what the file says of its models, as far as it fits, and everything that is wrong with the file.

    Args:
        schema: the IR of `document`.
    """
    configuration = read.configuration
    problems = [*read.problems, *problems_of_databases(configuration, schema.datasource.provider)]
    wrong: list[Diagnostic] = []
    by_name = {node.name: node for node in nodes(document) if node.place in ("model", "view")}
    changed: dict[str, ir.Model] = {}
    attributes = {model.name: default_attribute(model) for model in schema.models if not model.is_ignored}
    for key, name in models_of(configuration, attributes):
        if isinstance(name, ConfigurationProblem):
            problems.append(name)
        elif configuration.models[key] != ModelSettings():
            of_model: list[Diagnostic] = []
            model = _ModelReader(configuration, key, by_name[name], registry, of_model).read(schema.model[name])
            if not of_model:
                changed[name] = model
            wrong += of_model
    made = replace(schema, models=tuple(changed.get(model.name, model) for model in schema.models))
    told = sorted((*map(told_of, problems), *wrong), key=lambda item: (item.span.line, item.span.column))
    return made if changed else schema, told


def told_of(item: ConfigurationProblem) -> Diagnostic:
    """A problem of a configuration in the form of a schema's."""
    message = f"`{item.setting}`: {item.message}" if item.setting else item.message
    return Diagnostic(
        message if message.endswith("?") else f"{message}.", _span(item.file, item.line, item.column, item.excerpt)
    )


@dataclass(frozen=True)
class Excerpt(SourceFile):
    """What may be shown of a place in a configuration: the text that stands there, if it is no value, which might be a secret."""

    line: int = 1
    column: int = 1

    def line_column(self, offset: int) -> tuple[int, int]:
        return self.line, self.column + offset

    def line_text(self, line: int) -> str:
        return " " * (self.column - 1) + self.text


def _span(file: str, line: int, column: int, text: str) -> Span:
    return Span(Excerpt(file or "configuration", text, max(line, 1), max(column, 1)), 0, len(text))


class _ModelReader:
    """Puts what is said of one model in the place of its directives. What is wrong goes to `wrong`."""

    def __init__(
        self, configuration: Configuration, key: str, node: Node, registry: Registry, wrong: list[Diagnostic]
    ) -> None:
        self._configuration = configuration
        self._path: Path = ("models", key)
        self._node = node
        self._registry = registry
        self._wrong = wrong
        self._fields = {name: name for name in node.fields}

    def read(self, model: ir.Model) -> ir.Model:
        """The model with its settings."""
        directives = {item.name: item for item in model.directives}
        for name, directive, section in of_directives(self._configuration.models[self._path[1]]):
            type_ = self._registry.by_name[directive]
            if self._node.place not in type_.places:
                self._refuse((*self._path, name), f"cannot be said of {self._node.label}: it belongs to a model")
                continue
            before = directives.get(directive)
            arguments = {**(before.arguments if before else {}), **self._arguments((*self._path, name), type_, section)}
            for parameter in type_.parameters:
                if parameter.is_required and parameter.name not in {*arguments, *dict(section.given())}:
                    self._refuse((*self._path, name), f"needs `{parameter.name}`, as no directive says it")
            span = before.span if before else self._at((*self._path, name), name)
            directives[directive] = ir.Directive(directive, arguments, span)
        return replace(model, directives=tuple(directives.values()))

    def _arguments(self, path: Path, type_: DirectiveType, section: Settings) -> Mapping[str, Any]:
        """The arguments that a section gives, as the kinds of the directive read them; without those that are wrong."""
        read: dict[str, Any] = {}
        for name, value in section.given():
            place = (*path, name)
            reading = Reading(f"`{'.'.join(place)}`", self._node, self._wrong)
            written = self._written(place, section.setting(name), value)
            taken = type_.parameter[name].kind.read(written, reading)
            if taken is not None:
                read[name] = taken
        return read

    def _written(self, path: Path, setting: Setting, value: Any) -> Value:
        """A setting as it would stand in a schema."""
        if setting.names_fields:
            names = tuple(
                ConstantValue(self._field(name), self._at(place, name)) for place, name in names_in(value, path)
            )
            return names[0] if isinstance(value, str) else ArrayValue(names, self._at(path, ", ".join(value)))
        if isinstance(setting.kind, Text):
            return StringValue(value, self._at(path, json.dumps(value, ensure_ascii=False)))
        return ConstantValue(value, self._at(path, value))

    def _field(self, name: str) -> str:
        """A field as the schema spells it; as it is, where there is none."""
        return found(name, self._fields) or name

    def _at(self, path: Path, text: str) -> Span:
        origin = self._configuration.origin
        item = problem(path, "", origin)
        return _span(item.file, item.line, item.column, text)

    def _refuse(self, path: Path, message: str) -> None:
        self._wrong.append(told_of(problem(path, message, self._configuration.origin)))
