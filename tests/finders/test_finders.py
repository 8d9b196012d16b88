"""Finders: one row by a unique key, whether it is there, and many by their ids; on every database, in both interfaces."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from infra_runtime import ArgumentError, InputError, MissingRequiredValueError, RecordNotFoundError
from tests.projections.conftest import Client
from tests.projections.package import Customer, OrderLine

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


@pytest.fixture
def ids(client: Client) -> dict[str, int]:
    return {row.email: row.id for row in client.wait(client.infra.customer.find_many())}


# -- by a unique key ---------------------------------------------------------------------------------------------------
def test_one_row_by_its_key(client: Client, ids: dict[str, int]) -> None:
    customers = client.infra.customer
    assert client.wait(customers.get_by_email(ADA)).id == ids[ADA]
    assert client.wait(customers.get_by_id(ids[ADA], include={"profile": True})).profile.bio == "Countess"
    assert client.wait(customers.exists_by_email(ADA)) is True
    with client.sent() as sent:
        assert client.wait(customers.find_by_email("nobody@example.org")) is None
        assert client.wait(customers.exists_by_email("nobody@example.org")) is False
        with pytest.raises(RecordNotFoundError) as missing:
            client.wait(customers.get_by_email("nobody@example.org"))
    assert len(sent) == 3
    assert (missing.value.model, missing.value.code) == ("Customer", "P2025")


def test_one_row_by_a_compound_key(client: Client) -> None:
    lines = client.infra.order_line
    line, _ = client.wait(lines.find_many(order={"order_id": "asc"}))
    key = {"order_id": line.order_id, "product_id": line.product_id}
    assert client.wait(lines.get_by_order_id_product_id(**key)) == line
    assert client.wait(lines.exists_by_order_id_product_id(line.order_id, line.product_id)) is True
    assert client.wait(lines.exists_by_order_id_product_id(line.order_id, "p-2")) is False
    with pytest.raises(RecordNotFoundError):
        client.wait(lines.get_by_order_id_product_id(line.order_id, "p-2"))


# -- many by their ids -------------------------------------------------------------------------------------------------
def emails(rows: list[Customer]) -> list[str]:
    return [row.email for row in rows]


def test_rows_come_in_the_order_of_their_ids(client: Client, ids: dict[str, int]) -> None:
    customers = client.infra.customer
    asked = [ids[EVE], 10**6, ids[ADA], ids[EVE]]
    with client.sent() as sent:
        found = client.wait(customers.find_many_by_ids(asked, include={"posts": True}))
    assert emails(found) == [EVE, ADA, EVE]
    assert [len(row.posts) for row in found] == [0, 3, 0]
    assert len(sent) == 2
    assert client.wait(customers.find_many_by_ids([])) == []
    assert emails(client.wait(customers.find_many_by_ids(iter([ids[BOB]])))) == [BOB]


def test_a_missing_id_can_be_refused(client: Client, ids: dict[str, int]) -> None:
    customers = client.infra.customer
    assert emails(client.wait(customers.find_many_by_ids([ids[BOB]], missing="raise"))) == [BOB]
    with pytest.raises(RecordNotFoundError) as missing:
        client.wait(customers.find_many_by_ids([10**6, ids[BOB], 10**6 + 1], missing="raise"))
    assert "1000000, 1000001" in str(missing.value)


def test_compound_ids_are_tuples_or_mappings(client: Client) -> None:
    lines = client.infra.order_line
    first, second = client.wait(lines.find_many(order={"order_id": "asc"}))
    asked: list[Any] = [
        (second.order_id, second.product_id),
        (second.order_id, "p-2"),
        {"product_id": first.product_id, "order_id": first.order_id},
    ]
    with client.sent() as sent:
        assert client.wait(lines.find_many_by_ids(asked)) == [second, first]
    assert len(sent) == 1
    assert all(type(line) is OrderLine for line in (first, second))


def test_many_ids_take_few_statements(client: Client) -> None:
    client.wait(client.infra.tag.create_many(data=[{"name": f"{number:05}"} for number in range(2500)]))
    tags = client.wait(client.infra.tag.find_many(order={"name": "desc"}))
    with client.sent() as sent:
        assert client.wait(client.infra.tag.find_many_by_ids([tag.id for tag in tags])) == tags
    assert len(sent) == 1
    order = client.wait(client.infra.order.find_first_or_raise())
    pairs = [(order.id, f"p-{number}") for number in range(600)]
    with client.sent() as sent:
        found = client.wait(client.infra.order_line.find_many_by_ids(pairs))
    assert [line.product_id for line in found] == ["p-1"]
    assert len(sent) == 3


def test_texts_that_the_database_takes_for_equal_are_found_as_one_row_is(client: Client) -> None:
    """MySQL tells no case apart: what `find_unique` finds, many find."""
    products = client.infra.product
    asked = ["P-1", "p-1", "p-2"]
    one_by_one = [client.wait(products.find_by_id(id)) for id in asked]
    assert client.wait(products.find_many_by_ids(asked)) == [row for row in one_by_one if row is not None]


def test_scopes_apply_to_finders(client: Client, ids: dict[str, int]) -> None:
    client.infra.add_scope(lambda model, context: {"is_active": True}, ["Customer"])
    customers = client.infra.customer
    assert emails(client.wait(customers.find_many_by_ids([ids[EVE], ids[ADA]]))) == [ADA]
    assert client.wait(customers.exists_by_id(ids[EVE])) is False


def test_transactions_see_what_they_wrote(client: Client, ids: dict[str, int]) -> None:
    async def awaited() -> Any:
        async with client.infra.transaction() as tx:
            made = await tx.customer.create(data={"email": "new@example.org"})
            return await tx.customer.find_many_by_ids([made.id, ids[BOB]])

    def blocking() -> Any:
        with client.infra.transaction() as tx:
            made = tx.customer.create(data={"email": "new@example.org"})
            return tx.customer.find_many_by_ids([made.id, ids[BOB]])

    assert emails(client.wait(blocking() if client.is_sync else awaited())) == ["new@example.org", BOB]


@pytest.mark.parametrize(
    ("asked", "error", "path"),
    [
        ({"ids": ["x"]}, InputError, ("ids", 0)),
        ({"ids": [1, None]}, MissingRequiredValueError, ("ids", 1)),
        ({"ids": "12"}, InputError, ("ids",)),
        ({"ids": 3}, InputError, ("ids",)),
        ({"ids": [1], "missing": "maybe"}, ArgumentError, ("missing",)),
        ({"ids": [1], "include": {"postz": True}}, ArgumentError, ("include", "postz")),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_sql(client: Client, asked: Any, error: Any, path: Any) -> None:
    with client.sent() as sent:
        with pytest.raises(error) as refused:
            client.wait(client.infra.customer.find_many_by_ids(**asked))
    assert (refused.value.model, refused.value.path) == ("Customer", path)
    assert sent == []


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ((1,), ("ids", 0)),
        (3, ("ids", 0)),
        ({"order_id": 1, "product": "x"}, ("ids", 0)),
        ((1, 2), ("ids", 0, "product_id")),
    ],
)
def test_wrong_compound_ids_are_refused(client: Client, id: Any, path: Any) -> None:
    with pytest.raises(ArgumentError) as refused:
        client.wait(client.infra.order_line.find_many_by_ids([id]))
    assert refused.value.path == path


def test_ids_are_compared_as_their_columns_keep_them(client: Client) -> None:
    found = client.wait(client.infra.product.find_many_by_ids(["p-1"]))
    assert [row.price for row in found] == [Decimal("9.99")]
