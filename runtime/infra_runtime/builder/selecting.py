"""`project` and `select`: what a query reads instead of whole rows, and the types of that.

`select` is overloaded once for every number of columns, here, so that generated queries need not be. Imports `builder.clauses`, `fields`
and `repository`, and when it is called `arguments`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from infra_runtime.builder.clauses import Clauses
from infra_runtime.errors import InputError
from infra_runtime.fields import FieldHandle
from infra_runtime.repository import FieldT, WhereT, WhereUniqueT
from infra_runtime.schema import Model

if TYPE_CHECKING:
    from infra_runtime.builder.query import Query, SyncQuery

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")


class _Selecting(Clauses[WhereT, WhereUniqueT, FieldT]):
    """What both interfaces do."""

    def _project(self, projection: Any) -> Any:
        """Instances of a projection instead of rows. Errors: InputError for one of another model; ProjectionError."""
        from infra_runtime.arguments.projection import refuse_foreign

        refuse_foreign(self._model, projection)
        return self._reading(projection=projection)

    def _select(self, handles: tuple[FieldHandle[Any], ...]) -> Any:
        if not handles:
            raise InputError(
                f"select what? Give fields of {self._model.name}", path=("select",), model=self._model.name
            )
        return self._reading(columns=tuple(_name(self._model, handle) for handle in handles))

    def _reading(self, **what: Any) -> Self:
        """The same query, reading this instead of what was asked for before."""
        others = {name: value for name, value in self._arguments.items() if name not in ("projection", "columns")}
        return self._copy({**others, **what}, self._options)


def _name(model: Model, handle: Any) -> str:
    """The column of a handle. Errors: InputError for what is no handle of the model."""
    if not isinstance(handle, FieldHandle):
        raise InputError(
            f"expected a field such as {model.name}Fields.{model.scalars[0].name}, got {type(handle).__name__}",
            path=("select",),
            model=model.name,
        )
    if handle.model != model.name:
        raise InputError(
            f"{handle} is a field of {handle.model}, and these are rows of {model.name}: "
            f"give fields of {model.name}Fields",
            path=("select",),
            model=model.name,
        )
    return handle.name


class Selecting(_Selecting[WhereT, WhereUniqueT, FieldT], Generic[WhereT, WhereUniqueT, FieldT]):
    """`select`, awaitable."""

    @overload
    def select(self, a: FieldHandle[A], /) -> Query[tuple[A], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(self, a: FieldHandle[A], b: FieldHandle[B], /) -> Query[tuple[A, B], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self, a: FieldHandle[A], b: FieldHandle[B], c: FieldHandle[C], /
    ) -> Query[tuple[A, B, C], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self, a: FieldHandle[A], b: FieldHandle[B], c: FieldHandle[C], d: FieldHandle[D], /
    ) -> Query[tuple[A, B, C, D], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self, a: FieldHandle[A], b: FieldHandle[B], c: FieldHandle[C], d: FieldHandle[D], e: FieldHandle[E], /
    ) -> Query[tuple[A, B, C, D, E], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self,
        a: FieldHandle[A],
        b: FieldHandle[B],
        c: FieldHandle[C],
        d: FieldHandle[D],
        e: FieldHandle[E],
        f: FieldHandle[F],
        /,
    ) -> Query[tuple[A, B, C, D, E, F], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self,
        a: FieldHandle[A],
        b: FieldHandle[B],
        c: FieldHandle[C],
        d: FieldHandle[D],
        e: FieldHandle[E],
        f: FieldHandle[F],
        g: FieldHandle[G],
        /,
    ) -> Query[tuple[A, B, C, D, E, F, G], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self,
        a: FieldHandle[A],
        b: FieldHandle[B],
        c: FieldHandle[C],
        d: FieldHandle[D],
        e: FieldHandle[E],
        f: FieldHandle[F],
        g: FieldHandle[G],
        h: FieldHandle[H],
        /,
    ) -> Query[tuple[A, B, C, D, E, F, G, H], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(self, *fields: FieldHandle[Any]) -> Query[tuple[Any, ...], WhereT, WhereUniqueT, FieldT]: ...

    def select(self, *fields: FieldHandle[Any]) -> Query[Any, WhereT, WhereUniqueT, FieldT]:
        """Tuples of these columns instead of rows: `select(UserFields.id, UserFields.email)` answers `tuple[int, str]`s.

        Errors: InputError for a field of another model.
        """
        return self._select(fields)  # type: ignore[no-any-return]


class SyncSelecting(_Selecting[WhereT, WhereUniqueT, FieldT], Generic[WhereT, WhereUniqueT, FieldT]):
    """`select`, for blocking code."""

    @overload
    def select(self, a: FieldHandle[A], /) -> SyncQuery[tuple[A], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self, a: FieldHandle[A], b: FieldHandle[B], /
    ) -> SyncQuery[tuple[A, B], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self, a: FieldHandle[A], b: FieldHandle[B], c: FieldHandle[C], /
    ) -> SyncQuery[tuple[A, B, C], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self, a: FieldHandle[A], b: FieldHandle[B], c: FieldHandle[C], d: FieldHandle[D], /
    ) -> SyncQuery[tuple[A, B, C, D], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self, a: FieldHandle[A], b: FieldHandle[B], c: FieldHandle[C], d: FieldHandle[D], e: FieldHandle[E], /
    ) -> SyncQuery[tuple[A, B, C, D, E], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self,
        a: FieldHandle[A],
        b: FieldHandle[B],
        c: FieldHandle[C],
        d: FieldHandle[D],
        e: FieldHandle[E],
        f: FieldHandle[F],
        /,
    ) -> SyncQuery[tuple[A, B, C, D, E, F], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self,
        a: FieldHandle[A],
        b: FieldHandle[B],
        c: FieldHandle[C],
        d: FieldHandle[D],
        e: FieldHandle[E],
        f: FieldHandle[F],
        g: FieldHandle[G],
        /,
    ) -> SyncQuery[tuple[A, B, C, D, E, F, G], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(
        self,
        a: FieldHandle[A],
        b: FieldHandle[B],
        c: FieldHandle[C],
        d: FieldHandle[D],
        e: FieldHandle[E],
        f: FieldHandle[F],
        g: FieldHandle[G],
        h: FieldHandle[H],
        /,
    ) -> SyncQuery[tuple[A, B, C, D, E, F, G, H], WhereT, WhereUniqueT, FieldT]: ...
    @overload
    def select(self, *fields: FieldHandle[Any]) -> SyncQuery[tuple[Any, ...], WhereT, WhereUniqueT, FieldT]: ...

    def select(self, *fields: FieldHandle[Any]) -> SyncQuery[Any, WhereT, WhereUniqueT, FieldT]:
        """Tuples of these columns instead of rows: `select(UserFields.id, UserFields.email)` answers `tuple[int, str]`s.

        Errors: InputError for a field of another model.
        """
        return self._select(fields)  # type: ignore[no-any-return]
