"""Schemas made at random, for the laws of comparing and altering: a few models, whose names and columns recur so that two schemas share much."""

from __future__ import annotations

from hypothesis import strategies as st

MODELS = ("Album", "Band", "Crate")
COLUMNS = ("colour", "depth", "entry", "flavour")
TYPES = ("String", "Int", "BigInt", "Float", "Decimal", "Boolean", "DateTime", "Bytes", "Json")
IDS = ("Int @id @default(autoincrement())", "Int @id", "String @id @default(uuid())")
DEFAULTS = {
    "String": ('"it\'s"', '""'),
    "Int": ("1", "-5"),
    "BigInt": ("7",),
    "Float": ("1.5",),
    "Decimal": ("2.50",),
    "Boolean": ("true", "false"),
    "DateTime": ("now()",),
}
NATIVE: dict[str, dict[str, tuple[str, ...]]] = {
    "postgresql": {
        "String": ("VarChar(20)", "Char(4)"),
        "Int": ("SmallInt",),
        "DateTime": ("Date", "Timestamptz(3)"),
        "Float": ("Real",),
    },
    "mysql": {
        "String": ("VarChar(20)", "Text"),
        "Int": ("SmallInt",),
        "DateTime": ("Date", "DateTime(6)"),
        "Float": ("Float",),
    },
    "sqlite": {},
}
NO_KEYS = {"postgresql": ("Json",), "mysql": ("Json", "Bytes"), "sqlite": ("Json",)}
"""Types that cannot be in a key."""


@st.composite
def schemas(draw: st.DrawFn, provider: str) -> str:
    """The models of a schema for `provider`, as text."""

    def one(choice: tuple[str, ...]) -> str:
        return draw(st.sampled_from(choice))

    def perhaps(one_of: int = 2) -> bool:
        return draw(st.integers(1, one_of)) == 1

    moods = draw(st.lists(st.sampled_from(("Calm", "Glad", "Sad", "Wild")), min_size=1, unique=True))
    enums = provider != "sqlite"
    models = [name for name in MODELS if perhaps() or name == "Album"]
    lines: dict[str, list[str]] = {}
    for model in models:
        lines[model] = [f"  id {one(IDS)}"]
        keyed = []
        for column in draw(st.lists(st.sampled_from(COLUMNS), unique=True)):
            type_ = one((*TYPES, "Mood") if enums else TYPES)
            native = NATIVE[provider].get(type_, ())
            is_list = provider == "postgresql" and perhaps(4)
            words = [column, type_ + ("[]" if is_list else one(("", "", "?")))]
            has_long_text = type_ == "String" and provider == "mysql"
            if type_ == "Mood" and not is_list and perhaps():
                words.append(f"@default({one(tuple(moods))})")
            elif not is_list and type_ in DEFAULTS and perhaps():
                words.append(f"@default({one(DEFAULTS[type_])})")
            elif not is_list and native and perhaps():
                words.append(f"@db.{one(native)}")
                has_long_text = has_long_text and words[-1] == "@db.Text"
            can_be_key = not is_list and type_ not in NO_KEYS[provider] and not has_long_text
            if can_be_key and perhaps(3):
                words.append("@unique")
            if can_be_key:
                keyed.append(column)
            lines[model].append(f"  {' '.join(words)}")
        if keyed and perhaps():
            lines[model].append(f"  @@index([{', '.join(keyed)}]{one(('', f', map: {chr(34)}by_{model}{chr(34)}'))})")
        if perhaps(3):
            lines[model].append(f'  @@map("{model.lower()}s")')
    for here, there in (("Album", "Band"), ("Band", "Crate"), ("Album", "Crate")):
        if here in models and there in models:
            kind = one(("none", "many", "one", "both"))
            name = f"{here}{there}"
            if kind == "both":
                lines[here].append(f'  the{there} {there}[] @relation("{name}")')
                lines[there].append(f'  of{here} {here}[] @relation("{name}")')
            elif kind != "none":
                optional = one(("", "?"))
                type_ = lines[there][0].split()[1]
                action = one(("", ", onDelete: Cascade", ", onUpdate: Restrict"))
                unique = " @unique" if kind == "one" else ""
                lines[here].append(f"  the{there}Id {type_}{optional}{unique}")
                lines[here].append(
                    f'  the{there} {there}{optional} @relation("{name}", fields: [the{there}Id], references: [id]{action})'
                )
                lines[there].append(f"  of{here} {here}{'?' if kind == 'one' else '[]'} @relation(\"{name}\")")
    blocks = [_block(f"model {model}", lines[model]) for model in models]
    if enums:
        blocks.append(_block("enum Mood", [f"  {mood}" for mood in moods]))
    return "\n".join(blocks)


def _block(head: str, lines: list[str]) -> str:
    return "\n".join([f"{head} {{", *lines, "}"])
