"""Orders, pages, cursors, distinct."""

from tests.conformance.case import Case, Fails, call, found, ids, people

SEVEN = people(
    *(
        {"id": number, "name": "ab"[number % 2], "age": age}
        for number, age in enumerate([5, 3, 5, None, 1, 3, 5], start=1)
    )
)


SEATS = (call("Seat", "create_many", data=[{"row": 1, "place": 1}, {"row": 1, "place": 2}]),)


def page(title: str, arguments: dict[str, object], *numbers: int) -> Case:
    return Case(title, ids("Person", **arguments), found(*numbers), SEVEN)


CASES = [
    page("take and skip", {"take": 2, "skip": 1}, 2, 3),
    page("take nothing", {"take": 0}),
    page("skip past the end", {"skip": 9}),
    page("a negative take reads from the end, in order", {"take": -2}, 6, 7),
    page("a negative take skips from the end", {"take": -2, "skip": 1}, 5, 6),
    page(
        "of equal rows the lowest ids come first, also from the end",
        {"where": {"age": {"not": None}}, "order": {"age": "asc"}, "take": -2},
        3,
        1,
    ),
    page(
        "of equal rows a page from the end goes on with higher ids",
        {"order": {"age": "asc"}, "cursor": {"id": 1}, "take": -2},
        3,
        1,
    ),
    page("a cursor is the first of its page", {"cursor": {"id": 5}}, 5, 6, 7),
    page("skip 1 leaves the cursor out", {"cursor": {"id": 5}, "skip": 1, "take": 1}, 6),
    page("a negative take ends at the cursor", {"cursor": {"id": 5}, "take": -2}, 4, 5),
    page("a cursor that is not there begins nowhere", {"cursor": {"id": 99}}),
    page("a cursor whose row the filter leaves out still says where", {"cursor": {"id": 4}, "where": {"age": 5}}, 7),
    page(
        "a cursor in an order by an optional field is one of the rows that the filter leaves",
        {"cursor": {"id": 2}, "where": {"age": 5}, "order": [{"age": "asc"}, {"id": "asc"}]},
    ),
    page(
        "a cursor in an order through an optional relation is one of the rows that the filter leaves",
        {"cursor": {"id": 4}, "where": {"age": 5}, "order": [{"mentor": {"id": "asc"}}, {"id": "asc"}]},
    ),
    page(
        "a cursor in an order without a unique field is one of the rows that the filter leaves",
        {"cursor": {"id": 4}, "where": {"age": 5}, "order": {"name": "asc"}},
    ),
    page(
        "a cursor among distinct rows is one of the rows that the filter leaves",
        {"cursor": {"id": 4}, "where": {"age": 5}, "distinct": ["name"]},
    ),
    Case(
        "a cursor of a compound id is one of the rows that the filter leaves",
        call("Seat", "find_many", where={"place": 2}, cursor={"row_place": {"row": 1, "place": 1}}),
        [],
        SEATS,
    ),
    Case(
        "a cursor in an include is one of the rows that the filter leaves",
        call(
            "Person",
            "find_unique",
            where={"id": 1},
            select={
                "posts": {
                    "select": {"id": True},
                    "cursor": {"id": 1},
                    "where": {"id": {"gt": 1}},
                    "order": [{"at": "asc"}, {"id": "asc"}],
                }
            },
        ),
        {"posts": []},
        people({"id": 1, "name": "Ada", "posts": {"create": [{"id": 1, "title": "a"}, {"id": 2, "title": "b"}]}}),
    ),
    Case(
        "a count from a cursor on wants an order by fields that are never null",
        call("Person", "count", cursor={"id": 4}, order=[{"id": "asc"}, {"age": "asc"}]),
        Fails("P2019", "Person.order"),
        SEVEN,
    ),
    Case(
        "a count from a cursor on wants a unique field, which a compound id is not",
        call("Seat", "count", cursor={"row_place": {"row": 1, "place": 1}}),
        Fails("P2019", "Seat.cursor"),
        SEATS,
    ),
    Case(
        "what is not there has no related rows, in an order by their number",
        ids("Person", order=[{"mentor": {"posts": {"_count": "desc"}}}, {"id": "asc"}]),
        found(3, 1, 2, 4),
        people(
            {"id": 1, "name": "Ada"},
            {"id": 2, "name": "Bob", "mentorId": 1},
            {"id": 4, "name": "Cyd", "posts": {"create": [{"id": 1, "title": "a"}]}},
            {"id": 3, "name": "Dan", "mentorId": 4},
        ),
    ),
    Case(
        "a cursor in an order by an optional enum goes by the places of its values",
        ids("Ticket", order=[{"level": "asc"}, {"id": "asc"}], cursor={"id": 2}),
        found(2, 1),
        tuple(
            call("Ticket", "create", data={"id": number, "level": level})
            for number, level in enumerate(("HIGH", "MIDDLE", "LOW"), 1)
        ),
        on=("postgresql", "mysql"),
    ),
    page("rows of equal order are told apart by the id", {"order": {"name": "asc"}, "take": 3}, 2, 4, 6),
    page("a cursor in an order", {"order": {"name": "asc"}, "cursor": {"id": 4}, "take": 3}, 4, 6, 1),
    page(
        "a cursor among NULLs",
        {"order": [{"age": {"sort": "desc", "nulls": "last"}}, {"id": "asc"}], "cursor": {"id": 6}},
        6,
        5,
        4,
    ),
    page("nulls first", {"order": [{"age": {"sort": "desc", "nulls": "first"}}, {"id": "asc"}]}, 4, 1, 3, 7, 2, 6, 5),
    page("nulls last", {"order": [{"age": {"sort": "asc", "nulls": "last"}}, {"id": "asc"}]}, 5, 2, 6, 1, 3, 7, 4),
    page("several orders, the first first", {"order": [{"name": "desc"}, {"id": "desc"}]}, 7, 5, 3, 1, 6, 4, 2),
    page("distinct keeps the first of each in the order", {"distinct": ["name"]}, 1, 2),
    page("distinct in another order keeps others", {"distinct": ["name"], "order": {"id": "desc"}}, 7, 6),
    page("distinct of several fields", {"distinct": ["name", "age"]}, 1, 2, 4, 5),
    page("distinct comes before take and skip", {"distinct": ["age"], "skip": 1, "take": 2}, 2, 4),
    Case(
        "distinct texts are those that differ, also where the database compares them by a collation",
        call("Person", "find_many", distinct=["name"], order={"id": "asc"}, select={"name": True}),
        [{"name": "ann"}, {"name": "Ann"}, {"name": "ann "}, {"name": "änn"}],
        people(*({"id": place, "name": name} for place, name in enumerate(("ann", "Ann", "ann ", "änn", "Ann")))),
    ),
    Case(
        "find_first takes the first in the order",
        call("Person", "find_first", where={"age": 5}, order={"id": "desc"}, select={"id": True}),
        {"id": 7},
        SEVEN,
    ),
    Case("find_first of nothing is None", call("Person", "find_first", where={"age": 99}), None, SEVEN),
    Case(
        "an unknown direction is refused",
        call("Person", "find_many", order={"age": "ascending"}),
        Fails("P2019", "Person.order.age: expected `asc` or `desc`"),
    ),
    Case("a negative skip is refused", call("Person", "find_many", skip=-1), Fails("P2019", "Person.skip")),
    Case(
        "a cursor is a unique key",
        call("Person", "find_many", cursor={"name": "a"}),
        Fails("P2009", "Person.cursor"),
    ),
]
