"""One patch: what differs between a schema and its live database, as edits of the schema's text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from infra_gen import ir
from infra_gen.database.catalog import Catalog, Column, ForeignKey, Index, Table, TableName
from infra_gen.database.compare import Difference, TableDifference
from infra_gen.database.dialects import DIALECTS
from infra_gen.pull.column_types import FieldType
from infra_gen.pull.enums import mysql_enums
from infra_gen.pull.fields import Written, can_say, is_unique, whole_keys
from infra_gen.pull.live import said
from infra_gen.pull.naming import Naming
from infra_gen.pull.relations import (
    Lines,
    back_type,
    changed_attribute,
    forward_type,
    new_link,
    new_relation,
    table_of,
)
from infra_gen.pull.syntax import SchemaText
from infra_gen.pull.text import quoted
from infra_gen.resolve.reading import attribute
from infra_gen.schema.syntax import Attribute, Document

MADE_BY_CLIENT = ("cuid", "uuid", "ulid", "nanoid")
NO_KEY = "/// The underlying table does not contain a valid unique identifier and can therefore currently not be handled by Prisma Client."
"""What Prisma writes above a model that no row can be found in; a re-pull with either tool then says the same."""


@dataclass(slots=True)
class _NewModel:
    lines: list[str] = field(default_factory=list)
    relations: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)


class Patch:
    """A patch of one schema. `changes` and `unsaid` have a line for each thing done, or left out for want of a word.

    Args:
        live: as far as schemas can say it (`live.sayable`).
        verbatim: tables and columns whose default is written in the database's own words.
        comments: of the database, by table and column; for new things.
    """

    def __init__(
        self,
        schema: ir.Schema,
        document: Document,
        live: Catalog,
        *,
        verbatim: frozenset[tuple[str, str]],
        comments: Mapping[tuple[TableName, str | None], str],
    ) -> None:
        self.changes: list[str] = []
        self.unsaid: list[str] = []
        self.text = SchemaText(document)
        self._schema = schema
        self._live = live
        self._comments = comments
        self._naming = Naming(schema, live)
        self._models = {table_of(model): model for model in schema.models if not model.is_view}
        self._dialect = DIALECTS[schema.datasource.provider]
        self._written = Written(schema.datasource.provider, schema.datasource.name, self._naming, {}, verbatim)
        self._column_enums: dict[tuple[TableName, str], str] = {}
        self._new: dict[str, _NewModel] = {}
        self._blocks: list[str] = []
        self._before: dict[TableName, Table] = {}

    def make(self) -> None:
        """Collects all edits."""
        difference = self._dialect.compare(said(self._schema), self._live)
        self._before = {change.before.name: change.before for change in difference.changed}
        links = self._naming.links
        added = sorted(
            (table for table in self._live.tables if table.name not in self._models and table.name not in links),
            key=lambda table: (table.name.schema or "", table.name.name),
        )
        self._enums(difference)
        for table in added:
            self._naming.new_fields(table, table.columns)
        for table in difference.dropped:
            if (model := self._models.get(table.name)) is not None:
                self._drop_model(model)
        for change in difference.changed:
            if (model := self._models.get(change.after.name)) is not None:
                self._change_model(model, change)
        for table in added:
            self._add_model(table)
        self._relations({change.after.name for change in difference.changed})
        self._write_blocks()

    # -- enums -------------------------------------------------------------------------------------------------------
    def _enums(self, difference: Difference) -> None:
        if self._schema.datasource.provider == "mysql":
            self._mysql_enums()
        for dropped in difference.dropped_enums:
            name = self._naming.enum(dropped.name)
            self.text.remove_block(name)
            self.changes.append(f"enum {name} removed")
        for changed in difference.changed_enums:
            self._change_enum(self._naming.enum(changed.after.name), changed.after.values)
        for added in sorted(difference.added_enums, key=lambda item: str(item.name)):
            self._add_enum(added.name, added.values)
        types = self._naming.enum_types() if self._schema.datasource.provider == "postgresql" else {}
        self._written = Written(
            self._written.provider, self._written.native_prefix, self._naming, types, self._written.verbatim
        )

    def _mysql_enums(self) -> None:
        """MySQL has no enums but the types of columns: those of one enum of the schema that agree stay one."""
        wanted = mysql_enums(self._schema, self._live)
        for name, values in wanted.changed.items():
            self._change_enum(name, values)
        self._column_enums.update(wanted.known)
        for (table, column), values in wanted.new.items():
            self._column_enums[table, column] = self._add_enum(TableName(f"{table.name}_{column}"), values)

    def _change_enum(self, name: str, values: Sequence[str]) -> None:
        enum = self._schema.enum[name]
        members = dict(zip((value.database for value in enum.values), self.text.enums[name].members, strict=True))
        kept = {value: members[value] for value in values if value in members}
        self._naming.name_values(name, values)
        self.text.set_values(name, [(value, self._value_line(name, value)) for value in values], kept)
        for value in values:
            if value not in members:
                self.changes.append(f"enum {name}: value {self._naming.members[name][value]} added")
        for value in members:
            if value not in values:
                self.changes.append(f"enum {name}: value {self._naming.members[name].pop(value)} removed")
        if len(kept) == len(values) == len(members):
            self.changes.append(f"enum {name}: values in another order")

    def _add_enum(self, name: TableName, values: Sequence[str]) -> str:
        enum = self._naming.new_enum(name, values)
        lines = [f"  {self._value_line(enum, value)}" for value in values]
        if enum != name.name and self._schema.datasource.provider == "postgresql":
            lines.append(f"  @@map({quoted(name.name)})")
        if name.schema:
            lines.append(f"  @@schema({quoted(name.schema)})")
        self._blocks.append("\n".join([f"enum {enum} {{", *lines, "}"]))
        self.text.touched.add(enum)
        self.changes.append(f"enum {enum} added")
        return enum

    def _value_line(self, enum: str, value: str) -> str:
        name = self._naming.members[enum][value]
        return name if name == value else f"{name} @map({quoted(value)})"

    # -- models ------------------------------------------------------------------------------------------------------
    def _drop_model(self, model: ir.Model) -> None:
        self.text.remove_block(model.name)
        self.text.removed.update((model.name, item.name) for item in model.fields)
        self.changes.append(f"model {model.name} removed{_of_table(model.name, table_of(model))}")

    def _add_model(self, table: Table) -> None:
        name = self._naming.model(table.name)
        new = self._new[name] = _NewModel()
        on_fields, in_block = self._keys(table)
        for column in table.columns:
            line = " ".join([self._written.field(table, column, self._enum_of(table, column)), *on_fields[column.name]])
            new.lines += [*self._documented(table.name, column.name), line]
        new.attributes += in_block
        if name != table.name.name:
            new.attributes.append(f"@@map({quoted(table.name.name)})")
        if table.name.schema:
            new.attributes.append(f"@@schema({quoted(table.name.schema)})")
        if not self._is_usable(table):
            new.attributes.append("@@ignore")
            self.unsaid.append(f"table {table.name} has no unique key: its model {name} is ignored (@@ignore)")
        self.changes.append(f"model {name} added{_of_table(name, table.name)}")

    def _documented(self, table: TableName, column: str | None) -> list[str]:
        comment = self._comments.get((table, column), "")
        return [f"/// {line}".rstrip() for line in comment.splitlines()]

    def _keys(self, table: Table) -> tuple[dict[str, list[str]], list[str]]:
        """The attributes of keys and indexes, on fields and in the block."""
        on_fields: dict[str, list[str]] = defaultdict(list)
        in_block = []
        key = table.primary_key
        if key is not None and len(key.columns) == 1:
            on_fields[key.names[0]].append(self._written.id_of_field(table, key))
        elif key is not None:
            in_block.append(self._written.id_of_block(table, key))
        for index in sorted(table.indexes, key=lambda item: item.name):
            if not self._can_say(table, index):
                continue
            column = index.columns[0].name
            if index.kind == "unique" and len(index.columns) == 1 and not _has(on_fields[column], "@unique"):
                on_fields[column].append(self._written.unique_of_field(table, index))
            else:
                in_block.append(self._written.index_of_block(table, index))
        return on_fields, in_block

    def _can_say(self, table: Table, index: Index) -> bool:
        if not can_say(index):
            self.unsaid.append(
                f"index {index.name} of {table.name} is of a kind that schemas do not know: {index.algorithm}"
            )
        return can_say(index)

    def _is_usable(self, table: Table) -> bool:
        """Can rows be told apart by a key whose columns always have a value of a type that Prisma knows?"""
        columns = {column.name: column for column in table.columns}
        keys = [*([table.primary_key.names] if table.primary_key else [])]
        keys += [tuple(column.name for column in index.columns) for index in whole_keys(table)]
        return any(
            all(
                not self._written.arity(table, columns[name]) and not self._type(table, columns[name]).is_unsupported
                for name in key
            )
            for key in keys
        )

    def _enum_of(self, table: Table, column: Column) -> str | None:
        return self._column_enums.get((table.name, column.name))

    def _type(self, table: Table, column: Column) -> FieldType:
        return self._written.type(column, self._enum_of(table, column))

    # -- changed models ----------------------------------------------------------------------------------------------
    def _change_model(self, model: ir.Model, change: TableDifference) -> None:
        table = change.after
        by_column = {item.column: item for item in model.scalars}
        for column in change.dropped:
            name = by_column[column.name].name
            self.text.remove_field(model.name, name)
            self._naming.forget_field(model.name, name)
            self.changes.append(f"{model.name}.{name} removed")
        self._naming.new_fields(table, change.added)
        for column in change.added:
            self._add_column(model, table, column, change)
        seen = self._dialect.normalize(Catalog((table,))).tables[0]
        live = {column.name: column for column in seen.columns}
        for before, after in change.changed:
            self._change_column(model, by_column[after.name], before, live[after.name], table, after)
        if change.primary_key_differs:
            self._change_id(model, table)
        self._change_indexes(model, change)
        is_ignored = model.is_ignored or not self._is_usable(table)
        if is_ignored and not model.is_ignored:
            self.text.append_line(model.name, "@@ignore")
            self.unsaid.append(
                f"table {table.name} has no unique key any more: its model {model.name} is ignored (@@ignore)"
            )

    def _add_column(self, model: ir.Model, table: Table, column: Column, change: TableDifference) -> None:
        names = [item.name for item in table.columns]
        kept = {item.column: item.name for item in model.scalars if item.column in names}
        before = next((kept[name] for name in reversed(names[: names.index(column.name)]) if name in kept), None)
        line = self._written.field(table, column, self._enum_of(table, column))
        uniques = [
            index
            for index in change.indexes.added
            if index.kind == "unique" and [item.name for item in index.columns] == [column.name]
        ]
        if uniques:
            line = f"{line} {self._written.unique_of_field(table, uniques[0])}"
        key = table.primary_key
        if key is not None and key.names == (column.name,):
            line = f"{line} {self._written.id_of_field(table, key)}"
        for documentation in self._documented(table.name, column.name):
            self.text.insert_after(model.name, before, documentation)
        self.text.insert_after(model.name, before, line)
        self.changes.append(f"{model.name}.{self._naming.field(table.name, column.name)} added")

    def _change_column(
        self, model: ir.Model, scalar: ir.ScalarField, before: Column, after: Column, table: Table, column: Column
    ) -> None:
        """`before` and `after` as they are compared, `column` as it is live."""
        written = self.text.field(model.name, scalar.name)
        native_prefix = f"{self._schema.datasource.name}."
        old_native = next((item for item in written.attributes if item.name.name.startswith(native_prefix)), None)
        type_ = FieldType(scalar.type) if scalar.is_enum else FieldType(scalar.type, None, scalar.is_unsupported)
        has_other_type = (before.type, before.is_list) != (after.type, after.is_list)
        is_changed = False
        if has_other_type or self._enum_of(table, column) not in (None, scalar.type):
            type_ = self._type(table, column)
            native = self._written.native(type_.native) if type_.native else None
            if native is None or old_native is None or _bare(native) != _bare(old_native.span.text):
                is_changed = self.text.set_attribute(model.name, written, old_native, native)
        arity = self._written.arity(table, column) if has_other_type or before.nullable != after.nullable else None
        text = f"{type_.text}{_ARITY[scalar.arity] if arity is None else arity}"
        if text != f"{FieldType(scalar.type, None, scalar.is_unsupported).text}{_ARITY[scalar.arity]}":
            self.text.set_type(model.name, written, text)
            is_changed = True
        has_other_default = (before.default, before.autoincrement) != (after.default, after.autoincrement)
        if has_other_default or (is_changed and type_.text != scalar.type):
            is_changed |= self._change_default(model, scalar, type_, table, column)
        if is_changed:
            was = f"{scalar.type}{_ARITY[scalar.arity]}"
            how = f"{was} is now {text}" if was != text else "changed"
            self.changes.append(f"{model.name}.{scalar.name}: {how}")
        if is_changed and type_.name != "DateTime" and (updated := attribute(written.attributes, "updatedAt")):
            self.text.set_attribute(model.name, written, updated, None)

    def _change_default(
        self, model: ir.Model, scalar: ir.ScalarField, type_: FieldType, table: Table, column: Column
    ) -> bool:
        written = self.text.field(model.name, scalar.name)
        old = attribute(written.attributes, "default")
        value = self._written.default(table, column, type_)
        is_of_client = isinstance(scalar.default, ir.FunctionDefault) and scalar.default.name in MADE_BY_CLIENT
        if value is None and is_of_client and type_.name == "String":
            return False
        return self.text.set_attribute(model.name, written, old, None if value is None else f"@default({value})")

    def _change_id(self, model: ir.Model, table: Table) -> None:
        key, old = table.primary_key, self.text.id_attribute(model.name)
        new_text = None
        on_field = key.names[0] if key is not None and len(key.columns) == 1 else None
        if key is not None:
            new_text = self._written.id_of_field(table, key) if on_field else self._written.id_of_block(table, key)
        is_same_place = (
            model.primary_key is not None
            and model.primary_key.is_on_field == bool(on_field)
            and (on_field is None or self._column(model, model.primary_key.fields[0].name) == on_field)
        )
        if old is not None and new_text is not None and is_same_place:
            self.text.replace_attribute(model.name, old, new_text)
        else:
            self._remove_attribute(model.name, old)
            known = {item.column: item.name for item in model.scalars}
            if on_field is None and new_text is not None:
                self.text.append_line(model.name, new_text)
            elif on_field in known:
                self.text.set_attribute(model.name, self.text.field(model.name, known[on_field]), None, new_text)
        self.changes.append(f"{model.name}: id changed")

    @staticmethod
    def _column(model: ir.Model, name: str) -> str:
        return next(item.column for item in model.scalars if item.name == name)

    def _remove_attribute(self, model: str, written: Attribute | None) -> None:
        if written is not None and written.block:
            self.text.remove_attribute_line(model, written)
        elif written is not None:
            self.text.edits.delete(written.span)
            self.text.touched.add(model)

    def _change_indexes(self, model: ir.Model, change: TableDifference) -> None:
        table, written = change.after, self.text.index_attributes(model)
        unique_fields = {item.fields[0].name for item in model.indexes if item.is_on_field}
        known = {item.column: item.name for item in model.scalars}
        for index in change.indexes.dropped:
            on_field, old = written[index.name]
            self._remove_attribute(model.name, old)
            if on_field is not None:
                unique_fields.discard(on_field.name.name)
            self.changes.append(f"{model.name}: index {index.name} removed")
        for before, after in change.indexes.renamed:
            on_field, old = written[before.name]
            self.text.replace_attribute(model.name, old, self._renamed(table, after, old))
            self.changes.append(f"{model.name}: index {before.name} is now {after.name}")
        for index in change.indexes.added:
            if not self._can_say(table, index):
                continue
            column = index.columns[0].name
            is_single = index.kind == "unique" and len(index.columns) == 1
            self.changes.append(f"{model.name}: index {index.name} added")
            if is_single and column not in known and column not in unique_fields:
                unique_fields.add(column)  # its field's new line has it
            elif is_single and known.get(column) not in unique_fields and column in known:
                unique_fields.add(known[column])
                place = self.text.field(model.name, known[column])
                self.text.set_attribute(model.name, place, None, self._written.unique_of_field(table, index))
            else:
                self.text.append_line(model.name, self._written.index_of_block(table, index))

    def _renamed(self, table: Table, index: Index, old: Attribute) -> str:
        kept = [
            item.span.text
            for item in (old.arguments.arguments if old.arguments else ())
            if item.name is None
            or not (item.name.name == "map" or (item.name.name == "name" and old.name.name != "unique"))
        ]
        arguments = [*kept, *self._written.index_map(table, index)]
        head = f"{'@@' if old.block else '@'}{old.name.name}"
        return f"{head}({', '.join(arguments)})" if arguments else head

    # -- relations ---------------------------------------------------------------------------------------------------
    def _relations(self, changed: set[TableName]) -> None:
        tables = {table.name: table for table in self._live.tables if table.name not in self._naming.links}
        said_keys: set[tuple[TableName, ForeignKey]] = set()
        for relation in self._schema.relations:
            if relation.kind == "many_to_many":
                self._link_stays(relation)
                continue
            key = self._live_key(relation, tables)
            if key is not None:
                said_keys.add((table_of(self._schema.model[relation.model_a]), key))
            if self._is_gone(relation, key):
                self._drop_relation(relation)
            elif key is not None and table_of(self._schema.model[relation.model_a]) in changed:
                self._change_relation(relation, key, tables)
        for table in sorted(tables.values(), key=lambda item: (item.name.schema or "", item.name.name)):
            for key in table.foreign_keys:
                if (table.name, key) not in said_keys and key.table in tables:
                    self._add_relation(new_relation(self._written, table, key), self._ignored(table, tables[key.table]))
        known = {relation.table for relation in self._schema.relations if relation.kind == "many_to_many"}
        for link in sorted(self._naming.links.values(), key=lambda item: item.table.name):
            if link.table.name not in known:
                self._add_relation(new_link(self._written, link), (False, False))

    def _ignored(self, table: Table, other: Table) -> tuple[bool, bool]:
        """Does each side's field have to be ignored, as one of the models is and its own is not?"""
        here, there = self._is_ignored(table), self._is_ignored(other)
        return (there and not here, here and not there)

    def _is_ignored(self, table: Table) -> bool:
        model = self._models.get(table.name)
        return (model is not None and model.is_ignored) or not self._is_usable(table)

    def _live_key(self, relation: ir.Relation, tables: dict[TableName, Table]) -> ForeignKey | None:
        key, model = relation.foreign_key, self._schema.model[relation.model_a]
        table = tables.get(table_of(model))
        if key is None or table is None:
            return None
        other = self._schema.model[key.model]
        wanted = (
            tuple(self._column(model, name) for name in key.fields),
            table_of(other),
            tuple(self._column(other, name) for name in key.references),
        )
        return next(
            (item for item in table.foreign_keys if (item.columns, item.table, item.references) == wanted), None
        )

    def _is_gone(self, relation: ir.Relation, live: ForeignKey | None) -> bool:
        a, b, key = self._schema.model[relation.model_a], self._schema.model[relation.model_b], relation.foreign_key
        if key is None or any((model.name, name) in self.text.removed for model, name in _sides(a, b, relation)):
            return True
        columns = [*((a.name, name) for name in key.fields), *((b.name, name) for name in key.references)]
        if any(item in self.text.removed for item in columns):
            return True
        has_foreign_key = self._schema.datasource.relation_mode != "prisma" and not (a.is_view or b.is_view)
        return has_foreign_key and live is None

    def _drop_relation(self, relation: ir.Relation) -> None:
        for model, name in ((relation.model_a, relation.field_a), (relation.model_b, relation.field_b)):
            if (model, name) not in self.text.removed:
                self.text.remove_field(model, name)
                self._naming.forget_field(model, name)
                self.changes.append(f"{model}.{name} removed")

    def _link_stays(self, relation: ir.Relation) -> None:
        if not any(link.table.name == relation.table for link in self._naming.links.values()):
            self._drop_relation(relation)

    def _change_relation(self, relation: ir.Relation, key: ForeignKey, tables: dict[TableName, Table]) -> None:
        model, other = self._schema.model[relation.model_a], self._schema.model[relation.model_b]
        table, now = tables[table_of(model)], relation.foreign_key
        assert now is not None
        forward = self.text.field(model.name, relation.field_a)
        back = self.text.field(other.name, relation.field_b)
        before = len(self.text.edits)
        old_table = self._before[table.name]
        self.text.set_type(model.name, forward, forward_type(table, key, other.name))
        was_unique = is_unique(old_table, key.columns)
        self.text.set_type(other.name, back, back_type(table, key, model.name, back, was_unique=was_unique))
        written = attribute(forward.attributes, "relation")
        if written is not None:
            text = changed_attribute(self._written, table, key, written, now)
            self.text.set_attribute(model.name, forward, written, text)
        ignored = self._ignored(table, tables[key.table])
        for (name, place), is_ignored in zip(((model.name, forward), (other.name, back)), ignored, strict=True):
            if is_ignored and attribute(place.attributes, "ignore") is None:
                self.text.set_attribute(name, place, None, "@ignore")
        if len(self.text.edits) != before:
            self.changes.append(f"{model.name}.{relation.field_a}: relation changed")

    def _add_relation(self, lines: Lines, ignored: tuple[bool, bool]) -> None:
        for (model, line), is_ignored in zip(lines, ignored, strict=True):
            text = f"{line} @ignore" if is_ignored else line
            if model in self._new:
                self._new[model].relations.append(text)
            else:
                self.text.append_line(model, text)
                self.changes.append(f"{model}.{line.split()[0]} added")

    # -- blocks ------------------------------------------------------------------------------------------------------
    def _write_blocks(self) -> None:
        tables = {self._naming.model(table): table for table in self._model_tables()}
        for name, new in self._new.items():
            head = [*self._documented(tables[name], None), *([NO_KEY] if "@@ignore" in new.attributes else [])]
            lines = [f"  {line}" for line in (*new.lines, *new.relations, *new.attributes)]
            self.text.append_block("\n".join([*head, f"model {name} {{", *lines, "}"]))
            self.text.touched.add(name)
        for block in self._blocks:
            self.text.append_block(block)

    def _model_tables(self) -> Iterator[TableName]:
        return (table.name for table in self._live.tables if table.name not in self._naming.links)


_ARITY = {"required": "", "optional": "?", "list": "[]"}


def _has(attributes: Sequence[str], name: str) -> bool:
    return any(item == name or item.startswith(f"{name}(") for item in attributes)


def _bare(text: str) -> str:
    return text.replace(" ", "")


def _of_table(name: str, table: TableName) -> str:
    return "" if str(table) == name else f" (table {table})"


def _sides(a: ir.Model, b: ir.Model, relation: ir.Relation) -> tuple[tuple[ir.Model, str], tuple[ir.Model, str]]:
    return (a, relation.field_a), (b, relation.field_b)
