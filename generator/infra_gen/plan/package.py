"""The plan of a package: from a schema's metadata to the views that templates print.

May import `ir`, `memo`, `naming`, `plan` and the runtime's `schema`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, NamedTuple, overload

from infra_gen import ir
from infra_gen.memo import Memo
from infra_gen.naming import snake_case
from infra_gen.plan.inputs import Incoming, enum_inputs, incoming
from infra_gen.plan.models import Documentation, ModelPlan
from infra_gen.plan.modules import Import, Imports
from infra_gen.plan.names import KEYWORDS, MODULES, DerivedClasses, NamedSchema, given_out, named
from infra_gen.plan.settings import PlanSettings
from infra_gen.plan.text import WIDTH, Code, docstring, literal, names_of_fields, text
from infra_gen.plan.views import (
    AccessorView,
    ClientView,
    EnumsView,
    EnumView,
    ExportView,
    MemberView,
    ModelView,
    ModuleView,
    NamesView,
    PackageView,
    SchemaView,
)
from infra_runtime.schema import Enum, Model, Schema

NO_DOCUMENTATION = Documentation()


@dataclass(frozen=True, slots=True)
class Documentations:
    """What the `///` comments say, by the names in the schema file."""

    models: Mapping[str, Documentation] = field(default_factory=dict)
    enums: Mapping[str, Documentation] = field(default_factory=dict)


class ModelViews(Sequence[ModelView]):
    """The views of a package's models, each planned when it is first asked for."""

    def __init__(
        self,
        names: NamedSchema,
        documentations: Mapping[str, Documentation],
        settings: PlanSettings,
        sources: Mapping[str, ir.Model],
    ) -> None:
        self._names = names
        self._sources = sources
        self._documentations = documentations
        self._settings = settings
        self._leading = incoming(names)
        self._made: dict[int, ModelView] = {}

    def __len__(self) -> int:
        return len(self._names.schema.models)

    @overload
    def __getitem__(self, index: int) -> ModelView: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ModelView]: ...
    def __getitem__(self, index: int | slice) -> ModelView | Sequence[ModelView]:
        if isinstance(index, slice):
            return [self[position] for position in range(len(self))[index]]
        position = range(len(self))[index]
        if position not in self._made:
            self._made[position] = self._view(self._names.schema.models[position])
        return self._made[position]

    def _view(self, model: Model) -> ModelView:
        return ModelPlan(
            self._names,
            model,
            self._leading[model.name],
            self._settings,
            self._documentation(model),
            self._sources[model.name],
        ).view()

    def _documentation(self, model: Model) -> Documentation:
        return self._documentations.get(model.name, NO_DOCUMENTATION)

    def sources(self, memo: Memo) -> tuple[str, ...]:
        """For each model a text of all that its view is made from, beside the settings: the view is the same where the text is.

        That is the model, what leads to it, its documentation, and of the models and enums that it refers to what they are called
        and which of the models are views. Who reads more of others in a plan adds it here.
        """
        names = self._names
        shown = {
            model.name: memo.same(
                Shown(model.is_view, names.classes[model.name], names.derived[model.name], names.modules[model.name])
            )
            for model in names.schema.models
        }
        enums = {
            enum.name: memo.same(ShownEnum(names.classes[enum.name], tuple(names.enum_inputs[enum.name].values())))
            for enum in names.schema.enums
        }
        return tuple(
            memo(
                _source,
                model,
                memo.same(self._leading[model.name]),
                self._documentation(model),
                names.sources[model.name],
                shown[model.name],
                tuple([shown[relation.model] for relation in model.relations]),
                tuple([enums[field.type] for field in model.scalars if field.is_enum]),
            )
            for model in names.schema.models
        )


class Shown(NamedTuple):
    """What others show of a model."""

    is_view: bool
    name: str
    derived: DerivedClasses
    module: str


class ShownEnum(NamedTuple):
    """What models show of an enum."""

    name: str
    inputs: tuple[str, ...]


def _source(
    model: Model,
    leading: Incoming,
    documentation: Documentation,
    sources: Mapping[str, str],
    shown: Shown,
    related: Sequence[Shown],
    enums: Sequence[ShownEnum],
) -> str:
    return repr(
        (
            model_literal(model),
            leading,
            documentation.text,
            sorted((documentation.fields or {}).items()),
            sorted(sources.items()),
            shown,
            related,
            enums,
        )
    )


class PackagePlan:
    """The plan of a package, worked out as far as it is asked for."""

    def __init__(
        self,
        schema: Schema,
        documentations: Documentations,
        settings: PlanSettings,
        definition: ir.Schema,
        memo: Memo | None = None,
    ) -> None:
        """
        Args:
            schema: the metadata, all in the schema file's own names.
            documentations: the schema's comments.
            settings: the generator's options.
            definition: the IR, which views refer to; what the toolkit's templates print is made of the others alone.
            memo: what is known of the schema's parts.
        """
        self._definition = definition
        self._settings = settings
        self._documentations = documentations
        self._memo = memo or Memo()
        self._names = named(chosen(schema, settings, self._memo), settings.naming, self._memo)
        self.models = ModelViews(self._names, documentations.models, settings, definition.model)
        self.modules = tuple(self._names.modules[model.name] for model in self._names.schema.models)
        """The module of each model."""

    @property
    def has_enums(self) -> bool:
        """Are there any?"""
        return bool(self._names.schema.enums)

    @cached_property
    def model_sources(self) -> tuple[str, ...]:
        """For each model a text of all that its view is made from, beside the sources of the enums; see `ModelViews.sources`."""
        return self.models.sources(self._memo)

    @property
    def names_source(self) -> str:
        """A text of all that the view of the names is made from."""
        names = self._names
        models = [
            (model.name, model.attribute, bool(model.readable), names.modules[model.name], *names.derived[model.name])
            for model in names.schema.models
        ]
        return repr((self._settings, names.classes, [enum.name for enum in names.schema.enums], models))

    @property
    def enums_source(self) -> str:
        """A text of all that the view of the enums is made from, and of what else is not the models'."""
        enums = [(name, found.text, found.fields) for name, found in self._documentations.enums.items()]
        rest = replace(self._names.schema, models=(), enums=())
        named_enums = [
            (self._memo(model_literal, enum), self._names.classes[enum.name], self._names.members[enum.name])
            for enum in self._names.schema.enums
        ]
        return repr((self._settings, literal(rest), enums, named_enums, self._names.enum_inputs))

    @property
    def common_source(self) -> str:
        """A text of what all views of models are made from beside their own sources."""
        return repr((self._settings, self._names.schema.provider))

    @cached_property
    def names(self) -> NamesView:
        """What the toolkit's templates are given that show the names."""
        names, settings = self._names, self._settings
        clients = tuple(_clients(names, settings))
        exports = tuple(_exports(names, clients, settings))
        return NamesView(
            documentation=docstring(_package_documentation(clients), 0),
            exports=exports,
            export_imports=_export_imports(exports),
            clients=clients,
            client_module=_client_module(clients),
            rows=_rows(names),
            missing=settings.missing,
        )

    @cached_property
    def enums(self) -> EnumsView:
        """What the toolkit's templates are given that show the enums."""
        names, documentations = self._names, self._documentations.enums
        imports = Imports()
        inputs = enum_inputs(names, imports)
        modules = given_out(
            {enum.name: snake_case(names.classes[enum.name]) for enum in names.schema.enums},
            KEYWORDS | MODULES,
            ignoring_case=True,
        )
        return EnumsView(
            enums=tuple(
                _enum(
                    enum,
                    names,
                    documentations.get(enum.name, NO_DOCUMENTATION),
                    modules[enum.name],
                    self._definition.enum[enum.name],
                )
                for enum in names.schema.enums
            ),
            enum_inputs=inputs,
            enum_inputs_module=ModuleView(
                docstring("What queries take for enums.", 0), imports.groups, imports.checking
            ),
        )

    @cached_property
    def schema(self) -> SchemaView:
        """What the toolkit's templates are given that show the metadata."""
        schema = self._names.schema
        return SchemaView(_schema_imports(schema, self._memo), _schema_text(schema, self._memo))

    @cached_property
    def view(self) -> PackageView:
        """What templates are given that are not the toolkit's."""
        names, enums, schema = self.names, self.enums, self.schema
        return PackageView(
            schema=self._definition,
            documentation=names.documentation,
            exports=names.exports,
            export_imports=names.export_imports,
            clients=names.clients,
            client_module=names.client_module,
            rows=names.rows,
            missing=names.missing,
            enums=enums.enums,
            enum_inputs=enums.enum_inputs,
            enum_inputs_module=enums.enum_inputs_module,
            schema_imports=schema.schema_imports,
            schema_text=schema.schema_text,
            models=self.models,
        )


def chosen(schema: Schema, settings: PlanSettings, memo: Memo) -> Schema:
    """The schema without models that `include` and `exclude` leave out, and without the relations that lead to them."""
    kept = memo.same(frozenset(model.name for model in schema.models if _is_chosen(model.name, settings)))
    if len(kept) == len(schema.models):
        return schema
    return replace(schema, models=tuple(memo(_within, model, kept) for model in schema.models if model.name in kept))


def _within(model: Model, kept: frozenset[str]) -> Model:
    return replace(model, relations=tuple(item for item in model.relations if item.model in kept))


def _is_chosen(name: str, settings: PlanSettings) -> bool:
    included = not settings.include or any(fnmatchcase(name, pattern) for pattern in settings.include)
    return included and not any(fnmatchcase(name, pattern) for pattern in settings.exclude)


def _clients(names: NamedSchema, settings: PlanSettings) -> Iterable[ClientView]:
    if settings.interface != "sync":
        documentation = docstring("The client: one repository per model, methods that are awaited.", 4)
        yield ClientView("Infrastructure", "Infrastructure", documentation, _accessors(names, is_async=True))
    if settings.interface != "asyncio":
        documentation = docstring("The client: one repository per model, methods that block.", 4)
        yield ClientView("SyncInfrastructure", "SyncInfrastructure", documentation, _accessors(names, is_async=False))


def _accessors(names: NamedSchema, *, is_async: bool) -> tuple[AccessorView, ...]:
    accessors = []
    for model in names.schema.models:
        derived = names.derived[model.name]
        repository = derived.repository if is_async else derived.sync_repository
        documentation = docstring(f"Queries on `{model.name}`.", 8)
        imported = Import(f".{names.modules[model.name]}", ((repository, repository),), WIDTH - 8)
        accessors.append(AccessorView(_signature(model.attribute, repository), repository, imported, documentation))
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


def _exports(names: NamedSchema, clients: Iterable[ClientView], settings: PlanSettings) -> Iterable[ExportView]:
    exports = [ExportView(client.name, "client") for client in clients]
    exports += [ExportView(names.classes[enum.name], "enums") for enum in names.schema.enums]
    for model in names.schema.models:
        derived = names.derived[model.name]
        classes = [names.classes[model.name]]
        if model.readable:
            classes.append(derived.fields)
        if settings.interface != "sync":
            classes += [derived.query, derived.repository]
        if settings.interface != "asyncio":
            classes += [derived.sync_query, derived.sync_repository]
        exports += [ExportView(name, names.modules[model.name]) for name in classes]
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


def _enum(enum: Enum, names: NamedSchema, documentation: Documentation, module: str, source: ir.Enum) -> EnumView:
    members = names.members[enum.name]
    return EnumView(
        names.classes[enum.name],
        module,
        source,
        docstring(documentation.text or f"The enum `{enum.name}`.", 4),
        tuple(
            MemberView(
                f"{members[value.name]} = {text(value.name)}",
                docstring(documentation.of(value.name), 4) if documentation.of(value.name) else "",
            )
            for value in enum.values
        ),
    )


def _schema_imports(schema: Schema, memo: Memo) -> tuple[Import, ...]:
    """Imports of the classes of metadata that the schema's text uses."""
    used = {type(schema).__name__}.union(*(memo(_classes, part) for part in (*schema.models, *schema.enums)))
    imports = Imports()
    for name in sorted(used):
        imports.name("infra_runtime.schema", name)
    return tuple(item for group in imports.groups for item in group)


def _classes(value: Any) -> frozenset[str]:
    """The dataclasses that a value consists of."""
    found: set[type] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif is_dataclass(kind := type(item)):
            found.add(kind)
            pending.extend([getattr(item, name) for name in names_of_fields(kind)])
    return frozenset(kind.__name__ for kind in found)


def _schema_text(schema: Schema, memo: Memo) -> str:
    """The schema as an expression: its models and enums are laid out apart, as wide as they stand within it."""
    models: Any = tuple(Code(memo(model_literal, model)) for model in schema.models)
    enums: Any = tuple(Code(memo(model_literal, enum)) for enum in schema.enums)
    return literal(replace(schema, models=models, enums=enums), 0, len("SCHEMA = "))


def model_literal(part: Model | Enum) -> str:
    """A model or an enum as it stands in the schema's text."""
    return literal(part, 8)
