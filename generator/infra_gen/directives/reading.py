"""Reads directives: what they mean as values, and everything that is wrong with them. Imports the syntax tree and the registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from infra_gen import ir
from infra_gen.directives.kinds import Reading, did_you_mean
from infra_gen.directives.nodes import Node, nodes
from infra_gen.directives.registry import DirectiveType, Parameter, Registry
from infra_gen.schema.advice import unreadable_arguments
from infra_gen.schema.source import Diagnostic, Span
from infra_gen.schema.syntax import Annotation, Argument, Document, Documentation


def problems(document: Document, registry: Registry, *, well_formed: bool) -> list[Diagnostic]:
    """What is wrong with the directives of a schema.

    `well_formed` is false when the parser reported errors: then nothing is said of where directives stand and which fields they
    name, as the lines that cannot be read may be what they are about.
    """
    found: list[Diagnostic] = []
    for node in nodes(document):
        if node.documentation is not None:
            _read(node.documentation.annotations, registry, node if well_formed else None, found)
    _read(document.loose_annotations, registry, None, found)
    if well_formed:
        for annotation in document.loose_annotations:
            if annotation.name.name in registry.by_name and registry.claims(annotation):
                found.append(Diagnostic(_loose(registry.by_name[annotation.name.name]), annotation.span))
    return found


def values(documentation: Documentation | None, registry: Registry) -> tuple[ir.Directive, ...]:
    """The directives of a node's documentation, of a schema that passed the checks."""
    if documentation is None or not documentation.annotations:
        return ()
    return tuple(_read(documentation.annotations, registry, None, []))


def _read(
    annotations: Sequence[Annotation], registry: Registry, node: Node | None, found: list[Diagnostic]
) -> list[ir.Directive]:
    """The directives among annotations; what is wrong is added to `found`. Without a node only their writing is judged."""
    read: dict[str, ir.Directive] = {}
    for annotation in filter(registry.claims, annotations):
        type_ = registry.by_name.get(annotation.name.name)
        if type_ is None:
            found.append(Diagnostic(_unknown(annotation, registry), annotation.name.span))
            continue
        about = node
        if node is not None and node.place not in type_.places:
            about = None
            found.append(
                Diagnostic(f"`@{type_.name}` cannot stand on {node.label}: {_belongs(type_)}.", annotation.span)
            )
        elif node is not None and type_.name in read:
            message = f"`@{type_.name}` is already said of {node.label}. Write one, with all its arguments."
            found.append(Diagnostic(message, annotation.span))
        arguments = _ArgumentReader(annotation, type_, about, found).read()
        read.setdefault(type_.name, ir.Directive(type_.name, arguments, annotation.span))
    return list(read.values())


class _ArgumentReader:
    """Reads the arguments of one directive."""

    def __init__(
        self, annotation: Annotation, type_: DirectiveType, node: Node | None, found: list[Diagnostic]
    ) -> None:
        self._annotation = annotation
        self._type = type_
        self._node = node
        self._found = found

    def read(self) -> dict[str, Any]:
        """The arguments that could be read, by their names, in the order of the source."""
        annotation = self._annotation
        if annotation.unreadable is not None:
            self._error(_unreadable(annotation, annotation.unreadable, self._type), annotation.unreadable)
            return {}
        found: dict[str, Any] = {}
        for parameter, argument in self._matched():
            if parameter.name in found:
                self._error(f"`{parameter.name}` is already given. Keep one of them.", argument.span)
                continue
            label = f"`{parameter.name}` of `@{self._type.name}`"
            found[parameter.name] = parameter.kind.read(argument.value, Reading(label, self._node, self._found))
        empty = annotation.arguments.empty_names if annotation.arguments else ()
        given = {*found, *(name.name for name in empty)}
        for parameter in self._type.parameters:
            if parameter.is_required and parameter.name not in given:
                message = f"`@{self._type.name}` needs the argument `{parameter.name}`. Write `{self._type.example}`."
                self._error(message, annotation.span)
        return found

    def _matched(self) -> Iterator[tuple[Parameter, Argument]]:
        """The arguments with the parameters they are for. Reports what is for none."""
        arguments = self._annotation.arguments
        if arguments is None:
            return
        for name in arguments.empty_names:
            self._error(f"`{name.name}` has no value. Write one behind the colon, or leave it out.", name.span)
        if arguments.trailing_comma is not None:
            self._error("Leave out the comma behind the last argument.", arguments.trailing_comma)
        positional = iter(parameter for parameter in self._type.parameters if parameter.is_positional)
        for argument in arguments.arguments:
            if argument.name is None:
                parameter = next(positional, None)
                if parameter is None:
                    text = argument.value.span.text
                    self._error(f"This needs a name: `name: {text}`. {self._takes()}", argument.span)
            else:
                parameter = self._type.parameter.get(argument.name.name)
                if parameter is None:
                    unknown = argument.name.name
                    meant = did_you_mean(unknown, self._type.parameter) or f" {self._takes()}"
                    self._error(f"`@{self._type.name}` has no argument `{unknown}`.{meant}", argument.name.span)
            if parameter is not None:
                yield parameter, argument

    def _takes(self) -> str:
        return f"It takes {_listed([f'`{name}`' for name in self._type.parameter], 'and')}."

    def _error(self, message: str, span: Span) -> None:
        self._found.append(Diagnostic(message, span))


def _unknown(annotation: Annotation, registry: Registry) -> str:
    namespace, _, name = annotation.name.name.partition(".")
    sign = f"@{namespace.casefold()}."
    known = sorted(known[len(sign) - 1 :] for known in registry.by_name if known.startswith(sign[1:]))
    meant = did_you_mean(name, known, sign) or f" There are {_listed([f'`{sign}{item}`' for item in known], 'and')}."
    return f"There is no directive `@{annotation.name.name}`.{meant}"


def _belongs(type_: DirectiveType) -> str:
    """Where a directive may stand, in words."""
    places = [f"{'an' if place.startswith('e') else 'a'} {place}" for place in type_.places]
    return f"it belongs to {_listed(places, 'or')}"


def _loose(type_: DirectiveType) -> str:
    where = "a `///` comment right above it"
    if any("field" in place or "value" in place for place in type_.places):
        where += ", or behind it on its line"
    return f"`@{type_.name}` belongs to nothing here: {_belongs(type_)}, in {where}."


def _unreadable(annotation: Annotation, failed: Span, type_: DirectiveType) -> str:
    text = annotation.span.file.text
    lines = text[annotation.span.start : failed.start].splitlines()
    rest = text[failed.start :].splitlines()
    advice = unreadable_arguments(lines[-1], rest[0] if rest else "") or f"Write them as in `{type_.example}`."
    return f"The arguments of `@{type_.name}` cannot be read from here on. {advice}"


def _listed(items: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(items[:-1]), items[-1]]))
