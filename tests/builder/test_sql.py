"""What queries would send, and how the databases would go about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime import InputError
from infra_runtime.effects import Statement
from infra_runtime.operations.explain import KeysOf
from tests.databases import Database
from tests.projections.conftest import Client
from tests.projections.package import SyncInfrastructure

Made = Callable[[Any], Any]

QUERIES: dict[str, Made] = {
    "all": lambda infra: infra.customer.query(),
    "conditions": lambda infra: infra.customer.query().where(is_active=True).or_where(points={"in": [1, 2]}),
    "pages": lambda infra: infra.post.query().order_by(views="desc").limit(2).offset(1),
    "cursor": lambda infra: infra.customer.query().order_by(points="asc").cursor({"email": "bob@example.org"}),
    "distinct": lambda infra: infra.post.query().distinct("published").order_by(views="asc"),
    "search": lambda infra: infra.post.query().search("notes", fields=["title"]),
    "relations": lambda infra: infra.customer.query().include(
        "profile", orders={"take": 1}, posts={"include": {"tags": True, "author": True}}
    ),
    "many relations": lambda infra: infra.order.query().include("lines").order_by(id="asc"),
    "counts": lambda infra: infra.customer.query().include("_count"),
    "groups": lambda infra: infra.post.query().where(views={"gt": 0}).group_by("published", count=True),
}


@pytest.mark.parametrize("made", list(QUERIES.values()), ids=list(QUERIES))
def test_to_sql_is_what_execute_sends(client: Client, made: Made) -> None:
    sent: list[Statement] = []
    client.infra.on_statement(lambda statement, seconds, error: sent.append(statement))
    query = made(client.infra)
    told = query.to_sql()
    assert sent == []
    client.wait(query.execute())
    assert [statement.sql for statement in told] == [statement.sql for statement in sent]
    for statement, was in zip(told, sent, strict=True):
        assert len(statement.parameters) == len(was.parameters)
        for parameter, value in zip(statement.parameters, was.parameters, strict=True):
            assert isinstance(parameter, KeysOf) or parameter == value


def test_statements_say_which_relations_they_read(client: Client) -> None:
    told = client.infra.customer.query().include("profile", posts={"include": {"tags": True}}).to_sql()
    assert [statement.path for statement in told] == ["", "profile", "posts", "posts.tags"]
    assert [str(statement.parameters[0]) for statement in told[1:]] == [
        "<id of the first rows>",
        "<id of the first rows>",
        "<id of the posts rows>",
    ]


def test_to_sql_needs_no_connection() -> None:
    query = SyncInfrastructure(url="file:./never.db").customer.query().where(name="Ada").limit(1)
    (statement,) = query.to_sql()
    assert statement.sql.startswith("SELECT")
    assert statement.parameters == ("Ada", 1)


def test_to_sql_has_the_scopes_of_its_context(client: Client) -> None:
    infra = client.infra
    infra.add_scope(lambda model, context: {"points": {"gt": context.tenant}}, ["Customer"])
    (statement,) = infra.bind(tenant=17).customer.query().to_sql()
    assert statement.parameters == (17,)


def test_the_databases_explain_their_plans(client: Client, database: Database) -> None:
    query = client.infra.customer.query().where(email="ada@example.org").include("posts")
    plan = client.wait(query.explain())
    index = {
        "sqlite": "USING INDEX Customer_email_key (email=?)",
        "postgresql": "Customer",
        "mysql": "Customer_email_key",
    }
    assert index[database.provider] in plan
    assert len(client.wait(query.all())) == 1


def test_a_plan_of_several_steps_has_a_line_for_each(client: Client) -> None:
    query = client.infra.customer.query().where(posts={"some": {"views": {"gt": 1}}}, orders={"none": {}})
    assert len(client.wait(query.explain()).splitlines()) >= 3
    grouped = client.infra.customer.query().group_by("role", count=True)
    assert client.wait(grouped.explain())


def test_plans_are_measured_where_the_database_can(client: Client, database: Database) -> None:
    query = client.infra.customer.query().where(points={"gt": 1})
    if database.provider == "sqlite":
        with pytest.raises(InputError, match="analyze: sqlite cannot measure its plans"):
            client.wait(query.explain(analyze=True))
        return
    plan = client.wait(query.explain(analyze=True))
    assert {"postgresql": "Execution Time", "mysql": "r_rows"}[database.provider] in plan
