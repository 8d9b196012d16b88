"""The module of a model: its row, its field handles, its repositories. May import `ir`, `plan`, the runtime's `schema`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra_gen import ir
from infra_gen.plan.inputs import SUFFIXES, Incoming, InputTypes, listed
from infra_gen.plan.modules import Imports
from infra_gen.plan.names import KEYWORDS, NamedSchema, field_names, given_out
from infra_gen.plan.scalars import ScalarTypes
from infra_gen.plan.settings import PlanSettings
from infra_gen.plan.text import WIDTH, Code, annotated, call, docstring, signature, text
from infra_gen.plan.views import (
    ClausesView,
    ClauseView,
    FieldView,
    FinderView,
    HandleView,
    InputView,
    ModelView,
    ModuleView,
    QueryView,
    RepositoryView,
)
from infra_runtime.schema import Model, RelationField, UniqueKey

READ_INPUTS = ("Where", "WhereUnique", "Include", "Order", "Field")
CLAUSE_INPUTS = ("Where", "WhereUnique", "Field")
WRITE_INPUTS = ("Create", "CreateMany", "Update", "UpdateMany", "Upsert", "UpsertMany")
_NEEDS_CREATING = frozenset({"Create", "CreateMany", "Upsert", "UpsertMany"})


@dataclass(frozen=True, slots=True)
class Documentation:
    """What the `///` comments say of a model and its fields, by the names in the schema file."""

    text: str = ""
    fields: Mapping[str, str] | None = None

    def of(self, field: str) -> str:
        return (self.fields or {}).get(field, "")


class ModelPlan:
    """Plans one model."""

    def __init__(
        self,
        named: NamedSchema,
        model: Model,
        leading: Incoming,
        settings: PlanSettings,
        documentation: Documentation,
        source: ir.Model,
    ) -> None:
        self._named = named
        self._model = model
        self._leading = leading
        self._settings = settings
        self._documentation = documentation
        self._source = source
        self._class = named.classes[model.name]
        self._derived = named.derived[model.name]
        self._module = named.modules[model.name]
        self._field_names = frozenset(field_names(model))
        self._imports = Imports(self._field_names | {self._class, *self._derived})
        self._row_variable = self._imports.own("_RowT")
        self._types = ScalarTypes(self._imports, ".enums", None, named.classes, named.enum_inputs)

    def view(self) -> ModelView:
        fields = (*self._scalar_fields(), *self._relation_fields())
        handles = tuple(self._handles())
        row_variable_made = self._row_variable_made()
        clauses, queries = self._clauses(), tuple(self._queries())
        repositories = tuple(self._repositories())
        inputs, inputs_module = self._inputs()
        row_base = self._imports.name("infra_runtime.rows", "Row" if self._settings.frozen else "MutableRow")
        module = ModuleView(
            docstring(f"The model `{self._model.name}`: its rows, its fields and its queries.", 0),
            self._imports.groups,
            self._imports.checking,
        )
        return ModelView(
            name=self._model.name,
            source=self._source,
            module=self._module,
            attribute=self._model.attribute,
            row=self._class,
            row_base=f"{row_base}, frozen=True" if self._settings.frozen else row_base,
            row_documentation=docstring(self._documentation.text or f"A row of `{self._model.name}`.", 4),
            fields=fields,
            row_module=module,
            fields_class=self._derived.fields,
            fields_documentation=docstring(
                f"The fields of `{self._model.name}`, to refer to them in filters and selections.", 4
            ),
            handles=handles,
            row_variable=self._row_variable,
            row_variable_made=row_variable_made,
            clauses=clauses,
            queries=queries,
            repositories=repositories,
            inputs_module=inputs_module,
            inputs=inputs,
        )

    def _scalar_fields(self) -> Iterable[FieldView]:
        for field in self._model.readable:
            yield self._field_view(field.name, self._types.column(field))

    def _relation_fields(self) -> Iterable[FieldView]:
        for relation in self._model.relations:
            mark = self._imports.name("infra_runtime.rows", "relation")
            optional = self._settings.relations == "optional"
            value = f"{mark}(optional=True)" if optional else f"{mark}()"
            yield self._field_view(relation.name, self._related(relation, optional), value)

    def _field_view(self, name: str, type_: str, value: str = "") -> FieldView:
        source = self._source.field[self._named.sources[self._model.name][name]]
        documentation = self._documentation.of(source.name)
        return FieldView(
            name=name,
            type=type_,
            line=annotated(name, type_, value=value),
            documentation=docstring(documentation, 4) if documentation else "",
            source=source,
        )

    def _related(self, relation: RelationField, optional: bool) -> str:
        name = self._row_of(relation.model)
        if relation.is_list:
            name = f"{self._imports.builtin('list')}[{name}]"
        return f"{name} | None" if optional or relation.arity == "optional" else name

    def _row_of(self, model: str) -> str:
        """The row class of a model as a field's type. A field may hide this very module's class, too."""
        name = self._named.classes[model]
        if model == self._model.name and name not in self._field_names:
            return name
        return self._imports.name(f".{self._named.modules[model]}", name, checking=True)

    def _handles(self) -> Iterable[HandleView]:
        handle = self._imports.name("infra_runtime.fields", "FieldHandle")
        for field in self._model.readable:
            made = f"{field.name} = {handle}[{self._types.column(field)}]("
            model, name = text(self._model.name), text(field.name)
            line = f"{made}{model}, {name})"
            if len(line) + 4 > WIDTH:
                line = "\n".join([made, f"        {model},", f"        {name},", "    )"])
            yield HandleView(line)

    # Queries

    def _row_variable_made(self) -> str:
        variable = self._imports.name("typing_extensions", "TypeVar")
        return f"{variable}({text(self._row_variable)}, default={self._class})"

    def _clauses(self) -> ClausesView:
        return ClausesView(
            name=self._derived.clauses,
            documentation=docstring(f"What queries on `{self._model.name}` say, in both interfaces.", 4),
            base=self._imports.name("infra_runtime.builder.clauses", "Clauses"),
            arguments=tuple(text(self._input(suffix)) for suffix in CLAUSE_INPUTS),
            self_type=self._imports.name("typing", "Self"),
            methods=tuple(self._clause_methods()),
        )

    def _clause_methods(self) -> Iterable[ClauseView]:
        where, order = self._input("Where"), self._input("Order")
        yield self._clause("where", "Only rows that meet all of these conditions, too.", "filters", where)
        yield self._clause("or_where", "Rows let through so far, or by all of these conditions.", "filters", where)
        if self._model.relations:
            names, arguments = self._input("Relation"), self._input("Include")
            yield self._clause("include", "Loads these relations with the rows, too.", "relations", names, arguments)
        yield self._clause("order_by", "In this order; where it leaves rows equal, by the next.", "orders", order)

    def _clause(
        self, name: str, documentation: str, parameter: str, positional: str, keywords: str | None = None
    ) -> ClauseView:
        (parameter,) = given_out({parameter: parameter}, self._field_names).values()
        unpack = self._imports.name("typing_extensions", "Unpack")
        return ClauseView(
            name=name,
            documentation=docstring(documentation, 8),
            parameters=(*self._self(), f"*{parameter}: {positional}", f"**fields: {unpack}[{keywords or positional}]"),
            does=f"self._{name}({parameter}, fields)",
        )

    def _self(self) -> tuple[str, ...]:
        """The first parameter of a method that takes fields by their names."""
        return ("self", "/") if "self" in self._field_names else ("self",)

    def _queries(self) -> Iterable[QueryView]:
        if self._settings.interface != "sync":
            yield self._query_view(self._derived.query, "__query__", is_async=True)
        if self._settings.interface != "asyncio":
            yield self._query_view(self._derived.sync_query, "__sync_query__", is_async=False)

    def _query_view(self, name: str, mark: str, *, is_async: bool) -> QueryView:
        writes = not self._model.is_view
        base = (
            f"{'' if is_async else 'Sync'}{'SoftDelete' if self._keeps_deleted else 'Writable' if writes else ''}Query"
        )
        home = "infra_runtime.builder.soft_deletes" if self._keeps_deleted else "infra_runtime.builder.query"
        update = None
        if writes:
            changes = f"**data: {self._imports.name('typing_extensions', 'Unpack')}[{self._input('UpdateMany')}]"
            documentation = docstring("Changes all rows of the query and answers how many.", 8)
            update = ClauseView("update", documentation, (*self._self(), changes), "self._update(data)")
        shape = self._imports.name("infra_runtime.repository", "ShapeT", checking=True)
        projection = self._imports.name("infra_runtime.arguments.projection", "ProjectionOf", checking=True)
        return QueryView(
            name=name,
            documentation=docstring(f"A query on `{self._model.name}`{'' if is_async else ', for blocking code'}.", 4),
            base=self._imports.name(home, base),
            arguments=(self._row_variable, *(text(self._input(suffix)) for suffix in CLAUSE_INPUTS)),
            project=ClauseView(
                "project",
                docstring(f"Instances of a projection of `{self._model.name}` instead of rows.", 8),
                ("self", f"projection: type[{projection}[{self._class}, {shape}]]"),
                "self._project(projection)",
            ),
            shape=shape,
            update=update,
            mark=mark,
            is_async=is_async,
        )

    # Repositories

    @property
    def _keeps_deleted(self) -> bool:
        return "softDelete" in self._model.options

    def _repositories(self) -> Iterable[RepositoryView]:
        if self._settings.interface != "sync":
            yield self._repository_view(self._derived.repository, self._derived.query, is_async=True)
        if self._settings.interface != "asyncio":
            yield self._repository_view(self._derived.sync_repository, self._derived.sync_query, is_async=False)

    def _repository_view(self, name: str, query: str, *, is_async: bool) -> RepositoryView:
        writes = not self._model.is_view
        kind = "SoftDeleteRepository" if self._keeps_deleted else "Repository" if writes else "Reads"
        base = ("" if is_async else "Sync") + kind
        home = "infra_runtime.soft_deletes" if self._keeps_deleted else "infra_runtime.repository"
        arguments = [text(self._class), *(text(self._input(suffix)) for suffix in READ_INPUTS)]
        if writes:
            arguments += [self._write_argument(suffix) for suffix in WRITE_INPUTS]
            arguments.append(text(f"{self._class} | None" if self._settings.missing == "none" else self._class))
        arguments.append(self._id_argument())
        return RepositoryView(
            name=name,
            documentation=docstring(f"Queries on `{self._model.name}`{'' if is_async else ', for blocking code'}.", 4),
            base=self._imports.name(home, base),
            arguments=tuple(arguments),
            model_name=text(self._model.name),
            finders=tuple(self._finders(is_async)),
            query=query,
            is_async=is_async,
        )

    def _id_argument(self) -> str:
        """The type of an id: its field's, or a tuple of its fields' types."""
        types = [self._parameter_type(field) for field in self._model.id]
        if not types:
            return self._imports.name("typing", "Never")
        return text(types[0] if len(types) == 1 else f"{self._imports.builtin('tuple')}[{', '.join(types)}]")

    def _write_argument(self, suffix: str) -> str:
        if suffix in _NEEDS_CREATING and not self._model.creatable:
            return self._imports.name("typing", "Never")
        return text(self._input(suffix))

    def _input(self, suffix: str) -> str:
        """An input type of this model, as this module calls it; only checkers see it."""
        return f"{self._imports.submodule('.types', self._module, checking=True)}.{self._class}{suffix}"

    def _finders(self, is_async: bool) -> Iterable[FinderView]:
        """For each unique key a method that answers its row or None, one that raises where it is not there, and one that asks if it is."""
        names = given_out({key.name: f"by_{key.name}" for key in self._model.unique_keys}, ())
        for key in self._model.unique_keys:
            nested: Mapping[str, Any] = {field: Code(name) for field, name in self._key_parameters(key).items()}
            unique = nested if len(key.fields) == 1 else {key.name: nested}
            row, fields = self._class, listed(key.fields)
            for name, says, result, method, where in (
                ("find", f"The row with this {fields}, or None.", f"{row} | None", "find_unique", unique),
                (
                    "get",
                    f"The row with this {fields}, or RecordNotFoundError.",
                    row,
                    "find_unique_or_raise",
                    unique,
                ),
                ("exists", f"Is there a row with this {fields}?", self._imports.builtin("bool"), "exists", nested),
            ):
                included = {} if name == "exists" else {"include": self._input("Include")}
                yield FinderView(
                    signature=self._finder_signature(f"{name}_{names[key.name]}", key, included, result, is_async),
                    documentation=docstring(says, 8),
                    does=call(
                        f"return {'await ' if is_async else ''}self.{method}",
                        [("", where), *(("", Code(argument)) for argument in included), ("options", Code("options"))],
                    ),
                )

    def _key_parameters(self, key: UniqueKey) -> Mapping[str, str]:
        """The parameter of each field of a key."""
        return given_out({field: field for field in key.fields}, KEYWORDS | {"self", "include", "options"})

    def _finder_signature(
        self, name: str, key: UniqueKey, included: Mapping[str, str], result: str, is_async: bool
    ) -> str:
        not_given = self._imports.name("infra_runtime.repository", "NOT_GIVEN")
        values = [f"{taken}: {self._parameter_type(field)}" for field, taken in self._key_parameters(key).items()]
        included_ = [f"{argument}: {type_} = {not_given}" for argument, type_ in included.items()]
        options = f"options: {self._imports.name('infra_runtime.repository', 'Options')} = {not_given}"
        return signature(f"{'async ' if is_async else ''}def {name}", [*values, *included_, "*", options], result)

    def _parameter_type(self, field: str) -> str:
        scalar = self._model.scalar[field]
        if scalar.is_enum:
            enums = self._imports.submodule(".types", "enums", checking=True)
            return f"{enums}.{self._named.enum_inputs[scalar.type]['Value']}"
        return self._types.value(scalar)

    # Inputs

    def _inputs(self) -> tuple[tuple[InputView, ...], ModuleView]:
        keys = {key.name for key in self._model.unique_keys}
        imports = Imports(keys | self._field_names | {f"{self._class}{suffix}" for suffix in SUFFIXES})
        types = ScalarTypes(imports, "..enums", ".enums", self._named.classes, self._named.enum_inputs)
        views = InputTypes(self._named, self._model, self._leading, imports, types).views()
        module = ModuleView(
            docstring(f"What queries on `{self._model.name}` take.", 0), imports.groups, imports.checking
        )
        return views, module
