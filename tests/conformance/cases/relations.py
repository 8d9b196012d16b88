"""Filters, orders and includes across relations."""

from tests.conformance.case import ALL, Case, call, found, ids, people

CIRCLE = (
    *people(
        {"id": 1, "name": "Ada", "profile": {"create": {"id": 1, "bio": "counts"}}},
        {"id": 2, "name": "Bob", "mentor": {"connect": {"id": 1}}},
        {"id": 3, "name": "Cid", "mentor": {"connect": {"id": 1}}},
        {"id": 4, "name": "Dot", "mentor": {"connect": {"id": 2}}},
    ),
    call(
        "Post",
        "create",
        data={
            "id": 1,
            "title": "Alpha",
            "score": 3,
            "author": {"connect": {"id": 1}},
            "tags": {"create": [{"name": "x"}]},
        },
    ),
    call("Post", "create", data={"id": 2, "title": "Beta", "score": 1, "authorId": 1, "reviewerId": 2}),
    call(
        "Post",
        "create",
        data={
            "id": 3,
            "title": "Gamma",
            "score": 2,
            "author": {"connect": {"id": 2}},
            "reviewer": {"connect": {"id": 1}},
            "tags": {"connect": [{"name": "x"}], "create": [{"name": "y"}]},
        },
    ),
)


def where(title: str, condition: object, *numbers: int) -> Case:
    return Case(title, ids("Person", where=condition), found(*numbers), CIRCLE)


def ordered(title: str, model: str, order: object, *numbers: int, on: tuple[str, ...] = ALL) -> Case:
    return Case(title, ids(model, order=order), found(*numbers), CIRCLE, on=on)


BOOKINGS = (
    call("Seat", "create", data={"row": 1, "place": 1}),
    call("Booking", "create", data={"id": 1}),
    call("Booking", "create", data={"id": 2, "row": 1}),
    call("Booking", "create", data={"id": 3, "row": 1, "place": 1}),
)

CASES = [
    where("some finds who has one", {"posts": {"some": {"title": "Beta"}}}, 1),
    where("some of an empty filter finds who has any", {"posts": {"some": {}}}, 1, 2),
    where("every is true of none", {"posts": {"every": {"score": {"gt": 2}}}}, 3, 4),
    where("none is true of none", {"posts": {"none": {"score": {"gt": 2}}}}, 2, 3, 4),
    where("none of an empty filter finds who has none", {"posts": {"none": {}}}, 3, 4),
    where("two relations between two models are told apart", {"reviews": {"some": {"title": "Gamma"}}}, 1),
    where("is None finds who has no related row", {"mentor": {"is": None}}, 1),
    where("None alone means the same", {"mentor": None}, 1),
    where("is not None finds who has one", {"mentor": {"isNot": None}}, 2, 3, 4),
    where("is not leaves in who has none", {"mentor": {"is_not": {"name": "Ada"}}}, 1, 4),
    where("a filter on a to-one relation means is", {"mentor": {"name": "Ada"}}, 2, 3),
    where("is None on the side without the key", {"profile": {"is": None}}, 2, 3, 4),
    where("filters nest through several relations", {"students": {"some": {"students": {"some": {}}}}}, 1),
    where("filters pass through many-to-many", {"posts": {"some": {"tags": {"every": {"name": "x"}}}}}, 1),
    where("and back again", {"posts": {"some": {"tags": {"some": {"posts": {"some": {"title": "Gamma"}}}}}}}, 1, 2),
    where("NOT around a relation", {"NOT": {"posts": {"some": {}}}}, 3, 4),
    ordered("order by a related row's field", "Post", [{"author": {"name": "desc"}}, {"id": "asc"}], 3, 1, 2),
    ordered("order by how many there are", "Person", [{"posts": {"_count": "desc"}}, {"id": "desc"}], 1, 2, 4, 3),
    ordered(
        "a row without the related row is not lost",
        "Person",
        [{"mentor": {"name": "desc"}}, {"id": "asc"}],
        *(4, 2, 3, 1),
        on=("sqlite", "mysql"),
    ),
    ordered(
        "a row without the related row is not lost, and stands where NULLs do",
        "Person",
        [{"mentor": {"name": "desc"}}, {"id": "asc"}],
        *(1, 4, 2, 3),
        on=("postgresql",),
    ),
    Case(
        "an include is cut for each parent",
        call(
            "Person",
            "find_many",
            where={"id": {"lte": 2}},
            order={"id": "asc"},
            select={"id": True, "students": {"order": {"id": "desc"}, "take": 1, "select": {"id": True}}},
        ),
        [{"id": 1, "students": [{"id": 3}]}, {"id": 2, "students": [{"id": 4}]}],
        CIRCLE,
    ),
    Case(
        "an include's negative take reads from the end, in order",
        call(
            "Person",
            "find_unique",
            where={"id": 1},
            select={"posts": {"order": {"score": "asc"}, "take": -1, "select": {"title": True}}},
        ),
        {"posts": [{"title": "Alpha"}]},
        CIRCLE,
    ),
    Case(
        "an include is filtered, its parents are not",
        call(
            "Person",
            "find_many",
            order={"id": "asc"},
            take=2,
            select={"name": True, "posts": {"where": {"score": {"gte": 2}}, "select": {"id": True}}},
        ),
        [{"name": "Ada", "posts": [{"id": 1}]}, {"name": "Bob", "posts": [{"id": 3}]}],
        CIRCLE,
    ),
    Case(
        "counts stand beside what is counted, filtered on their own",
        call(
            "Person",
            "find_unique",
            where={"id": 1},
            select={"_count": {"select": {"posts": True, "students": {"where": {"name": "Bob"}}}}},
        ),
        {"_count": {"posts": 2, "students": 1}},
        CIRCLE,
    ),
    Case(
        "many-to-many reads both ways",
        call(
            "Tag",
            "find_unique",
            where={"name": "x"},
            select={"posts": {"order": {"id": "asc"}, "select": {"id": True}}},
        ),
        {"posts": [{"id": 1}, {"id": 3}]},
        CIRCLE,
    ),
    Case(
        "an include beside all scalars",
        call("Profile", "find_first", include={"person": {"include": {"mentor": True}}}),
        {
            "id": 1,
            "bio": "counts",
            "personId": 1,
            "person": {"id": 1, "name": "Ada", "nick": None, "age": None, "mentorId": None, "mentor": None},
        },
        CIRCLE,
    ),
    Case(
        "an empty filter in place of a relation says nothing",
        ids("Person", where={"mentor": {}}),
        found(1, 2, 3, 4),
        CIRCLE,
    ),
    Case("`is` with an empty filter wants a row", ids("Person", where={"mentor": {"is": {}}}), found(2, 3, 4), CIRCLE),
    Case("`is_not` with an empty filter wants none", ids("Person", where={"mentor": {"is_not": {}}}), found(1), CIRCLE),
    Case(
        "is_not leaves out a row of whose related row it is unknown",
        ids("Person", where={"mentor": {"is_not": {"age": 7}}}),
        found(1, 4),
        (*CIRCLE, call("Person", "update", where={"id": 2}, data={"age": 8})),
    ),
    Case(
        "NOT leaves out a row of whose related row it is unknown",
        ids("Person", where={"NOT": {"mentor": {"age": 7}}}),
        found(1, 4),
        (*CIRCLE, call("Person", "update", where={"id": 2}, data={"age": 8})),
    ),
    Case(
        "what is unknown at depth stays unknown under NOT",
        ids("Post", where={"NOT": {"author": {"is": {"mentor": {"is": {"age": 7}}}}}}),
        found(1, 2),
        (*CIRCLE, call("Post", "update", where={"id": 1}, data={"author": {"connect": {"id": 1}}})),
    ),
    Case(
        "not not of a relation is the relation",
        ids("Person", where={"NOT": {"mentor": {"is_not": {"age": 8}}}}),
        found(4),
        (*CIRCLE, call("Person", "update", where={"id": 2}, data={"age": 8})),
    ),
    Case(
        "a relation is None where all of its foreign key is",
        ids("Booking", where={"seat": None}),
        found(1),
        BOOKINGS,
    ),
    Case(
        "a relation is not None where a part of its foreign key is there",
        ids("Booking", where={"seat": {"is_not": None}}),
        found(2, 3),
        BOOKINGS,
    ),
    Case(
        "half of a foreign key leads to no row",
        ids("Booking", where={"seat": {"is_not": {}}}),
        found(1, 2),
        BOOKINGS,
    ),
]
