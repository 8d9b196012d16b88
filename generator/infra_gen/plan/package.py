"""The plan of a package: from a schema's metadata to the views that templates print.

May import `plan` and the runtime's `schema`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from infra_gen.plan.inputs import enum_inputs, incoming
from infra_gen.plan.models import Documentation, ModelPlan
from infra_gen.plan.modules import Import, Imports
from infra_gen.plan.names import NamedSchema, named
from infra_gen.plan.settings import PlanSettings
from infra_gen.plan.text import WIDTH, docstring, literal, text
from infra_gen.plan.views import (
    AccessorView,
    ClientView,
    EnumView,
    ExportView,
    MemberView,
    ModelView,
    ModuleView,
    PackageView,
)
from infra_runtime.schema import Enum, Schema

NO_DOCUMENTATION = Documentation()


@dataclass(frozen=True, slots=True)
class Documentations:
    """What the `///` comments say, by the names in the schema file."""

    models: Mapping[str, Documentation] = field(default_factory=dict)
    enums: Mapping[str, Documentation] = field(default_factory=dict)


def plan(schema: Schema, documentations: Documentations, settings: PlanSettings) -> PackageView:
    """Plans the package of a schema.

    Args:
        schema: the metadata, all in the schema file's own names.
        documentations: the schema's comments.
        settings: the generator's options.
    """
    names = named(chosen(schema, settings), settings.naming)
    leading = incoming(names)
    models = tuple(
        ModelPlan(
            names, model, leading[model.name], settings, documentations.models.get(model.name, NO_DOCUMENTATION)
        ).view()
        for model in names.schema.models
    )
    inputs_of_enums = Imports()
    enum_views = enum_inputs(names, inputs_of_enums)
    clients = tuple(_clients(names, models, settings))
    exports = tuple(_exports(names, clients, models))
    return PackageView(
        documentation=docstring(_package_documentation(clients), 0),
        exports=exports,
        export_imports=_export_imports(exports),
        clients=clients,
        client_module=_client_module(clients),
        rows=_rows(names),
        missing=settings.missing,
        enums=tuple(
            _enum(enum, names, documentations.enums.get(enum.name, NO_DOCUMENTATION)) for enum in names.schema.enums
        ),
        enum_inputs=enum_views,
        enum_inputs_module=ModuleView(
            docstring("What queries take for enums.", 0), inputs_of_enums.groups, inputs_of_enums.checking
        ),
        schema_imports=_schema_imports(names.schema),
        schema_text=literal(names.schema, 0, len("SCHEMA = ")),
        models=models,
    )


def chosen(schema: Schema, settings: PlanSettings) -> Schema:
    """The schema without models that `include` and `exclude` leave out, and without the relations that lead to them."""
    kept = {model.name for model in schema.models if _is_chosen(model.name, settings)}
    if len(kept) == len(schema.models):
        return schema
    models = tuple(
        replace(model, relations=tuple(item for item in model.relations if item.model in kept))
        for model in schema.models
        if model.name in kept
    )
    return replace(schema, models=models)


def _is_chosen(name: str, settings: PlanSettings) -> bool:
    included = not settings.include or any(fnmatchcase(name, pattern) for pattern in settings.include)
    return included and not any(fnmatchcase(name, pattern) for pattern in settings.exclude)


def _clients(names: NamedSchema, models: Iterable[ModelView], settings: PlanSettings) -> Iterable[ClientView]:
    models = tuple(models)
    if settings.interface != "sync":
        documentation = docstring("The client: one repository per model, methods that are awaited.", 4)
        yield ClientView("Infrastructure", "Infrastructure", documentation, _accessors(names, models, is_async=True))
    if settings.interface != "asyncio":
        documentation = docstring("The client: one repository per model, methods that block.", 4)
        accessors = _accessors(names, models, is_async=False)
        yield ClientView("SyncInfrastructure", "SyncInfrastructure", documentation, accessors)


def _accessors(names: NamedSchema, models: Iterable[ModelView], *, is_async: bool) -> tuple[AccessorView, ...]:
    by_module = {view.module: view for view in models}
    accessors = []
    for model in names.schema.models:
        view = by_module[names.modules[model.name]]
        derived = names.derived[model.name]
        repository = derived.repository if is_async else derived.sync_repository
        documentation = docstring(f"Queries on `{model.name}`.", 8)
        imported = Import(f".{view.module}", ((repository, repository),), WIDTH - 8)
        accessors.append(AccessorView(_signature(view.attribute, repository), repository, imported, documentation))
    return tuple(accessors)


def _signature(name: str, result: str) -> str:
    line = f"def {name}(self) -> {result}:"
    return line if len(line) + 4 <= WIDTH else f"def {name}(\n        self,\n    ) -> {result}:"


def _client_module(clients: Iterable[ClientView]) -> ModuleView:
    imports = Imports()
    imports.name("functools", "cached_property")
    imports.name("typing", "TYPE_CHECKING")
    imports.name("infra_runtime", "infrastructure")
    imports.name("infra_runtime.rows", "PackageRows")
    imports.name(".schema", "SCHEMA")
    for client in clients:
        for accessor in client.accessors:
            imports.name(accessor.repository_import.module, accessor.repository, checking=True)
    return ModuleView(docstring("The clients.", 0), imports.groups, imports.checking)


def _package_documentation(clients: Iterable[ClientView]) -> str:
    names = " or ".join(f"`{client.name}`" for client in clients)
    return f"A typed data layer: begin with {names}. Everything is imported when it is first used."


def _exports(names: NamedSchema, clients: Iterable[ClientView], models: Iterable[ModelView]) -> Iterable[ExportView]:
    exports = [ExportView(client.name, "client") for client in clients]
    exports += [ExportView(names.classes[enum.name], "enums") for enum in names.schema.enums]
    for model in models:
        exports.append(ExportView(model.row, model.module))
        if model.handles:
            exports.append(ExportView(model.fields_class, model.module))
        exports += [ExportView(query.name, model.module) for query in model.queries]
        exports += [ExportView(repository.name, model.module) for repository in model.repositories]
    return sorted(exports, key=lambda export: export.name)


def _export_imports(exports: Iterable[ExportView]) -> tuple[Import, ...]:
    imports = Imports()
    for export in exports:
        imports.name(f".{export.module}", export.name, checking=True)
    return tuple(item for group in imports.checking for item in group)


def _rows(names: NamedSchema) -> str:
    """What gives the client its rows: with the dict of classes that could not keep the schema's name, where there are any."""
    renamed = {source: python for source, python in names.classes.items() if source != python}
    if not renamed:
        return "PackageRows(__name__)"
    arguments = f"__name__, {literal(renamed, before=-WIDTH * len(renamed))}"
    if len("ROWS = PackageRows()") + len(arguments) <= WIDTH:
        return f"PackageRows({arguments})"
    if len(arguments) + 4 <= WIDTH:
        return f"PackageRows(\n    {arguments}\n)"
    return f"PackageRows(\n    __name__,\n    {literal(renamed, 4)},\n)"


def _enum(enum: Enum, names: NamedSchema, documentation: Documentation) -> EnumView:
    members = names.members[enum.name]
    return EnumView(
        names.classes[enum.name],
        docstring(documentation.text or f"The enum `{enum.name}`.", 4),
        tuple(
            MemberView(
                f"{members[value.name]} = {text(value.name)}",
                docstring(documentation.of(value.name), 4) if documentation.of(value.name) else "",
            )
            for value in enum.values
        ),
    )


def _schema_imports(schema: Schema) -> tuple[Import, ...]:
    """Imports of the classes of metadata that the schema's text uses."""
    imports = Imports()
    for name in sorted(set(_classes(schema))):
        imports.name("infra_runtime.schema", name)
    return tuple(item for group in imports.groups for item in group)


def _classes(value: Any) -> Iterable[str]:
    if is_dataclass(value):
        yield type(value).__name__
        for item in fields(value):
            yield from _classes(getattr(value, item.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _classes(item)
