"""Types and defaults of columns, from each database's words to the schema's."""

from __future__ import annotations

from collections.abc import Sequence

from tests.pull.conftest import Live

POSTGRESQL = [
    ("text", "String?"),
    ("varchar(20) default 'it''s'", 'String? @default("it\'s") @db.VarChar(20)'),
    ("varchar", "String? @db.VarChar"),
    ("char", "String? @db.Char(1)"),
    ("text default '007'", 'String? @default("007")'),
    ("uuid default gen_random_uuid()", 'String? @default(dbgenerated("gen_random_uuid()")) @db.Uuid'),
    ("text default 'a' || 'b'", "String? @default(dbgenerated(\"('a'::text || 'b'::text)\"))"),
    ("inet", "String? @db.Inet"),
    ("bit(3)", "String? @db.Bit(3)"),
    ("int default -5", "Int? @default(-5)"),
    ("int generated always as identity", "Int @default(autoincrement())"),
    ("smallserial", "Int @default(autoincrement()) @db.SmallInt"),
    ("bigint default 9007199254740993", "BigInt? @default(9007199254740993)"),
    ("numeric", "Decimal? @db.Decimal"),
    ("numeric(10,2) default 1.50", "Decimal? @default(1.50) @db.Decimal(10, 2)"),
    ("numeric(65,30)", "Decimal?"),
    ("real", "Float? @db.Real"),
    ("double precision default 0.5", "Float? @default(0.5)"),
    ("boolean default true", "Boolean? @default(true)"),
    ("timestamp(3) default now()", "DateTime? @default(now())"),
    ("timestamp", "DateTime? @db.Timestamp(6)"),
    ("timestamptz(3)", "DateTime? @db.Timestamptz(3)"),
    (
        "timestamptz(3) default (now() at time zone 'utc')",
        "DateTime? @default(dbgenerated(\"(now() AT TIME ZONE 'utc'::text)\")) @db.Timestamptz(3)",
    ),
    ("date default '2020-01-01'", "DateTime? @default(dbgenerated(\"'2020-01-01'::date\")) @db.Date"),
    ("jsonb default '{\"a\": 1}'", 'Json? @default("{\\"a\\": 1}")'),
    ("json", "Json? @db.Json"),
    ("bytea default '\\x0102'", 'Bytes? @default("AQI=")'),
    ("text[] default '{}'", "String[] @default([])"),
    ("text[] default array['a', 'b,c']", 'String[] @default(["a", "b,c"])'),
    ("int[] default '{1,2}'", "Int[] @default([1, 2])"),
    ("varchar(3)[]", "String[] @db.VarChar(3)"),
    ("tsvector", 'Unsupported("tsvector")?'),
    ("point default '(0,0)'", 'Unsupported("point")? @default(dbgenerated("\'(0,0)\'::point"))'),
]
MYSQL = [
    ("varchar(191)", "String?"),
    ("varchar(36) default (uuid())", 'String? @default(dbgenerated("(uuid())")) @db.VarChar(36)'),
    ("text", "String? @db.Text"),
    (r"""varchar(191) default 'it\'s a \\ "sign\"'""", r"""String? @default("it's a \\ \"sign\"")"""),
    ("int unsigned", "Int? @db.UnsignedInt"),
    ("tinyint(1) default 1", "Boolean? @default(true)"),
    ("tinyint", "Int? @db.TinyInt"),
    ("bit(1) default b'1'", "Boolean? @default(true) @db.Bit(1)"),
    ("bit(5)", "Bytes? @db.Bit(5)"),
    ("year", "Int? @db.Year"),
    ("datetime default current_timestamp", "DateTime? @default(now()) @db.DateTime(0)"),
    ("datetime(3) default current_timestamp(3)", "DateTime? @default(now())"),
    ("decimal(10,2) default 1.5", "Decimal? @default(1.5) @db.Decimal(10, 2)"),
    ("double", "Float?"),
    ("json", "Json?"),
    ("longblob", "Bytes?"),
    ("varbinary(5)", "Bytes? @db.VarBinary(5)"),
    ("point", 'Unsupported("point")?'),
]
SQLITE = [
    ("VARCHAR(20) DEFAULT 'x'", 'String? @default("x")'),
    ("int default 1", "Int? @default(1)"),
    ("BIGINT", "BigInt?"),
    ("boolean default 1", "Boolean? @default(true)"),
    ("numeric(10,2)", "Decimal?"),
    ("double", "Float?"),
    ("timestamp default current_timestamp", "DateTime? @default(now())"),
    (
        "datetime default (datetime('now', '+1 day'))",
        "DateTime? @default(dbgenerated(\"(datetime('now', '+1 day'))\"))",
    ),
    ("int default (1 + 1)", 'Int? @default(dbgenerated("(1 + 1)"))'),
    ("blob", "Bytes?"),
    ("jsonb", "Json?"),
    ("geometry", 'Unsupported("geometry")?'),
]


def _fields(live: Live, columns: Sequence[tuple[str, str]]) -> list[str]:
    """The fields that columns become, which stay when they are pulled again."""
    listed = [f"f{number} {sql}" for number, (sql, _) in enumerate(columns)]
    live.run(f"CREATE TABLE thing (id integer NOT NULL PRIMARY KEY, {', '.join(listed)})")
    pulled = live.pull()
    lines = [line.split() for line in pulled.files[0].text.split("\n") if line.startswith("  f")]
    assert live.pull_files(pulled.files).files == pulled.files
    return [" ".join(words[1:]) for words in lines]


def test_on_postgresql(postgresql: Live) -> None:
    assert _fields(postgresql, POSTGRESQL) == [field for _, field in POSTGRESQL]
    assert not postgresql.differs(postgresql.pull().schema)


def test_on_mysql(mysql: Live) -> None:
    assert _fields(mysql, MYSQL) == [field for _, field in MYSQL]
    assert not mysql.differs(mysql.pull().schema)


def test_on_sqlite(sqlite: Live) -> None:
    assert _fields(sqlite, SQLITE) == [field for _, field in SQLITE]


def test_what_a_schema_says_otherwise_is_told(sqlite: Live) -> None:
    sqlite.run("CREATE TABLE thing (id integer NOT NULL PRIMARY KEY, name varchar(20))")
    assert sqlite.pull().unsaid == (
        "table thing: a schema says this otherwise, and a push would change it: column name (VARCHAR(20))",
    )
