"""SQLAlchemy statements written by hand on the tables of a schema: `infra.query_raw(select(users).where(users.c.email == "x"), model=User)`.

The tables here are for people: columns go by the fields' names, and each has a type that encodes values and decodes them by the field's
codec, so a hand-written statement stores and reads what the toolkit does. SQLAlchemy compiles once per statement's structure, by its own
cache. Imports `tables`, `engine`, `errors` and `schema`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from infra_runtime.compiler.tables import key_field
from infra_runtime.errors import FieldNotFoundError, InputError
from infra_runtime.schema import Model, RelationField, ScalarField

if TYPE_CHECKING:
    from sqlalchemy import Column, MetaData, Table
    from sqlalchemy.types import TypeEngine

    from infra_runtime.engine import Engine

Decode = Callable[[Any], Any]
_CACHED_STATEMENTS = 500


class ExposedTables:
    """The tables of a schema by model: `infra.tables["User"]`, `infra.tables[User]`, and join tables by name (`infra.tables["_PostToTag"]`).

    Columns are in `.c` by their fields' names. Predicate scopes do not reach what is written by hand.
    """

    def __init__(self, engine: Engine) -> None:
        from sqlalchemy.util import LRUCache

        self._engine = engine
        self._tables: dict[str, Table] = {}
        self.cache: LRUCache[Any, Any] = LRUCache(_CACHED_STATEMENTS)
        """Where SQLAlchemy keeps compiled statements, by their structure."""

    def __getitem__(self, model: str | type) -> Table:
        """The table of a model, given by name or row class, or a join table. Errors: FieldNotFoundError, with the nearest name."""
        name = model if isinstance(model, str) else model.__name__
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = self._made(name)
        return table

    def _made(self, name: str) -> Table:
        from sqlalchemy import Table

        schema = self._engine.schema
        if name in schema.model:
            model = schema.model[name]
            columns = [self._column(field.column_name, field.name, field) for field in model.scalars]
            return Table(model.table_name, self._metadata, *columns, schema=model.schema or self._engine.default_schema)
        if name in self._links:
            relation, ends = self._links[name]
            columns = [self._column(side, side, ends[side].scalar[key_field(ends[side])]) for side in "AB"]
            return Table(name, self._metadata, *columns, schema=relation.link_schema or self._engine.default_schema)
        near = get_close_matches(name, [*schema.model, *self._links], 1)
        raise FieldNotFoundError(f"there is no model {name!r}{f'; did you mean {near[0]!r}?' if near else ''}")

    @cached_property
    def _metadata(self) -> MetaData:
        from sqlalchemy import MetaData

        return MetaData()

    @cached_property
    def _links(self) -> Mapping[str, tuple[RelationField, Mapping[str, Model]]]:
        """Every join table: a relation that runs over it, and the models its columns point at."""
        schema = self._engine.schema
        found = {}
        for model in schema.models:
            for relation in model.relations:
                if relation.link:
                    other = "B" if relation.link_side == "A" else "A"
                    ends = {relation.link_side: model, other: schema.model[relation.model]}
                    found[relation.link] = (relation, ends)
        return found

    def _column(self, column: str, key: str, field: ScalarField) -> Column[Any]:
        from sqlalchemy import Column

        codec = self._engine.codec(field)
        return Column(column, _field_type()(field, codec.encode, codec.decode), key=key)


@cache
def _field_type() -> Callable[..., TypeEngine[Any]]:
    """The type of exposed columns: a class made at its first use, as SQLAlchemy is not imported before."""
    from sqlalchemy import types

    operators: Mapping[str, TypeEngine[Any]] = {
        "Int": types.Integer(),
        "BigInt": types.BigInteger(),
        "Float": types.Float(),
        "Decimal": types.Numeric(),
        "Boolean": types.Boolean(create_constraint=False),
        "DateTime": types.DateTime(),
        "String": types.String(),
    }

    class FieldType(types.TypeDecorator[Any]):
        """Operators are those of a like type of SQLAlchemy's; values go through the field's codec and nothing else."""

        impl: Any = types.NullType
        cache_ok = True

        def __init__(self, field: ScalarField, encode: Callable[[Any], Any], decode: Decode | None) -> None:
            super().__init__()
            self.field = field
            self.impl = types.String() if field.is_enum else operators.get(field.type, types.NullType())
            self.encode = encode
            self.decode = decode

        def bind_processor(self, dialect: Any) -> Any:
            encode = self.encode
            return lambda value: None if value is None else encode(value)

        def result_processor(self, dialect: Any, coltype: Any) -> Any:
            return self.decode

        def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
            return self

        def copy(self, **options: Any) -> FieldType:
            return FieldType(self.field, self.encode, self.decode)

    return FieldType


@dataclass(frozen=True, slots=True)
class HandWritten:
    """A compiled statement with its values, as the driver takes both, and how the columns of its rows are read."""

    sql: str
    values: Sequence[Any]
    columns: tuple[tuple[str, Decode | None], ...]
    """The key of each column in the answer, and its decoder; empty for a statement that answers no rows."""


def is_statement(query: object) -> bool:
    """Is it something SQLAlchemy compiles? Where it is not imported there is none."""
    sqlalchemy = sys.modules.get("sqlalchemy")
    return sqlalchemy is not None and isinstance(query, sqlalchemy.ClauseElement)


def compile_hand_written(engine: Engine, statement: Any) -> HandWritten:
    """Compiles a SQLAlchemy statement for the engine's database, once for each shape of it.

    The one place that uses more of SQLAlchemy than it makes public: the cache of compiled statements, lists of IN that are spelled out when
    the values are there, and what turns values of parameters and columns into the driver's and back. In public all of it belongs to
    SQLAlchemy's own connections; `statement.compile()` knows no cache, and would compile each call anew. Errors: InputError for a statement that SQLAlchemy cannot compile.
    """
    from sqlalchemy.exc import SQLAlchemyError

    dialect = engine.dialect.sql
    try:
        compiled, extracted, *_ = statement._compile_w_cache(
            dialect, compiled_cache=engine.kept(ExposedTables).cache, column_keys=[]
        )
        parameters = compiled.construct_params({}, extracted_parameters=extracted)
        state = compiled._process_parameters_for_postcompile(parameters)
    except SQLAlchemyError as error:
        raise InputError(f"the statement cannot be compiled: {error}") from error
    processors = {**compiled._bind_processors, **state.processors}
    given = {**parameters, **state.additional_parameters}
    values = [processors[name](given[name]) if name in processors else given[name] for name in state.positiontup or ()]
    columns = tuple(
        (_key(entry), entry.type.dialect_impl(dialect).result_processor(dialect, None))
        for entry in compiled._result_columns
    )
    return HandWritten(state.statement, values, columns)


def _key(entry: Any) -> str:
    """What a column of the answer is called: a field by its own name, all else by its label."""
    named = (item.key for item in entry.objects if getattr(item, "name", None) == entry.keyname)
    return next((str(key) for key in named if key), str(entry.keyname))
