"""What is wrong with a projection is said when its class is made: all of it, each with its place and what to write instead."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Barrier
from types import new_class
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, field_validator, model_validator

from infra_runtime import Count, From, InputError, Projection, ProjectionError
from tests.projections import package as shop
from tests.projections.cards import OrderedBy, PostTitle, TagName
from tests.projections.package import Category, Customer, Post, Profile, Role, Tag

HERE = Path(__file__).relative_to(Path.cwd()) if Path(__file__).is_relative_to(Path.cwd()) else Path(__file__)

HALF: Any = 1.5


def problems(error: ProjectionError) -> dict[str, str]:
    """What is said of each field."""
    return {problem.field: problem.message for problem in error.problems}


def test_all_that_is_wrong_is_told_at_once_each_with_its_place() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            nmae: str
            email: int
            points: int

    assert [(problem.projection, problem.field) for problem in caught.value.problems] == [
        ("Wrong", "nmae"),
        ("Wrong", "email"),
    ]
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    statement = next(
        number for number, line in enumerate(lines, 1) if line.strip() == "class Wrong(Projection[Customer]):"
    )
    assert [(problem.file, problem.line, problem.column) for problem in caught.value.problems] == [
        (str(HERE), statement + 1, 13),
        (str(HERE), statement + 2, 13),
    ]
    assert str(caught.value).splitlines()[0] == str(caught.value.problems[0])
    assert str(caught.value.problems[0]).startswith(
        f"{HERE}:{caught.value.problems[0].line}:13: Wrong.nmae: unknown field"
    )
    assert isinstance(caught.value, TypeError)


def test_a_field_that_is_not_there_is_told_with_the_nearest_and_how_to_rename() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            nmae: str | None
            zzz: int
            mail: Annotated[str, From("emial")]
            posts_: list[PostTitle]

    assert problems(caught.value) == {
        "nmae": "unknown field `nmae` of Customer; did you mean `name`? "
        'A field of another name is Annotated[…, From("name")]',
        "zzz": "unknown field `zzz` of Customer; there are: id, email, name, role, points, is_active, settings, created_at, "
        'updated_at, profile, orders, posts … A field of another name is Annotated[…, From("…")]',
        "mail": "unknown field `emial` of Customer; did you mean `email`?",
        "posts_": "unknown field `posts_` of Customer; did you mean `posts` or `points`? "
        'A field of another name is Annotated[…, From("posts")]',
    }


def test_a_type_that_cannot_hold_the_column_is_told_with_the_one_that_can() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            id: float
            name: str
            role: Literal["ADMIN"]
            is_active: int
            created_at: date
            settings: TagName
            email: bytes | None

    assert problems(caught.value) == {
        "id": "Customer.id is int, and float does not hold that: write int",
        "name": "Customer.name may be NULL: write str | None",
        "role": "Customer.role is Role, and Literal['ADMIN'] does not hold that: write Role",
        "is_active": "Customer.is_active is bool, and int does not hold that: write bool",
        "created_at": "Customer.created_at is datetime, and date does not hold that: write datetime",
        "settings": "Customer.settings is Json, and TagName is not made of JSON's types: write Json, or a TypedDict",
        "email": "Customer.email is str, and bytes | None does not hold that: write str",
    }


def test_wider_types_are_taken() -> None:
    class Wide(Projection[Customer]):
        id: int | str
        email: object
        name: Annotated[str | None, "a note of somebody else"]
        role: str
        settings: dict[str, list[int] | str] | None
        points: Any

    assert Wide.__projection__().columns == ("id", "email", "name", "role", "settings", "points")


def test_a_relation_needs_a_projection_of_its_model_as_many_as_it_leads_to() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            posts: PostTitle
            reviewed: list[Profile]
            orders: list[PostTitle]
            followers: list[int]
            following: int
            profile: ProfileBio

    assert problems(caught.value) == {
        "posts": "posts leads to many rows of Post: write list[PostTitle]",
        "reviewed": "Profile is a row of Profile, and reviewed leads to Post: "
        "write a class that is made from Projection[Post]",
        "orders": "PostTitle is a projection of Post, and orders leads to Order: "
        "write a class that is made from Projection[Order]",
        "followers": "followers leads to rows of Customer, which list[int] does not hold: "
        "write list[CustomerCard], with a class CustomerCard(Projection[Customer])",
        "following": "following leads to rows of Customer: their number is Annotated[int, Count('following')]",
        "profile": "profile may lead to no row: write ProfileBio | None",
    }

    class Right(Projection[Customer]):
        following: Sequence[OrderedBy]
        followers: list[OrderedBy] | None

    assert [item.relation for item in Right.__projection__().related] == ["following", "followers"]
    with pytest.raises(ProjectionError, match="author leads to one row of Customer: write OrderedBy"):

        class AlsoWrong(Projection[Post]):
            author: list[OrderedBy]


class ProfileBio(Projection[Profile]):
    bio: str | None


def test_paths_lead_by_relations_to_one_to_a_column() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            bio: Annotated[str, From("profile.bio")]
            titles: Annotated[str, From("posts.title")]
            lost: Annotated[str | None, From("profil.bio")]
            birth: Annotated[str | None, From("profile.birthdy")]
            deep: Annotated[Any, From("profile.customer")]

    assert problems(caught.value) == {
        "bio": "Profile.bio may be missing: write str | None",
        "titles": "posts leads to many rows of Post: a list of a projection can hold what they have",
        "lost": "unknown relation `profil` of Customer; did you mean `profile`?",
        "birth": "unknown field `birthdy` of Profile; did you mean `birthday`?",
        "deep": "profile.customer leads to rows of Customer: From follows relations to a column; "
        "nest a projection of Profile that has customer",
    }


def test_counts_are_of_relations_to_many() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            posts: Annotated[int, Count("pots")]
            profiles: Annotated[int, Count("profile")]
            orders: Annotated[str, Count("orders")]
            drafts: Annotated[int, Count("posts", where={"publishd": False})]

    assert problems(caught.value) == {
        "posts": "unknown relation `pots` of Customer; did you mean `posts`?",
        "profiles": "profile leads to one row: Count is for relations to many",
        "orders": "a count is an int, and str does not hold that: write Annotated[int, Count('orders')]",
        "drafts": "Count(…): where.publishd: unknown field `publishd` of Post; "
        "did you mean `published` or `published_at`?",
    }


def test_arguments_of_a_relation_are_checked_as_those_of_a_query() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            posts: Annotated[list[PostTitle], From("posts", where={"titel": "x"})]
            newest: Annotated[list[PostTitle], From("posts", order={"view": "desc"}, take=3)]
            half: Annotated[list[PostTitle], From("posts", take=HALF)]
            profile: Annotated[ProfileBio | None, From("profile", take=1)]
            email: Annotated[str, From("email", take=1)]

    assert problems(caught.value) == {
        "posts": "From(…): where.titel: unknown field `titel` of Post; did you mean `title`?",
        "newest": "From(…): order.view: unknown field `view` of Post; did you mean `views` or `reviewer`?",
        "half": "From(…): take: expected int, got float",
        "profile": "profile leads to one row: leave out take",
        "email": "email is a column: leave out take",
    }


def test_markers_stand_once_around_the_whole_type() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            mail: Annotated[str, From("email")] | None
            both: Annotated[int, From("points"), Count("posts")]

    assert problems(caught.value) == {
        "mail": "write Annotated[…, From('email')] around the whole type",
        "both": "its value comes from one place: leave one of From and Count",
    }


def test_validators_would_not_run_so_there_are_none() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            email: str

            @field_validator("email")
            @classmethod
            def lower(cls, value: str) -> str:
                return value.lower()

            @model_validator(mode="after")
            def whole(self) -> Wrong:
                return self

    assert {problem.message for problem in caught.value.problems} == {
        f"its validator {name} would not run, as rows are not validated: write a property or a computed_field"
        for name in ("lower", "whole")
    }


def test_it_is_made_from_the_row_class_of_one_model() -> None:
    class Plain(BaseModel):
        id: int

    with pytest.raises(ProjectionError, match="Plain is no row class of a generated package"):

        class OfNothing(Projection[Plain]):
            id: int

    with pytest.raises(ProjectionError, match="import the model's row class, and not under TYPE_CHECKING only"):

        class OfText(Projection["Customer"]):
            id: int

    with pytest.raises(ProjectionError, match="a projection of Customer and of Post: a class is of one model"):
        new_class("OfTwo", (OrderedBy, PostTitle))


# -- names that are there later ----------------------------------------------------------------------------------------
class Early(Projection[Customer]):
    name: str | None
    posts: list[Late]
    profile: LateProfile | None


class Late(Projection[Post]):
    title: str


class LateProfile(Projection[Profile]):
    bio: str | None


def test_classes_may_be_named_before_they_are_made() -> None:
    nested: dict[str, type] = {item.relation: item.arguments["projection"] for item in Early.__projection__().related}
    assert (nested["posts"], nested["profile"]) == (Late, LateProfile)


def test_what_does_not_depend_on_them_is_told_at_once() -> None:
    with pytest.raises(ProjectionError) as caught:

        class Wrong(Projection[Customer]):
            pots: list[NotMadeYet]  # type: ignore[name-defined] # noqa: F821
            first: Annotated[list[NotMadeYet], From("postz", take=1)]  # type: ignore[name-defined] # noqa: F821
            orders: Annotated[NotMadeYet, Count("orderz")]  # type: ignore[name-defined] # noqa: F821

    assert {field: message.partition(";")[0] for field, message in problems(caught.value).items()} == {
        "pots": "unknown field `pots` of Customer",
        "first": "unknown field `postz` of Customer",
        "orders": "unknown relation `orderz` of Customer",
    }


class NeverComplete(Projection[Customer]):
    posts: list[NotImported]  # type: ignore[name-defined] # noqa: F821
    orders: Annotated[NotInteger, Count("orders")]  # type: ignore[name-defined] # noqa: F821
    name: NotText  # type: ignore[name-defined] # noqa: F821


def test_a_name_that_is_not_there_at_the_first_use_is_told_then() -> None:
    with pytest.raises(ProjectionError) as caught:
        NeverComplete.__projection__()
    assert problems(caught.value) == {
        field: f"`{name}` is not in {__name__}: define or import it there"
        for field, name in (("posts", "NotImported"), ("orders", "NotInteger"), ("name", "NotText"))
    }


def test_classes_that_contain_themselves_are_refused() -> None:
    with pytest.raises(ProjectionError, match="Node would contain itself without end: declare a class for each level"):

        class Node(Projection[Category]):
            name: str
            children: list[Node]

    with pytest.raises(ProjectionError, match=re.escape("without end (Ping → Pong → Ping)")):
        Ping.__projection__()


class Ping(Projection[Customer]):
    posts: list[Pong]


class Pong(Projection[Post]):
    author: Ping


# -- inheritance -------------------------------------------------------------------------------------------------------
class WithId(Projection[Any]):
    """A field that many projections have; it says no model."""

    id: int


class Person(WithId, Projection[Customer]):
    email: str


class LongPerson(Person):
    role: Role
    email: str | None  # type: ignore[assignment]


def test_fields_are_inherited_and_replaced() -> None:
    assert Person.__projection__().columns == ("id", "email")
    assert LongPerson.__projection__().columns == ("id", "email", "role")
    assert LongPerson.__projection__() is LongPerson.__projection__()
    with pytest.raises(InputError, match="WithId says no model"):
        WithId.__projection__()
    with pytest.raises(ProjectionError) as caught:

        class Wrong(WithId, Projection[shop.OrderLine]):
            quantity: int

    [problem] = caught.value.problems
    assert (problem.projection, problem.field) == ("Wrong", "id")
    assert Path(__file__).read_text().splitlines()[problem.line - 1].strip() == "id: int"


def test_a_class_without_fields_is_there_to_be_inherited() -> None:
    class Nothing(Projection[Tag]):
        pass

    with pytest.raises(ProjectionError, match="it has no field: declare what is wanted"):
        Nothing.__projection__()


def test_classes_have_what_else_pydantic_s_have() -> None:
    class Card(Projection[Customer]):
        email: str
        _secret: int = 3

        @cached_property
        def letters(self) -> int:
            return len(self.email)

    made = Card.__projection__().make({"email": "ada"})
    assert (made._secret, made.letters, made.model_dump()) == (3, 3, {"email": "ada"})
    assert made == Card(email="ada")


def test_classes_within_a_function_see_its_names() -> None:
    class Inner(Projection[Post]):
        title: str

    class Outer(Projection[Customer]):
        posts: list[Inner]
        reviewed: list[Inner]

    assert [item.arguments["projection"] for item in Outer.__projection__().related] == [Inner, Inner]


def test_many_threads_may_be_the_first_to_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def used_at_once(threads: ThreadPoolExecutor) -> set[Any]:
        """What eight threads are answered by a class whose fields are all still to be looked up."""
        fields = {"posts": "list[AddedLater]", "reviewed": "list[AddedLater]"}
        body = {"__annotations__": fields, "__module__": __name__}
        outer: Any = new_class("Outer", (Projection[Customer],), {}, lambda names: names.update(body))
        monkeypatch.setitem(globals(), "AddedLater", PostTitle)
        start = Barrier(8)

        def use(_: int) -> Any:
            start.wait()
            return outer.__projection__()

        found = set(threads.map(use, range(8)))
        monkeypatch.delitem(globals(), "AddedLater")
        return found

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert [len(used_at_once(threads)) for _ in range(30)] == [1] * 30
    finally:
        sys.setswitchinterval(interval)
