"""Walks `data` arguments: names, kinds and values are checked, values encoded, defaults made, foreign keys accounted for.

Which nested operations a relation takes follows https://www.prisma.io/docs/orm/reference/prisma-client-reference#nested-queries;
a row's foreign keys are either written directly or by nested operations, not both, as in Prisma's "unchecked" and "checked" inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra_runtime.arguments.data.encoders import Clock, row_encoder
from infra_runtime.arguments.data.initial import initial_values
from infra_runtime.arguments.data.nesting import (
    ARITHMETIC,
    NESTED,
    allowed,
    allowed_operators,
    is_wrapped,
    items_of,
    listed,
    named_arguments,
)
from infra_runtime.arguments.data.tree import (
    Assignment,
    Connect,
    ConnectOrCreate,
    Create,
    CreateData,
    Delete,
    DeleteMany,
    Disconnect,
    Nested,
    Rows,
    Set,
    Step,
    Update,
    UpdateData,
    UpdateMany,
    Upsert,
    Where,
)
from infra_runtime.arguments.violations import required_relation_violation
from infra_runtime.arguments.walk import MAX_DEPTH, Walk, mapping, unknown
from infra_runtime.arguments.where import unique_where_shape, where_shape
from infra_runtime.context import OperationContext
from infra_runtime.engine import Engine
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError
from infra_runtime.schema import Model, RelationField, ScalarField


class DataWalk(Clock):
    """Walks the data of one operation. All its rows share one `now`."""

    __slots__ = ("_depth", "context", "engine")

    def __init__(self, engine: Engine, context: OperationContext) -> None:
        super().__init__()
        self.engine = engine
        self.context = context
        self._depth = 0

    # -- rows to be made -----------------------------------------------------------------------------------------------

    def create(self, model: Model, data: Any, parent: RelationField | None = None) -> CreateData:
        """The row that `data` describes.

        `parent` is the relation by which it is nested: the field on the other model. Its own side of that relation comes from
        there. Errors: ArgumentError and its subclasses, with the path from `data` on.
        """
        return self._plain(model, data, parent) or self._create(model, data, parent)

    def _plain(self, model: Model, data: Any, parent: RelationField | None) -> CreateData | None:
        """The row, where an encoder makes its values: all of them, as nothing that is nested gives the row a foreign key."""
        relations = [] if type(data) is not dict else [key for key in data if key in model.relation]
        if any(model.relation[key].is_owner for key in relations):
            return None
        scalars = {key: value for key, value in data.items() if key not in relations} if relations else data
        encoder = row_encoder(self.engine, model, scalars, parent)
        if encoder is None:
            return None
        row: list[Any] = []
        encoder.encode((scalars,), 0, row, self)
        if not row:
            return None
        nested: list[Nested] = []
        for key in relations:
            try:
                nested += self._relation(model, key, data[key], creating=True)
            except ArgumentError as error:
                raise error.under(key) from None
        return CreateData(model, encoder.by_name(row), *_divided(nested))

    def _create(self, model: Model, data: Any, parent: RelationField | None) -> CreateData:
        """`create`, for data of all kinds."""
        check_writable(model)
        if not model.creatable:
            raise ArgumentError(f"{model.name} cannot be created: a required field is ignored or unsupported")
        values: dict[str, Any] = {}
        nested: list[Nested] = []
        given = mapping(data, f"the data of a {model.name}")
        for key, value in given.items():
            try:
                field = model.scalar.get(key)
                if field is not None and field.readable:
                    values[key] = self._initial(field, value)
                else:
                    nested += self._relation(model, key, value, creating=True)
            except ArgumentError as error:
                raise error.under(key) from None
        before, others = _divided(nested)
        provided = self._foreign_keys(model, values, nested, parent)
        self._complete(model, values, provided)
        return CreateData(model, values, before, others)

    def create_rows(self, model: Model, data: Any, parent: RelationField | None = None) -> Rows:
        """The rows of a `create_many`: scalars only, one mapping or a list of them."""
        items = data if isinstance(data, (list, tuple)) else [item for _, item in items_of(data)]
        rows = self._rows(model, parent)
        while not self._encode_rows(rows, items, parent):
            item = items[len(rows)]
            try:
                row = self._create(model, item, parent)
                if not row.is_flat:
                    relation = (*row.before, *row.others)[0].relation.name
                    raise ArgumentError("create_many takes no nested writes").under(relation)
            except ArgumentError as error:
                raise (error if isinstance(data, Mapping) else error.under(len(rows))) from None
            rows.add(row.values)
        return rows

    def _rows(self, model: Model, parent: RelationField | None) -> Rows:
        return Rows(model, () if parent is None else self.engine.schema.opposite(parent).fields)

    def _encode_rows(self, rows: Rows, items: Sequence[Any], parent: RelationField | None) -> bool:
        """Adds what encoders take of those items that are no rows yet. False: they stopped before the end."""
        while len(rows) < len(items):
            first = len(rows)
            encoder = row_encoder(self.engine, rows.model, items[first], parent)
            if encoder is None:
                return False
            run = rows.run(encoder.columns)
            before = len(run.values)
            encoder.encode(items, first, run.values, self)
            rows.placed(run, (len(run.values) - before) // len(encoder.columns))
            if len(rows) == first:
                return False
        return True

    def _created(self, model: Model, relation: RelationField, value: Any) -> Rows | tuple[CreateData, ...]:
        """The rows that a nested `create` describes."""
        rows = self._encoded_children(model, relation, value) if relation.is_list else None
        return rows or tuple(self._each(value, lambda item: self.create(model, item, relation), relation))

    def _encoded_children(self, model: Model, relation: RelationField, value: Any) -> Rows | None:
        """Those rows, where encoders take them all."""
        if not isinstance(value, (dict, list, tuple)):
            return None
        rows = self._rows(model, relation)
        return rows if self._encode_rows(rows, [value] if isinstance(value, dict) else value, relation) else None

    def _initial(self, field: ScalarField, value: Any) -> Any:
        if field.is_list and isinstance(value, Mapping) and set(value) == {"set"}:
            value = value["set"]
        return self._encode(field, value)

    def _complete(self, model: Model, values: dict[str, Any], provided: set[str]) -> None:
        """Adds the client's defaults. Errors: MissingRequiredValueError for a required value that nothing provides."""
        initial = initial_values(self.engine, model)
        for field in initial.required:
            if field.name not in values and field.name not in provided:
                raise MissingRequiredValueError(_missing(model, field)).under(field.name)
        for name, value in initial.constants:
            if name not in values and name not in provided:
                values[name] = value
        for name, make, encode in initial.made:
            if name not in values and name not in provided:
                values[name] = encode(self.now if make is None else make())

    def plain_children(self, relation: RelationField, operations: Any) -> Rows | None:
        """What nested operations make by `relation`: where that is one `create`, of flat rows; else None."""
        if type(operations) is not dict or len(operations) != 1 or "create" not in operations:
            return None
        if not relation.is_list and type(operations["create"]) is not dict:
            return None
        rows = self._encoded_children(self.engine.schema.model[relation.model], relation, operations["create"])
        return rows or None

    # -- changes -------------------------------------------------------------------------------------------------------

    def update(self, model: Model, data: Any, parent: RelationField | None = None, *, nests: bool = True) -> UpdateData:
        """The changes that `data` describes. `nests` False: scalars only, as in `update_many`."""
        check_writable(model)
        assignments: dict[str, Assignment] = {}
        nested: list[Nested] = []
        for key, value in mapping(data, f"changes of a {model.name}").items():
            try:
                field = model.scalar.get(key)
                if field is not None and field.readable:
                    assignments[key] = self._assignment(field, value)
                elif nests or key not in model.relation:
                    nested += self._relation(model, key, value, creating=False)
                else:
                    raise ArgumentError("an update of many rows takes no nested writes")
            except ArgumentError as error:
                raise error.under(key) from None
        self._foreign_keys(model, assignments, nested, parent)
        touched = tuple([item for item in self.touched(model) if item.field.name not in assignments])
        return UpdateData(model, tuple(assignments.values()), touched, *_divided(nested))

    def touched(self, model: Model) -> tuple[Assignment, ...]:
        """What every update of a row of `model` sets: its `@updatedAt` fields."""
        return tuple([Assignment(field, "set", self._encode(field, self.now)) for field in model.touched])

    def _assignment(self, field: ScalarField, value: Any) -> Assignment:
        if not isinstance(value, Mapping) or (field.type == "Json" and not field.is_list):
            return Assignment(field, "set", self._encode(field, value))
        if len(value) != 1:
            raise InputError(f"exactly one of {listed(allowed_operators(field))} is wanted, {len(value)} given")
        operator, operand = next(iter(value.items()))
        if operator not in allowed_operators(field):
            raise unknown("operator", operator, allowed_operators(field))
        try:
            if operator == "unset":
                if operand is not True:
                    raise InputError("unset takes True")
                return Assignment(field, "set", self._encode(field, None))
            if operator == "push":
                items = (
                    list(operand)
                    if isinstance(operand, Sequence) and not isinstance(operand, (str, bytes))
                    else [operand]
                )
                return Assignment(field, "push", self._encode(field, items))
            if operator in ARITHMETIC:
                if operand is None:
                    raise InputError("a number is wanted, None given")
                return Assignment(field, ARITHMETIC[operator], self._encode(field, operand))
            return Assignment(field, "set", self._encode(field, operand))
        except ArgumentError as error:
            raise error.under(operator) from None

    # -- values --------------------------------------------------------------------------------------------------------

    def _encode(self, field: ScalarField, value: Any) -> Any:
        """The driver's value. None where a value is required is refused here, before the database would."""
        encoded = None if value is None else self.engine.codec(field).encode(value)
        if encoded is None and (field.is_required or field.is_list):
            raise MissingRequiredValueError("a value is required, and may not be None")
        return encoded

    def _foreign_keys(
        self, model: Model, scalars: Mapping[str, Any], nested: Sequence[Nested], parent: RelationField | None
    ) -> set[str]:
        """The foreign keys that nested operations or the parent provide. Errors: ArgumentError if one is also written directly."""
        provided: set[str] = set()
        if parent is not None:
            own = self.engine.schema.opposite(parent)
            for name in (own.name, *own.fields):
                if name in scalars or any(item.relation is own for item in nested):
                    raise ArgumentError(
                        f"`{own.name}` is given by the nesting under {self._owner(own, parent)}; leave this out"
                    ).under(name if name in scalars else own.name)
            provided.update(own.fields)
        owning = next((item.relation for item in nested if item.relation.is_owner), None)
        if owning is not None:
            for relation in model.relations:
                direct = next((name for name in relation.fields if name in scalars), None)
                if direct is not None:
                    raise ArgumentError(
                        f"foreign keys are written either directly or by nested writes: `{direct}` is written directly, "
                        f"`{owning.name}` is nested"
                    ).under(direct)
            provided.update(name for item in nested for name in item.relation.fields)
        return provided

    def _owner(self, own: RelationField, parent: RelationField) -> str:
        return f"`{own.model}.{parent.name}`"

    # -- nested operations ---------------------------------------------------------------------------------------------

    def _relation(self, model: Model, name: str, value: Any, *, creating: bool) -> Iterator[Nested]:
        relation = model.relation.get(name)
        if relation is None:
            names = [*(field.name for field in model.readable), *model.relation]
            raise unknown("field", name, names, model)
        if value is None:
            raise MissingRequiredValueError("nested operations are wanted, None given")
        if not isinstance(value, Mapping):
            raise InputError(
                f"nested operations are wanted, a mapping such as {{'connect': …}}; {type(value).__name__} given"
            )
        for key, argument in value.items():
            operation = NESTED.get(key)
            operations = allowed(self.engine.schema.opposite(relation), relation, creating)
            if operation not in operations:
                raise unknown("nested operation", key, operations).under(key)
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise ArgumentError(f"the data nests more than {MAX_DEPTH} levels deep")
            try:
                step = self._step(operation, relation, argument)
            except ArgumentError as error:
                raise error.under(key) from None
            self._depth -= 1
            if step is not None:
                yield Nested(relation, step, self._precedes_row(relation, step, creating or len(value) == 1))

    def _precedes_row(self, relation: RelationField, step: Step, is_alone: bool) -> bool:
        """Does a nested operation begin before the row is written?

        Where the row holds the foreign key, what is created comes before it. A row that is only connected comes after it where it is
        one-to-one and more is asked of the relation; and so does a `disconnect`. Where the other row of a one-to-one holds the foreign
        key, the row to be connected is looked for first.
        """
        if not relation.is_owner:
            return not relation.is_list and isinstance(step, Connect)
        if isinstance(step, Disconnect):
            return is_alone
        if isinstance(step, (Connect, ConnectOrCreate)):
            return is_alone or self.engine.schema.opposite(relation).is_list
        return isinstance(step, Create)

    def _step(self, operation: str, relation: RelationField, value: Any) -> Step | None:
        model = self.engine.schema.model[relation.model]
        if operation == "create":
            rows = self._created(model, relation, value)
            return Create(rows) if rows else None
        if operation == "create_many":
            return self._create_many(model, relation, value)
        if operation == "connect":
            wheres = tuple(self._each(value, lambda item: self._unique(model, item), relation))
            return Connect(wheres) if wheres else None
        if operation == "connect_or_create":
            choices = tuple(self._each(value, lambda item: self._connect_or_create(model, relation, item), relation))
            return ConnectOrCreate(choices) if choices else None
        if operation == "set":
            return Set(tuple(self._each(value, lambda item: self._unique(model, item), relation)))
        if operation in ("disconnect", "delete"):
            wheres = self._targets(model, relation, value)
            if operation == "disconnect" and value is not False:
                _check_detachable(self.engine.schema.opposite(relation), model)
            if not wheres:
                return None
            return Disconnect(wheres) if operation == "disconnect" else Delete(wheres)
        if operation == "update":
            # To change nothing needs no row.
            told = self._each(value, lambda item: self._update(model, relation, item), relation)
            changes = tuple(change for change in told if change is not None)
            return Update(changes) if changes else None
        if operation == "update_many":
            changes = tuple(self._each(value, lambda item: self._update_many(model, relation, item), relation))
            return UpdateMany(changes) if changes else None
        if operation == "upsert":
            upserts = tuple(self._each(value, lambda item: self._upsert(model, relation, item), relation))
            return Upsert(upserts) if upserts else None
        wheres = tuple(self._each(value, lambda item: self._filter(model, item), relation))
        return DeleteMany(wheres) if wheres else None

    def _each(self, value: Any, walk: Any, relation: RelationField) -> Iterator[Any]:
        """`walk` of each item: one, or a list of them on a to-many relation."""
        if not relation.is_list and not isinstance(value, Mapping):
            raise InputError(
                f"`{relation.name}` leads to one record: a mapping is wanted, {type(value).__name__} given"
            )
        for path, item in items_of(value):
            try:
                yield walk(item)
            except ArgumentError as error:
                raise error.under(*path) from None

    def _create_many(self, model: Model, relation: RelationField, value: Any) -> Step | None:
        arguments = named_arguments(value, required=("data",), optional=("skip_duplicates", "skipDuplicates"))
        try:
            rows = self.create_rows(model, arguments["data"], relation)
        except ArgumentError as error:
            raise error.under("data") from None
        skip = arguments.get("skip_duplicates", arguments.get("skipDuplicates", False))
        return Create(rows, bool(skip)) if rows else None

    def _connect_or_create(self, model: Model, relation: RelationField, value: Any) -> tuple[Where, CreateData]:
        arguments = named_arguments(value, required=("where", "create"))
        return (
            self._under("where", lambda: self._unique(model, arguments["where"])),
            self._under("create", lambda: self.create(model, arguments["create"], relation)),
        )

    def _update(self, model: Model, relation: RelationField, value: Any) -> tuple[Where, UpdateData] | None:
        """Where and what to change; None where nothing is to be changed."""
        if relation.is_list:
            arguments = named_arguments(value, required=("where", "data"))
            where = self._under("where", lambda: self._unique(model, arguments["where"]))
        elif is_wrapped(model, value):
            arguments = named_arguments(value, required=("data",), optional=("where",))
            where = self._under("where", lambda: self._filter(model, arguments.get("where") or {}))
        else:
            changes = self.update(model, value, relation)
            return ({}, changes) if value else None
        changes = self._under("data", lambda: self.update(model, arguments["data"], relation))
        return (where, changes) if arguments["data"] else None

    def _update_many(self, model: Model, relation: RelationField, value: Any) -> tuple[Where, UpdateData]:
        arguments = named_arguments(value, required=("data",), optional=("where",))
        return (
            self._under("where", lambda: self._filter(model, arguments.get("where") or {})),
            self._under("data", lambda: self.update(model, arguments["data"], relation, nests=False)),
        )

    def _upsert(self, model: Model, relation: RelationField, value: Any) -> tuple[Where, CreateData, UpdateData]:
        if relation.is_list:
            arguments = named_arguments(value, required=("where", "create", "update"))
            where = self._under("where", lambda: self._unique(model, arguments["where"]))
        else:
            arguments = named_arguments(value, required=("create", "update"), optional=("where",))
            where = self._under("where", lambda: self._filter(model, arguments.get("where") or {}))
        return (
            where,
            self._under("create", lambda: self.create(model, arguments["create"], relation)),
            self._under("update", lambda: self.update(model, arguments["update"], relation)),
        )

    def _targets(self, model: Model, relation: RelationField, value: Any) -> tuple[Where, ...]:
        """Conditions of `disconnect` and `delete`: unique ones on a list, `True` or a filter on a to-one."""
        if relation.is_list:
            return tuple(self._each(value, lambda item: self._unique(model, item), relation))
        if isinstance(value, bool):
            return ({},) if value else ()
        return (self._filter(model, value),)

    def _unique(self, model: Model, where: Any) -> Where:
        unique_where_shape(Walk(self.engine, self.context), model, where)
        return plain_where(model, where)

    def _filter(self, model: Model, where: Any) -> Where:
        where_shape(Walk(self.engine, self.context), model, where)
        return where  # type: ignore[no-any-return]

    def _under(self, key: str, walk: Any) -> Any:
        try:
            return walk()
        except ArgumentError as error:
            raise error.under(key) from None


def plain_where(model: Model, where: Where) -> Where:
    """`where` with compound keys spelled out as their fields, so that it can stand inside AND and OR."""
    compound = [
        name for name in where if name not in model.scalar and name not in model.relation and name in model.unique_key
    ]
    if not compound:
        return where
    plain = {name: value for name, value in where.items() if name not in compound}
    keys = [where[name] for name in compound]
    if len(keys) == 1 and plain.keys().isdisjoint(keys[0]):
        return {**keys[0], **plain}
    return {"AND": [*keys, plain]}


def check_writable(model: Model) -> None:
    """Errors: ArgumentError if `model` is a view."""
    if model.is_view:
        raise ArgumentError(f"{model.name} is a view: it can only be read")


def _check_detachable(opposite: RelationField, model: Model) -> None:
    """Errors: RequiredRelationViolationError if rows of `model` need the relation that a `disconnect` would take from them."""
    if opposite.is_required:
        raise required_relation_violation(opposite, model.name, opposite.model)


def _divided(nested: Sequence[Nested]) -> tuple[tuple[Nested, ...], tuple[Nested, ...]]:
    """What has something to do before the row, the last one named first, as in Prisma; and what has something to do after it."""
    if not nested:
        return (), ()
    return (
        tuple(item for item in reversed(nested) if item.precedes_row),
        tuple(item for item in nested if not (item.precedes_row and item.relation.is_owner)),
    )


def _missing(model: Model, field: ScalarField) -> str:
    owners = [relation.name for relation in model.relations if field.name in relation.fields]
    if owners:
        return f"a value is required: this foreign key, or nested writes in {listed(owners)}"
    return "a value is required"
