"""SQL with values in it: what is given in braces is a parameter, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_runtime import InputError, Sql, sql
from tests.runtime.conftest import Client


def test_values_become_parameters_in_each_databases_own_placeholders() -> None:
    query = sql("SELECT * FROM a WHERE b = {b} AND c = {} AND d = {b}", 3, b="x")
    assert query.render("postgresql") == ("SELECT * FROM a WHERE b = $1 AND c = $2 AND d = $3", ["x", 3, "x"])
    assert query.render("sqlite") == query.render("postgresql")
    assert query.render("mysql") == ("SELECT * FROM a WHERE b = ? AND c = ? AND d = ?", ["x", 3, "x"])


def test_pieces_fit_into_pieces() -> None:
    paid = sql("status = {}", "PAID")
    query = sql("SELECT 1 FROM o WHERE {filter} AND id IN ({ids})", filter=paid, ids=sql.join([1, 2, paid]))
    assert query.render("sqlite") == (
        "SELECT 1 FROM o WHERE status = $1 AND id IN ($2, $3, status = $4)",
        ["PAID", 1, 2, "PAID"],
    )
    assert sql.join([paid, paid], " OR ").render("mysql") == ("status = ? OR status = ?", ["PAID", "PAID"])
    assert sql("{}{}", sql.raw("SELECT "), sql.raw("1")).render("sqlite") == ("SELECT 1", [])


def test_braces_of_the_sql_are_doubled() -> None:
    assert sql("SELECT '{{\"a\": 1}}'::json").render("postgresql") == ("SELECT '{\"a\": 1}'::json", [])


@pytest.mark.parametrize(
    ("provider", "text"),
    [("sqlite", '"a""b"."c`d"'), ("postgresql", '"a""b"."c`d"'), ("mysql", '`a"b`.`c``d`')],
)
def test_names_are_quoted(provider: Any, text: str) -> None:
    assert sql.identifier('a"b', "c`d").render(provider) == (text, [])


def test_a_piece_shows_no_values() -> None:
    assert repr(sql("SELECT {}", "secret")) == "<Sql 'SELECT $1'>"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: sql("SELECT {emial}", email=1),
            r"a value for \{emial\}, and none was given; did you mean \{email\}\?",
        ),
        (lambda: sql("SELECT {}"), r"a value for \{0\}"),
        (lambda: sql("SELECT {2}", 1, 2), r"a value for \{2\}"),
        (lambda: sql("SELECT {0}", 1, 2), "no place for the value 1"),
        (lambda: sql("SELECT 1", a=1), "no place for the value a"),
        (lambda: sql("SELECT {a!r}", a=1), "without a format or conversion"),
        (lambda: sql("SELECT {a:>10}", a=1), "without a format or conversion"),
        (lambda: sql("SELECT {a.b}", a=1), r"a value for \{a\.b\}"),
        (lambda: sql("SELECT {", a=1), "braces of its own are doubled"),
        (lambda: sql(3), "a text or a t-string, not a int"),
        (lambda: sql.join([]), "leave the condition out"),
        (lambda: sql.identifier(""), "at least one character"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


@dataclass
class Interpolation:
    value: Any
    expression: str = "x"
    conversion: str | None = None
    format_spec: str = ""


@dataclass
class Template:
    """What PEP 750 says a t-string is; Python has it from 3.14 on."""

    strings: tuple[str, ...]
    interpolations: tuple[Interpolation, ...]


def test_a_t_string_says_its_values_itself() -> None:
    query = sql(Template(("SELECT ", " WHERE ", ""), (Interpolation("x"), Interpolation(sql("a = {}", 1)))))
    assert query.render("sqlite") == ("SELECT $1 WHERE a = $2", ["x", 1])
    with pytest.raises(InputError, match="without a format"):
        sql(Template(("", ""), (Interpolation(1, format_spec=">3"),)))


@given(st.text(max_size=30))
def test_no_value_ever_reaches_the_text(value: str) -> None:
    text, values = sql("SELECT {value}", value=value).render("postgresql")
    assert (text, values) == ("SELECT $1", [value])


def test_queries_take_pieces(client: Client) -> None:
    nasty = 'x\'); DROP TABLE "Tag"; --'
    made = client.infra.execute_raw(sql("INSERT INTO {} (name) VALUES ({})", sql.identifier("Tag"), nasty))
    assert client.wait(made) == 1
    found = sql("SELECT name FROM {tag} WHERE name IN ({names})", tag=sql.identifier("Tag"), names=sql.join([nasty, 1]))
    assert client.wait(client.infra.query_raw(found)) == [{"name": nasty}]
    assert client.wait(client.infra.query_first(found)) == {"name": nasty}
    with pytest.raises(InputError, match="values stand in the query itself"):
        client.wait(client.infra.query_raw(found, 1))
    assert isinstance(found, Sql)
