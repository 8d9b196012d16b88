"""What `@infra.search` makes in a database: how it is called, and how a text becomes words there.

The DDL that makes an index and the query that uses it must say the same, so both ask here. Imports `schema` of the runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from infra_runtime.schema import Model

PREFIX = "infra_search_"
"""What the names of everything begin with that is in a database because of `@infra.search`."""

LIMITS = {"postgresql": 63, "mysql": 64, "sqlite": 1000}
"""How many bytes a name may have."""

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""What separates words, beside white space. PostgreSQL by itself would take `ada@x.io` and `/a/b` for one word each."""

PLAIN = "simple"
"""PostgreSQL's configuration for texts of no language."""

WEIGHTS = (1.0, 0.4, 0.2, 0.1)
"""What a word counts in the first field, the second, the third and all others, where the database can weigh fields."""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The full-text index of a model: its fields, and the language of their texts as the schema names it."""

    fields: tuple[str, ...]
    language: str | None


def search_index(model: Model) -> SearchIndex | None:
    """The index that `@infra.search` asks for. A view has none."""
    said = model.options.get("search")
    if said is None or model.is_view or not row_key(model):
        return None
    return SearchIndex(tuple(said["fields"]), said.get("language"))


def index_name(provider: str, table: str) -> str:
    """`infra_search_User`: the index of a table, in SQLite a table of its own."""
    return f"{PREFIX}{table}".encode()[: LIMITS[provider]].decode(errors="ignore")


# -- PostgreSQL --------------------------------------------------------------------------------------------------------
def document(columns: Sequence[str], language: str | None) -> str:
    """The tsvector of columns given as SQL: what the index holds, and what is searched. Earlier columns weigh more."""
    weighted = (
        f"setweight({vector(column, language)}, '{'ABCD'[min(place, 3)]}')" for place, column in enumerate(columns)
    )
    return f"({' || '.join(weighted)})"


def vector(column: str, language: str | None) -> str:
    """The tsvector of one column, given as SQL."""
    return f"to_tsvector({configuration(language)}, {without_punctuation(column)})"


def without_punctuation(column: str) -> str:
    """The text of a column, given as SQL, with a blank for each sign that separates words."""
    # A regular expression: `translate` takes as long for a text as all that makes a tsvector of it. The signs stand where they mean
    # themselves: `]` first, `-` last, the backslash as two.
    signs = PUNCTUATION.replace("]", "").replace("-", "").replace("\\", "\\\\").replace("'", "''")
    return f"regexp_replace(coalesce({column}, ''), '[]{signs}-]', ' ', 'g')"


def configuration(language: str | None) -> str:
    """A text search configuration as SQL. Without a language words are what is written, in small letters."""
    name = (language or PLAIN).replace("'", "''")
    return f"'{name}'::regconfig"


# -- SQLite ------------------------------------------------------------------------------------------------------------
def tokenizer(language: str | None) -> str:
    """FTS5's tokenizer: it knows the endings of English words, and those of no other language."""
    stemmer = "porter " if (language or "").lower() in ("english", "en") else ""
    return f"{stemmer}unicode61 remove_diacritics 0"


def row_key(model: Model) -> tuple[str, ...]:
    """The fields that tell which row a text is of."""
    keys = (key.fields for key in model.unique_keys)
    return certain_key(model.id, keys, lambda name: model.scalar[name].is_required)


def certain_key(
    id_: tuple[str, ...], keys: Iterable[tuple[str, ...]], is_required: Callable[[str], bool]
) -> tuple[str, ...]:
    """The id, or the first of the unique `keys` that is never null; empty where there is none."""
    return id_ or next((key for key in keys if all(map(is_required, key))), ())


def is_numbered(types: Sequence[str]) -> bool:
    """Is a key of fields of these types a whole number, which FTS5 can take for the number of the row itself?"""
    return len(types) == 1 and types[0] in ("Int", "BigInt")


def column_name(column: str) -> str:
    """A column's name in FTS5, which has a few of its own."""
    return f"{column}_" if column.lower() in ("rank", "rowid") else column
