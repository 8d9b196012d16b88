"""One patch: what differs between a schema and its live database, as edits of the schema's text."""

from __future__ import annotations

from collections.abc import Mapping

from infra_gen import ir
from infra_gen.database.catalog import Catalog, TableName
from infra_gen.database.dialects import DIALECTS
from infra_gen.pull.changed_models import change_model
from infra_gen.pull.enums import patch_enums
from infra_gen.pull.fields import Written
from infra_gen.pull.live import said
from infra_gen.pull.naming import Naming
from infra_gen.pull.new_models import add_model, drop_model, write_blocks
from infra_gen.pull.relating import patch_relations
from infra_gen.pull.syntax import SchemaText
from infra_gen.pull.work import Work, table_of
from infra_gen.schema.syntax import Document


def patch(
    schema: ir.Schema,
    document: Document,
    live: Catalog,
    *,
    verbatim: frozenset[tuple[str, str]],
    comments: Mapping[tuple[TableName, str | None], str],
) -> Work:
    """Collects all edits.

    Args:
        live: as far as schemas can say it (`live.sayable`).
        verbatim: tables and columns whose default is written in the database's own words.
        comments: of the database, by table and column; for new things.
    """
    naming, datasource = Naming(schema, live), schema.datasource
    written = Written(datasource.provider, datasource.name, naming, {}, verbatim)
    models = {table_of(model): model for model in schema.models if not model.is_view}
    work = Work(schema, live, SchemaText(document), naming, written, comments, models)
    difference = DIALECTS[datasource.provider].compare(said(schema), live)
    added = [table for table in work.tables() if table.name not in models]
    patch_enums(work, difference)
    for table in added:
        naming.new_fields(table, table.columns)
    for table in difference.dropped:
        if (model := models.get(table.name)) is not None:
            drop_model(work, model)
    for change in difference.changed:
        if (model := models.get(change.after.name)) is not None:
            change_model(work, model, change)
    for table in added:
        add_model(work, table)
    patch_relations(work, {change.before.name: change.before for change in difference.changed})
    write_blocks(work)
    return work
