"""What everything in a live database is called in a schema: as the schema calls it, or as `prisma db pull` would.

Source of the names of relations and of their fields: Prisma's documentation of introspection; a relation is ambiguous that is not the only
one between its two models, or whose field would have the name of a column of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from infra_gen import ir
from infra_gen.checks.names import BUILTIN_TYPES, RESERVED_NAMES
from infra_gen.database.catalog import Catalog, Column, ForeignKey, Table, TableName
from infra_gen.database.ddl.postgresql import qualified
from infra_gen.pull import names

_RESERVED = RESERVED_NAMES | set(BUILTIN_TYPES)


@dataclass(frozen=True, slots=True)
class RelationNames:
    """`relation` is empty where the relation needs no name. `forward`: the field with the foreign key, or of the model of column A."""

    relation: str
    forward: str
    back: str


@dataclass(frozen=True, slots=True)
class Link:
    """The join table of an implicit many-to-many: the tables that its columns A and B refer to."""

    table: TableName
    a: TableName
    b: TableName


class Naming:
    """The names of one pull. Names that are given out are taken from then on."""

    def __init__(self, schema: ir.Schema, live: Catalog) -> None:
        self._schema = schema
        self._live = live
        self._models = {TableName(model.table, model.schema): model.name for model in schema.models}
        self._fields: dict[TableName, dict[str, str]] = {
            TableName(model.table, model.schema): {field.column: field.name for field in model.scalars}
            for model in schema.models
        }
        self._types = {*schema.model, *schema.enum}
        self._taken = {model.name: {field.name for field in model.fields} for model in schema.models}
        self._enums = {TableName(enum.database, enum.schema): enum.name for enum in schema.enums}
        self.members: dict[str, dict[str, str]] = {
            enum.name: {value.database: value.name for value in enum.values} for enum in schema.enums
        }
        self._known_links = {relation.table for relation in schema.relations if relation.kind == "many_to_many"}
        self.links: dict[TableName, Link] = {}
        self._name_all()
        self._relations = _relations_by_models(live, self.links)

    # -- models, fields, enums ---------------------------------------------------------------------------------------
    def model(self, table: TableName) -> str:
        return self._models[table]

    def field(self, table: TableName, column: str) -> str:
        return self._fields[table][column]

    def enum(self, name: TableName) -> str:
        return self._enums[name]

    def enum_types(self) -> dict[str, str]:
        """The names of PostgreSQL's enums by their SQL."""
        return {qualified(name): enum for name, enum in self._enums.items()}

    def new_enum(self, name: TableName, values: Iterable[str]) -> str:
        """Names an enum that the schema does not have, and its values."""
        enum = self._enums[name] = self._type_name(name, "Enum")
        self.members[enum] = {}
        self.name_values(enum, values)
        return enum

    def name_values(self, enum: str, values: Iterable[str]) -> None:
        """Names those of an enum's values that have no name."""
        members = self.members[enum]
        for value in values:
            if value not in members:
                name = names.value_name(value) or names.sanitized(f"VALUE_{value}")
                members[value] = names.free(name, members.values())

    def new_fields(self, table: Table, columns: Iterable[Column]) -> None:
        """Names columns that the schema does not have."""
        taken = self._taken.setdefault(self.model(table.name), set())
        fields = self._fields.setdefault(table.name, {})
        for column in columns:
            name = names.free(names.sanitized(column.name) or names.sanitized(f"field_{column.name}"), taken)
            fields[column.name] = name
            taken.add(name)

    def _name_all(self) -> None:
        """Tables that may be join tables come last, as what they are depends on the names of the others."""
        added = sorted((table for table in self._live.tables if table.name not in self._models), key=_by_name)
        for table in added:
            if not table.name.name.startswith("_"):
                self._models[table.name] = self._type_name(table.name, "Model")
        for table in added:
            if table.name not in self._models and (link := self._link(table)) is not None:
                self.links[table.name] = link
            elif table.name not in self._models:
                self._models[table.name] = self._type_name(table.name, "Model")

    def _type_name(self, name: TableName, stem: str) -> str:
        tables = [table.name.name for table in self._live.tables]
        enums = [enum.name.name for enum in self._live.enums]
        if name.schema and (tables + enums).count(name.name) > 1:
            wanted = names.sanitized(f"{name.schema}_{name.name}")
        else:
            wanted = names.type_name(name.name, _RESERVED) or names.sanitized(f"{stem}_{name.name}")
        found = names.free(wanted, self._types)
        self._types.add(found)
        return found

    def _link(self, table: Table) -> Link | None:
        keys = {key.columns: key for key in table.foreign_keys}
        a, b = keys.get(("A",)), keys.get(("B",))
        if {column.name for column in table.columns} != {"A", "B"}:
            return None
        if table.name.name in self._known_links and not (a and b):
            return self._known_link(table)
        if a is None or b is None or a.table not in self._models or b.table not in self._models:
            return None
        is_pair = (table.primary_key is not None and table.primary_key.names == ("A", "B")) or any(
            index.kind == "unique" and tuple(column.name for column in index.columns) == ("A", "B")
            for index in table.indexes
        )
        is_in_order = self._models[a.table] <= self._models[b.table]
        has_ids = all(_refers_to_id(key, self._live) for key in (a, b))
        return Link(table.name, a.table, b.table) if is_pair and is_in_order and has_ids else None

    def _known_link(self, table: Table) -> Link:
        """A join table of the schema's, without foreign keys."""
        relation = next(item for item in self._schema.relations if item.table == table.name.name)
        a, b = self._schema.model[relation.model_a], self._schema.model[relation.model_b]
        return Link(table.name, TableName(a.table, a.schema), TableName(b.table, b.schema))

    # -- relations ---------------------------------------------------------------------------------------------------
    def forget_field(self, model: str, field: str) -> None:
        """The name of a field that goes is free."""
        self._taken[model].discard(field)

    def relation(self, table: TableName, key: ForeignKey) -> RelationNames:
        """Names the relation of a foreign key."""
        here, there = self.model(table), self.model(key.table)
        fields = [self.field(table, column) for column in key.columns]
        other = "other_" if table == key.table else ""
        is_ambiguous = len(self._relations[frozenset((table, key.table))]) > 1 or there in fields
        name = f"{here}_{'_'.join(fields)}To{there}" if is_ambiguous else ""
        if is_ambiguous:
            forward, back = f"{there}_{name}", f"{other}{here}_{name}"
        else:
            forward, back = there, f"{other}{here}"
            name = f"{here}To{there}" if table == key.table else ""
        return RelationNames(name, self._field_name(here, forward), self._field_name(there, back))

    def link(self, link: Link) -> RelationNames:
        """Names the relation of a join table."""
        a, b = self.model(link.a), self.model(link.b)
        is_ambiguous = len(self._relations[frozenset((link.a, link.b))]) > 1
        own = link.table.name[1:]
        name = "" if own == "To".join(sorted((a, b))) and a != b and not is_ambiguous else own
        suffix = link.table.name if is_ambiguous else ""
        forward, back = (f"{b}{suffix}_A", f"{a}{suffix}_B") if link.a == link.b else (f"{b}{suffix}", f"{a}{suffix}")
        return RelationNames(name, self._field_name(a, forward), self._field_name(b, back))

    def _field_name(self, model: str, wanted: str) -> str:
        taken = self._taken.setdefault(model, set())
        found = names.free(wanted, taken)
        taken.add(found)
        return found


def _by_name(table: Table) -> tuple[str, str]:
    return table.name.schema or "", table.name.name


def _refers_to_id(key: ForeignKey, live: Catalog) -> bool:
    id_ = live.table[key.table].primary_key
    return id_ is not None and id_.names == key.references


def _relations_by_models(live: Catalog, links: dict[TableName, Link]) -> dict[frozenset[TableName], set[object]]:
    """The relations between each two tables."""
    found: dict[frozenset[TableName], set[object]] = defaultdict(set)
    for models, relation in _relations(live, links):
        found[models].add(relation)
    return found


def _relations(live: Catalog, links: dict[TableName, Link]) -> Iterator[tuple[frozenset[TableName], object]]:
    for table in live.tables:
        if link := links.get(table.name):
            yield frozenset((link.a, link.b)), link
        else:
            yield from ((frozenset((table.name, key.table)), (table.name, key.columns)) for key in table.foreign_keys)
