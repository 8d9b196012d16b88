"""A projection, whatever its shape, has the values that the same fields have in whole rows with their relations included."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from types import new_class
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra_runtime import Count, From, Projection
from infra_runtime.schema import Model, RelationField
from tests.projections.conftest import Client
from tests.projections.package import SyncInfrastructure, shop

assert SyncInfrastructure.schema is not None
MODELS = SyncInfrastructure.schema.model
ROOTS = ("Customer", "Post", "Profile", "Tag", "Comment")
DEPTH = 3
# To checkers a type that is known at run time only is none.
ANNOTATED: Any = Annotated
PROJECTION: Any = Projection
LIST: Any = list


@dataclass
class Shape:
    """What a projection declares: by field, what it is of the model."""

    model: str
    columns: dict[str, str] = field(default_factory=dict)
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    relations: dict[str, tuple[str, Shape]] = field(default_factory=dict)


@st.composite
def shapes(draw: st.DrawFn, model: str, depth: int = DEPTH) -> Shape:
    described = MODELS[model]
    shape = Shape(model)
    names = iter(f"field_{number}" for number in range(100))
    for scalar in draw(st.lists(st.sampled_from([item.name for item in described.readable]), min_size=1, max_size=4)):
        # Under its own name where that is free.
        shape.columns[scalar if draw(st.booleans()) else next(names)] = scalar
    lists = [item for item in described.relations if item.is_list]
    singles = [item for item in described.relations if not item.is_list]
    if draw(st.booleans()) and lists:
        shape.counts[next(names)] = draw(st.sampled_from(lists)).name
    if draw(st.booleans()) and singles:
        shape.paths[next(names)] = draw(paths(draw(st.sampled_from(singles))))
    if depth:
        for relation in draw(st.lists(st.sampled_from(described.relations), max_size=2)):
            shape.relations[next(names)] = relation.name, draw(shapes(relation.model, depth - 1))
    return shape


@st.composite
def paths(draw: st.DrawFn, relation: RelationField) -> tuple[str, ...]:
    target = MODELS[relation.model]
    further = [item for item in target.relations if not item.is_list]
    if draw(st.booleans()) and further:
        return (relation.name, *draw(paths(draw(st.sampled_from(further)))))
    return (relation.name, draw(st.sampled_from([item.name for item in target.readable])))


def order_of(model: Model) -> list[dict[str, Any]]:
    return [{name: "asc"} for name in model.id]


def made(shape: Shape) -> Any:
    """The class that declares a shape."""
    model, row = MODELS[shape.model], getattr(shop, shape.model)
    annotations: dict[str, Any] = {}
    for name, column in shape.columns.items():
        annotations[name] = ANNOTATED[row.model_fields[column].annotation, From(column)]
    for name, path in shape.paths.items():
        target = model
        for step in path[:-1]:
            target = MODELS[target.relation[step].model]
        kind: Any = getattr(shop, target.name).model_fields[path[-1]].annotation
        annotations[name] = ANNOTATED[kind | None, From(".".join(path))]
    for name, relation in shape.counts.items():
        annotations[name] = ANNOTATED[int, Count(relation)]
    for name, (relation, nested) in shape.relations.items():
        card, leads_to = made(nested), model.relation[relation]
        if leads_to.is_list:
            annotations[name] = ANNOTATED[LIST[card], From(relation, order=order_of(MODELS[leads_to.model]))]
        else:
            annotations[name] = ANNOTATED[card | None, From(relation)]
    return new_class("Card", (PROJECTION[row],), {}, lambda body: body.update(__annotations__=annotations))


def include_of(shape: Shape) -> dict[str, Any]:
    """What whole rows have to include for `picked`."""
    include: dict[str, Any] = {}
    for name in shape.counts.values():
        _add(include, name, {})
    for path in shape.paths.values():
        nested: dict[str, Any] = {}
        for step in reversed(path[1:-1]):
            nested = {"include": {step: nested or True}}
        _add(include, path[0], nested)
    for relation, inner in shape.relations.values():
        described = MODELS[shape.model].relation[relation]
        arguments: dict[str, Any] = {"order": order_of(MODELS[described.model])} if described.is_list else {}
        _add(include, relation, {**arguments, "include": include_of(inner)})
    return include


def _add(include: dict[str, Any], name: str, arguments: dict[str, Any]) -> None:
    before = include.setdefault(name, {})
    nested = before.setdefault("include", {})
    for inner, value in (arguments.get("include") or {}).items():
        _add(nested, inner, value if isinstance(value, dict) else {})
    before.update({key: value for key, value in arguments.items() if key != "include"})


def picked(shape: Shape, row: Any) -> dict[str, Any]:
    """The shape's values from a whole row."""
    values = {name: getattr(row, column) for name, column in shape.columns.items()}
    for name, path in shape.paths.items():
        value = row
        for step in path:
            value = getattr(value, step) if value is not None else None
        values[name] = value
    for name, relation in shape.counts.items():
        values[name] = len(getattr(row, relation))
    for name, (relation, nested) in shape.relations.items():
        related = getattr(row, relation)
        if isinstance(related, list):
            values[name] = [picked(nested, item) for item in related]
        else:
            values[name] = picked(nested, related) if related is not None else None
    return values


def values_of(shape: Shape, card: Any) -> dict[str, Any]:
    """The values of an instance, those within it too; and there is nothing else in it."""
    assert list(vars(card)) == list(type(card).model_fields)
    values = dict(vars(card))
    for name, (_, nested) in shape.relations.items():
        inner = values[name]
        if isinstance(inner, list):
            values[name] = [values_of(nested, item) for item in inner]
        elif inner is not None:
            values[name] = values_of(nested, inner)
    return values


@pytest.fixture
def crowd(client: Client) -> Client:
    """Many rows, related at random."""
    random = Random(3)
    infra = client.infra
    tags = [{"name": f"tag {number}"} for number in range(5)]
    client.wait(infra.tag.create_many(data=tags))
    for number in range(8):
        posts: list[dict[str, Any]] = [
            {
                "slug": f"post-{number}-{place}",
                "title": f"Title {random.randrange(5)}",
                "content": random.choice([None, "text"]),
                "published": random.random() < 0.5,
                "tags": {"connect": random.sample(tags, random.randrange(3))},
                "comments": {"create": [{"text": f"comment {item}"} for item in range(random.randrange(3))]},
            }
            for place in range(random.randrange(4))
        ]
        data: dict[str, Any] = {"email": f"crowd-{number}@example.org", "posts": {"create": posts}}
        if random.random() < 0.5:
            data["profile"] = {"create": {"bio": random.choice([None, f"bio {number}"])}}
        created = client.wait(infra.customer.create(data=data))
        found = client.wait(infra.post.find_many(where={"reviewer_id": None}, take=2))
        for post in found:
            client.wait(infra.post.update(where={"id": post.id}, data={"reviewer_id": created.id}))
    return client


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(shape=st.sampled_from(ROOTS).flatmap(shapes))
def test_a_projection_is_the_same_fields_picked_from_whole_rows(crowd: Client, shape: Shape) -> None:
    model = MODELS[shape.model]
    reads = getattr(crowd.infra, model.attribute)
    cards = crowd.wait(reads.project(made(shape)).find_many(order=order_of(model)))
    rows = crowd.wait(reads.find_many(order=order_of(model), include=include_of(shape) or None))
    assert [values_of(shape, card) for card in cards] == [picked(shape, row) for row in rows]
