"""Full-text search as Prisma has it: whether text fields match a query in the database's own language of searches, and how well.

PostgreSQL: `to_tsquery` on the fields joined together, https://www.postgresql.org/docs/current/textsearch-controls.html. MySQL: `MATCH …
AGAINST` in boolean mode, which wants a FULLTEXT index on exactly these fields. SQLite has none of it. Imports `build`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra_runtime.compiler.build import Build


def matches(build: Build, columns: Sequence[Any], slot: int) -> Any:
    """Do the columns, taken together, match the query in `slot`?"""
    if build.engine.dialect.full_text == "match":
        return _match(build, columns, slot)
    document, query = _document_and_query(build, columns, slot)
    return document.op("@@", is_comparison=True)(query)


def relevance(build: Build, columns: Sequence[Any], slot: int) -> Any:
    """How well the columns match: a number that is the higher the better."""
    from sqlalchemy import func

    if build.engine.dialect.full_text == "match":
        return _match(build, columns, slot)
    return func.ts_rank(*_document_and_query(build, columns, slot))


def _document_and_query(build: Build, columns: Sequence[Any], slot: int) -> tuple[Any, Any]:
    from sqlalchemy import func, literal_column

    return func.to_tsvector(func.concat_ws(literal_column("' '"), *columns)), func.to_tsquery(build.parameter(slot))


def _match(build: Build, columns: Sequence[Any], slot: int) -> Any:
    from sqlalchemy.dialects.mysql import match

    return match(*columns, against=build.parameter(slot)).in_boolean_mode()
