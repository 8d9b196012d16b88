"""Projections: the shape that is wanted of a model's rows, declared as a class.

    from infra_runtime import Count, From, Projection

    class AuthorCard(Projection[User]):
        name: str
        mail: Annotated[str, From("email")]
        published: Annotated[int, Count("posts", where={"published": True})]
        posts: list["PostTitle"]

    class PostTitle(Projection[Post]):
        title: str

    cards = await infra.user.project(AuthorCard).find_many()    # list[AuthorCard]

A query that is given one reads only these columns, in one statement for each level of relations, and answers instances of the class:
frozen pydantic models, made without being validated again. What does not fit the model is an error when the class is made.

The parts: `markers` (From, Count), `imports` (what modules import for checkers alone), `annotations` (what a class declares), `types` (which types hold which values), `reading` (what the
class reads of its model, and what is wrong with it), `places` (where in the source that stands), `base` (the class to be made from).
Imports `arguments`, `context`, `engine`, `errors`, `rows` and `schema` of the runtime.
"""
