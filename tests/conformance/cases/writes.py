"""Writes, nested writes, and what they leave."""

from tests.conformance.case import Case, Fails, call, found, ids, people

PAIR = people({"id": 1, "name": "Ada", "age": 30}, {"id": 2, "name": "Bob", "mentor": {"connect": {"id": 1}}})
SEATS = (call("Seat", "create_many", data=[{"row": 1, "place": 1, "holder": "Ada"}, {"row": 1, "place": 2}]),)
TITLES = call("Post", "find_many", order={"title": "asc"}, select={"title": True, "authorId": True})
PROFILE = call("Profile", "create", data={"id": 1, "bio": "b", "personId": 1})
UPSERTED = {"create": {"id": 5, "name": "Eve"}, "update": {"age": 2}}

CASES = [
    Case(
        "nested creates are made with their parent",
        call(
            "Person",
            "create",
            data={"id": 1, "name": "Ada", "posts": {"create": [{"title": "A"}, {"title": "B"}]}},
            select={"_count": {"select": {"posts": True}}},
        ),
        {"_count": {"posts": 2}},
        leaves=(TITLES, [{"title": "A", "authorId": 1}, {"title": "B", "authorId": 1}]),
    ),
    Case(
        "a failing nested write undoes all",
        call(
            "Person",
            "update",
            where={"id": 1},
            data={"name": "changed", "profile": {"create": {"id": 1, "bio": "x"}}, "students": {"connect": {"id": 99}}},
        ),
        Fails("P2018"),
        PAIR,
        leaves=(
            call("Person", "find_unique", where={"id": 1}, select={"name": True, "profile": True}),
            {"name": "Ada", "profile": None},
        ),
    ),
    Case(
        "numbers are changed in the database",
        call("Person", "update", where={"id": 1}, data={"age": {"increment": 5}}, select={"age": True}),
        {"age": 35},
        PAIR,
    ),
    Case(
        "increment of NULL stays NULL",
        call("Person", "update", where={"id": 2}, data={"age": {"increment": 5}}, select={"age": True}),
        {"age": None},
        PAIR,
    ),
    Case(
        "update of no row is an error",
        call("Person", "update", where={"id": 9}, data={"name": "x"}),
        Fails("P2025", "required but not found"),
        PAIR,
    ),
    Case("delete of no row is an error", call("Person", "delete", where={"id": 9}), Fails("P2025"), PAIR),
    Case(
        "update_many answers how many",
        call("Person", "update_many", where={"mentor": {"name": "Ada"}}, data={"age": 1}),
        1,
        PAIR,
        leaves=(call("Person", "find_many", where={"age": 1}, select={"id": True}), found(2)),
    ),
    Case(
        "delete_many takes relation filters", call("Person", "delete_many", where={"mentor": {"isNot": None}}), 1, PAIR
    ),
    Case(
        "a taken key is an error that names its fields",
        call("Seat", "create", data={"row": 1, "place": 2}),
        Fails("P2002", "Unique constraint failed"),
        SEATS,
    ),
    Case(
        "create_many skips taken keys where it may",
        call("Seat", "create_many", data=[{"row": 1, "place": 1}, {"row": 2, "place": 1}], skip_duplicates=True),
        1,
        SEATS,
    ),
    Case(
        "create_many without leave makes none",
        call("Seat", "create_many", data=[{"row": 2, "place": 1}, {"row": 1, "place": 1}]),
        Fails("P2002"),
        SEATS,
        leaves=(call("Seat", "count"), 2),
    ),
    Case(
        "upsert makes what is not there",
        call(
            "Seat",
            "upsert",
            where={"holder": "Bob"},
            data={"create": {"row": 3, "place": 1, "holder": "Bob"}, "update": {"row": 9}},
        ),
        {"row": 3, "place": 1, "holder": "Bob"},
        SEATS,
    ),
    Case(
        "upsert changes what is there",
        call(
            "Seat",
            "upsert",
            where={"holder": "Ada"},
            data={"create": {"row": 3, "place": 1, "holder": "Ada"}, "update": {"row": 9}},
        ),
        {"row": 9, "place": 1, "holder": "Ada"},
        SEATS,
    ),
    Case(
        "a foreign key to nothing is refused",
        call("Post", "create", data={"title": "x", "authorId": 99}),
        Fails("P2003", "oreign key constraint"),
        PAIR,
    ),
    Case(
        "a required relation is required",
        call("Post", "create", data={"title": "x"}),
        Fails("P2012", "author"),
        PAIR,
    ),
    Case(
        "a relation is given once: by its key or by connect",
        call("Post", "create", data={"title": "x", "authorId": 1, "author": {"connect": {"id": 1}}}),
        Fails("P2019"),
        PAIR,
    ),
    Case(
        "a row that others need is not deleted",
        call("Person", "delete", where={"id": 1}),
        Fails("P2003"),
        (*PAIR, call("Post", "create", data={"title": "x", "authorId": 1})),
        leaves=(ids("Person"), found(1, 2)),
    ),
    Case(
        "deleting takes along what cascades, and empties what may be empty",
        call("Person", "delete", where={"id": 1}, select={"name": True, "profile": {"select": {"bio": True}}}),
        {"name": "Ada", "profile": {"bio": "counts"}},
        (*PAIR, call("Profile", "create", data={"id": 1, "bio": "counts", "personId": 1})),
        leaves=(
            call("Person", "find_many", select={"id": True, "mentorId": True, "profile": True}),
            [{"id": 2, "mentorId": None, "profile": None}],
        ),
    ),
    Case(
        "set replaces links",
        call(
            "Post",
            "update",
            where={"id": 1},
            data={"tags": {"set": [{"name": "b"}, {"name": "c"}]}},
            select={"tags": {"order": {"name": "asc"}}},
        ),
        {"tags": [{"name": "b"}, {"name": "c"}]},
        (
            *PAIR,
            call(
                "Post",
                "create",
                data={"id": 1, "title": "x", "authorId": 1, "tags": {"create": [{"name": "a"}, {"name": "b"}]}},
            ),
            call("Tag", "create", data={"name": "c"}),
        ),
    ),
    Case(
        "connect_or_create finds or makes",
        call(
            "Post",
            "create",
            data={
                "title": "x",
                "authorId": 1,
                "tags": {
                    "connect_or_create": [{"where": {"name": name}, "create": {"name": name}} for name in ("a", "b")]
                },
            },
            select={"tags": {"order": {"name": "asc"}}},
        ),
        {"tags": [{"name": "a"}, {"name": "b"}]},
        (*PAIR, call("Tag", "create", data={"name": "a"})),
        leaves=(call("Tag", "count"), 2),
    ),
    Case(
        "disconnect leaves the other row",
        call("Person", "update", where={"id": 2}, data={"mentor": {"disconnect": True}}, select={"mentorId": True}),
        {"mentorId": None},
        PAIR,
        leaves=(ids("Person"), found(1, 2)),
    ),
    Case(
        "create_many_and_return answers the rows in their order",
        call(
            "Person",
            "create_many_and_return",
            data=[{"id": 9, "name": "i"}, {"id": 8, "name": "h"}],
            select={"name": True},
        ),
        [{"name": "i"}, {"name": "h"}],
    ),
    Case(
        "update_many_and_return answers what is now there",
        call(
            "Person", "update_many_and_return", where={"age": 30}, data={"age": {"multiply": 2}}, select={"age": True}
        ),
        [{"age": 60}],
        PAIR,
    ),
    Case(
        "a nested update that changes nothing needs no row",
        call(
            "Person",
            "update",
            where={"id": 1},
            data={"mentor": {"update": {}}, "posts": {"update": {"where": {"id": 9}, "data": {}}}},
            select={"id": True},
        ),
        {"id": 1},
        PAIR,
    ),
    Case(
        "update_many_and_return of no changes answers the rows",
        call("Person", "update_many_and_return", where={"age": 30}, data={}, select={"name": True}),
        [{"name": "Ada"}],
        PAIR,
    ),
    Case(
        "set of links wants every row to be there",
        call("Post", "update", where={"id": 1}, data={"tags": {"set": [{"name": "a"}, {"name": "b"}]}}),
        Fails("P2025", "Expected 2 records to be connected, found only 1."),
        (
            *PAIR,
            call("Tag", "create", data={"name": "a"}),
            call("Post", "create", data={"id": 1, "title": "t", "authorId": 1}),
        ),
    ),
    Case(
        "what needs its relation cannot be disconnected from it, even where there is nothing to disconnect",
        call("Person", "update", where={"id": 99}, data={"profile": {"disconnect": True}}),
        Fails("P2014", "'PersonToProfile'"),
        PAIR,
    ),
    Case(
        "a disconnect that the other branch of an upsert holds is refused as well",
        call(
            "Person",
            "upsert",
            where={"id": 9},
            data={"create": {"id": 9, "name": "Zoe"}, "update": {"profile": {"disconnect": True}}},
        ),
        Fails("P2014"),
        leaves=(call("Person", "count"), 0),
    ),
    Case(
        "a disconnect clears what is left of a foreign key",
        call("Booking", "update", where={"id": 2}, data={"seat": {"disconnect": True}}, select={"row": True}),
        {"row": None},
        (call("Booking", "create", data={"id": 2, "row": 1}),),
    ),
    Case(
        "what is updated and disconnected in one go is updated, then disconnected",
        call(
            "Person",
            "update",
            where={"id": 2},
            data={"mentor": {"disconnect": True, "update": {"age": 31}}},
            select={"mentorId": True},
        ),
        {"mentorId": None},
        PAIR,
        leaves=(call("Person", "find_unique", where={"id": 1}, select={"age": True}), {"age": 31}),
    ),
    Case(
        "what is connected and disconnected in one go is disconnected",
        call(
            "Person",
            "update",
            where={"id": 1},
            data={"mentor": {"disconnect": True, "connect": {"id": 2}}},
            select={"mentorId": True},
        ),
        {"mentorId": None},
        PAIR,
    ),
    Case(
        "two operations on one relation both start from where it led before",
        call("Person", "update", where={"id": 1}, data={"mentor": {"upsert": UPSERTED, "update": {"age": 1}}}),
        Fails("P2025", "No 'Person' record was found for a nested update"),
        PAIR,
        leaves=(call("Person", "count"), 2),
    ),
    Case(
        "of a one-to-one, what it led to is updated, also where another row is connected",
        call("Profile", "update", where={"id": 1}, data={"person": {"connect": {"id": 2}, "update": {"age": 77}}}),
        {"id": 1, "bio": "b", "personId": 2},
        (*PAIR, call("Profile", "create", data={"id": 1, "bio": "b", "personId": 1})),
        leaves=(ids("Person", where={"age": 77}), found(1)),
    ),
    Case(
        "a nested update of nothing but nested writes needs its row",
        call("Person", "update", where={"id": 1}, data={"mentor": {"update": {"profile": {"update": {}}}}}),
        Fails("P2025", "No 'Person' record was found for a nested update"),
        PAIR,
    ),
    Case(
        "a write to many takes an unknown condition on a related row for one that does not hold",
        call("Person", "update_many", where={"mentor": {"is_not": {"nick": "x"}}}, data={"age": 1}),
        2,
        PAIR,
    ),
    Case(
        "rows made together are made in their order, whatever each of them leaves to the database",
        call(
            "Post",
            "create_many",
            data=[
                {"title": "A", "authorId": 1},
                {"id": 2, "title": "B", "authorId": 1},
                {"title": "C", "authorId": 99},
            ],
            skip_duplicates=True,
        ),
        2,
        PAIR,
        # The third is given the id that the second took, and is skipped before anybody looks for its author.
        leaves=(TITLES, [{"title": "A", "authorId": 1}, {"title": "B", "authorId": 1}]),
        on=("postgresql",),
    ),
    Case(
        "a row that brings its id is made after those before it, and those after it have later ids",
        call(
            "Post",
            "create_many",
            data=[{"title": "B", "authorId": 1}, {"id": 8, "title": "C", "authorId": 1}, {"title": "D", "authorId": 1}],
        ),
        3,
        (*PAIR, call("Post", "create", data={"id": 6, "title": "A", "authorId": 1})),
        leaves=(ids("Post"), found(6, 7, 8, 9)),
        on=("mysql",),
    ),
    Case(
        "of the related rows that a row needs the last one named comes first",
        call(
            "Post",
            "create",
            data={"title": "A", "reviewer": {"connect": {"id": 5}}, "author": {"create": {"id": 5, "name": "Eve"}}},
            select={"authorId": True, "reviewerId": True},
        ),
        {"authorId": 5, "reviewerId": 5},
    ),
    Case(
        "of the related rows that changes of a row need the last one named comes first, too",
        call(
            "Post",
            "update",
            where={"id": 1},
            data={"author": {"create": {"id": 5, "name": "Eve"}}, "reviewer": {"connect": {"id": 5}}},
        ),
        Fails("P2025", "No 'Person' record (needed to inline the relation on 'Post' record(s)) was found"),
        (*PAIR, call("Post", "create", data={"title": "A", "authorId": 1})),
    ),
    Case(
        "the one related row that a new row is to have is looked for before the row is made",
        call("Person", "create", data={"id": 1, "name": "Eve", "profile": {"connect": {"id": 9}}}),
        Fails("P2025", "No 'Profile' record (needed to create or connect inlined relation for 'Person' record(s))"),
        PAIR,
    ),
    Case(
        "what a database refuses for a reason of its own has Prisma's code for that",
        call("Person", "update", where={"id": 1}, data={"age": {"divide": 0}}),
        Fails("P2039", "ivision by"),
        PAIR,
        on=("postgresql", "mysql"),
    ),
    Case(
        "of two operations on one relation that a new row needs, the one named later decides",
        call(
            "Post",
            "create",
            data={"title": "A", "author": {"connect": {"id": 1}, "create": {"id": 5, "name": "Eve"}}},
            select={"authorId": True},
        ),
        {"authorId": 5},
        PAIR,
    ),
    Case(
        "of two operations on one relation that changes of a row need, the one named later decides, too",
        call(
            "Post",
            "update",
            where={"id": 1},
            data={"author": {"create": {"id": 5, "name": "Eve"}, "connect": {"id": 2}}},
            select={"authorId": True},
        ),
        {"authorId": 2},
        (*PAIR, call("Post", "create", data={"title": "A", "authorId": 1})),
        leaves=(ids("Person"), found(1, 2, 5)),
    ),
    Case(
        "connect_or_create makes no second row of a one-to-one",
        call(
            "Person",
            "update",
            where={"id": 1},
            data={"profile": {"connect_or_create": {"where": {"id": 7}, "create": {"id": 7, "bio": "new"}}}},
        ),
        Fails("P2002"),
        (*PAIR, PROFILE),
    ),
    Case(
        "an upsert makes no second row of a one-to-one whose row does not match",
        call(
            "Person",
            "update",
            where={"id": 1},
            data={"profile": {"upsert": {"where": {"bio": "x"}, "create": {"id": 7, "bio": "new"}, "update": {}}}},
        ),
        Fails("P2002"),
        (*PAIR, PROFILE),
    ),
    Case(
        "a row whose id is divided is answered by its new id, however the database rounds",
        call("Person", "update", where={"id": 6}, data={"id": {"divide": 4}}),
        {"id": 2, "name": "Eve", "nick": None, "age": None, "mentorId": None},
        people({"id": 6, "name": "Eve"}),
        on=("mysql",),
    ),
]
