"""Walks `search`: words to look for in text fields, as people type them.

A shape says by what means rows are found, in which fields, and holds the slots of what the database is asked:

    ("found", "tsvector", fields, mode, slot)             the slot of a tsquery
    ("found", "fts5", fields, mode, slot)                 the slot of a query of FTS5's
    ("found", "match", fields, mode, slot | None, slots)  the slot of words for AGAINST, and those of patterns for what the index has not
    ("found", "plain", fields, mode, slots)               the slots of patterns of LIKE: no index covers the fields
    ("false",)                                            nothing is looked for, so nothing is found

What is typed is data: only letters and digits get into a query, every other character separates words. Imports `walk`, `conditions` and the
bottom of the runtime.
"""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from infra_runtime.arguments.conditions import FALSE, like_pattern
from infra_runtime.arguments.walk import Shape, Walk, mapping, names, unknown
from infra_runtime.errors import ArgumentError, InputError, MissingRequiredValueError, SearchIndexWarning
from infra_runtime.full_text import SearchIndex, column_name, search_index
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.engine import Engine

MODES = ("all", "any", "phrase", "prefix")
OPTIONS = ("query", "fields", "mode", "language")
MOST_CHARACTERS, MOST_WORDS = 10_000, 64
"""What is beyond says nothing: databases bound how long a query or a pattern may be."""
LONGEST_WORD = 500
"""Longer ones are cut: no index holds them, and PostgreSQL refuses them."""

_log = logging.getLogger("infra_runtime")


# -- the argument ------------------------------------------------------------------------------------------------------
def search_shape(walk: Walk, model: Model, search: Any) -> Shape:
    """The shape of a search: a text, or `{"query", "fields", "mode", "language"}`. Errors: ArgumentError and its subclasses."""
    asked = asked_of(model, search)
    if not asked.words:
        return FALSE
    if asked.index is not None:
        ask = _ASKED[walk.engine.dialect.search_index]
        return ("found", *ask(walk, model, asked.index, asked.fields, asked.mode, asked.words))
    _tell(walk.engine, model, asked.fields)
    return ("found", *_plain(walk, asked.fields, asked.mode, asked.words))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for. `index`: what serves it; None where every row is looked at."""

    words: tuple[str, ...]
    fields: tuple[str, ...]
    mode: str
    index: SearchIndex | None


def asked_of(model: Model, search: Any) -> Asked:
    """What the argument says. Errors: ArgumentError and its subclasses."""
    given = {"query": search} if isinstance(search, str) else mapping(search, "a text, or {'query': …, 'fields': …}")
    for name in given:
        if name not in OPTIONS:
            raise unknown("option", name, OPTIONS)
    query, mode = given.get("query"), given.get("mode") or "all"
    if query is None:
        raise MissingRequiredValueError("a value is required").under("query")
    if not isinstance(query, str):
        raise InputError(f"expected a text, got {type(query).__name__}").under("query")
    if mode not in MODES:
        raise unknown("mode", mode, MODES).under("mode")
    index = search_index(model)
    fields = _fields(model, index, given.get("fields"))
    if index is not None and not _covers(index, fields, given.get("language")):
        index = None
    return Asked(tuple(words(query, distinct=mode != "phrase")), fields, mode, index)


def _fields(model: Model, index: SearchIndex | None, fields: Any) -> tuple[str, ...]:
    if fields is None:
        if index is None:
            raise MissingRequiredValueError(
                f"{model.name} has no @infra.search that would say which fields are searched: name them"
            ).under("fields")
        return index.fields
    try:
        chosen = tuple(dict.fromkeys(names(fields)))
    except ArgumentError as error:
        raise error.under("fields") from None
    searchable = [
        item.name for item in model.readable if item.type == "String" and not item.is_enum and not item.is_list
    ]
    for place, name in enumerate(chosen):
        if name not in searchable:
            raise unknown("text field", name, searchable, model).under("fields", place)
    if not chosen:
        raise InputError("expected at least one field").under("fields")
    return chosen


def _covers(index: SearchIndex, fields: Sequence[str], language: Any) -> bool:
    if language is not None and not isinstance(language, str):
        raise InputError(f"expected a text, got {type(language).__name__}").under("language")
    return set(fields) <= set(index.fields) and language in (None, index.language)


def _tell(engine: Engine, model: Model, fields: Sequence[str]) -> None:
    """Says once that a search reads every row."""
    index = search_index(model)
    told: set[Any] = engine.kept(_told)
    if (model, fields) in told:
        return
    told.add((model, fields))
    has = "it has none" if index is None else f"its index is on {', '.join(index.fields)}"
    if index is not None and index.language:
        has += f", in {index.language}"
    message = (
        f"no search index of {model.name} covers {', '.join(fields)} as it is asked for: {has}. Every row is looked at instead, for texts "
        f"that contain the words. Say /// @infra.search(fields: [{', '.join(fields)}]) in the schema, and push it."
    )
    _log.warning(message)
    warnings.warn(message, SearchIndexWarning, stacklevel=2)


def _told(engine: Engine) -> set[Any]:
    return set()


# -- words -------------------------------------------------------------------------------------------------------------
def words(text: str, *, distinct: bool = True) -> list[str]:
    """The words of a text: runs of letters, digits and the marks that belong to letters."""
    found = ["".join(run)[:LONGEST_WORD] for is_word, run in groupby(text[:MOST_CHARACTERS], _is_of_word) if is_word]
    return (list(dict.fromkeys(found)) if distinct else found)[:MOST_WORDS]


def _is_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


# -- what the database is asked ----------------------------------------------------------------------------------------
def _tsquery(
    walk: Walk, model: Model, index: SearchIndex, fields: tuple[str, ...], mode: str, found: Sequence[str]
) -> Shape:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY"""
    operator = {"any": " | ", "phrase": " <-> "}.get(mode, " & ")
    ending = ":*" if mode == "prefix" else ""
    return ("tsvector", fields, mode, walk.slot(operator.join(f"'{word}'{ending}" for word in found)))


def _fts5(
    walk: Walk, model: Model, index: SearchIndex, fields: tuple[str, ...], mode: str, found: Sequence[str]
) -> Shape:
    """https://www.sqlite.org/fts5.html#full_text_query_syntax"""
    if mode == "phrase":
        asked = f'"{" ".join(found)}"'
    else:
        ending = " *" if mode == "prefix" else ""
        asked = (" OR " if mode == "any" else " AND ").join(f'"{word}"{ending}' for word in found)
    if set(fields) != set(index.fields):
        columns = (column_name(model.scalar[name].column_name).replace('"', '""') for name in fields)
        asked = "{" + " ".join(f'"{name}"' for name in columns) + f"}} : ({asked})"
    return ("fts5", fields, mode, walk.slot(asked))


SHORTEST = 3
"""Shorter words are in no index of InnoDB's (`innodb_ft_min_token_size`)."""
LONGEST = 84
"""Nor are longer ones (`innodb_ft_max_token_size`)."""
STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "an",
        "are",
        "as",
        "at",
        "be",
        "by",
        "com",
        "de",
        "en",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "la",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "und",
        "was",
        "what",
        "when",
        "where",
        "who",
        "will",
        "with",
        "www",
    ]
)
"""Nor are these: https://dev.mysql.com/doc/refman/8.0/en/fulltext-stopwords.html"""


def _match(
    walk: Walk, model: Model, index: SearchIndex, fields: tuple[str, ...], mode: str, found: Sequence[str]
) -> Shape:
    """AGAINST finds rows by the words that are in the index; patterns judge what the index cannot tell.

    It cannot tell in which of its fields a word is, nor whether words stand together, and short and common words it has not.
    """
    indexed = [word for word in found if SHORTEST <= len(word) <= LONGEST and word.lower() not in STOP_WORDS]
    is_part = set(fields) != set(index.fields)
    if mode == "any":
        # One word outside the index is reason enough to look at every row.
        against = " ".join(indexed) if len(indexed) == len(found) else None
        judged = found if is_part or against is None else []
    else:
        ending = "*" if mode == "prefix" else ""
        against = " ".join(f"+{word}{ending}" for word in dict.fromkeys(indexed)) or None
        judged = found if is_part else [word for word in found if word not in indexed]
    patterns = [_phrase(found)] if mode == "phrase" else [_pattern(word, mode) for word in judged]
    return ("match", fields, mode, None if against is None else walk.slot(against), _slots(walk, patterns))


BEFORE, AFTER = "(^|[^[:alnum:]_])", "([^[:alnum:]_]|$)"


def _pattern(word: str, mode: str) -> str:
    """The regular expression of a word, or of its beginning."""
    return f"{BEFORE}{word}" if mode == "prefix" else f"{BEFORE}{word}{AFTER}"


def _phrase(found: Sequence[str]) -> str:
    return f"{BEFORE}{'[^[:alnum:]]+'.join(found)}{AFTER}"


def _plain(walk: Walk, fields: tuple[str, ...], mode: str, found: Sequence[str]) -> Shape:
    texts = [" ".join(found)] if mode == "phrase" else found
    return ("plain", fields, mode, _slots(walk, [like_pattern("contains", text) for text in texts]))


def _slots(walk: Walk, values: Iterable[str]) -> tuple[int, ...]:
    return tuple([walk.slot(value) for value in values])


_ASKED: Mapping[str, Callable[..., Shape]] = {"tsvector": _tsquery, "fts5": _fts5, "match": _match}


# -- relevance ---------------------------------------------------------------------------------------------------------
def is_ranked(shape: Shape) -> bool:
    """Can rows that were found by this be told apart by how well they match?"""
    return shape[0] == "found" and shape[1] != "plain" and shape[4] is not None


def by_relevance(model: Model, shape: Shape) -> Shape:
    """The order of rows that were found: the best ones first, and those that match equally well by their id."""
    ranked = (((), ("rank", shape, None), "desc", None),) if is_ranked(shape) else ()
    key = model.id or (model.unique_keys[0].fields if model.unique_keys else ())
    return (*ranked, *(((), name, "asc", None) for name in key))
