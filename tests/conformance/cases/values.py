"""Values that are easy to get wrong."""

from datetime import UTC, datetime

from infra_runtime import AnyNull, DbNull, JsonNull
from tests.conformance.case import Call, Case, Fails, call, found, ids, people

AUTHOR = people({"id": 1, "name": "Ada"})


def posts(*rows: dict[str, object]) -> tuple[Call, ...]:
    """An author, and posts of hers numbered from 1."""
    return AUTHOR + tuple(
        call("Post", "create", data={"id": number, "title": "t", "authorId": 1, **row})
        for number, row in enumerate(rows, start=1)
    )


DOCUMENTS = posts({"data": {"a": [1, 2]}}, {"data": JsonNull}, {"data": DbNull}, {}, {"data": "text"}, {"data": 1.5})
MOMENTS = posts(
    {"at": "2024-01-01T00:00:00.000Z"},
    {"at": datetime(2024, 1, 1, 0, 0, 0, 1999, UTC)},
    {"at": "2024-01-01T01:30:00+02:00"},
    {"at": datetime(2024, 1, 1, 2)},
)


def document(title: str, condition: object, *numbers: int) -> Case:
    return Case(title, ids("Post", where={"data": condition}), found(*numbers), DOCUMENTS)


def moment(title: str, condition: object, *numbers: int) -> Case:
    return Case(title, ids("Post", where={"at": condition}), found(*numbers), MOMENTS)


CASES = [
    document("Json null is a value of its own", {"equals": JsonNull}, 2),
    document("the database's null is no Json null", {"equals": DbNull}, 3, 4),
    document("either null", {"equals": AnyNull}, 2, 3, 4),
    document("an object equals its like", {"equals": {"a": [1, 2]}}, 1),
    document("a text equals its like", {"equals": "text"}, 5),
    document("a number equals its like", {"equals": 1.5}, 6),
    Case(
        "Json values come back as they went in",
        call("Post", "find_many", order={"id": "asc"}, select={"data": True}),
        [{"data": value} for value in ({"a": [1, 2]}, None, None, None, "text", 1.5)],
        DOCUMENTS,
    ),
    moment("a moment equals itself in another zone", {"equals": "2023-12-31T23:30:00Z"}, 3),
    moment("moments compare as moments", {"gte": "2024-01-01T00:00:00Z"}, 1, 2, 4),
    moment("filters are cut to milliseconds as data is", {"equals": datetime(2024, 1, 1, 0, 0, 0, 1001, UTC)}, 2),
    moment("a naive moment is one in UTC", {"in": [datetime(2024, 1, 1, 2, tzinfo=UTC)]}, 4),
    Case(
        "moments sort as moments",
        ids("Post", order={"at": "asc"}),
        found(3, 1, 2, 4),
        MOMENTS,
    ),
    Case(
        "moments come back aware, in UTC",
        call("Post", "find_unique", where={"id": 3}, select={"at": True}),
        {"at": datetime(2023, 12, 31, 23, 30, tzinfo=UTC)},
        MOMENTS,
    ),
    Case(
        "a truth value is no whole number",
        call("Person", "create", data={"id": True, "name": "x"}),
        Fails("P2019", "Person.data.id: expected int, got bool"),
    ),
    Case(
        "what is no number has no float",
        call("Post", "create", data={"title": "t", "authorId": 1, "score": float("nan")}),
        Fails("P2019", "nan is no finite number"),
        AUTHOR,
        on=("sqlite", "mysql"),
    ),
    Case(
        "text may hold any character",
        call("Person", "create", data={"id": 7, "name": "naïve 🜚 ' \" \\ %s ? :p $1 \n"}, select={"name": True}),
        {"name": "naïve 🜚 ' \" \\ %s ? :p $1 \n"},
    ),
]
