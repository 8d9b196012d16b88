"""Full-text search: whether text fields match what is looked for, and how well.

Two kinds. Prisma's own, where the query is in the database's language of searches: `to_tsquery` on the fields joined together in PostgreSQL
(https://www.postgresql.org/docs/current/textsearch-controls.html), `MATCH … AGAINST` in boolean mode in MySQL, which wants a FULLTEXT
index on exactly these fields; SQLite has none of it. And the search for words of `arguments.search`, on the indexes of `full_text`.
Imports `build`, `full_text` and the bottom of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from infra_runtime import full_text
from infra_runtime.compiler.build import Build
from infra_runtime.full_text import SearchIndex
from infra_runtime.hits import CLOSE, OPEN
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from sqlalchemy import FromClause


# -- Prisma's search ---------------------------------------------------------------------------------------------------
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


# -- the search for words ----------------------------------------------------------------------------------------------
def found(build: Build, table: FromClause, model: Model, way: str, *asked: Any) -> Any:
    """The condition that a row of `table` is found; the arguments are those of the shape."""
    return _FOUND[way](Search(build, table, model), *asked)


def rank(build: Build, table: FromClause, model: Model, shape: Any) -> Any:
    """How well a row that is found matches: a number that is the higher the better."""
    _, way, _, _, slot, *_ = shape
    return _RANK[way](Search(build, table, model), slot)


class Search:
    """A search in the rows of one table."""

    def __init__(self, build: Build, table: FromClause, model: Model) -> None:
        self.build = build
        self.table = table
        self.model = model

    @property
    def index(self) -> SearchIndex:
        index = full_text.search_index(self.model)
        assert index is not None, "a shape that asks an index is of a model that has one"
        return index

    def columns(self, fields: Sequence[str]) -> list[Any]:
        return [self.table.c[self.model.scalar[name].column_name] for name in fields]

    # -- PostgreSQL ----------------------------------------------------------------------------------------------------
    def by_tsvector(self, fields: tuple[str, ...], mode: str, slot: int) -> Any:
        """The index tells which rows may match. Where it cannot tell in which fields a word is, the fields themselves do."""
        from sqlalchemy import and_, or_

        query = self._tsquery(slot)
        index = self._document(self.index.fields)
        exact = [self._document([name]) for name in fields] if mode == "phrase" else [self._document(fields)]
        matching = index.op("@@", is_comparison=True)(query)
        if set(fields) == set(self.index.fields) and len(exact) == 1:
            return matching
        return and_(matching, or_(*(document.op("@@", is_comparison=True)(query) for document in exact)))

    def rank_by_tsvector(self, slot: int) -> Any:
        from sqlalchemy import func

        return func.ts_rank(self._document(self.index.fields), self._tsquery_once(slot))

    def marked_by_tsvector(self, fields: Sequence[str], slot: int) -> list[Any]:
        """The texts with their words marked, as the index has them: a blank where a sign was, so that all stands at its place."""
        from sqlalchemy import func, literal_column

        configuration: Any = literal_column(full_text.configuration(self.index.language))
        options = self.build.engine.dialect.literal(f'StartSel="{OPEN}", StopSel="{CLOSE}", HighlightAll=true')
        texts: list[Any] = [literal_column(full_text.without_punctuation(text)) for text in self._sql(fields)]
        return [func.ts_headline(configuration, text, self._tsquery_once(slot), options) for text in texts]

    def _document(self, fields: Sequence[str]) -> Any:
        from sqlalchemy import literal_column

        return literal_column(full_text.document(self._sql(fields), self.index.language))

    def _sql(self, fields: Sequence[str]) -> list[str]:
        dialect = self.build.engine.dialect.sql
        return [str(column.compile(dialect=dialect)) for column in self.columns(fields)]

    def _tsquery(self, slot: int) -> Any:
        from sqlalchemy import func, literal_column

        configuration: Any = literal_column(full_text.configuration(self.index.language))
        return func.to_tsquery(configuration, self.build.parameter(slot))

    def _tsquery_once(self, slot: int) -> Any:
        """The query as a subquery: in a plan for any parameters the function by itself would be called for each row."""
        from sqlalchemy import select

        return select(self._tsquery(slot)).scalar_subquery()

    # -- MySQL ---------------------------------------------------------------------------------------------------------
    def by_match(self, fields: tuple[str, ...], mode: str, slot: int | None, patterns: tuple[int, ...]) -> Any:
        from sqlalchemy import and_, func, literal_column, or_

        columns = self.columns(fields)
        # Words that stand together stand in one field; all others may be spread.
        texts = columns if mode == "phrase" else [func.concat_ws(literal_column("' '"), *columns)]
        judged = [
            or_(*(text.op("REGEXP", is_comparison=True)(self.build.parameter(pattern)) for text in texts))
            for pattern in patterns
        ]
        matching = [] if slot is None else [self.rank_by_match(slot)]
        return and_(*matching, *([or_(*judged)] if mode == "any" and judged else judged))

    def rank_by_match(self, slot: int) -> Any:
        return _match(self.build, self.columns(self.index.fields), slot)

    # -- SQLite --------------------------------------------------------------------------------------------------------
    def by_fts5(self, fields: tuple[str, ...], mode: str, slot: int) -> Any:
        from sqlalchemy import select, true, tuple_

        if slot in self.build.joined_searches:
            return true()
        key, joined, _, matching, _ = self._words(slot)
        rows = select(*key).select_from(joined).where(matching)
        own = self.columns(full_text.row_key(self.model))
        return (own[0] if len(own) == 1 else tuple_(*own)).in_(rows)

    def rank_by_fts5(self, slot: int) -> Any:
        """The rows that are found are joined: FTS5 looks at all of them for the rank of any."""
        from sqlalchemy import and_, select

        key, joined, _, matching, score = self._words(slot)
        labelled = [column.label(f"k{place}") for place, column in enumerate(key)]
        rows = select(*labelled, score.label("score")).select_from(joined).where(matching)
        source = rows.subquery(self.build.name("q"))
        own = self.columns(full_text.row_key(self.model))
        self.build.join(source, and_(*(source.c[f"k{place}"] == column for place, column in enumerate(own))))
        self.build.joined_searches.add(slot)
        # FTS5 says -2 of what matches better than what it says -1 of.
        return -source.c.score

    def from_fts5(self, fields: Sequence[str], slot: int) -> tuple[Any, Any, list[Any]]:
        """Rows of the table as FTS5 finds them: where they come from, the condition that they match, rank and marked texts."""
        from sqlalchemy import and_, func, literal_column

        key, joined, words, matching, score = self._words(slot)
        own = self.columns(full_text.row_key(self.model))
        source = joined.join(self.table, and_(*(one == other for one, other in zip(key, own, strict=True))))
        places: list[Any] = [literal_column(str(self.index.fields.index(name))) for name in fields]
        marks: list[Any] = [literal_column(f"char({ord(mark)})") for mark in (OPEN, CLOSE)]
        return source, matching, [-score, *(func.highlight(words, place, *marks) for place in places)]

    def _words(self, slot: int) -> tuple[list[Any], Any, Any, Any, Any]:
        """What FTS5 knows of the rows: their key, where that is read from, what its functions take for the index, the condition that
        they match, and how well."""
        from sqlalchemy import column, func, literal_column, table

        name = full_text.index_name("sqlite", self.model.table_name)
        words: Any = table(name, column(name), column("rowid")).alias(self.build.name("f"))
        matching = words.c[name].op("MATCH", is_comparison=True)(self.build.parameter(slot))
        weights: list[Any] = [
            literal_column(str(full_text.WEIGHTS[min(place, 3)])) for place, _ in enumerate(self.index.fields)
        ]
        score = func.bm25(words.c[name], *weights)
        fields = full_text.row_key(self.model)
        if full_text.is_numbered([self.model.scalar[field].type for field in fields]):
            return [words.c.rowid], words, words.c[name], matching, score
        columns = [self.model.scalar[field].column_name for field in fields]
        numbered = table(f"{name}_keys", column("infra_row"), *map(column, columns))
        keys: Any = numbered.alias(self.build.name("k"))
        joined = words.join(keys, keys.c.infra_row == words.c.rowid)
        return [keys.c[item] for item in columns], joined, words.c[name], matching, score

    # -- without an index ----------------------------------------------------------------------------------------------
    def by_contents(self, fields: tuple[str, ...], mode: str, patterns: tuple[int, ...]) -> Any:
        from sqlalchemy import and_, or_

        insensitive = self.build.engine.dialect.has_mode
        clauses = [
            or_(*(like(column, self.build.parameter(pattern), insensitive) for column in self.columns(fields)))
            for pattern in patterns
        ]
        return or_(*clauses) if mode == "any" else and_(*clauses)


def like(tested: Any, pattern: Any, insensitive: bool) -> Any:
    """LIKE with the backslash as escape character, on every database."""
    return tested.ilike(pattern, escape="\\") if insensitive else tested.like(pattern, escape="\\")


_FOUND: dict[str, Callable[..., Any]] = {
    "tsvector": Search.by_tsvector,
    "match": Search.by_match,
    "fts5": Search.by_fts5,
    "plain": Search.by_contents,
}
_RANK: dict[str, Callable[[Search, int], Any]] = {
    "tsvector": Search.rank_by_tsvector,
    "match": Search.rank_by_match,
    "fts5": Search.rank_by_fts5,
}
