"""Relations of the schema and foreign keys of the database: which of them go, change and come."""

from __future__ import annotations

from collections.abc import Mapping

from infra_gen import ir
from infra_gen.database.catalog import ForeignKey, Table, TableName
from infra_gen.pull.fields import is_unique
from infra_gen.pull.naming import Link
from infra_gen.pull.relations import Lines, back_type, changed_attribute, forward_type, new_link, new_relation
from infra_gen.pull.work import Work, column_of, table_of
from infra_gen.resolve.reading import attribute


def patch_relations(work: Work, before: Mapping[TableName, Table]) -> None:
    """Writes what differs in relations. `before`: the tables that have changed, as they were."""
    tables = {table.name: table for table in work.tables()}
    said_keys: set[tuple[TableName, ForeignKey]] = set()
    said_links: set[Link] = set()
    for relation in work.schema.relations:
        if relation.kind == "many_to_many":
            link = _live_link(work, relation)
            if link is None:
                _drop_relation(work, relation)
            else:
                said_links.add(link)
            continue
        key = _live_key(work, relation, tables)
        if key is not None:
            said_keys.add((table_of(work.schema.model[relation.model_a]), key))
        if _is_gone(work, relation, key):
            _drop_relation(work, relation)
        elif key is not None and (old := before.get(table_of(work.schema.model[relation.model_a]))):
            _change_relation(work, relation, key, tables, old)
    for table in tables.values():
        for key in table.foreign_keys:
            if (table.name, key) not in said_keys and key.table in tables:
                _add_relation(work, new_relation(work.written, table, key), _ignored(work, table, tables[key.table]))
    for link in sorted(work.naming.links.values(), key=lambda item: item.table.name):
        if link not in said_links:
            _add_relation(work, new_link(work.written, link), (False, False))


def _ignored(work: Work, table: Table, other: Table) -> tuple[bool, bool]:
    """Does each side's field have to be ignored, as one of the models is and its own is not?"""
    here, there = work.is_ignored(table), work.is_ignored(other)
    return (there and not here, here and not there)


def _live_key(work: Work, relation: ir.Relation, tables: Mapping[TableName, Table]) -> ForeignKey | None:
    key, model = relation.foreign_key, work.schema.model[relation.model_a]
    table = tables.get(table_of(model))
    if key is None or table is None:
        return None
    other = work.schema.model[key.model]
    wanted = (
        tuple(column_of(model, name) for name in key.fields),
        table_of(other),
        tuple(column_of(other, name) for name in key.references),
    )
    return next((item for item in table.foreign_keys if (item.columns, item.table, item.references) == wanted), None)


def _is_gone(work: Work, relation: ir.Relation, live: ForeignKey | None) -> bool:
    a, b, key = work.schema.model[relation.model_a], work.schema.model[relation.model_b], relation.foreign_key
    if key is None or not work.text.removed.isdisjoint(_sides(relation)):
        return True
    columns = [*((a.name, name) for name in key.fields), *((b.name, name) for name in key.references)]
    if any(item in work.text.removed for item in columns):
        return True
    has_foreign_key = work.schema.datasource.relation_mode != "prisma" and not (a.is_view or b.is_view)
    return has_foreign_key and live is None


def _drop_relation(work: Work, relation: ir.Relation) -> None:
    for model, name in _sides(relation):
        if (model, name) not in work.text.removed:
            work.text.remove_field(model, name)
            work.naming.forget_field(model, name)
            work.changes.append(f"{model}.{name} removed")


def _live_link(work: Work, relation: ir.Relation) -> Link | None:
    """The join table of a relation, if it still joins the tables of its models."""
    sides = {table_of(work.schema.model[name]) for name in (relation.model_a, relation.model_b)}
    links = work.naming.links.values()
    return next((link for link in links if link.table.name == relation.table and {link.a, link.b} == sides), None)


def _change_relation(
    work: Work, relation: ir.Relation, key: ForeignKey, tables: Mapping[TableName, Table], old: Table
) -> None:
    model, other = work.schema.model[relation.model_a], work.schema.model[relation.model_b]
    table, now = tables[table_of(model)], relation.foreign_key
    assert now is not None
    forward = work.text.field(model.name, relation.field_a)
    back = work.text.field(other.name, relation.field_b)
    edits = len(work.text.edits)
    work.text.set_type(model.name, forward, forward_type(table, key, other.name))
    was_unique = is_unique(old, key.columns)
    work.text.set_type(other.name, back, back_type(table, key, model.name, back, was_unique=was_unique))
    written = attribute(forward.attributes, "relation")
    if written is not None:
        text = changed_attribute(work.written, table, key, written, now)
        work.text.set_attribute(model.name, forward, written, text)
    ignored = _ignored(work, table, tables[key.table])
    for (name, place), is_ignored in zip(((model.name, forward), (other.name, back)), ignored, strict=True):
        if is_ignored and attribute(place.attributes, "ignore") is None:
            work.text.set_attribute(name, place, None, "@ignore")
    if len(work.text.edits) > edits:
        work.changes.append(f"{model.name}.{relation.field_a}: relation changed")


def _add_relation(work: Work, lines: Lines, ignored: tuple[bool, bool]) -> None:
    for (model, line), is_ignored in zip(lines, ignored, strict=True):
        text = f"{line} @ignore" if is_ignored else line
        if model in work.new:
            work.new[model].relations.append(text)
        else:
            work.text.append_line(model, text)
            work.changes.append(f"{model}.{line.split()[0]} added")


def _sides(relation: ir.Relation) -> tuple[tuple[str, str], tuple[str, str]]:
    return (relation.model_a, relation.field_a), (relation.model_b, relation.field_b)
