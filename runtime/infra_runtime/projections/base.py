"""`Projection`: the class that projections are made from. Its fields are checked when it is made, and again, with all that was missing
then, when it is first used. Imports `annotations`, `places`, `reading`, and of the runtime `arguments`, `errors` and `rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import RLock
from types import GenericAlias
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, Field, PrivateAttr
from typing_extensions import dataclass_transform

from infra_runtime.arguments.projection import Counted, Joined, Projected, Related
from infra_runtime.errors import InputError, ProjectionError, ProjectionProblem
from infra_runtime.projections.annotations import declared, owner_of
from infra_runtime.projections.places import line_of_statement, place_of
from infra_runtime.projections.reading import Column, Source, Subject, Unfit, source_of
from infra_runtime.rows import UNVALIDATED, PackageRows, Unvalidated, row_maker, rows_maker

RowT = TypeVar("RowT")

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass

    # Pydantic's metaclass, but that checkers take its classes as frozen without being told by each.
    @dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field, PrivateAttr))
    class _FrozenByDefault(ModelMetaclass): ...

    class _Parametrised(Generic[RowT]): ...

else:
    _FrozenByDefault = type(BaseModel)

    class _Parametrised:
        """`Projection[User]` stands for `Projection` among the bases of a class, and says whose rows it is of."""

        def __class_getitem__(cls, row: Any) -> GenericAlias:
            return GenericAlias(cls, (row,))


class Projection(_Parametrised[RowT], Unvalidated, BaseModel, metaclass=_FrozenByDefault):
    """The shape wanted of a model's rows: `class AuthorCard(Projection[User])`, whose annotations say what is read.

    A field is a column of the same name, or what `From` and `Count` say; a relation is a field whose type is another projection. Methods,
    properties, computed fields and serializers are the class's own. Instances are made from what the database answers, without validators.
    Errors: ProjectionError, when the class is made, for a field that does not exist or whose type does not fit.
    """

    model_config = {**UNVALIDATED, "frozen": True}

    __subject__: ClassVar[Subject | None] = None
    """What it is of; None for a class of fields that many projections have."""
    __projected__: ClassVar[Projected[Any, Any] | None] = None
    __line__: ClassVar[int] = 0
    """Where the class is made."""

    @classmethod
    def __pydantic_init_subclass__(cls, **config: Any) -> None:
        super().__pydantic_init_subclass__(**config)
        cls.__projected__ = None
        cls.__line__ = line_of_statement(cls)
        problems = _Problems(cls)
        with problems.at():
            cls.__subject__ = _subject_of(cls)
        if cls.__subject__ is not None:
            _sources(cls, cls.__subject__, problems, last=False)
        problems.tell()

    @classmethod
    def __projection__(cls) -> Projected[RowT, Self]:
        """What queries read for it. Errors: ProjectionError."""
        known: Projected[RowT, Self] | None = cls.__projected__
        if known is None:
            # Pydantic looks names up for one thread at a time.
            with _COMPLETING:
                return _complete(cls, ())
        return known


_COMPLETING = RLock()


class _Problems:
    """What is wrong with a class, until it is told."""

    def __init__(self, cls: type[BaseModel]) -> None:
        self._cls = cls
        self.found: list[ProjectionProblem] = []

    @contextmanager
    def at(self, field: str = "") -> Iterator[None]:
        """Around what may find that a field, or the class itself, is unfit."""
        try:
            yield
        except Unfit as error:
            owner = owner_of(self._cls, field) if field else self._cls
            place = place_of(owner, field, line=getattr(owner, "__line__", 0))
            self.found.append(ProjectionProblem(self._cls.__name__, field, str(error), *place))

    def tell(self) -> None:
        if not self.found:
            return
        collected = _collected.get()
        if collected is None:
            raise ProjectionError(self.found)
        collected.extend(item for item in self.found if item not in collected)


_collected: ContextVar[list[ProjectionProblem] | None] = ContextVar("problems", default=None)


@contextmanager
def collected_problems() -> Iterator[list[ProjectionProblem]]:
    """Within it no class is refused: what is wrong with those that are made is put into the list."""
    problems: list[ProjectionProblem] = []
    token = _collected.set(problems)
    try:
        yield problems
    finally:
        _collected.reset(token)


def _subject_of(cls: type) -> Subject | None:
    """What a class is a projection of, as it says itself or as its bases do. Errors: Unfit where that are two things."""
    inherited = (getattr(base, "__subject__", None) for base in cls.__bases__)
    found: list[Subject] = [subject for subject in inherited if subject is not None]
    for base in vars(cls).get("__orig_bases__", ()):
        if getattr(base, "__origin__", None) is Projection and base.__args__[0] is not Any:
            found.append(_subject(base.__args__[0]))
    models = {subject.model.name for subject in found}
    if len(models) > 1:
        raise Unfit(f"it would be a projection of {' and of '.join(sorted(models))}: a class is of one model")
    return found[0] if found else None


def _subject(row: Any) -> Subject:
    package = PackageRows.of(row) if isinstance(row, type) else None
    if package is None:
        if isinstance(row, (str, TypeVar)):
            raise Unfit(
                f"Projection[{row}] names no class: import the model's row class, and not under TYPE_CHECKING only"
            )
        shown = row.__name__ if isinstance(row, type) else repr(row)
        raise Unfit(
            f"{shown} is no row class of a generated package: write Projection[…] of one, such as Projection[User]"
        )
    return Subject(package, package.model(row))


def _sources(cls: type[BaseModel], subject: Subject, problems: _Problems, *, last: bool) -> dict[str, Source]:
    """Where each field's value comes from, as far as it is known and fits."""
    decorators = cls.__pydantic_decorators__
    for validators in (decorators.validators, decorators.field_validators, decorators.model_validators):
        for name in validators:
            with problems.at():
                raise Unfit(
                    f"its validator {name} would not run, as rows are not validated: write a property or a computed_field"
                )
    sources = {}
    for field in declared(cls, again=last):
        with problems.at(field.name):
            source = source_of(cls, subject, field, last=last)
            if source is not None:
                sources[field.name] = source
    return sources


def _complete(cls: type[Any], above: tuple[type, ...]) -> Projected[Any, Any]:
    """What a class reads, with nothing open any more, nor in the projections it contains; those it is within are `above`."""
    known: Projected[Any, Any] | None = cls.__projected__
    if known is not None:
        return known
    subject = cls.__subject__
    if subject is None:
        raise InputError(f"{cls.__name__} says no model: make a class from it and from Projection[…]")
    problems = _Problems(cls)
    sources = _sources(cls, subject, problems, last=True)
    for name, source in sources.items():
        if isinstance(source, Related):
            nested = source.arguments.get("projection")
            if nested is None:
                continue
            with problems.at(name):
                if nested in above:
                    names = " → ".join(item.__name__ for item in (*above[above.index(nested) :], cls, nested))
                    raise Unfit(f"it would contain itself without end ({names}): declare a class for each level")
                _complete(nested, (*above, cls))
    if not cls.model_fields:
        with problems.at():
            raise Unfit("it has no field: declare what is wanted")
    if problems.found:
        raise ProjectionError(problems.found)
    made = _projected(cls, subject, sources)
    cls.__projected__ = made
    return made


def _projected(cls: type[BaseModel], subject: Subject, sources: dict[str, Source]) -> Projected[Any, Any]:
    by_kind: dict[type, list[Any]] = {Column: [], Joined: [], Related: [], Counted: []}
    fields = []
    for name, source in sources.items():
        alike = by_kind[type(source)]
        fields.append((name, _KINDS[type(source)], len(alike)))
        alike.append(source)
    make: Callable[[dict[str, Any]], Any] = row_maker(cls)
    make_all: Callable[[list[dict[str, Any]]], list[Any]] = rows_maker(cls)
    return Projected(
        cls.__name__,
        subject.model,
        tuple(fields),
        tuple(column.name for column in by_kind[Column]),
        tuple(by_kind[Joined]),
        tuple(by_kind[Related]),
        tuple(by_kind[Counted]),
        make,
        make_all,
    )


_KINDS: Any = {Column: "column", Joined: "joined", Related: "related", Counted: "count"}


def complete(cls: type[Projection[Any]]) -> None:
    """Looks up whatever a projection names, now; one without a model or a field is there to be inherited. Errors: ProjectionError."""
    if cls.__subject__ is not None and cls.model_fields:
        cls.__projection__()
