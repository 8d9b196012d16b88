"""Random schema texts: well-formed ones in any layout, and such with something wrong in them."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""No deadline: a busy machine breaks no law."""

space = st.sampled_from(["", " ", "  ", "\t", " \t "])
gap = st.sampled_from([" ", "  ", "\t", "    "])
name = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,6}", fullmatch=True)
number = st.sampled_from(["0", "-1", "42", "3.25"])
string = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
path = st.lists(name, min_size=1, max_size=2).map(".".join)


def _listed(items: st.SearchStrategy[str], opening: str, closing: str) -> st.SearchStrategy[str]:
    separated = st.lists(st.builds("{}{}{}".format, space, items, space), max_size=3).map(",".join)
    return separated.map(lambda text: f"{opening}{text}{closing}")


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.builds("{}{}:{}{}".format, name, space, space, inner)
    return st.one_of(
        _listed(inner, "[", "]"), _listed(member, "{", "}"), st.builds("{}{}".format, path, _listed(inner, "(", ")"))
    )


value = st.recursive(st.one_of(number, string, path), _nested, max_leaves=4)
argument = st.one_of(value, st.builds("{}{}:{}{}".format, name, space, space, value))
arguments = st.one_of(st.just(""), _listed(argument, "(", ")"))
attribute_name = st.one_of(st.sampled_from(["id", "unique", "default", "map", "relation", "db.VarChar"]), path)
attribute = st.builds("@{}{}{}".format, attribute_name, space, arguments)
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=10)
comment = st.builds("{}{}".format, st.sampled_from(["//", "/// "]), words)
line_end = st.one_of(space, st.builds("{}{}".format, space, comment))
field_type = st.builds(
    "{}{}".format,
    st.one_of(name, string.map(lambda text: f"Unsupported({text})")),
    st.sampled_from(["", "?", "[]", " []"]),
)
attributes = st.lists(st.builds("{}{}".format, gap, attribute), max_size=3).map("".join)
field_line = st.builds("{}{}{}{}{}".format, name, gap, field_type, attributes, line_end)
member_line = st.builds("{}{}{}".format, name, st.one_of(st.just(""), st.builds(" {}".format, attribute)), line_end)
property_line = st.builds("{}{}={}{}{}".format, name, space, space, value, line_end)
block_attribute_line = st.builds("@@{}{}{}".format, attribute_name, arguments, space)
blank_line = space


def _block(
    keyword: st.SearchStrategy[str], line: st.SearchStrategy[str], last: st.SearchStrategy[list[str]]
) -> st.SearchStrategy[str]:
    lines = st.lists(st.builds("{}{}".format, space, st.one_of(line, line, line, comment, blank_line)), max_size=6)
    return st.builds(
        lambda word, blank, title, within, behind: (
            f"{word}{blank}{title} {{\n" + "".join(f"{one}\n" for one in [*within, *behind]) + "}"
        ),
        keyword,
        gap,
        name,
        lines,
        last,
    )


# Attributes of a block come last: a comment before one moves with it, and may have been another line's documentation.
block_attributes = st.lists(block_attribute_line, max_size=3).map(lambda lines: ["", *lines] if lines else [])
block = st.one_of(
    _block(st.sampled_from(["model", "view", "type"]), field_line, block_attributes),
    _block(st.just("enum"), member_line, block_attributes),
    _block(st.sampled_from(["datasource", "generator"]), property_line, st.just([])),
)
well_formed = st.lists(st.one_of(block, comment, blank_line), max_size=6).map(
    lambda parts: "".join(f"{part}\n" for part in parts)
)

noise = st.one_of(
    st.sampled_from("{}()[]?!:,@\"\\'=_-./#\n\r\t 1aé漢"),
    st.sampled_from(["//", "///", "/*", "*/", "/* x */", "\r\n", "\n\n", "model A {\n", "}\n", "@@", '"\\q"']),
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A well-formed schema into which a few things were written where they do not belong."""
    text = draw(well_formed)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(noise) + text[place + draw(st.integers(0, 2)) :]
    return text
