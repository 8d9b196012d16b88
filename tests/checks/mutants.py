"""Schemas with something changed in them: a line of a golden case gets, loses or changes an attribute, an argument, a type, a word.

Most are invalid, each in a way of its own, which is what they are for.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.checks.golden import schemas_judged_as_by_prisma
from tests.prisma_parser import without_connection

SEEDS = tuple(without_connection(path.read_text(encoding="utf-8")) for path in schemas_judged_as_by_prisma())

_LEXEME = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|@@?[\w.]+|\w+|[^\s\w]')
_NAME = re.compile(r"^\s*([A-Za-z]\w*)[ \t]+[A-Z]", re.MULTILINE)
_BLOCK = re.compile(r"^(?:model|view|type|enum)\s+(\w+)", re.MULTILINE)

_TYPES = (
    "String",
    "Int",
    "BigInt",
    "Float",
    "Decimal",
    "Boolean",
    "DateTime",
    "Json",
    "Bytes",
    'Unsupported("circle")',
)
_VALUES = (
    *('""', '"a"', '"x-y"', '"1x"', '"é"', '"2020-01-01T00:00:00Z"', '"{}"', '"[1,"', '"aGk="', '"aGk"', '"public"'),
    *("0", "-1", "1.5", "255", "65536", "2147483648", "9223372036854775808", "true", "null", "A", "Cascade", "Desc"),
    *("now()", "autoincrement()", "cuid(2)", "uuid(7)", "nanoid(3)", "ulid()", 'dbgenerated("x")', "dbgenerated()"),
    *('env("X")', "nope()", "[]", "[1]", '["a"]', "{ id: 1 }", "{ id: { not: null } }", 'raw("x")'),
)
_NATIVE_TYPES = (
    *("Text", "VarChar(10)", "VarChar(70000)", "Char", "Uuid", "Xml", "Inet", "JsonB", "SmallInt", "UnsignedInt"),
    *("Decimal(10, 2)", "Decimal(2, 3)", "Timestamp(3)", "Timestamptz(7)", "Time", "Date", "Blob", "Bit(1)", "Nope"),
)
_ARGUMENTS = (
    *("map: ", "name: ", "fields: ", "references: ", "onDelete: ", "onUpdate: ", "type: ", "sort: ", "length: "),
    *("ops: ", "where: ", "clustered: ", "nope: ", ""),
)
_ACTIONS = ("Cascade", "Restrict", "NoAction", "SetNull", "SetDefault")
_INDEX_TYPES = ("BTree", "Hash", "Gist", "Gin", "SpGist", "Brin")
_PROPERTIES = (
    *('provider = "sqlite"', 'provider = "postgresql"', 'provider = "mysql"', 'relationMode = "prisma"', "nope = 1"),
    *('schemas = ["public"]', "schemas = []", "extensions = [pgcrypto]", 'previewFeatures = ["views"]', "nope ="),
    *('output = env("X")', "binaryTargets = [1]", 'previewFeatures = ["partialIndexes", "nope"]', "engineType = 1"),
)
_SIGNS = ("", "(", ")", "[", "]", "{", "}", ",", ":", "?", "!", "=", "@", "@@", ".", '"', "//", "/* x */", "é", "\t")


def _attributes(names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An attribute of a field or a block, over names of the schema."""
    value = st.sampled_from(_VALUES)
    fields = st.lists(names, min_size=1, max_size=2).map(lambda words: f"[{', '.join(words)}]")
    argument = st.builds("{}{}".format, st.sampled_from(_ARGUMENTS), st.one_of(value, fields, names))
    extra = st.one_of(st.just(""), argument.map(", {}".format))
    action = st.builds(", {}: {}".format, st.sampled_from(["onDelete", "onUpdate"]), st.sampled_from(_ACTIONS))
    return st.one_of(
        st.sampled_from(["@id", "@unique", "@updatedAt", "@ignore", "@relation", "@@ignore", "@shardKey", "@nope"]),
        st.sampled_from(_NATIVE_TYPES).map("@db.{}".format),
        st.builds("@default({}{})".format, value, extra),
        st.builds("@{}({})".format, st.sampled_from(["id", "unique", "map", "relation", "updatedAt"]), argument),
        st.builds("@relation(fields: {}, references: {}{})".format, fields, fields, st.one_of(extra, action)),
        st.builds("@@{}({}{})".format, st.sampled_from(["id", "unique", "index", "fulltext"]), fields, extra),
        st.builds("@@index({}, type: {})".format, fields, st.sampled_from(_INDEX_TYPES)),
        st.builds("@@{}({})".format, st.sampled_from(["map", "schema", "shardKey"]), argument),
    )


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A golden case with one to three changes."""
    text = draw(st.sampled_from(SEEDS))
    names = st.sampled_from([*dict.fromkeys(_NAME.findall(text)), "nope"])
    blocks = _BLOCK.findall(text)
    words = st.one_of(names, st.sampled_from([*_TYPES, *blocks]), st.sampled_from([*_VALUES, *_SIGNS]))
    attributes = _attributes(names)
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        lexemes = list(_LEXEME.finditer(lines[place]))
        match draw(st.sampled_from(["attribute", "line", "lexeme", "lexeme", "field", "property", "move"])):
            case "attribute":
                lines[place] += f" {draw(attributes)}"
            case "line":
                lines.insert(place, f"  {draw(attributes)}")
            case "lexeme" if lexemes:
                chosen = draw(st.sampled_from(lexemes))
                lines[place] = lines[place][: chosen.start()] + draw(words) + lines[place][chosen.end() :]
            case "field":
                type_ = draw(st.sampled_from([*_TYPES, *blocks])) + draw(st.sampled_from(["", "?", "[]", "[]?"]))
                lines.insert(place, f"  {draw(names)} {type_} {draw(attributes)}")
            case "property":
                lines.insert(place, f"  {draw(st.sampled_from(_PROPERTIES))}")
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), draw(st.sampled_from(lines)))
                del lines[place]
    return "\n".join(lines)
