"""Tables made at random as other programs make them: names that are no identifiers, types and defaults of every kind, tables without keys."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

NAMES = (
    "a",
    "a b",
    "a-b",
    "_a",
    "1",
    "日本",
    "class",
    "String",
    "User",
    "B",
    "model",
    "it's",
    'say "hi"',
    "a.b",
    "_AToB",
)
TYPES: dict[str, tuple[str, ...]] = {
    "sqlite": ("INTEGER DEFAULT (1+1)", "TEXT DEFAULT \"d\"", "WEIRD(3)", "BOOLEAN DEFAULT 1", "DATETIME DEFAULT current_timestamp"),
    "postgresql": ("int DEFAULT (1+1)", "text DEFAULT lower('X')", "point", "text[] DEFAULT '{}'", "timestamptz DEFAULT now()", "int4range"),
    "mysql": ("int DEFAULT (1+1)", "varchar(20) DEFAULT (uuid())", "point", "enum('a', 'B c', '1')", "set('a')", "bigint unsigned"),
}  # fmt: skip
PRIMARY, UNIQUE = "int NOT NULL PRIMARY KEY", "int NOT NULL UNIQUE"
ACTIONS = ("", " ON DELETE CASCADE", " ON DELETE RESTRICT ON UPDATE CASCADE")


@st.composite
def tables(draw: st.DrawFn, provider: str, quote: Callable[[str], str]) -> list[str]:
    """The statements that make a few tables, each of which may refer to those before it."""
    statements = []
    keyed: list[str] = []
    for table in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
        key = draw(st.sampled_from((PRIMARY, PRIMARY, UNIQUE, None)))
        lines = [f"pk {key}"] if key else []
        for column in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
            required = draw(st.sampled_from(("", " NOT NULL")))
            lines.append(f"{quote(column)} {draw(st.sampled_from(TYPES[provider]))}{required}")
        keys = []
        for number, other in enumerate(draw(st.lists(st.sampled_from(keyed), max_size=2)) if keyed else ()):
            lines.append(f"fk{number} int{draw(st.sampled_from(('', ' NOT NULL', ' UNIQUE')))}")
            keys.append(f"FOREIGN KEY (fk{number}) REFERENCES {quote(other)} (pk){draw(st.sampled_from(ACTIONS))}")
        statements.append(f"CREATE TABLE {quote(table)} ({', '.join((*lines, *keys))})")
        keyed += [table] if key else []
    return statements
