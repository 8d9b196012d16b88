"""SQLAlchemy's tables of a schema, made once per engine: models' tables, and the join tables of implicit many-to-manies.

Their values are encoded before they come here; the tables for people, who give plain values, are in `hand_written`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from infra_runtime.schema import Model, RelationField, ScalarField

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table
    from sqlalchemy.types import TypeEngine

    from infra_runtime.engine import Engine


class Tables:
    """The tables of one engine's schema."""

    def __init__(self, engine: Engine) -> None:
        from sqlalchemy import MetaData

        self._engine = engine
        self._metadata: MetaData = MetaData()
        self._models: dict[Model, Table] = {}
        self._links: dict[str, Table] = {}
        self._lock = threading.Lock()

    def model(self, model: Model) -> Table:
        """The table of a model; columns by their names in the database."""
        table = self._models.get(model)
        if table is None:
            with self._lock:
                table = self._models.get(model)
                if table is None:
                    table = self._made(model)
        return table

    def _made(self, model: Model) -> Table:
        from sqlalchemy import Column, Table

        columns = [Column(field.column_name, self.column_type(field)) for field in model.scalars]
        table = Table(model.table_name, self._metadata, *columns, schema=model.schema or self._engine.default_schema)
        self._models[model] = table
        return table

    def link(self, relation: RelationField) -> Table:
        """The join table of an implicit many-to-many."""
        table = self._links.get(relation.link)
        if table is None:
            with self._lock:
                table = self._links.get(relation.link)
                if table is None:
                    table = self._made_link(relation)
        return table

    def _made_link(self, relation: RelationField) -> Table:
        from sqlalchemy import Column, Table

        schema = self._engine.schema
        near, far = schema.model[schema.opposite(relation).model], schema.model[relation.model]
        ends = {"A": near, "B": far} if relation.link_side == "A" else {"A": far, "B": near}
        columns = [Column(side, self.column_type(ends[side].scalar[key_field(ends[side])])) for side in "AB"]
        table = Table(
            relation.link, self._metadata, *columns, schema=relation.link_schema or self._engine.default_schema
        )
        self._links[relation.link] = table
        return table

    def column_type(self, field: ScalarField) -> TypeEngine[Any]:
        """A column's type, as far as SQL text depends on it: values are encoded before they come here."""
        from sqlalchemy import types

        if self._engine.schema.provider == "mysql" and field.native is not None and field.native.name == "Float":
            return _single()
        plain: dict[str, Any] = {
            "Int": types.Integer,
            "BigInt": types.BigInteger,
            "Boolean": types.Boolean,
        }
        is_wider = field.native is not None and field.native.name == "Oid"
        if field.is_list or field.is_enum or is_wider:
            return types.NullType()
        found: TypeEngine[Any] = plain.get(field.type, types.NullType)()
        return found


def _single() -> TypeEngine[Any]:
    """MySQL's FLOAT, read as a double: as itself it is written with six digits, which is not all that it holds."""
    from sqlalchemy import literal_column
    from sqlalchemy.types import UserDefinedType

    class Single(UserDefinedType[Any]):
        cache_ok = True

        def column_expression(self, colexpr: Any) -> Any:
            nothing: Any = literal_column("0e0")
            return colexpr.op("+")(nothing)

    return Single()


def key_field(model: Model) -> str:
    """The one field that a join table points at."""
    return model.id[0] if model.id else model.unique_keys[0].fields[0]
