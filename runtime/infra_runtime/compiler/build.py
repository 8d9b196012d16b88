"""One statement being built: its tables under aliases, its numbered parameters, and its end as SQL text."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_runtime.compiler.tables import Tables
from infra_runtime.schema import Model, RelationField

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, FromClause, Table
    from sqlalchemy.sql.expression import ClauseElement

    from infra_runtime.engine import Engine


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """SQL text, and which slot each positional parameter takes its value from."""

    sql: str
    slots: tuple[int, ...]


class Build:
    """What the parts of one statement share."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.tables = engine.kept(Tables)
        self.joins: list[tuple[FromClause, Any]] = []
        """Rows that the statement's own are joined with because an order needs a value of theirs, and on what."""
        self.joined_searches: set[int] = set()
        """The slots of searches whose rows are joined."""
        self._aliases = itertools.count()

    def table(self, model: Model) -> Table:
        """The table of `model` under its own name: where a statement writes."""
        return self.tables.model(model)

    def alias(self, model: Model) -> FromClause:
        """The table of `model` under a name of its own in this statement."""
        return self.tables.model(model).alias(f"t{next(self._aliases)}")

    def link(self, relation: RelationField) -> Table:
        """The join table of an implicit many-to-many."""
        return self.tables.link(relation)

    def link_alias(self, relation: RelationField) -> FromClause:
        return self.tables.link(relation).alias(f"t{next(self._aliases)}")

    def join(self, source: FromClause, on: Any) -> None:
        """Joins the rows of the statement with those of `source`, of which there is one for each."""
        self.joins.append((source, on))

    def name(self, prefix: str) -> str:
        """A name for a subquery, new in this statement."""
        return f"{prefix}{next(self._aliases)}"

    def parameter(self, slot: int, type_: Any = None) -> BindParameter[Any]:
        """The parameter whose value is in `slot`."""
        from sqlalchemy import bindparam

        return bindparam(f"p{slot}", type_=type_, required=True)

    def cut(self, statement: Any, take: int | None, skip: int | None) -> Any:
        """A SELECT cut to a page, given the slots of its size and of how many rows it leaves out."""
        from sqlalchemy import Integer

        if take is not None:
            statement = statement.limit(self.parameter(take, Integer()))
        if skip is not None:
            statement = statement.offset(self.parameter(skip, Integer()))
        return statement

    def finish(self, statement: ClauseElement) -> CompiledStatement:
        """The statement as text. Every value in it is a slot: a literal that slipped in has no slot and is refused here."""
        compiled: Any = statement.compile(
            dialect=self.engine.dialect.sql,
            # An INSERT names the columns it was given, none if none was.
            column_keys=[],
            compile_kwargs={"render_postcompile": True},
        )
        names = compiled.positiontup or ()
        return CompiledStatement(str(compiled), tuple(int(name.removeprefix("p")) for name in names))
