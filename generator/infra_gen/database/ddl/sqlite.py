"""SQLite's DDL: keys and foreign keys stand within CREATE TABLE.

What is searched by words is in a table of FTS5's beside the table it is of, which holds no texts of its own: it looks them up in a view,
and triggers tell it what changes. A row has a number there: its id if that is one, else one that a table of keys gives it, as the numbers
that SQLite gives rows by itself change with VACUUM. Source: https://www.sqlite.org/fts5.html, section 4.4.3.
"""

from __future__ import annotations

from infra_gen.database.catalog import Catalog, Column, ForeignKey, FullTextIndex, Index, SchemaObject, Table
from infra_gen.database.ddl.step import SEARCH, Step, key_columns, listed, referential_actions
from infra_runtime import full_text


def create(catalog: Catalog) -> list[Step]:
    """The steps that make `catalog` in an empty database."""
    tables = [Step.of("CreateTable", create_table(table)) for table in catalog.tables]
    indexes = [
        Step.of("CreateIndex", create_index(table, index)) for table in catalog.tables for index in table.indexes
    ]
    searches = [Step.of(SEARCH, item.sql) for table in catalog.tables for item in search_objects(table)]
    return [*tables, *indexes, *searches]


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def create_table(table: Table) -> str:
    """`CREATE TABLE`, with the primary key on its column when it is one column."""
    key = table.primary_key
    on_column = key.names[0] if key and len(key.columns) == 1 else None
    lines = [f"    {column_definition(column, column.name == on_column)}" for column in table.columns]
    if key and on_column is None:
        lines.append(f"\n    PRIMARY KEY {listed(quote, key.names)}")
    lines += [f"    {foreign_key(item)}" for item in table.foreign_keys]
    body = ",\n".join(lines)
    return f"CREATE TABLE {quote(table.name.name)} (\n{body}\n)"


def column_definition(column: Column, is_key: bool = False) -> str:
    """A column. A one-column key of type INTEGER is the row id, and gets AUTOINCREMENT as Prisma gives it."""
    words = [quote(column.name), column.type]
    if not column.nullable:
        words.append("NOT NULL")
    if is_key:
        words.append("PRIMARY KEY AUTOINCREMENT" if column.type == "INTEGER" else "PRIMARY KEY")
    if column.default is not None:
        words.append(f"DEFAULT {column.default}")
    return " ".join(words)


def foreign_key(key: ForeignKey) -> str:
    return (
        f"CONSTRAINT {quote(key.constraint)} FOREIGN KEY {listed(quote, key.columns)} "
        f"REFERENCES {quote(key.table.name)} {listed(quote, key.references)} {referential_actions(key)}"
    )


def create_index(table: Table, index: Index) -> str:
    unique = "UNIQUE " if index.kind == "unique" else ""
    where = f" WHERE {index.where}" if index.where else ""
    columns = key_columns(quote, index.columns)
    return f"CREATE {unique}INDEX {quote(index.name)} ON {quote(table.name.name)}{columns}{where}"


# -- full-text search --------------------------------------------------------------------------------------------------
def search_objects(table: Table) -> tuple[SchemaObject, ...]:
    """What makes a table searchable, in the order in which it can be made."""
    return _SearchObjects(table, table.search).all() if table.search else ()


def fill_search(table: Table) -> list[str]:
    """What puts the rows that are there into new objects."""
    return _SearchObjects(table, table.search).fill() if table.search else []


def drop_object(item: SchemaObject) -> str:
    return f"DROP {item.kind} IF EXISTS {quote(item.name)}"


class _SearchObjects:
    """The objects beside one table."""

    def __init__(self, table: Table, index: FullTextIndex) -> None:
        self.index = index
        self.table = quote(table.name.name)
        self.words = quote(index.name)
        self.rows = quote(f"{index.name}_rows")
        self.keys = quote(f"{index.name}_keys")
        self.key = [quote(column.name) for column in index.key]
        self.texts = ", ".join(quote(full_text.column_name(name)) for name in index.columns)

    def all(self) -> tuple[SchemaObject, ...]:
        name = self.index.name
        columns = ", ".join(f"{quote(column.name)} {column.type}" for column in self.index.key)
        keys = f'CREATE TABLE {self.keys} ("infra_row" INTEGER PRIMARY KEY, {columns}, UNIQUE ({", ".join(self.key)}))'
        return (
            *(() if self.index.is_numbered else (SchemaObject("TABLE", f"{name}_keys", keys),)),
            SchemaObject("VIEW", f"{name}_rows", self._view()),
            SchemaObject("TABLE", name, self._table()),
            SchemaObject("TRIGGER", f"{name}_insert", self._trigger("insert", "INSERT", self._add())),
            SchemaObject("TRIGGER", f"{name}_delete", self._trigger("delete", "DELETE", self._remove())),
            SchemaObject("TRIGGER", f"{name}_update", self._on_update()),
        )

    def fill(self) -> list[str]:
        key = ", ".join(self.key)
        keys = [] if self.index.is_numbered else [f"INSERT INTO {self.keys} ({key}) SELECT {key} FROM {self.table}"]
        return [*keys, f"INSERT INTO {self.words} ({self.words}) VALUES ('rebuild')"]

    def _view(self) -> str:
        columns = zip(self.index.columns, self.texts.split(", "), strict=True)
        texts = ", ".join(f"t.{quote(name)} AS {called}" for name, called in columns)
        if self.index.is_numbered:
            return f'CREATE VIEW {self.rows} AS SELECT t.{self.key[0]} AS "infra_row", {texts} FROM {self.table} t'
        on = " AND ".join(f"t.{name} = k.{name}" for name in self.key)
        return (
            f'CREATE VIEW {self.rows} AS SELECT k."infra_row", {texts} FROM {self.keys} k JOIN {self.table} t ON {on}'
        )

    def _table(self) -> str:
        tokenizer = full_text.tokenizer(self.index.language)
        source = f"content={self.rows}, content_rowid=\"infra_row\", tokenize='{tokenizer}'"
        return f"CREATE VIRTUAL TABLE {self.words} USING fts5({self.texts}, {source})"

    def _trigger(self, name: str, event: str, statements: list[str]) -> str:
        body = " ".join(f"{statement};" for statement in statements)
        return f"CREATE TRIGGER {quote(f'{self.index.name}_{name}')} AFTER {event} ON {self.table} BEGIN {body} END"

    def _on_update(self) -> str:
        names = dict.fromkeys([*self.key, *map(quote, self.index.columns)])
        forget, note = self._remove()[:1], self._add()[-1:]
        renamed = ", ".join(f"{name} = new.{name}" for name in self.key)
        rename = f"UPDATE {self.keys} SET {renamed} WHERE {self._is('old')}"
        middle = [] if self.index.is_numbered else [rename]
        return self._trigger("update", f"UPDATE OF {', '.join(names)}", [*forget, *middle, *note])

    def _add(self) -> list[str]:
        """The statements that make a new row known."""
        note = f"INSERT INTO {self.words} (rowid, {self.texts}) {self._row('new')}"
        if self.index.is_numbered:
            return [note]
        values = ", ".join(f"new.{name}" for name in self.key)
        return [f"INSERT INTO {self.keys} ({', '.join(self.key)}) VALUES ({values})", note]

    def _remove(self) -> list[str]:
        """The statements that forget a row: FTS5 has to be told what it was."""
        forget = f"INSERT INTO {self.words} ({self.words}, rowid, {self.texts}) {self._row('old', command=True)}"
        return [forget] if self.index.is_numbered else [forget, f"DELETE FROM {self.keys} WHERE {self._is('old')}"]

    def _row(self, which: str, *, command: bool = False) -> str:
        """The number and the texts of the row that a trigger is about."""
        texts = ", ".join(f"{which}.{quote(name)}" for name in self.index.columns)
        first = "'delete', " if command else ""
        if self.index.is_numbered:
            return f"VALUES ({first}{which}.{self.key[0]}, {texts})"
        return f'SELECT {first}"infra_row", {texts} FROM {self.keys} WHERE {self._is(which)}'

    def _is(self, which: str) -> str:
        return " AND ".join(f"{name} = {which}.{name}" for name in self.key)
