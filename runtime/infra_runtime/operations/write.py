"""The operations that write: programs of create, update, delete and their many-row forms.

A write that one statement can do is one statement, without a transaction around it; every other is atomic. Rows are answered from
RETURNING where only their scalars are wanted, else read again after the write. Imports `arguments`, the writer, nested writes and reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from infra_runtime.arguments.data import CreateData, Rows, UpdateData, Where
from infra_runtime.context import OperationContext
from infra_runtime.effects import Mode, Program, Steps
from infra_runtime.engine import Engine
from infra_runtime.operation import Operation
from infra_runtime.operations import at_once
from infra_runtime.operations.calls import Answer, Call, Found
from infra_runtime.operations.insertions import copy_of, count_inserted, insert_counted, insertions
from infra_runtime.operations.keys import Row, key_fields, together
from infra_runtime.operations.nested import (
    create_row,
    create_rows,
    fields_to_update,
    update_row,
)
from infra_runtime.operations.removals import is_one_statement, remove, remove_counted
from infra_runtime.operations.removals import restore as restore_rows
from infra_runtime.operations.row_changes import (
    delete_counted,
    delete_known,
    delete_met,
    fields_to_delete,
    follows_delete,
    follows_update,
    update_counted,
    update_met,
)
from infra_runtime.operations.row_changes import update as update_rows
from infra_runtime.operations.with_children import create_with_children

# -- create ------------------------------------------------------------------------------------------------------------


def create(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """`create(data, include | select)`: makes a row and what is nested in it; answers the row."""
    if planned := at_once.create_at_once(engine, operation) or create_with_children(engine, context, operation):
        return planned
    call = Call(engine, context, operation)
    data = call.created()
    answer = Answer(call)
    is_one = data.is_flat and answer.fields is not None and call.is_quiet and engine.dialect.insert_returning
    return Program("write" if is_one else "atomic", _create(call, data, answer))


def _create(call: Call, data: CreateData, answer: Answer) -> Steps[Any]:
    fields = answer.fields if data.ends_with_row else None
    row = yield from create_row(call.writer, data, key_fields(call.model) if fields is None else fields)
    assert row is not None
    result = yield from answer.row(row, is_current=data.ends_with_row, ends_write=True)
    yield from call.writer.report()
    return result


def create_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[int]:
    """`create_many(data, skip_duplicates)`: makes rows; answers how many were made."""
    call = Call(engine, context, operation)
    rows = call.walked("data", lambda given: call.data.create_rows(call.model, given))
    skip = call.flag("skip_duplicates")
    if not rows:
        return Program("read", _none())
    if not call.is_quiet:
        return Program("atomic", _create_many(call, rows, skip))
    statements = insertions(engine, rows, (), skip)
    mode: Mode = "atomic" if len(statements) > 1 else "bulk" if len(rows) > 1 else "write"
    return Program(mode, count_inserted(call.model, copy_of(engine, rows, skip), statements))


def _none() -> Steps[int]:
    yield from ()
    return 0


def _create_many(call: Call, rows: Rows, skip: bool) -> Steps[int]:
    count = yield from insert_counted(call.writer, rows, skip_duplicates=skip)
    yield from call.writer.report()
    return count


def create_many_and_return(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[Any]]:
    """`create_many_and_return(data, skip_duplicates, include | select)`: makes rows; answers those that were made."""
    call = Call(engine, context, operation)
    data = call.walked("data", lambda given: call.data.create_rows(call.model, given))
    return Program("atomic", _create_many_and_return(call, data, Answer(call)))


def _create_many_and_return(call: Call, data: Rows, answer: Answer) -> Steps[list[Any]]:
    skip = call.flag("skip_duplicates")
    rows = yield from create_rows(call.writer, data, answer.fields or key_fields(call.model), skip_duplicates=skip)
    result = yield from answer.rows(rows)
    yield from call.writer.report()
    return result


# -- update ------------------------------------------------------------------------------------------------------------


def update(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """`update(data, where, include | select)`: changes one row and what is nested in it; answers it as it is then.

    Errors when driven: RecordNotFoundError if there is none, unless the engine's `missing` is `none`.
    """
    if planned := at_once.update_at_once(engine, operation):
        return planned
    call = Call(engine, context, operation)
    data = call.walked("data", lambda given: call.data.update(call.model, given))
    found = call.unique()
    answer = Answer(call)
    if data.is_flat and not data.assignments:
        return Program("read", _unchanged(call, found.where, answer))
    is_one = (
        data.is_flat
        and call.is_quiet
        and engine.dialect.update_returning
        and not follows_update(call.writer, call.model, data.assignments)
    )
    if is_one:
        return Program("atomic" if answer.fields is None else "write", _update_met(call, data, found, answer))
    return Program("atomic", _update(call, data, found.where, answer))


def _unchanged(call: Call, where: Where, answer: Answer) -> Steps[Any]:
    found = yield from call.find(where, answer.fields or key_fields(call.model))
    if not found:
        return call.missing("update")
    return (yield from answer.row(found[0]))


def _update_met(call: Call, data: UpdateData, found: Found, answer: Answer) -> Steps[Any]:
    changes = (*data.assignments, *data.touched)
    asked = key_fields(call.model) if answer.fields is None else answer.fields
    rows = yield from update_met(call.writer, call.model, found.walk, found.shape, changes, asked)
    if not rows:
        return call.missing("update")
    return (yield from answer.row(rows[0], is_current=answer.fields is not None, ends_write=True))


def _update(call: Call, data: UpdateData, where: Where, answer: Answer) -> Steps[Any]:
    found = yield from call.find(where, fields_to_update(call.writer, data))
    if not found:
        return call.missing("update")
    result = yield from _update_found(call, data, found[0], answer)
    yield from call.writer.report()
    return result


def _update_found(call: Call, data: UpdateData, row: Row, answer: Answer) -> Steps[Any]:
    row = yield from update_row(call.writer, data, row, answer.fields or () if data.ends_with_row else ())
    return (yield from answer.row(row, is_current=data.ends_with_row, ends_write=True))


def update_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[int]:
    """`update_many(data, where, limit)`: changes all rows that match; answers how many there were."""
    call = Call(engine, context, operation)
    data = call.walked("data", lambda given: call.data.update(call.model, given, nests=False))
    where, limit = call.filter(), call.limit()
    is_one = call.is_quiet and not follows_update(call.writer, call.model, data.assignments)
    return Program("write" if is_one else "atomic", _update_many(call, data, where, limit))


def _update_many(call: Call, data: UpdateData, where: Where, limit: int | None) -> Steps[int]:
    if not data.assignments:
        return 0
    changes = (*data.assignments, *data.touched)
    count = yield from update_counted(call.writer, call.model, where, changes, scoped=call.scoped, limit=limit)
    yield from call.writer.report()
    return count


def update_many_and_return(engine: Engine, context: OperationContext, operation: Operation) -> Program[list[Any]]:
    """`update_many_and_return(data, where, limit, include | select)`: changes all rows that match; answers them as they are then."""
    call = Call(engine, context, operation)
    data = call.walked("data", lambda given: call.data.update(call.model, given, nests=False))
    return Program("atomic", _update_many_and_return(call, data, call.filter(), call.limit(), Answer(call)))


def _update_many_and_return(
    call: Call, data: UpdateData, where: Where, limit: int | None, answer: Answer
) -> Steps[list[Any]]:
    asked = answer.fields or key_fields(call.model)
    if not data.assignments:
        # Changed or not, the rows that match are the answer; nothing is touched that a limit could spare.
        unchanged = yield from call.find(where, asked)
        return (yield from answer.rows(unchanged))
    changes = (*data.assignments, *data.touched)
    rows = yield from update_rows(call.writer, call.model, where, changes, asked, scoped=call.scoped, limit=limit)
    result = yield from answer.rows(rows)
    yield from call.writer.report()
    return result


# -- delete ------------------------------------------------------------------------------------------------------------


def delete(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """`delete(where, include | select)`: removes one row; answers what it was, or what it is as a row that is marked as deleted.

    Errors when driven: RecordNotFoundError if there is none, unless the engine's `missing` is `none`.
    """
    if planned := at_once.delete_at_once(engine, operation):
        return planned
    call = Call(engine, context, operation)
    call.refuse_deleted()
    found = call.unique()
    answer = Answer(call)
    if call.model in engine.soft_deletes:
        returns = engine.dialect.update_returning
        is_one = answer.fields is not None and call.is_quiet and returns and is_one_statement(call.writer, call.model)
        return Program("write" if is_one else "atomic", _mark(call, found.where, answer))
    return _deletion(call, found, answer)


def purge(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """`purge(where, include | select)`: deletes one row for good, marked as deleted or not; answers what it was.

    Errors when driven: RecordNotFoundError if there is none, unless the engine's `missing` is `none`.
    """
    call = Call(engine, context, _of_deleted(operation, operation.arguments.get("deleted", "with")))
    return _deletion(call, call.unique(), Answer(call))


def _deletion(call: Call, found: Found, answer: Answer) -> Program[Any]:
    is_one = (
        answer.fields is not None
        and call.is_quiet
        and call.engine.dialect.delete_returning
        and not follows_delete(call.writer, call.model)
    )
    if is_one:
        return Program("write", _delete_met(call, found, answer))
    return Program("atomic", _delete(call, found.where, answer))


def _delete_met(call: Call, found: Found, answer: Answer) -> Steps[Any]:
    rows = yield from delete_met(call.writer, call.model, found.walk, found.shape, answer.fields or ())
    return answer.made(rows[0]) if rows else call.missing("delete")


def _delete(call: Call, where: Where, answer: Answer) -> Steps[Any]:
    fields = together(answer.fields or (), fields_to_delete(call.writer, call.model))
    found = yield from call.find(where, fields)
    if not found:
        return call.missing("delete")
    result = yield from answer.row(found[0])
    yield from delete_known(call.writer, call.model, found)
    yield from call.writer.report()
    return result


def _mark(call: Call, where: Where, answer: Answer) -> Steps[Any]:
    rows = yield from remove(call.writer, call.model, where, answer.fields or key_fields(call.model), scoped=True)
    if not rows:
        return call.missing("delete")
    result = yield from answer.row(rows[0])
    yield from call.writer.report()
    return result


def delete_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[int]:
    """`delete_many(where, limit)`: removes all rows that match; answers how many there were."""
    call = Call(engine, context, operation)
    call.refuse_deleted()
    where, limit = call.filter(), call.limit()
    is_one = call.is_quiet and is_one_statement(call.writer, call.model)
    steps = remove_counted(call.writer, call.model, where, scoped=True, limit=limit)
    return Program("write" if is_one else "atomic", _reported(call, steps))


def purge_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[int]:
    """`purge_many(where, limit)`: deletes all rows that match for good, marked as deleted or not; answers how many there were."""
    call = Call(engine, context, _of_deleted(operation, operation.arguments.get("deleted", "with")))
    where, limit = call.filter(), call.limit()
    is_one = call.is_quiet and not follows_delete(call.writer, call.model)
    steps = delete_counted(call.writer, call.model, where, scoped=call.scoped, limit=limit)
    return Program("write" if is_one else "atomic", _reported(call, steps))


def _reported(call: Call, steps: Steps[int]) -> Steps[int]:
    count = yield from steps
    yield from call.writer.report()
    return count


# -- restore -----------------------------------------------------------------------------------------------------------


def restore(engine: Engine, context: OperationContext, operation: Operation) -> Program[Any]:
    """`restore(where, include | select)`: brings one deleted row back, with what went with it; answers it.

    Errors when driven: RecordNotFoundError if there is none, unless the engine's `missing` is `none`.
    """
    call = Call(engine, context, _of_deleted(operation, "only"))
    return Program("atomic", _restore(call, call.unique().where, Answer(call)))


def _restore(call: Call, where: Where, answer: Answer) -> Steps[Any]:
    rows = yield from restore_rows(call.writer, call.model, where, answer.fields or key_fields(call.model))
    if not rows:
        return call.missing("restore")
    result = yield from answer.row(rows[0])
    yield from call.writer.report()
    return result


def restore_many(engine: Engine, context: OperationContext, operation: Operation) -> Program[int]:
    """`restore_many(where, limit)`: brings all deleted rows back that match, with what went with them; answers how many matched."""
    call = Call(engine, context, _of_deleted(operation, "only"))
    where, limit = call.filter(), call.limit()
    return Program("atomic", _restore_many(call, where, limit))


def _restore_many(call: Call, where: Where, limit: int | None) -> Steps[int]:
    rows = yield from restore_rows(call.writer, call.model, where, key_fields(call.model), limit=limit)
    yield from call.writer.report()
    return len(rows)


def _of_deleted(operation: Operation, deleted: str) -> Operation:
    """An operation that says which of the deleted rows it is about. Errors: InputError for a model that keeps none."""
    return replace(operation, arguments={**operation.arguments, "deleted": deleted})
