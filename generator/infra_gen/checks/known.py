"""Which models need no look, as nothing was wrong with them before, and nothing that they were judged by has changed since.

A model and the relations that its fields tell are judged by its own block, by the blocks of the models and enums that its fields name, and by
the outline of the schema: what each name is, the database, and the preview features. Beyond that there are only the names that must
be distinct in the whole schema: those that each model takes are known of it. Imports the facts, the reading and the names of constraints.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from infra_gen.checks.constraints import Claim
from infra_gen.checks.facts import Datasource, Model
from infra_gen.checks.names import BUILTIN_TYPES, kind_of
from infra_gen.checks.providers import UNDECLARED
from infra_gen.checks.reading import Types
from infra_gen.memo import Memo
from infra_gen.schema.syntax import ModelBlock


class Known:
    """What a memo knows of the models of a schema."""

    def __init__(self, types: Types, datasource: Datasource | None, features: frozenset[str], memo: Memo) -> None:
        self._types = types
        self._memo = memo
        self._outline = memo.same(_outline(types, datasource, features))
        # What is emulated may go in a circle through the whole schema.
        is_local = datasource is None or datasource.relation_mode == "foreignKeys"
        found = {model: self._recalled(model) if is_local else None for model in types.models}
        self._claims = {model: claimed for model, claimed in found.items() if claimed is not None}

    @property
    def unknown(self) -> list[Model]:
        """The models that must be looked at, in the order of the source."""
        return [model for model in self._types.models if model not in self._claims]

    def clashes_with(self, claimed: Mapping[Model, tuple[Claim, ...]]) -> bool:
        """Is a name taken twice by the models that are known, and these others?"""
        taken: set[Claim] = set()
        count = 0
        for names in (*self._claims.values(), *claimed.values()):
            taken.update(names)
            count += len(names)
        return count > len(taken)

    def keep(self, model: Model, claimed: tuple[Claim, ...]) -> None:
        """Nothing is wrong with a model, which takes these names."""
        self._memo.keep(claimed, *self._key(model))

    def _recalled(self, model: Model) -> tuple[Claim, ...] | None:
        claimed: tuple[Claim, ...] | None = self._memo.recall(*self._key(model))
        return claimed

    def _key(self, model: Model) -> tuple[object, ...]:
        blocks = self._types.blocks
        named = tuple([blocks.get(name) for name in self._memo(_named_types, model.syntax)])
        return Known, model.syntax, named, self._outline


def _named_types(model: ModelBlock) -> tuple[str, ...]:
    """The types of a model's fields that are no builtin ones."""
    written = dict.fromkeys(field.type.name for field in model.fields if field.type.unsupported is None)
    return tuple(name for name in written if name not in BUILTIN_TYPES)


def _outline(types: Types, datasource: Datasource | None, features: frozenset[str]) -> Hashable:
    kinds = frozenset((name, kind_of(block)) for name, block in types.blocks.items())
    if datasource is None:
        return kinds, features, UNDECLARED.name
    declared = datasource.schemas, datasource.schemas_span is not None
    return kinds, features, datasource.provider.name, datasource.name, datasource.relation_mode, declared
