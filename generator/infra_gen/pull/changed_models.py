"""Models whose table has changed: what differs is changed in its place, all else of the block stays."""

from __future__ import annotations

from infra_gen import ir
from infra_gen.database.catalog import Catalog, Column, Index, Table
from infra_gen.database.compare import TableDifference
from infra_gen.database.dialects import DIALECTS
from infra_gen.pull.column_types import FieldType
from infra_gen.pull.fields import is_row_id
from infra_gen.pull.work import Work, column_of
from infra_gen.resolve.reading import attribute
from infra_gen.schema.syntax import Attribute, Field

MADE_BY_CLIENT = ("cuid", "uuid", "ulid", "nanoid")
"""Defaults of which a database knows nothing."""
_ARITY = {"required": "", "optional": "?", "list": "[]"}


def change_model(work: Work, model: ir.Model, change: TableDifference) -> None:
    """Writes what differs in columns, id and indexes; relations come later."""
    table = change.after
    by_column = {item.column: item for item in model.scalars}
    for column in change.dropped:
        name = by_column[column.name].name
        work.text.remove_field(model.name, name)
        work.naming.forget_field(model.name, name)
        work.changes.append(f"{model.name}.{name} removed")
    work.naming.new_fields(table, change.added)
    for column in change.added:
        _add_column(work, model, table, column, change)
    seen = DIALECTS[work.schema.datasource.provider].normalize(Catalog((table,))).tables[0]
    live = {column.name: column for column in seen.columns}
    for before, after in change.changed:
        _change_column(work, model, by_column[after.name], before, live[after.name], table, after)
    if change.primary_key_differs:
        _change_id(work, model, table)
    _change_indexes(work, model, change)
    if not model.is_ignored and not work.is_usable(table):
        work.text.append_line(model.name, "@@ignore")
        work.unsaid.append(
            f"table {table.name} has no unique key any more: its model {model.name} is ignored (@@ignore)"
        )


def _add_column(work: Work, model: ir.Model, table: Table, column: Column, change: TableDifference) -> None:
    names = [item.name for item in table.columns]
    kept = {item.column: item.name for item in model.scalars if item.column in names}
    before = next((kept[name] for name in reversed(names[: names.index(column.name)]) if name in kept), None)
    line = work.written.field(table, column, work.enum_of(table, column))
    uniques = [
        index
        for index in change.indexes.added
        if index.kind == "unique" and [item.name for item in index.columns] == [column.name]
    ]
    if uniques:
        line = f"{line} {work.written.unique_of_field(table, uniques[0])}"
    key = table.primary_key
    if key is not None and key.names == (column.name,):
        line = f"{line} {work.written.id_of_field(table, key)}"
    for documentation in work.documented(table.name, column.name):
        work.text.insert_after(model.name, before, documentation)
    work.text.insert_after(model.name, before, line)
    work.changes.append(f"{model.name}.{work.naming.field(table.name, column.name)} added")


def _change_column(
    work: Work, model: ir.Model, scalar: ir.ScalarField, before: Column, after: Column, table: Table, column: Column
) -> None:
    """`before` and `after` as they are compared, `column` as it is live."""
    written = work.text.field(model.name, scalar.name)
    edits = len(work.text.edits)
    has_other_type = (before.type, before.is_list) != (after.type, after.is_list)
    now = FieldType(scalar.type, None, scalar.is_unsupported)
    type_ = _changed_type(work, model, written, table, column) if has_other_type else now
    is_as_nullable = before.nullable == after.nullable and not has_other_type
    was = f"{now.text}{_ARITY[scalar.arity]}"
    text = f"{type_.text}{_ARITY[scalar.arity] if is_as_nullable else work.written.arity(table, column)}"
    if text != was:
        work.text.set_type(model.name, written, text)
    has_other_default = (before.default, before.autoincrement) != (after.default, after.autoincrement)
    if has_other_default or type_.text != now.text:
        _change_default(work, model, scalar, type_, table, column)
    if type_.name != "DateTime" and (updated := attribute(written.attributes, "updatedAt")):
        work.text.set_attribute(model.name, written, updated, None)
    if len(work.text.edits) > edits:
        work.changes.append(f"{model.name}.{scalar.name}: {f'{was} is now {text}' if was != text else 'changed'}")


def _changed_type(work: Work, model: ir.Model, written: Field, table: Table, column: Column) -> FieldType:
    """The type that a column now has; its native type is written."""
    type_ = work.type(table, column)
    prefix = f"{work.schema.datasource.name}."
    old = next((item for item in written.attributes if item.name.name.startswith(prefix)), None)
    native = work.written.native(type_.native) if type_.native else None
    if native is None or old is None or native.replace(" ", "") != old.span.text.replace(" ", ""):
        work.text.set_attribute(model.name, written, old, native)
    return type_


def _change_default(
    work: Work, model: ir.Model, scalar: ir.ScalarField, type_: FieldType, table: Table, column: Column
) -> None:
    written = work.text.field(model.name, scalar.name)
    old = attribute(written.attributes, "default")
    value = work.written.default(table, column, type_)
    is_of_client = isinstance(scalar.default, ir.FunctionDefault) and scalar.default.name in MADE_BY_CLIENT
    if value is not None or not is_of_client or type_.name != "String":
        work.text.set_attribute(model.name, written, old, None if value is None else f"@default({value})")


def _change_id(work: Work, model: ir.Model, table: Table) -> None:
    key, old = table.primary_key, work.text.id_attribute(model.name)
    new_text = None
    on_field = key.names[0] if key is not None and len(key.columns) == 1 else None
    if key is not None:
        new_text = work.written.id_of_field(table, key) if on_field else work.written.id_of_block(table, key)
    is_same_place = (
        model.primary_key is not None
        and model.primary_key.is_on_field == bool(on_field)
        and (on_field is None or column_of(model, model.primary_key.fields[0].name) == on_field)
    )
    if old is not None and new_text is not None and is_same_place:
        work.text.replace_attribute(model.name, old, new_text)
    else:
        _remove_attribute(work, model.name, old)
        known = {item.column: item.name for item in model.scalars}
        if on_field is None and new_text is not None:
            work.text.append_line(model.name, new_text)
        elif on_field in known:
            work.text.set_attribute(model.name, work.text.field(model.name, known[on_field]), None, new_text)
    if work.schema.datasource.provider == "sqlite":
        _stop_counting(work, model, table)
    work.changes.append(f"{model.name}: id changed")


def _stop_counting(work: Work, model: ir.Model, table: Table) -> None:
    """SQLite numbers no column but the row's own number, and tells no default of it."""
    columns = {column.name: column for column in table.columns}
    for scalar in model.scalars:
        column = columns.get(scalar.column)
        is_counted = isinstance(scalar.default, ir.FunctionDefault) and scalar.default.name == "autoincrement"
        if is_counted and column is not None and not is_row_id(table, column):
            written = work.text.field(model.name, scalar.name)
            work.text.set_attribute(model.name, written, attribute(written.attributes, "default"), None)


def _remove_attribute(work: Work, model: str, written: Attribute | None) -> None:
    if written is not None and written.block:
        work.text.remove_attribute_line(model, written)
    elif written is not None:
        work.text.edits.delete(written.span)
        work.text.touched.add(model)


def _change_indexes(work: Work, model: ir.Model, change: TableDifference) -> None:
    table, written = change.after, work.text.index_attributes(model)
    taken = {column_of(model, item.fields[0].name) for item in model.indexes if item.is_on_field}
    for index in change.indexes.dropped:
        on_field, old = written[index.name]
        _remove_attribute(work, model.name, old)
        if on_field is not None:
            taken.discard(index.columns[0].name)
        work.changes.append(f"{model.name}: index {index.name} removed")
    for before, after in change.indexes.renamed:
        _, old = written[before.name]
        work.text.replace_attribute(model.name, old, _renamed(work, table, after, old))
        work.changes.append(f"{model.name}: index {before.name} is now {after.name}")
    for index in change.indexes.added:
        if work.can_say(table, index):
            _add_index(work, model, table, index, taken)
            work.changes.append(f"{model.name}: index {index.name} added")


def _add_index(work: Work, model: ir.Model, table: Table, index: Index, taken: set[str]) -> None:
    """A unique index of one column is said on its field, if none is; `taken`: columns whose field says one."""
    column = index.columns[0].name
    fields = {item.column: item.name for item in model.scalars}
    if index.kind != "unique" or len(index.columns) > 1 or column in taken:
        work.text.append_line(model.name, work.written.index_of_block(table, index))
        return
    taken.add(column)
    if column in fields:  # else the line of the new field says it
        place = work.text.field(model.name, fields[column])
        work.text.set_attribute(model.name, place, None, work.written.unique_of_field(table, index))


def _renamed(work: Work, table: Table, index: Index, old: Attribute) -> str:
    kept = [
        item.span.text
        for item in (old.arguments.arguments if old.arguments else ())
        if item.name is None
        or not (item.name.name == "map" or (item.name.name == "name" and old.name.name != "unique"))
    ]
    arguments = [*kept, *work.written.index_map(table, index)]
    head = f"{'@@' if old.block else '@'}{old.name.name}"
    return f"{head}({', '.join(arguments)})" if arguments else head
