"""Models of tables that the schema does not have, and models whose table is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from infra_gen import ir
from infra_gen.database.catalog import Table, TableName
from infra_gen.pull.text import quoted
from infra_gen.pull.work import NewModel, Work, table_of

NO_KEY = "/// The underlying table does not contain a valid unique identifier and can therefore currently not be handled by Prisma Client."
"""What Prisma writes above a model that no row can be found in; a re-pull with either tool then says the same."""


def drop_model(work: Work, model: ir.Model) -> None:
    """Takes a model out; its relations go with what `relating` does."""
    work.text.remove_block(model.name)
    work.text.removed.update((model.name, item.name) for item in model.fields)
    work.changes.append(f"model {model.name} removed{_of_table(model.name, table_of(model))}")


def add_model(work: Work, table: Table) -> None:
    """A model for a table, not yet written, as relations are still to come."""
    name = work.naming.model(table.name)
    new = work.new[name] = NewModel()
    on_fields, in_block = _keys(work, table)
    for column in table.columns:
        line = " ".join([work.written.field(table, column, work.enum_of(table, column)), *on_fields[column.name]])
        new.lines += [*work.documented(table.name, column.name), line]
    new.attributes += in_block
    if name != table.name.name:
        new.attributes.append(f"@@map({quoted(table.name.name)})")
    if table.name.schema:
        new.attributes.append(f"@@schema({quoted(table.name.schema)})")
    if not work.is_usable(table):
        new.attributes.append("@@ignore")
        work.unsaid.append(f"table {table.name} has no unique key: its model {name} is ignored (@@ignore)")
    work.changes.append(f"model {name} added{_of_table(name, table.name)}")


def _keys(work: Work, table: Table) -> tuple[dict[str, list[str]], list[str]]:
    """The attributes of keys and indexes, on fields and in the block."""
    on_fields: dict[str, list[str]] = defaultdict(list)
    in_block = []
    key = table.primary_key
    if key is not None and len(key.columns) == 1:
        on_fields[key.names[0]].append(work.written.id_of_field(table, key))
    elif key is not None:
        in_block.append(work.written.id_of_block(table, key))
    for index in sorted(table.indexes, key=lambda item: item.name):
        if not work.can_say(table, index):
            continue
        column = index.columns[0].name
        if index.kind == "unique" and len(index.columns) == 1 and not _has(on_fields[column], "@unique"):
            on_fields[column].append(work.written.unique_of_field(table, index))
        else:
            in_block.append(work.written.index_of_block(table, index))
    return on_fields, in_block


def write_blocks(work: Work) -> None:
    """Writes all new models and enums."""
    tables = {work.naming.model(table.name): table.name for table in work.tables()}
    for name, new in work.new.items():
        head = [*work.documented(tables[name], None), *([NO_KEY] if "@@ignore" in new.attributes else [])]
        lines = [f"  {line}" for line in (*new.lines, *new.relations, *new.attributes)]
        work.text.append_block("\n".join([*head, f"model {name} {{", *lines, "}"]))
        work.text.touched.add(name)
    for block in work.enums:
        work.text.append_block(block)


def _has(attributes: Sequence[str], name: str) -> bool:
    return any(item == name or item.startswith(f"{name}(") for item in attributes)


def _of_table(name: str, table: TableName) -> str:
    return "" if str(table) == name else f" (table {table})"
