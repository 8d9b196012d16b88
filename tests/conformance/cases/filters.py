"""Filters on scalars, and their logic."""

from tests.conformance.case import Case, Fails, call, found, ids, people

FOUR = people(
    {"id": 1, "name": "Ada", "nick": "countess", "age": 36},
    {"id": 2, "name": "Bob", "age": 20},
    {"id": 3, "name": "100%", "nick": "a_b", "age": 50},
    {"id": 4, "name": "1000", "nick": "axb"},
)


def where(title: str, condition: object, *numbers: int) -> Case:
    return Case(title, ids("Person", where=condition), found(*numbers), FOUR)


JSONS = (
    *people({"id": 1, "name": "Ada"}),
    *(
        call("Post", "create", data={"id": number, "title": "t", "authorId": 1, "data": value})
        for number, value in enumerate(("abc", "xyz", [1, 2], [3], 5, {"b": "b"}), 1)
    ),
    call("Post", "create", data={"id": 7, "title": "t", "authorId": 1}),
)


CASES = [
    where("an empty filter matches all", {}, 1, 2, 3, 4),
    where("an empty OR matches nothing", {"OR": []}),
    where("AND passes over an empty OR", {"id": 2, "AND": [{"OR": []}]}, 2),
    where("an empty OR beside other conditions matches nothing", {"AND": [{"id": 2, "OR": []}]}),
    where("OR of an empty OR matches nothing", {"OR": [{"OR": []}]}),
    where("an empty AND matches all", {"AND": []}, 1, 2, 3, 4),
    where("an empty NOT matches all", {"NOT": []}, 1, 2, 3, 4),
    where("NOT of several means none of them", {"NOT": [{"name": "Ada"}, {"age": 20}]}, 3),
    where("AND takes a mapping or a list", {"AND": {"age": {"gt": 20}}}, 1, 3),
    where("conditions side by side all hold", {"age": {"gt": 20, "lt": 50}, "name": {"not": "Bob"}}, 1),
    where("OR of filters on the same field", {"OR": [{"age": 20}, {"age": 50}]}, 2, 3),
    where("None finds NULL", {"nick": None}, 2),
    where("equals None finds NULL", {"nick": {"equals": None}}, 2),
    where("not None finds what is not NULL", {"nick": {"not": None}}, 1, 3, 4),
    where("not a value leaves NULLs out", {"age": {"not": 20}}, 1, 3),
    where("not of a filter leaves NULLs out", {"age": {"not": {"gt": 30}}}, 2),
    where("not within not turns a filter round again", {"age": {"not": {"not": {"equals": 20}}}}, 2),
    where("not of a value is not of it, however often it is said", {"age": {"not": {"not": 20}}}, 1, 3),
    where("in nothing matches nothing", {"age": {"in": []}}),
    where("not in nothing matches all", {"id": {"notIn": []}}, 1, 2, 3, 4),
    where("not in leaves NULLs out", {"age": {"not_in": [20, 36]}}, 3),
    where("in takes a value twice", {"id": {"in": [2, 2, 1]}}, 1, 2),
    where("in takes many values", {"id": {"in": list(range(-3000, 3))}}, 1, 2),
    where("a percent sign is a character", {"name": {"contains": "0%"}}, 3),
    where("an underscore is a character", {"nick": {"contains": "_"}}, 3),
    where("a backslash is a character", {"name": {"contains": "\\"}}),
    where("startsWith an empty text matches all that have one", {"nick": {"startsWith": ""}}, 1, 3, 4),
    where("endswith in Python's spelling", {"nick": {"endswith": "ess"}}, 1),
    where("texts compare as texts", {"name": {"gte": "Ada"}}, 1, 2),
    where("a field compares with another of its row", {"age": {"gt": {"_ref": "id", "_container": "Person"}}}, 1, 2, 3),
    where("NOT of an equal field", {"NOT": {"id": {"equals": {"_ref": "age", "_container": "Person"}}}}, 1, 2, 3),
    Case(
        "an unknown field is refused",
        call("Person", "find_many", where={"nmae": "Ada"}),
        Fails("P2009", "Person.where.nmae: unknown field `nmae` of Person; did you mean `name`"),
    ),
    Case(
        "an unknown operator is refused",
        call("Person", "find_many", where={"AND": [{"name": {"contain": "A"}}]}),
        Fails("P2009", "where.AND.0.name.contain"),
    ),
    Case(
        "a value of another type is refused",
        call("Person", "find_many", where={"age": {"in": [1, "2"]}}),
        Fails("P2019", "Person.where.age.in.1: expected int, got str"),
    ),
    Case(
        "a number beyond 32 bits is refused",
        call("Person", "find_many", where={"age": 2**31}),
        Fails("P2019", "does not fit Int"),
    ),
    Case(
        "find_unique wants a unique key",
        call("Person", "find_unique", where={"name": "Ada"}),
        Fails("P2009", "unique key"),
    ),
    Case(
        "find_unique takes further conditions",
        call("Person", "find_unique", where={"id": 1, "age": {"gt": 40}}),
        None,
        FOUR,
    ),
    Case(
        "find_unique_or_raise raises",
        call("Person", "find_unique_or_raise", where={"id": 9}),
        Fails("P2025", "depends on one or more records that were required but not found"),
        FOUR,
    ),
    Case(
        "a compound key is one key",
        call("Seat", "find_unique", where={"row_place": {"row": 1, "place": 2}}),
        {"row": 1, "place": 2, "holder": "Ada"},
        (
            call(
                "Seat",
                "create_many",
                data=[{"row": 1, "place": 1}, {"row": 1, "place": 2, "holder": "Ada"}, {"row": 2, "place": 2}],
            ),
        ),
    ),
    Case(
        "NOT of what a text in Json holds is said of texts alone",
        ids("Post", where={"NOT": {"data": {"string_contains": "b"}}}),
        found(2),
        JSONS,
    ),
    Case(
        "NOT of what an array in Json begins with is said of arrays alone",
        ids("Post", where={"NOT": {"data": {"array_starts_with": 1}}}),
        found(4),
        JSONS,
    ),
    Case(
        "groups are compared with a field that they are grouped by",
        call(
            "Person",
            "group_by",
            by=["id", "age"],
            having={"age": {"lt": {"_ref": "id", "_container": "Person"}}},
        ),
        [],
        FOUR,
    ),
    Case(
        "groups are compared with no other field",
        call("Person", "group_by", by=["id"], having={"id": {"gt": {"_ref": "age", "_container": "Person"}}}),
        Fails("P2019", "Person.having: refers to age, which is not grouped by"),
        FOUR,
    ),
    Case(
        "aggregates are compared with no field that is not grouped by",
        call("Person", "group_by", by=["id"], having={"id": {"_max": {"gt": {"_ref": "age", "_container": "Person"}}}}),
        Fails("P2019", "Person.having: refers to age, which is not grouped by"),
        FOUR,
    ),
    Case(
        "a Json field is compared by order with another on PostgreSQL",
        ids("Post", where={"data": {"gt": {"_ref": "data", "_container": "Post"}}}),
        [],
        JSONS,
        on=("postgresql",),
    ),
    Case(
        "a Json field is not compared by order with another elsewhere",
        ids("Post", where={"data": {"gt": {"_ref": "data", "_container": "Post"}}}),
        Fails("P2009", "Post.where.data.gt: one Json field is compared by order with another on PostgreSQL alone"),
        JSONS,
        on=("sqlite", "mysql"),
    ),
]
