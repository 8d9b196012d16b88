"""Random schemas that mean something: keys, defaults, native types, relations of every kind, documentation, what is left out.

Nearly all are valid. Names are numbered through a schema, so that no two things of it clash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""No deadline: a busy machine breaks no law."""

PROVIDERS = ("sqlite", "postgresql", "mysql")
TYPES = ("String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes")
FEATURES = {"sqlite": ["views"], "postgresql": ["views", "partialIndexes"], "mysql": ["views"]}

NATIVE_TYPES: dict[str, dict[str, list[str]]] = {
    "sqlite": {},
    "postgresql": {
        "String": ["Text", "VarChar(40)", "Char", "Char(3)", "Uuid", "Inet", "Citext", "Xml", "Bit(3)", "VarBit"],
        "Boolean": ["Boolean"],
        "Int": ["Integer", "SmallInt", "Oid"],
        "BigInt": ["BigInt"],
        "Float": ["Real", "DoublePrecision"],
        "Decimal": ["Decimal", "Decimal(10, 2)", "Decimal(010, 02)", "Money"],
        "DateTime": ["Timestamp", "Timestamp(3)", "Timestamptz(6)", "Date", "Time(0)", "Timetz"],
        "Json": ["Json", "JsonB"],
        "Bytes": ["ByteA"],
    },
    "mysql": {
        "String": ["Char(3)", "VarChar(40)", "TinyText", "Text", "MediumText", "LongText"],
        "Boolean": ["TinyInt", "Bit(1)", "UnsignedTinyInt"],
        "Int": ["Int", "UnsignedInt", "SmallInt", "MediumInt", "Year", "TinyInt"],
        "BigInt": ["BigInt", "UnsignedBigInt"],
        "Float": ["Float", "Double"],
        "Decimal": ["Decimal", "Decimal(10, 2)"],
        "DateTime": ["Date", "Time", "Time(3)", "DateTime(6)", "Timestamp", "Timestamp(0)"],
        "Json": ["Json"],
        "Bytes": ["Blob", "Bit(8)", "VarBinary(9)", "LongBlob"],
    },
}
KEY_TYPES = ("String", "Int", "BigInt", "DateTime")
"""Types that may stand in a key of every database."""

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


digits = st.integers(0, 10**12).map(str)
fractions = st.one_of(
    st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), digits, st.from_regex("[0-9]{1,12}", fullmatch=True)),
    st.integers(-(10**20), 10**20).map(str),
)
decimals = st.one_of(
    fractions,
    st.builds(
        '"{}{}{}"'.format,
        st.sampled_from(["", "+", "-"]),
        st.sampled_from(["1", ".5", "5.", "1_0.25", "123"]),
        st.one_of(st.just(""), st.builds("{}{}".format, st.sampled_from("eE"), st.integers(-30, 30))),
    ),
)
date_times = st.builds(
    '"{:%Y-%m-%d}{}{:02}:{:02}:{:02}{}{}"'.format,
    st.dates(min_value=date(1000, 1, 1)),
    st.sampled_from("Tt "),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 60),
    st.one_of(st.just(""), st.from_regex(r"\.[0-9]{1,11}", fullmatch=True)),
    st.one_of(
        st.sampled_from("Zz"),
        st.builds("{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 23), st.integers(0, 59)),
    ),
)
LITERALS: dict[str, st.SearchStrategy[str]] = {
    "String": words.map(quoted),
    "Boolean": st.sampled_from(["true", "false"]),
    # Numbers past 2**53 are right here and rounded by whoever reads JSON as JavaScript does.
    "Int": st.one_of(st.integers(-(2**53), 2**53).map(str), st.sampled_from(["007", "-0"])),
    "BigInt": st.one_of(st.integers(-(2**63), 2**63 - 1).map(str), st.sampled_from(["0012", "-0"])),
    "Float": fractions,
    "Decimal": decimals,
    "DateTime": date_times,
    "Json": st.sampled_from(["{}", "[1, null]", '{"a": "b"}', '"text"', "1.50", "null"]).map(quoted),
    "Bytes": st.sampled_from(["", "aGVsbG8=", "/+8="]).map(quoted),
}
FUNCTIONS: dict[str, list[str]] = {
    "String": [
        "cuid()",
        "cuid(1)",
        "cuid(2)",
        "uuid()",
        "uuid(4)",
        "uuid(7)",
        "ulid()",
        "nanoid()",
        "nanoid(12)",
        "nanoid(size: 3)",
    ],
    "DateTime": ["now()"],
}
DATABASE_FUNCTIONS = ["dbgenerated()", 'dbgenerated("x()")', 'dbgenerated(sql: "x()")']


@dataclass
class Model:
    """A model or view that is being drawn: its lines, and what others need to know of it."""

    name: str
    keyword: str = "model"
    is_ignored: bool = False
    lines: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    key: list[tuple[str, str, str]] = field(default_factory=list)
    """What relations may refer to: the name, type and native type of each field of one key."""
    keyable: dict[str, str] = field(default_factory=dict)
    """Required fields that may stand in a further key, with their types."""
    has_single_id: bool = False

    def text(self) -> str:
        return "\n".join((f"{self.keyword} {self.name} {{", *self.lines, *self.attributes, "}"))


class Drawing:
    """One schema being drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.provider = draw(st.sampled_from(PROVIDERS))
        self.is_emulated = self.provider == "mysql" and self.chance(30)
        """`relationMode = "prisma"`."""
        self.enums: dict[str, list[str]] = {}
        self._number = 0

    def new(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number}"

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(1, 100)) <= percent

    def choice(self, *items: str) -> str:
        return self.draw(st.sampled_from(items))

    def documentation(self, indent: str = "") -> list[str]:
        """Nothing, most often, or a few lines, some of them no documentation."""
        lines = self.draw(st.lists(words, max_size=3)) if self.chance(20) else []
        signs = ("///", "/// ", "///  ", "// ", "//// ")
        return [f"{indent}{self.choice(*signs)}{line}" if self.chance(90) else indent for line in lines]

    def behind(self) -> str:
        return f" /// {self.draw(words)}" if self.chance(10) else ""

    def mapped(self, name: str, sign: str = "@") -> str:
        if not self.chance(25):
            return ""
        return f" {sign}map({quoted(name if self.chance(20) else self.new('column '))})"

    # ---- blocks

    def configuration(self) -> str:
        properties = [f'  provider = "{self.provider}"']
        if self.is_emulated:
            properties.append('  relationMode = "prisma"')
        features = ", ".join(map(quoted, FEATURES[self.provider]))
        return "\n".join(
            (
                "datasource db {",
                *properties,
                "}",
                "generator client {",
                '  provider = "infra-gen"',
                f"  previewFeatures = [{features}]",
                "}",
            )
        )

    def enum(self) -> str:
        name = self.new("Enum")
        self.enums[name] = [self.choice("true", "false", "null", "A") if self.chance(10) else self.new("V")]
        self.enums[name] += [self.new("V") for _ in range(self.draw(st.integers(0, 2)))]
        lines = [
            line
            for value in self.enums[name]
            for line in (*self.documentation("  "), f"  {value}{self.mapped(value)}{self.behind()}")
        ]
        attributes = [f"  @@map({quoted(self.new('enum '))})"] if self.chance(30) else []
        return "\n".join((*self.documentation(), f"enum {name} {{", *lines, *attributes, "}"))

    def field(self, model: Model, name: str, type_: str, *attributes: str) -> None:
        written = " ".join((name, type_, *filter(None, attributes)))
        model.lines += [*self.documentation("  "), f"  {written}{self.mapped(name)}{self.behind()}"]

    def model(self) -> Model:
        model = Model(self.new("Model"), is_ignored=self.chance(10))
        self.identity(model)
        for _ in range(self.draw(st.integers(0, 6))):
            self.column(model)
        self.keys(model)
        if self.chance(25):
            model.attributes.append(f"  @@map({quoted(model.name if self.chance(20) else self.new('table '))})")
        if model.is_ignored:
            model.attributes.append("  @@ignore")
        return model

    def view(self) -> Model:
        model = Model(self.new("View"), keyword="view", is_ignored=self.chance(10))
        if self.chance(70):
            name = self.new("f")
            self.field(model, name, "Int", "@unique")
            model.key = [(name, "Int", "")]
        for _ in range(self.draw(st.integers(1, 4))):
            self.column(model)
        if model.is_ignored:
            model.attributes.append("  @@ignore")
        return model

    # ---- fields

    def key_type(self) -> tuple[str, str]:
        type_ = self.choice(*KEY_TYPES)
        natives = [name for name in NATIVE_TYPES[self.provider].get(type_, []) if "Text" not in name and name != "Xml"]
        return type_, f"@db.{self.choice(*natives)}" if natives and self.chance(30) else ""

    def identity(self, model: Model) -> None:
        """What tells rows apart: an id or a unique key, on a field or in the block, of one field or two."""
        kind, is_on_field = self.choice("id", "id", "unique"), self.chance(60)
        is_single = is_on_field or self.chance(30)
        model.key = [(self.new("f"), *self.key_type()) for _ in range(1 if is_single else 2)]
        model.has_single_id = is_single and kind == "id"
        named = f"(map: {quoted(self.new('key '))})" if self.provider == "postgresql" and self.chance(30) else ""
        for name, type_, native in model.key:
            functions = FUNCTIONS.get(type_, []) if not native else []
            is_numbered = model.has_single_id and not native and type_ == "Int"
            functions = [*functions, "autoincrement()"] if is_numbered else functions
            default = f"@default({self.choice(*functions)})" if functions and self.chance(50) else ""
            self.field(model, name, type_, f"@{kind}{named}" if is_on_field else "", default, native)
        if not is_on_field:
            names = ", ".join(name for name, _, _ in model.key)
            named = f", name: {quoted(self.new('key'))}" if self.chance(30) else ""
            model.attributes.append(f"  @@{kind}([{names}]{named})")

    def column(self, model: Model) -> None:
        name = self.new("f")
        if self.enums and self.chance(20):
            type_ = self.choice(*self.enums)
            literal = st.sampled_from(self.enums[type_])
        elif self.chance(8):
            self.field(model, name, 'Unsupported("a type")')
            return
        else:
            type_ = self.choice(*TYPES)
            literal = LITERALS[type_]
        arity = self.choice("", "", "", "?", "[]") if self.provider == "postgresql" else self.choice("", "", "?")
        natives = NATIVE_TYPES[self.provider].get(type_, [])
        native = f"@db.{self.choice(*natives)}" if natives and self.chance(40) else ""
        default = ""
        if self.chance(50) and not (self.provider == "mysql" and native.startswith(("@db.Bit", "@db.VarBinary"))):
            functions = [] if arity == "[]" else FUNCTIONS.get(type_, [])
            value = (
                self.choice(*functions, *DATABASE_FUNCTIONS)
                if self.chance(30)
                else (
                    "[" + ", ".join(self.draw(st.lists(literal, max_size=3))) + "]"
                    if arity == "[]"
                    else self.draw(literal)
                )
            )
            default = f"@default({value})"
        updated = "@updatedAt" if type_ == "DateTime" and arity != "[]" and self.chance(30) else ""
        ignored = not model.is_ignored and self.chance(8)
        unique = type_ in KEY_TYPES and arity != "[]" and not native and self.chance(15)
        if type_ in KEY_TYPES and arity == "" and not native and not ignored:
            model.keyable[name] = type_
        order = "" if model.keyword == "view" else self.key_arguments(type_)
        self.field(
            model,
            name,
            type_ + arity,
            f"@unique{order}" if unique else "",
            native,
            default,
            updated,
            "@ignore" if ignored else "",
        )

    def keys(self, model: Model) -> None:
        """Further unique keys and indexes, each with a name of its own."""
        for _ in range(self.draw(st.integers(0, 3)) if model.keyable else 0):
            names = self.draw(st.lists(st.sampled_from(sorted(model.keyable)), min_size=1, max_size=3, unique=True))
            kind = self.choice("unique", "index")
            method = self.choice("Gin", "Brin", "Hash") if self.provider == "postgresql" and self.chance(30) else ""
            if kind == "index" and method:
                names = names[:1] if method == "Hash" else names
                operators = '(ops: raw("some_ops"))' if method != "Hash" else ""
                arguments = [self.listed([name + operators for name in names]), f"type: {method}"]
            else:
                arguments = [self.listed([name + self.key_arguments(model.keyable[name]) for name in names])]
            arguments.append(f"map: {quoted(self.new('constraint '))}")
            if kind == "unique" and self.chance(30):
                arguments.append(f"name: {quoted(self.new('key'))}")
            if self.provider == "postgresql" and self.chance(20):
                condition = self.choice('raw("true")', f"{{ {names[0]}: {{ not: null }} }}")
                arguments.append(f"where: {condition}")
            model.attributes += [*self.documentation("  "), f"  @@{kind}({', '.join(arguments)})"]
        texts = [name for name, type_ in model.keyable.items() if type_ == "String"]
        if self.provider == "mysql" and texts and self.chance(30):
            model.attributes.append(f"  @@fulltext({self.listed(texts)}, map: {quoted(self.new('constraint '))})")

    def key_arguments(self, type_: str) -> str:
        """Of a field within a key."""
        length = f"length: {self.draw(st.integers(1, 99))}" if self.provider == "mysql" and type_ == "String" else ""
        given = [item for item in (length, f"sort: {self.choice('Asc', 'Desc')}") if item and self.chance(25)]
        return f"({', '.join(given)})" if given else ""

    @staticmethod
    def listed(items: list[str]) -> str:
        return f"[{', '.join(items)}]"

    # ---- relations

    def relation(self, owner: Model, other: Model) -> None:
        """A relation whose foreign key, where it has one, stands in `owner`."""
        if owner.has_single_id and other.has_single_id and self.chance(30):
            name = quoted(self.new("link"))
            self.relation_field(owner, other, "[]", name)
            self.relation_field(other, owner, "[]", name)
            return
        is_one_to_one, arity = self.chance(30), self.choice("", "?")
        columns = [self.new("f") for _ in other.key]
        for column, (_, type_, native) in zip(columns, other.key, strict=True):
            self.field(owner, column, type_ + arity, "@unique" if is_one_to_one and len(columns) == 1 else "", native)
        if is_one_to_one and len(columns) > 1:
            owner.attributes.append(f"  @@unique([{', '.join(columns)}])")
        name = quoted(self.new("relation"))
        references = [field for field, _, _ in other.key]
        arguments = [name, f"fields: [{', '.join(columns)}]", f"references: [{', '.join(references)}]"]
        # Emulated actions may not run in circles.
        actions = ["NoAction"] if self.is_emulated else ["Cascade", "NoAction", *(["SetNull"] if arity else [])]
        for action in ("onDelete", "onUpdate"):
            if self.is_emulated or self.chance(40):
                arguments.append(f"{action}: {self.choice(*actions)}")
        self.relation_field(owner, other, arity, ", ".join(arguments))
        self.relation_field(other, owner, "?" if is_one_to_one else "[]", name)

    def relation_field(self, model: Model, related: Model, arity: str, arguments: str) -> None:
        ignored = "@ignore" if related.is_ignored and not model.is_ignored else ""
        written = f"  {self.new('r')} {related.name}{arity} @relation({arguments}) {ignored}"
        model.lines += [*self.documentation("  "), f"{written}{self.behind()}"]


@st.composite
def meaningful(draw: st.DrawFn) -> str:
    """A schema of a few models and views with relations between them."""
    drawing = Drawing(draw)
    configuration = drawing.configuration()
    enums = [drawing.enum() for _ in range(draw(st.integers(0, 2)))]
    models = [drawing.model() for _ in range(draw(st.integers(1, 4)))]
    models += [drawing.view() for _ in range(draw(st.integers(0, 1)))]
    for _ in range(draw(st.integers(0, 4))):
        owner, other = draw(st.sampled_from(models)), draw(st.sampled_from(models))
        if other.key:
            drawing.relation(owner, other)
    blocks = [*enums, *("\n".join((*drawing.documentation(), model.text())) for model in models)]
    return "\n".join((configuration, *draw(st.permutations(blocks)))) + "\n"
