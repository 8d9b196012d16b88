"""Meanings that are easy to get wrong: wildcards as characters, pages for each parent, limits, counts, compound keys."""

from typing import Any

from tests.conformance.case import ALL, Case, Fails, call, found, ids, people

TEXTS = people(
    {"id": 1, "name": "%a%"},
    {"id": 2, "name": "_a_"},
    {"id": 3, "name": "\\a\\"},
    {"id": 4, "name": "xax"},
    {"id": 5, "name": "%\\_"},
)


def text(title: str, condition: dict[str, str], *numbers: Any, on: tuple[str, ...] = ALL) -> Case:
    return Case(title, ids("Person", where={"name": condition}), found(*numbers), TEXTS, on=on)


WILDCARDS = [
    text(f"{sign} is a character to {operator}", {operator: looked_for}, *numbers)
    for sign, operator, looked_for, *numbers in (
        ("a percent sign", "startswith", "%", 1, 5),
        ("a percent sign", "endswith", "%", 1),
        ("a percent sign", "contains", "%a", 1),
        ("an underscore", "startswith", "_", 2),
        ("an underscore", "endswith", "_", 2, 5),
        ("an underscore", "contains", "a_", 2),
        ("a backslash", "startswith", "\\", 3),
        ("a backslash", "endswith", "\\", 3),
        ("a backslash", "contains", "\\_", 5),
    )
]
INSENSITIVE_WILDCARDS = [
    text(
        f"{looked_for} are characters to an insensitive {operator}",
        {operator: looked_for, "mode": "insensitive"},
        *numbers,
        on=("postgresql",),
    )
    for operator, looked_for, *numbers in (
        ("startswith", "%A", 1),
        ("endswith", "A_", 2),
        ("contains", "\\A\\", 3),
        ("contains", "%\\_", 5),
        ("equals", "_A_", 2),
        ("equals", "\\A\\", 3),
    )
]

FAMILY = (
    *people({"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}),
    *people(
        *(
            {"id": number, "name": name, "mentorId": mentor}
            for number, name, mentor in (
                (11, "x", 1), (12, "y", 1), (13, "x", 1), (14, "z", 1),
                (21, "y", 2), (22, "y", 2), (23, "x", 2),
                (111, "p", 11), (112, "q", 11), (113, "p", 11),
                (211, "q", 22), (212, "q", 22), (213, "p", 22),
            )
        )
    ),
)  # fmt: skip
"""Two people, their students, and students of two of these."""


def for_each(title: str, page: dict[str, Any], first: tuple[int, ...], second: tuple[int, ...]) -> Case:
    """Pages of the students of each of the two."""
    return Case(
        title,
        call(
            "Person",
            "find_many",
            where={"mentorId": None},
            order={"id": "asc"},
            select={"students": {"order": {"id": "asc"}, **page, "select": {"id": True}}},
        ),
        [{"students": found(*first)}, {"students": found(*second)}],
        FAMILY,
    )


def two_levels(title: str, page: dict[str, Any], inner: dict[str, Any], then: object) -> Case:
    """A page of the students of each, and a page of the students of each of these."""
    students = {"order": {"id": "asc"}, **inner, "select": {"id": True}}
    return Case(
        title,
        call(
            "Person",
            "find_many",
            where={"mentorId": None},
            order={"id": "asc"},
            select={"students": {"order": {"id": "asc"}, **page, "select": {"id": True, "students": students}}},
        ),
        then,
        FAMILY,
    )


PAGES = [
    for_each("take and skip are for each parent", {"take": 2, "skip": 1}, (12, 13), (22, 23)),
    for_each("skip alone is for each parent", {"skip": 3}, (14,), ()),
    for_each("a negative take is for each parent", {"take": -2}, (13, 14), (22, 23)),
    for_each("a negative take skips from each parent's end", {"take": -2, "skip": 1}, (12, 13), (21, 22)),
    for_each("distinct is for each parent", {"distinct": ["name"]}, (11, 12, 14), (21, 23)),
    for_each(
        "distinct comes before take and skip, for each parent",
        {"distinct": ["name"], "take": 1, "skip": 1},
        (12,),
        (23,),
    ),
    for_each("a cursor is for the parent whose row it is", {"cursor": {"id": 12}, "take": 2}, (12, 13), ()),
    for_each("a cursor in an include with a negative take", {"cursor": {"id": 23}, "take": -2}, (), (22, 23)),
    for_each("a cursor in an include with a skip", {"cursor": {"id": 22}, "skip": 1}, (), (23,)),
    two_levels(
        "pages are for each parent at two levels",
        {"take": 2},
        {"take": 1, "skip": 1},
        [
            {"students": [{"id": 11, "students": found(112)}, {"id": 12, "students": []}]},
            {"students": [{"id": 21, "students": []}, {"id": 22, "students": found(212)}]},
        ],
    ),
    two_levels(
        "negative takes are for each parent at two levels",
        {"take": -2},
        {"take": -2},
        [
            {"students": [{"id": 13, "students": []}, {"id": 14, "students": []}]},
            {"students": [{"id": 22, "students": found(212, 213)}, {"id": 23, "students": []}]},
        ],
    ),
    two_levels(
        "distinct and a cursor at two levels",
        {"distinct": ["name"], "take": 1},
        {"cursor": {"id": 112}},
        [{"students": [{"id": 11, "students": found(112, 113)}]}, {"students": [{"id": 21, "students": []}]}],
    ),
    two_levels(
        "a cursor, and distinct below it",
        {"cursor": {"id": 22}, "take": 1},
        {"distinct": ["name"]},
        [{"students": []}, {"students": [{"id": 22, "students": found(211, 213)}]}],
    ),
]

AGES = people(
    *({"id": number, "name": "ab"[number % 2], "age": age} for number, age in enumerate([5, None, 5, None, 1], start=1))
)
COUNTED = {"_all": True, "age": True}


def counted(title: str, then: object, **arguments: Any) -> Case:
    return Case(title, call("Person", "count", **arguments), then, AGES)


COUNTS = [
    counted("count of a page counts the page", 2, take=2),
    counted("count skips", 3, skip=2),
    counted("count from a cursor", 3, cursor={"id": 3}),
    counted("count of fields counts what is not null", {"_all": 5, "age": 3}, select=COUNTED),
    counted(
        "count takes select, take, skip and cursor together",
        {"_all": 2, "age": 1},
        select=COUNTED,
        cursor={"id": 2},
        skip=1,
        take=2,
    ),
    counted(
        "count filters before it takes, skips and begins",
        {"_all": 1, "age": 1},
        select=COUNTED,
        where={"age": {"not": None}},
        cursor={"id": 3},
        skip=1,
        take=9,
    ),
    counted("count takes from the end", {"_all": 3, "age": 2}, select=COUNTED, take=-3),
    Case("exists where a row is", call("Person", "exists", where={"age": None}), True, AGES),
    Case("exists not where none is", call("Person", "exists", where={"age": 7}), False, AGES),
    Case("exists with no filter asks for any row", call("Person", "exists"), False),
    Case("exists takes filters of relations", call("Person", "exists", where={"posts": {"some": {}}}), False, AGES),
]


def limited(title: str, method: str, then: int, changed: int, left: int, **arguments: Any) -> tuple[Case, Case]:
    """What the call answers and how many rows it changed; and how many rows there are afterwards."""
    asked = call("Person", method, **arguments)
    return (
        Case(title, asked, then, AGES, leaves=(call("Person", "count", where={"nick": "new"}), changed)),
        Case(f"{title}, and leaves the others", asked, then, AGES, leaves=(call("Person", "count"), left)),
    )


LIMITS = [
    *limited("update_many changes no more than its limit", "update_many", 2, 2, 5, data={"nick": "new"}, limit=2),
    *limited(
        "update_many with a limit beyond what is there",
        "update_many",
        3,
        3,
        5,
        where={"age": {"gt": 0}},
        data={"nick": "new"},
        limit=9,
    ),
    *limited("update_many with a limit of none", "update_many", 0, 0, 5, data={"nick": "new"}, limit=0),
    *limited("delete_many deletes no more than its limit", "delete_many", 1, 0, 4, where={"age": 5}, limit=1),
    *limited("delete_many with a limit of none", "delete_many", 0, 0, 5, limit=0),
    Case(
        "a limit below none is refused",
        call("Person", "delete_many", limit=-1),
        Fails("P2019", "Person.limit"),
        AGES,
        leaves=(call("Person", "count"), 5),
    ),
]

CASES: list[Case] = [*WILDCARDS, *INSENSITIVE_WILDCARDS, *PAGES, *COUNTS, *LIMITS]
