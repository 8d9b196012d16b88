"""SQL with values in it, so that nobody has a reason to concatenate strings.

    from infra_runtime import sql

    await infra.query_raw(sql("SELECT * FROM users WHERE email = {email}", email=email))

What stands in braces travels as a bound parameter, whatever it holds. What is no value is said in so many words: `sql.identifier` for
names, `sql.join` for lists, and another `sql(...)` for a piece of SQL. A t-string (PEP 750) is taken as it is: `sql(t"… {email}")`.
Imports `errors` and `schema` of the runtime.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from string import Formatter
from typing import TYPE_CHECKING, Any, TypeAlias

from infra_runtime.errors import InputError
from infra_runtime.schema import Provider

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

Query: TypeAlias = "str | Sql | ClauseElement"
"""What raw queries take: a text with placeholders, `sql(…)`, or a SQLAlchemy statement."""


@dataclass(frozen=True, slots=True)
class _Value:
    value: Any


@dataclass(frozen=True, slots=True)
class _Identifier:
    names: tuple[str, ...]


_Part = str | _Value | _Identifier
_QUOTES: Mapping[Provider, str] = {"sqlite": '"', "postgresql": '"', "mysql": "`"}


@dataclass(frozen=True, slots=True, repr=False)
class Sql:
    """A piece of SQL and its values. Made by `sql`; taken by `query_raw`, `query_first` and `execute_raw`, and by other pieces."""

    parts: tuple[_Part, ...]

    def render(self, provider: Provider) -> tuple[str, list[Any]]:
        """The text in the provider's quotes and placeholders, and the values in their order."""
        numbered = provider != "mysql"
        quote = _QUOTES[provider]
        text, values = [], []
        for part in self.parts:
            match part:
                case _Value(value):
                    values.append(value)
                    text.append(f"${len(values)}" if numbered else "?")
                case _Identifier(names):
                    text.append(".".join(f"{quote}{name.replace(quote, quote * 2)}{quote}" for name in names))
                case _:
                    text.append(part)
        return "".join(text), values

    def __repr__(self) -> str:
        """The text alone: values may be secret."""
        return f"<Sql {self.render('sqlite')[0]!r}>"


class _SqlMaker:
    """`sql`, and the kinds of pieces that are no values, as its methods."""

    def __call__(self, template: Any, /, *positional: Any, **named: Any) -> Sql:
        """A piece of SQL.

        Arguments: `template`, text with `{}`, `{0}` or `{name}` where values go (braces of the SQL's own are doubled), or a
        t-string; the values, each another piece of SQL or what becomes a bound parameter.
        Errors: InputError for a value that is missing or not used, and for a conversion or format in the braces.
        """
        if not isinstance(template, str):
            return Sql(tuple(_flat(_of_t_string(template))))
        return Sql(tuple(_flat(_of_text(template, positional, named))))

    def identifier(self, *names: str) -> Sql:
        """The name of a table or column, quoted as the database wants it; several are joined by dots (`schema.table`).

        Errors: InputError for a name that no database takes.
        """
        for name in names:
            if not name or "\0" in name:
                raise InputError("the name of a table or column is a text of at least one character, without NUL")
        return Sql((_Identifier(names),))

    def join(self, items: Iterable[Any], separator: str = ", ") -> Sql:
        """Values and pieces with `separator` (SQL text) between them: `id IN ({ids})` with `ids=sql.join(ids)`.

        Errors: InputError where there are no items, as `IN ()` is no SQL.
        """
        parts: list[_Part] = []
        for item in items:
            if parts:
                parts.append(separator)
            parts.extend(item.parts if isinstance(item, Sql) else (_Value(item),))
        if not parts:
            raise InputError("sql.join() got no items: leave the condition out where the list is empty")
        return Sql(tuple(parts))

    def raw(self, text: str) -> Sql:
        """Text that goes into the SQL as it is: never one that came from outside."""
        return Sql((text,))


sql = _SqlMaker()


def _flat(items: Iterable[Any]) -> Iterator[_Part]:
    for item in items:
        if isinstance(item, Sql):
            yield from item.parts
        elif item != "":
            yield item


def _of_text(template: str, positional: tuple[Any, ...], named: Mapping[str, Any]) -> Iterator[Any]:
    unused: set[int | str] = {*range(len(positional)), *named}
    following = 0
    try:
        pieces = list(Formatter().parse(template))
    except ValueError as error:
        raise InputError(f"the braces of the SQL cannot be read ({error}); braces of its own are doubled") from None
    for text, name, format_, conversion in pieces:
        yield text
        if name is None:
            continue
        if format_ or conversion:
            raise InputError(f"{{{name}}} takes a value as it is, without a format or conversion")
        key: int | str = int(name) if name.isdecimal() else name
        if name == "":
            key, following = following, following + 1
        if key not in named and not (isinstance(key, int) and key < len(positional)):
            raise _missing(key, named)
        unused.discard(key)
        value = positional[key] if isinstance(key, int) else named[key]
        yield value if isinstance(value, Sql) else _Value(value)
    if unused:
        names = ", ".join(sorted(map(str, unused)))
        raise InputError(
            f"the SQL has no place for the value {names}: write {{{names}}} where it goes, or leave it out"
        )


def _missing(key: int | str, named: Mapping[str, Any]) -> InputError:
    near = get_close_matches(str(key), named, 1)
    hint = f"; did you mean {{{near[0]}}}?" if near else ""
    return InputError(f"the SQL wants a value for {{{key}}}, and none was given{hint}")


def _of_t_string(template: Any) -> Iterator[Any]:
    """The pieces of a `string.templatelib.Template` (PEP 750), which Python has from 3.14 on."""
    strings, interpolations = getattr(template, "strings", None), getattr(template, "interpolations", None)
    if strings is None or interpolations is None:
        raise InputError(f"SQL is a text or a t-string, not a {type(template).__name__}")
    for text, interpolation in zip(strings, (*interpolations, None), strict=True):
        yield text
        if interpolation is None:
            return
        if interpolation.conversion or interpolation.format_spec:
            raise InputError(f"{{{interpolation.expression}}} takes a value as it is, without a format or conversion")
        yield interpolation.value if isinstance(interpolation.value, Sql) else _Value(interpolation.value)
