"""The inputs of a model: what its queries take, as TypedDicts that refer to each other and are never unrolled.

Shapes are chosen for what checkers say of mistakes: no unions on the paths people mistype (`create` of a to-many relation is a list in
the type; the runtime takes one, too), one create input with foreign key and relation both optional, and nothing generated that no
relation leads to. May import `plan` and the runtime's `schema`.

Checkers follow the references of TypedDicts to one another, and that decides a few more things. Mypy walks all that a TypedDict leads to,
once for each of its keys and those of its bases, until it meets a name that it does not know yet: so `Where` and `WhereUnique` list
their keys themselves, beginning with those that lead back to `Where` (`AND`, which mypy learns last), and what stands behind a scalar is
one alias, not a union in each place. Pyright works out a TypedDict within the one that mentions it, bases first, and its stack ends
where a hundred related models make a chain: so keys that lead to less come before those that lead further (`connect` before `create`;
lists of rows, whose filters need neither a call nor a union, before single ones).

Two other layouts that look better to mypy are none: TypedDicts made by calls it walks once, not once a key (two fifths less time), but pyright works
them out where they stand, and its stack ends with fewer than a hundred models; wrappers that are generic in the runtime (`ListFilter[Where]`) need
fewer classes, but mypy then takes minutes for twenty models, and pyright names a parameter in place of the key.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from infra_gen.plan.modules import Imports
from infra_gen.plan.names import NamedSchema, given_out, words
from infra_gen.plan.scalars import FILTERS, ScalarTypes
from infra_gen.plan.text import WIDTH, annotated, class_header, docstring, literal, text
from infra_gen.plan.views import AliasView, InputView, Key, TypedDictView
from infra_runtime.schema import Enum, Model, RelationField, ScalarField, UniqueKey


@dataclass(frozen=True, slots=True)
class Incoming:
    """What kinds of relation fields lead to a model: what others need of its inputs."""

    to_many: bool = False
    to_required: bool = False
    to_optional: bool = False

    @property
    def to_one(self) -> bool:
        return self.to_required or self.to_optional

    @property
    def any(self) -> bool:
        return self.to_many or self.to_one


def incoming(named: NamedSchema) -> dict[str, Incoming]:
    """What leads to each model."""
    found: dict[str, set[str]] = {model.name: set() for model in named.schema.models}
    for model in named.schema.models:
        for relation in model.relations:
            found[relation.model].add(relation.arity)
    return {
        name: Incoming("list" in arities, "required" in arities, "optional" in arities)
        for name, arities in found.items()
    }


SUFFIXES = words("""
    Arguments ConnectOrCreate Count CountSelect Counted Create CreateMany CreateManyNested CreateNestedMany CreateNestedOne Field
    Include Including ListFilter OptionalFilter Order Relation RelationFilter Update UpdateMany UpdateManyNested UpdateNested UpdateNestedMany
    UpdateNestedOne UpdateNestedOptional Upsert UpsertMany Where WhereUnique
    """)
"""What follows a model's class in the names of its inputs."""


class InputTypes:
    """Makes the inputs of one model; what they use is collected in `imports`."""

    def __init__(
        self, named: NamedSchema, model: Model, leading: Incoming, imports: Imports, types: ScalarTypes
    ) -> None:
        self.model = model
        self.leading = leading
        self.imports = imports
        self.types = types
        self._named = named
        self._class = named.classes[model.name]
        self._list = imports.builtin("list")
        self._bool = imports.builtin("bool")
        self._int = imports.builtin("int")
        self._keys = compound_key_classes(model, self._class)
        self._writable = not model.is_view

    def views(self) -> tuple[InputView, ...]:
        """All inputs, those that are read first: what users write come first, what only nests comes last."""
        return tuple(self._views())

    def _views(self) -> Iterable[InputView]:
        yield self._fields()
        yield from self._where()
        yield self._order()
        if self.model.relations:
            yield self._relations()
        yield from self._include()
        if self._writable:
            yield from self._data()
        if self.leading.any:
            yield from self._relation_filters()
            if self._writable:
                yield from self._nested()

    # What reads take

    def _fields(self) -> AliasView:
        return AliasView(
            f"{self._class}Field",
            docstring(f"The names of the fields of `{self.model.name}` that are no relations.", 0),
            literal_alias(f"{self._class}Field", [field.name for field in self.model.readable], self.imports),
        )

    def _relations(self) -> AliasView:
        names = [relation.name for relation in self.model.relations]
        if any(relation.is_list for relation in self.model.relations):
            names.append("_count")
        return AliasView(
            f"{self._class}Relation",
            docstring(f"The names of the relations of `{self.model.name}`, for queries to include.", 0),
            literal_alias(f"{self._class}Relation", names, self.imports),
        )

    def _where(self) -> Iterable[TypedDictView]:
        single = {key.fields[0] for key in self.model.unique_keys if len(key.fields) == 1}
        compound = [key for key in self.model.unique_keys if len(key.fields) > 1]
        where, fields = f"{self._class}Where", self.model.readable
        logic = [Key(name, f"{self._list}[{where}]") for name in ("AND", "OR", "NOT")]
        filters = [Key(field.name, self.types.filter(field)) for field in fields]
        related = [Key(relation.name, self._relation_filter(relation)) for relation in self._shallow_relations()]
        yield self._typed_dict(where, f"Which rows of `{self.model.name}`.", [*logic, *filters, *related])
        for key in compound:
            yield self._compound_key(key)
        keys = [
            *(Key(field.name, self.types.value(field)) for field in fields if field.name in single),
            *(Key(key.name, self._keys[key.name]) for key in compound),
        ]
        filters = [Key(field.name, self.types.filter(field)) for field in fields if field.name not in single]
        documentation = f"Which one row of `{self.model.name}`: by a unique key, and filters besides."
        yield self._typed_dict(f"{where}Unique", documentation, [*keys, *logic, *filters, *related])

    def _compound_key(self, key: UniqueKey) -> TypedDictView:
        fields = [self.model.scalar[name] for name in key.fields]
        return self._typed_dict(
            self._keys[key.name],
            f"The unique key of `{self.model.name}` made of {listed(key.fields)}.",
            [Key(field.name, self.types.value(field)) for field in fields],
            total=True,
        )

    def _relation_filter(self, relation: RelationField) -> str:
        suffix = {"list": "ListFilter", "optional": "OptionalFilter", "required": "RelationFilter"}[relation.arity]
        return self._of(relation.model, suffix)

    def _order(self) -> TypedDictView:
        keys = [Key(field.name, self.types.order(field)) for field in self.model.readable]
        for relation in self.model.relations:
            by_count = self.imports.name(FILTERS, "CountOrder") if relation.is_list else ""
            keys.append(Key(relation.name, by_count or self._of(relation.model, "Order")))
        if any(field.type == "String" and not field.is_list for field in self.model.readable):
            keys.append(Key("_relevance", self.imports.name(FILTERS, "RelevanceOrder")))
        return self._typed_dict(f"{self._class}Order", f"An order of rows of `{self.model.name}`: one key.", keys)

    def _shallow_relations(self) -> list[RelationField]:
        """The relations as filters and includes list them: those to many first, so that pyright goes less deep (see the module)."""
        return sorted(self.model.relations, key=lambda relation: not relation.is_list)

    def _include(self) -> Iterable[TypedDictView]:
        lists = [relation for relation in self.model.relations if relation.is_list]
        keys = [
            Key(
                relation.name,
                f"{self._bool} | {self._of(relation.model, 'Arguments' if relation.is_list else 'Including')}",
            )
            for relation in self._shallow_relations()
        ]
        if lists:
            keys.append(Key("_count", f"{self._bool} | {self._class}Count"))
        yield self._typed_dict(
            f"{self._class}Include",
            f"Which relations of `{self.model.name}` to load." if keys else f"`{self.model.name}` has no relations.",
            keys,
        )
        if lists:
            count = Key("select", f"{self._class}CountSelect")
            yield self._typed_dict(f"{self._class}Count", "Which related rows to count.", [count])
            yield self._typed_dict(
                f"{self._class}CountSelect",
                "Which related rows to count: all of them, or those a filter lets through.",
                [Key(item.name, f"{self._bool} | {self._of(item.model, 'Counted')}") for item in lists],
            )

    # What writes take

    def _data(self) -> Iterable[TypedDictView]:
        name, many = self.model.name, f"{self._class}CreateMany"
        foreign = {field for relation in self.model.relations for field in relation.fields}
        fields = self.model.readable
        if self.model.creatable:
            yield self._typed_dict(
                many,
                f"A row of `{name}` to make, without its relations.",
                [Key(item.name, self.types.column(item), required=_is_required(item, foreign)) for item in fields],
            )
            yield self._typed_dict(
                f"{self._class}Create",
                f"A row of `{name}` to make, with or by way of its relations.",
                [Key(item.name, self._nested_in(item, "Create")) for item in self._writable_relations()],
                base=many,
            )
        changed = f"{self._class}UpdateMany"
        yield self._typed_dict(
            changed,
            f"A change of rows of `{name}`, without their relations.",
            [Key(item.name, self.types.update(item)) for item in fields],
        )
        yield self._typed_dict(
            f"{self._class}Update",
            f"A change of a row of `{name}`.",
            [Key(item.name, self._nested_in(item, "Update")) for item in self._writable_relations()],
            base=changed,
        )
        if self.model.creatable:
            yield self._typed_dict(
                f"{self._class}Upsert",
                f"A row of `{name}` to change, or to make where there is none.",
                [Key("create", f"{self._class}Create"), Key("update", f"{self._class}Update")],
                total=True,
            )
            yield self._typed_dict(
                f"{self._class}UpsertMany",
                f"One of several rows of `{name}` to change, or to make where there is none.",
                [
                    Key("where", f"{self._class}WhereUnique"),
                    Key("create", f"{self._class}Create"),
                    Key("update", f"{self._class}Update"),
                ],
                total=True,
            )

    def _writable_relations(self) -> list[RelationField]:
        models = self._named.schema.model
        return [relation for relation in self.model.relations if not models[relation.model].is_view]

    def _nested_in(self, relation: RelationField, verb: str) -> str:
        if relation.is_list:
            return self._of(relation.model, f"{verb}NestedMany")
        optional = verb == "Update" and not relation.is_required
        return self._of(relation.model, f"{verb}NestedOptional" if optional else f"{verb}NestedOne")

    # What other models' inputs nest

    def _relation_filters(self) -> Iterable[TypedDictView]:
        name, where, arguments = self.model.name, f"{self._class}Where", f"{self._class}Include"
        if self.leading.to_many:
            keys = [Key(key, where) for key in ("some", "every", "none")]
            yield self._typed_dict(f"{self._class}ListFilter", f"A filter on related rows of `{name}`.", keys)
            order = f"{self._class}Order"
            yield self._typed_dict(
                f"{self._class}Arguments",
                f"Which related rows of `{name}` to load, and what of them.",
                [
                    Key("where", where),
                    *self._searched(),
                    *self._deleted(),
                    Key("order", f"{order} | {self._list}[{order}]"),
                    Key("take", self._int),
                    Key("skip", self._int),
                    Key("cursor", f"{where}Unique"),
                    Key("distinct", f"{self._list}[{self._class}Field]"),
                    Key("include", arguments),
                ],
            )
            yield self._typed_dict(f"{self._class}Counted", f"Which rows of `{name}` to count.", [Key("where", where)])
        if self.leading.to_required:
            keys = [Key("is", where), Key("is_not", where)]
            yield self._typed_dict(f"{self._class}RelationFilter", f"A filter on the related row of `{name}`.", keys)
        if self.leading.to_optional:
            keys = [Key("is", f"{where} | None"), Key("is_not", f"{where} | None")]
            documentation = f"A filter on the related row of `{name}`; None: that there is none."
            yield self._typed_dict(f"{self._class}OptionalFilter", documentation, keys)
        if self.leading.to_one:
            documentation = f"What to load with the related row of `{name}`."
            yield self._typed_dict(
                f"{self._class}Including", documentation, [*self._deleted(), Key("include", arguments)]
            )

    def _searched(self) -> Iterable[Key]:
        if "search" in self.model.options:
            yield Key("search", f"{self.imports.name(FILTERS, 'Search')}[{self._class}Field]")

    def _deleted(self) -> Iterable[Key]:
        if "softDelete" in self.model.options:
            yield Key("deleted", self.imports.name(FILTERS, "Deleted"))

    def _nested(self) -> Iterable[TypedDictView]:
        name, own = self.model.name, self._class
        unique, create, update = f"{own}WhereUnique", f"{own}Create", f"{own}Update"
        creatable = self.model.creatable
        if creatable:
            keys = [Key("where", unique), Key("create", create)]
            documentation = f"A row of `{name}` to connect, or to make where there is none."
            yield self._typed_dict(f"{own}ConnectOrCreate", documentation, keys, total=True)
        connect_or_create = f"{own}ConnectOrCreate"
        # Each lists `update` itself: pyright takes an inherited key of this name for the method of dict.
        changes = [Key("update", update), *([Key("upsert", f"{own}Upsert")] if creatable else [])]
        if self.leading.to_many:
            yield from self._nested_many(unique, create, connect_or_create)
        if self.leading.to_one:
            keys = [Key("connect", unique)]
            if creatable:
                keys += [Key("create", create), Key("connect_or_create", connect_or_create)]
            documentation = f"The related row of `{name}` of a row to make."
            yield self._typed_dict(f"{own}CreateNestedOne", documentation, keys)
        if self.leading.to_required:
            documentation = f"Changes of the related row of `{name}`."
            yield self._typed_dict(f"{own}UpdateNestedOne", documentation, changes, base=f"{own}CreateNestedOne")
        if self.leading.to_optional:
            yield self._typed_dict(
                f"{own}UpdateNestedOptional",
                f"Changes of the related row of `{name}`, which need not be there.",
                [*changes, Key("disconnect", self._bool), Key("delete", self._bool)],
                base=f"{own}CreateNestedOne",
            )

    def _nested_many(self, unique: str, create: str, connect_or_create: str) -> Iterable[TypedDictView]:
        name, own, creatable = self.model.name, self._class, self.model.creatable
        update = f"{own}Update"
        if creatable:
            keys = [Key("data", self._listing(f"{own}CreateMany")), Key("skip_duplicates", self._bool)]
            yield self._typed_dict(f"{own}CreateManyNested", f"Related rows of `{name}` to make.", keys)
        keys = [Key("connect", self._listing(unique))]
        if creatable:
            keys += [
                Key("create", self._listing(create)),
                Key("create_many", f"{own}CreateManyNested"),
                Key("connect_or_create", self._listing(connect_or_create)),
            ]
        documentation = f"The related rows of `{name}` of a row to make."
        yield self._typed_dict(f"{own}CreateNestedMany", documentation, keys)
        where_data = [Key("where", unique), Key("data", update)]
        yield self._typed_dict(
            f"{own}UpdateNested", f"A change of one related row of `{name}`.", where_data, total=True
        )
        where_data = [Key("where", f"{own}Where"), Key("data", f"{own}UpdateMany")]
        documentation = f"A change of all related rows of `{name}` that a filter lets through."
        yield self._typed_dict(f"{own}UpdateManyNested", documentation, where_data, total=True)
        changes = [
            Key("set", self._listing(unique)),
            Key("disconnect", self._listing(unique)),
            Key("delete", self._listing(unique)),
            Key("update", self._listing(f"{own}UpdateNested")),
            Key("update_many", self._listing(f"{own}UpdateManyNested")),
            *([Key("upsert", self._listing(f"{own}UpsertMany"))] if creatable else []),
            Key("delete_many", self._listing(f"{own}Where")),
        ]
        yield self._typed_dict(
            f"{own}UpdateNestedMany",
            f"Changes of the related rows of `{name}`.",
            changes,
            base=f"{own}CreateNestedMany",
        )

    # Text

    def _listing(self, name: str) -> str:
        return f"{self._list}[{name}]"

    def _of(self, model: str, suffix: str) -> str:
        """The input of another model (or this one), as this module calls it."""
        name = f"{self._named.classes[model]}{suffix}"
        if model == self.model.name:
            return name
        return f"{self.imports.submodule('.', self._named.modules[model])}.{name}"

    def _typed_dict(
        self, name: str, documentation: str, keys: Iterable[Key], *, base: str = "", total: bool = False
    ) -> TypedDictView:
        return typed_dict(self.imports, name, documentation, keys, base=base, total=total)


def typed_dict(
    imports: Imports, name: str, documentation: str, keys: Iterable[Key], *, base: str = "", total: bool = False
) -> TypedDictView:
    """A TypedDict: a class, or a call where a key is no identifier."""
    keys = tuple(keys)
    root = imports.name("typing_extensions", "TypedDict")
    if any(keyword.iskeyword(key.name) for key in keys):
        lines = tuple(f"{literal(key.name)}: {literal(key.type)}" for key in keys)
        return TypedDictView(name, docstring(documentation, 0), "", lines, root)
    mark = imports.name("typing", "Required") if any(key.required for key in keys) else ""
    lines = tuple(annotated(key.name, f"{mark}[{key.type}]" if key.required else key.type) for key in keys)
    header = class_header(name, base or root, *([] if total else ["total=False"]))
    return TypedDictView(name, docstring(documentation, 4), header, lines)


def literal_alias(name: str, values: Sequence[str], imports: Imports) -> str:
    """An alias for a Literal of texts: on one line where it fits, else one text a line."""
    start = f"{name}: {imports.name('typing', 'TypeAlias')} = {imports.name('typing', 'Literal')}["
    line = f"{start}{', '.join(map(text, values))}]"
    if len(line) <= WIDTH or len(values) == 1:
        return line
    return "\n".join([start, *(f"    {text(value)}," for value in values), "]"])


def compound_key_classes(model: Model, own_class: str) -> dict[str, str]:
    """The class of each compound key's value, by the key's name."""
    wanted = {key.name: _camel(key.name) for key in model.unique_keys if len(key.fields) > 1}
    return {name: f"{own_class}{camel}Key" for name, camel in given_out(wanted, ()).items()}


def enum_inputs(named: NamedSchema, imports: Imports) -> tuple[InputView, ...]:
    """What stands for the values of each enum in inputs, its filters, and updates of lists of it."""
    return tuple(
        view
        for enum in named.schema.enums
        for view in _enum_inputs(enum, named.classes[enum.name], named.enum_inputs[enum.name], imports)
    )


def _enum_inputs(enum: Enum, name: str, inputs: Mapping[str, str], imports: Imports) -> Iterable[InputView]:
    value, names = inputs["Value"], inputs["Name"]
    line = literal_alias(names, [item.name for item in enum.values], imports)
    yield AliasView(names, docstring(f"The names of the members of `{enum.name}`.", 0), line)
    either = f"{imports.name('..enums', name)} | {names}"
    yield AliasView(
        value, docstring(f"A member of `{enum.name}`, or its name.", 0), _union_alias(value, either, imports)
    )
    for nullable in (False, True):
        own = inputs["NullableFilter" if nullable else "Filter"]
        none = " | None" if nullable else ""
        documentation = f"A filter on `{enum.name}`{' that may be NULL' if nullable else ''}."
        keys = [
            Key("equals", f"{value}{none}"),
            Key("not", f"{value} | {own}{none}"),
            Key("in", f"list[{value}]"),
            Key("not_in", f"list[{value}]"),
        ]
        yield typed_dict(imports, own, documentation, keys)
        condition = inputs["NullableCondition" if nullable else "Condition"]
        documentation = f"What a row's `{enum.name}`{', which may be NULL,' if nullable else ''} is, or a filter on it."
        yield AliasView(
            condition, docstring(documentation, 0), _union_alias(condition, f"{value} | {own}{none}", imports)
        )
    lists = [
        Key("equals", f"list[{value}]"),
        Key("has", value),
        Key("has_every", f"list[{value}]"),
        Key("has_some", f"list[{value}]"),
        Key("is_empty", "bool"),
    ]
    yield typed_dict(imports, inputs["ListFilter"], f"A filter on a list of `{enum.name}`.", lists)
    changes = [Key("set", f"list[{value}]"), Key("push", f"{value} | list[{value}]")]
    yield typed_dict(imports, inputs["ListUpdate"], f"A change of a list of `{enum.name}`; one key.", changes)


def _union_alias(name: str, union: str, imports: Imports) -> str:
    """An alias for a union: on one line where it fits, else a member a line, in a form that no width of lines lays out otherwise."""
    start = f"{name}: {imports.name('typing', 'TypeAlias')} = "
    if len(start + union) <= WIDTH:
        return f"{start}{union}"
    members = "".join(f"    {member},\n" for member in union.split(" | "))
    return f"{start}{imports.name('typing', 'Union')}[\n{members}]"


def _is_required(field: ScalarField, foreign: set[str]) -> bool:
    """Must data to create hold the field? Foreign keys need not: the relation may be there instead."""
    return field.is_required and field.default is None and not field.updated_at and field.name not in foreign


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them: `a`, `b` and `c`."""
    *first, last = [f"`{name}`" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
