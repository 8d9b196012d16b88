"""Compiles queries: a query's shape to a plan of one statement, and one more for each relation that is wanted with it.

A relation's statement takes the keys of all parents at once, so the number of statements does not depend on the number of rows. Its
pages are cut per parent, by row numbers. Imports `build`, `where`, `order`, `seek`, `decode`, `plans`, `arguments.order` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.order import is_seekable
from infra_runtime.arguments.projection import Projected
from infra_runtime.compiler.build import Build, CompiledStatement
from infra_runtime.compiler.decode import Column, Display, column_of, compiled
from infra_runtime.compiler.order import (
    Term,
    comparable,
    count_of_related,
    field_of,
    from_cursor,
    order_by,
    order_value,
    terms,
)
from infra_runtime.compiler.plans import Key, MakeRows, QueryPlan, RelationPlan
from infra_runtime.compiler.seek import Seek, order_of_part, seek_of
from infra_runtime.compiler.tables import key_field
from infra_runtime.compiler.where import column, is_in, pairs, where_clause
from infra_runtime.schema import Model, RelationField, ScalarField

if TYPE_CHECKING:
    from infra_runtime.engine import Engine


def query_plan(
    engine: Engine,
    model: Model,
    shape: Any,
    *,
    locks: bool = False,
    keys: bool = False,
    total: bool = False,
    writes: bool = False,
) -> QueryPlan:
    """The plan of a root query.

    `locks`: its rows are locked, those of relations too, and so are those that are there now. `keys`: the values of the order's keys are
    read, also where the selection has them not. `total`: so is the number of all rows, whatever page is read. `writes`: its rows are those
    that an UPDATE or DELETE under its condition is about.
    """
    return _Query(engine, model, shape, None, writes=writes).plan(locks=locks, keys=keys, total=total)


def total_plan(engine: Engine, model: Model, shape: Any) -> CompiledStatement:
    """How many rows there are on all pages of a root query."""
    from sqlalchemy import select

    query = _Query(engine, model, shape, None)
    return query.build.finish(select(query.total()))


def exists_plan(engine: Engine, model: Model, condition: Any) -> CompiledStatement:
    """Is there a row?"""
    from sqlalchemy import literal_column, select

    build = Build(engine)
    table = build.alias(model)
    statement: Any = select(literal_column("1")).select_from(table).where(where_clause(build, table, model, condition))
    return build.finish(statement.limit(literal_column("1")))


@dataclass(frozen=True, slots=True)
class _Parents:
    """The parents whose related rows are read: the relation that leads here, and the shape of their packed keys."""

    relation: RelationField
    model: Model
    keys: Any


class _Query:
    def __init__(
        self, engine: Engine, model: Model, shape: Any, parents: _Parents | None, *, writes: bool = False
    ) -> None:
        self.engine = engine
        self.writes = writes
        self.model = model
        self.condition, self.order, page, self.distinct, selection = shape
        self.take_sign, self.take, self.skip, self.cursor, self.seek = page
        chosen, self.relations, self.counts, self.made = selection
        self.fields: list[str] = list(chosen) if chosen is not None else [item.name for item in model.readable]
        self.projected: Projected[Any, Any] | None = self.made[0] if isinstance(self.made, tuple) else None
        self.parents = parents
        self.build = Build(engine)
        self.table: Any = self.build.alias(model)
        self.source: Any = self.table
        """What the statement reads from: the table, and those that a projection joins to it."""
        self.seeks = any(self.seek)
        """Does it begin behind values? A seek without any only completes the order."""
        self.is_paged = self.take is not None or self.skip is not None or bool(self.cursor)

    # -- the plan ------------------------------------------------------------------------------------------------------
    def plan(self, *, locks: bool = False, keys: bool = False, total: bool = False) -> QueryPlan:
        hidden = self._hidden_fields()
        columns = [column(self.table, self.model, name) for name in (*self.fields, *hidden)]
        joined = self._joined_columns()
        counts = [
            count_of_related(self.build, self.table, self.model, name, condition) for name, condition in self.counts
        ]
        names = [*self.fields, *hidden]
        read = [*columns, *counts, *joined]
        key_places, key_columns = self._keys(names, len(read)) if keys else ((), [])
        read += key_columns
        total_place = len(read) if total else None
        read += [self.total()] if total else []
        parent_key, read, parent_join = self._parent_key(names, read)
        statement = self._statement(read, parent_key, parent_join)
        compiled_statement = self.build.finish(statement.with_for_update() if locks else statement)
        display, make, put_into = self._made(len(columns))
        return QueryPlan(
            compiled_statement.sql,
            compiled_statement.slots,
            compiled(display, len(read)),
            make,
            self.take_sign < 0,
            tuple(
                self._relation_plan(name, shape, names, key, locks=locks)
                for key, (name, shape) in zip(put_into, self.relations, strict=True)
            ),
            self.model.name,
            parent_key,
            key_places,
            total_place,
        )

    def _keys(self, names: list[str], width: int) -> tuple[tuple[Key, ...], list[Any]]:
        """The keys of the order, and the columns for those of them that are not read anyway; there these begin at `width`."""
        keys: list[Key] = []
        added: list[Any] = []
        for term in terms(self.model, self.order, self.build, total=False):
            if not term.path and term.field in names:
                place = names.index(term.field)
            else:
                place = width + len(added)
                added.append(order_value(self.build, self.table, self.model, term))
            keys.append(Key(place, self._key_decoder(term)))
        return tuple(keys), added

    def _key_decoder(self, term: Term) -> Callable[[Any], Any] | None:
        field = field_of(self.build, self.model, term)
        if field is None or field.type == "Float":
            # What a row shows of a 32-bit number is its shortest text; the database compares the number itself.
            return None
        return self.engine.codec(field).decode

    def total(self) -> Any:
        """The number of rows on all pages, as a subquery."""
        from sqlalchemy import func, select

        table: Any = self.build.alias(self.model)
        if self.distinct:
            statement: Any = select(*(self._exactly(table, name) for name in self.distinct)).distinct()
        else:
            statement = select(func.count()).select_from(table)
        if self.condition != ("true",):
            statement = statement.where(where_clause(self.build, table, self.model, self.condition))
        if self.distinct:
            statement = select(func.count()).select_from(statement.subquery(self.build.name("q")))
        return statement.scalar_subquery()

    def _made(self, first_count: int) -> tuple[Display, MakeRows | None, Sequence[str]]:
        """How rows are read and made, and under which keys the rows of relations are put into them."""
        columns = [column_of(self.engine, self.model.scalar[name], place) for place, name in enumerate(self.fields)]
        counts = [Column(first_count + place) for place in range(len(self.counts))]
        relations = [name for name, _ in self.relations]
        if self.made == "tuples":
            return tuple(columns), None, relations
        if self.projected is None:
            display: dict[str, Display] = dict(zip(self.fields, columns, strict=True))
            if counts:
                display["_count"] = dict(zip([name for name, _ in self.counts], counts, strict=True))
            # A dict that has the key already need not grow when the related rows are put in.
            return {**display, **dict.fromkeys(relations)}, self.engine.row_types.rows(self.model), relations
        first_joined = first_count + len(counts)
        joined = [column_of(self.engine, field, first_joined + place) for place, field in enumerate(self.joined_fields)]
        by_source: dict[str, Sequence[Display]] = {
            "column": columns,
            "joined": joined,
            "count": counts,
            "related": [None] * len(relations),
        }
        display = {name: by_source[source][place] for name, source, place in self.projected.fields}
        return display, self.projected.make_all, self.projected.keys("related")

    def _joined_columns(self) -> list[Any]:
        """The columns of other models that a projection reads; their tables come into `source`, as what may not be there."""
        from sqlalchemy import and_

        self.joined_fields: list[ScalarField] = []
        if self.projected is None:
            return []
        tables: dict[tuple[str, ...], tuple[Model, Any]] = {(): (self.model, self.table)}
        for path, condition in zip(self.projected.paths, self.made[1], strict=True):
            near, near_table = tables[path[:-1]]
            relation = near.relation[path[-1]]
            target = self.engine.schema.model[relation.model]
            table = self.build.alias(target)
            on = [
                column(table, target, there) == column(near_table, near, here)
                for here, there in pairs(self.build, relation)
            ]
            if condition != ("true",):
                on.append(where_clause(self.build, table, target, condition))
            self.source = self.source.outerjoin(table, and_(*on))
            tables[path] = target, table
        columns = []
        for item in self.projected.joined:
            target, table = tables[item.path]
            self.joined_fields.append(target.scalar[item.field])
            columns.append(column(table, target, item.field))
        return columns

    def _hidden_fields(self) -> list[str]:
        """Fields that are read only because relations need them."""
        needed = [name for relation, _ in self.relations for name in self._own_key(self.model.relation[relation])]
        return list(dict.fromkeys(name for name in needed if name not in self.fields))

    def _own_key(self, relation: RelationField) -> list[str]:
        if relation.is_many_to_many:
            return [key_field(self.model)]
        return [here for here, _ in pairs(self.build, relation)]

    def _relation_plan(
        self, name: str, shape: Any, names: list[str], put_into: str, *, locks: bool = False
    ) -> RelationPlan:
        relation = self.model.relation[name]
        target = self.engine.schema.model[relation.model]
        engine, model = self.engine, self.model
        key = self._own_key(relation)

        def compile_(keys: Any) -> QueryPlan:
            plan_shape = ("related", model.name, name, shape, keys, locks)
            return engine.plans.get(
                plan_shape, lambda: _Query(engine, target, shape, _Parents(relation, model, keys)).plan(locks=locks)
            )

        return RelationPlan(
            name=put_into,
            is_list=relation.is_list,
            parent_places=tuple(names.index(item) for item in key),
            compile=compile_,
            lists=engine.dialect.lists,
            key_names=tuple(key),
        )

    # -- the statement -------------------------------------------------------------------------------------------------
    def _statement(self, columns: list[Any], parent_key: Sequence[int], parent_join: Any) -> Any:
        from sqlalchemy import select

        reverse = self.take_sign < 0
        # The order of a seek is complete, so that all of it can be turned round.
        is_total = not self.seek and (self.is_paged or bool(self.distinct))
        ordered = terms(self.model, self.order, self.build, total=is_total, reverse=reverse)
        labelled = [item.label(f"c{place}") for place, item in enumerate(columns)]
        statement: Any = parent_join(select(*labelled).select_from(self.source))
        # First of all: what an order joins need not be a condition as well.
        values = [order_value(self.build, self.table, self.model, term) for term in ordered]
        if self.condition != ("true",):
            condition = where_clause(self.build, self.table, self.model, self.condition, writes=self.writes)
            statement = statement.where(condition)
        if self.cursor:
            statement = statement.where(self._from_cursor(ordered))
        for source, on in self.build.joins:
            statement = statement.join(source, on)
        if self.seek and not self.distinct:
            seek = self._seek(ordered, values)
            if self._has_parts(ordered):
                return self._in_parts(statement, labelled, ordered, values, seek)
            if self.seeks:
                statement = statement.where(seek.condition())
        is_nested_page = self.parents is not None and (self.take is not None or self.skip is not None)
        if not self.distinct and not is_nested_page:
            statement = statement.order_by(*self._sorting(ordered, values))
            return self.build.cut(statement, self.take, self.skip)
        return self._windowed(statement, labelled, parent_key, ordered, values)

    def _from_cursor(self, ordered: list[Term]) -> Any:
        """The rows from the cursor's on. Prisma looks for it among the rows of the filter where it takes distinct ones, and where the order
        does not tell its place."""
        seekable = is_seekable(self.engine, self.model, self.order)
        return from_cursor(
            self.build,
            self.table,
            self.model,
            ordered,
            self.cursor,
            among=("true",) if seekable and not self.distinct else self.condition,
            link=self._same_parent(),
        )

    def _seek(self, ordered: list[Term], values: list[Any]) -> Seek:
        return seek_of(self.build, self.model, ordered, values, self.seek, reverse=self.take_sign < 0)

    def _has_parts(self, ordered: list[Term]) -> bool:
        """Is it a page in an order that no index serves as a whole, because NULLs of its first key are in the way?"""
        first = ordered[0]
        is_own = not first.path and isinstance(first.field, str)
        is_page = self.take is not None and self.skip is None and not self.build.joins
        return is_own and first.nullable and is_page and (self.seeks or first.nulls is not None)

    def _in_parts(self, statement: Any, columns: list[Any], ordered: list[Term], values: list[Any], seek: Seek) -> Any:
        """A page put together of the first rows that have a value for the first key and the first that have none."""
        from sqlalchemy import false, select, union_all

        # By the numbers of their places, as MySQL takes the enums of a union for texts.
        compared = [comparable(self.build, term, value) for term, value in zip(ordered, values, strict=True)]
        sorting = [value.label(f"o{place}") for place, value in enumerate(compared)]
        parts = []
        for null in (False, True):
            condition = seek.of_part(null=null)
            if condition is not None:
                sorted_by = self._sorting(order_of_part(ordered, null=null), values[1:] if null else values)
                parts.append(statement.where(condition).order_by(*sorted_by))
        if len(parts) < 2:
            return self.build.cut(parts[0] if parts else statement.where(false()), self.take, None)
        cut = [self.build.cut(part.add_columns(*sorting), self.take, None) for part in parts]
        rows = union_all(*(select(part.subquery(self.build.name("q"))) for part in cut)).subquery(self.build.name("q"))
        outer = self._sorting(ordered, [rows.c[item.name] for item in sorting])
        return self.build.cut(select(*(rows.c[item.name] for item in columns)).order_by(*outer), self.take, None)

    def _sorting(self, ordered: list[Term], values: list[Any]) -> list[Any]:
        return [item for term, value in zip(ordered, values, strict=True) for item in order_by(self.build, term, value)]

    def _windowed(
        self, statement: Any, columns: list[Any], parent_key: Sequence[int], ordered: list[Term], values: list[Any]
    ) -> Any:
        """Distinct rows first, then pages per parent, each by a row number over the rows so far."""
        from sqlalchemy import func, literal_column, select

        keys = [columns[place] for place in parent_key]
        sorting = [value.label(f"o{place}") for place, value in enumerate(values)]
        distinct = [self._exactly(self.table, name).label(f"d{place}") for place, name in enumerate(self.distinct)]
        inner = statement.add_columns(*sorting, *distinct)
        if self.distinct:
            partition = [*(key.element for key in keys), *(item.element for item in distinct)]
            # Which row stands for equal ones does not depend on where a page begins, nor on which way it is read.
            first = terms(self.model, self.order, self.build, total=False) if self.seek else ordered
            number = func.row_number().over(partition_by=partition, order_by=self._sorting(first, values))
            numbered = inner.add_columns(number.label("first_of")).subquery(self.build.name("q"))
            inner = select(*(item for item in numbered.c if item.name != "first_of"))
            inner = inner.where(numbered.c.first_of == literal_column("1"))
        rows = inner.subquery(self.build.name("q"))
        sorted_by = [rows.c[f"o{place}"] for place in range(len(values))]
        outer_order = self._sorting(ordered, sorted_by)
        wanted = [rows.c[item.name] for item in columns]
        if self.parents is None:
            found = select(*wanted).order_by(*outer_order)
            if self.seeks:
                found = found.where(self._seek(ordered, sorted_by).condition())
            return self.build.cut(found, self.take, self.skip)
        if self.take is None and self.skip is None:
            return select(*wanted).order_by(*outer_order)
        number = func.row_number().over(partition_by=[rows.c[item.name] for item in keys], order_by=outer_order)
        paged = select(*wanted, number.label("place")).subquery(self.build.name("q"))
        statement = select(*(paged.c[item.name] for item in columns)).order_by(paged.c.place)
        return statement.where(*self._page_conditions(paged.c.place))

    def _exactly(self, table: Any, name: str) -> Any:
        """A field by which distinct rows are told apart: texts that differ are two, whatever the database's collation says."""
        from sqlalchemy import LargeBinary, cast

        value = column(table, self.model, name)
        is_text = self.model.scalar[name].type == "String"
        return cast(value, LargeBinary) if is_text and self.engine.dialect.compares_by_collation else value

    def _page_conditions(self, place: Any) -> list[Any]:
        from sqlalchemy import Integer

        skip = self.build.parameter(self.skip, Integer()) if self.skip is not None else None
        conditions = [place > skip] if skip is not None else []
        if self.take is not None:
            take = self.build.parameter(self.take, Integer())
            conditions.append(place <= (take if skip is None else take + skip))
        return conditions

    # -- parents -------------------------------------------------------------------------------------------------------
    def _parent_key(
        self, names: Sequence[str], read: list[Any]
    ) -> tuple[tuple[int, ...], list[Any], Callable[[Any], Any]]:
        """Where a tuple says whose related row it is; the columns to read, with those that say so; and what restricts a statement to the
        parents at hand."""
        if self.parents is None:
            return (), read, lambda statement: statement
        relation, keys = self.parents.relation, self.parents.keys
        if relation.is_many_to_many:
            link = self.link = self.build.link_alias(relation)
            far_side = "B" if relation.link_side == "A" else "A"
            own = link.c[relation.link_side]
            on = link.c[far_side] == column(self.table, self.model, key_field(self.model))
            return (
                (len(read),),
                [*read, own],
                lambda statement: statement.join(link, on).where(is_in(self.build, own, keys)),
            )
        own_names = [there for _, there in pairs(self.build, relation)]
        own_columns = [column(self.table, self.model, name) for name in own_names]
        # Most rows have the key among their own columns.
        added = [name for name in own_names if name not in names]
        places = tuple(names.index(name) if name in names else len(read) + added.index(name) for name in own_names)
        read = [*read, *(item for name, item in zip(own_names, own_columns, strict=True) if name in added)]
        if len(own_columns) == 1:
            return places, read, lambda statement: statement.where(is_in(self.build, own_columns[0], keys))
        return places, read, lambda statement: statement.where(_tuple_in(self.build, own_columns, keys))

    def _same_parent(self) -> Callable[[Any, Any], Any] | None:
        """In an include the cursor's row counts only for the parent it belongs to."""
        if self.parents is None:
            return None
        relation = self.parents.relation
        if relation.is_many_to_many:
            far_side = "B" if relation.link_side == "A" else "A"
            other = self.build.link_alias(relation)
            side = relation.link_side

            def linked(inner: Any, alias: Any) -> Any:
                on = other.c[far_side] == column(alias, self.model, key_field(self.model))
                return inner.join(other, on).where(other.c[side] == self.link.c[side]).correlate(self.table, self.link)

            return linked

        def same_key(inner: Any, alias: Any) -> Any:
            for _, there in pairs(self.build, relation):
                inner = inner.where(column(alias, self.model, there) == column(self.table, self.model, there))
            return inner

        return same_key


def _tuple_in(build: Build, columns: list[Any], keys: Any) -> Any:
    """A compound key is one of a packed list of keys."""
    from sqlalchemy import and_, func, literal_column, or_, select, tuple_

    if keys[0] == "json":
        values = func.json_each(build.parameter(keys[1])).table_valued("value", name=build.name("v"))
        parts = [func.json_extract(values.c.value, literal_column(f"'$[{place}]'")) for place in range(len(columns))]
        return tuple_(*columns).in_(select(*parts))
    _, first, size = keys
    width = len(columns)
    return or_(
        *(
            and_(
                *(item == build.parameter(first + row * width + place, item.type) for place, item in enumerate(columns))
            )
            for row in range(size)
        )
    )
