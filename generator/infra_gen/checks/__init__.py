"""Validation of a Prisma schema, as strict as Prisma's own: what `prisma validate` refuses is refused here.

It works on the located syntax tree and imports nothing of the toolkit but that, the directives and the memo. It goes in two steps. Reading looks at
every block by itself (names, types, attributes and their arguments, configuration) and gathers facts; the rules then
look at the facts together, and only where reading found nothing wrong. Rules are small functions, listed in the tables
below by what they look at. The name of a rule says what holds; it reports where that does not. A database differs from
another only by its values in `providers`. What a rule may look at beside a model and its relations is said in `known`: where a memo knows
a model to be good, it is left out of both steps.

Source of the rules: the Prisma schema reference, and what Prisma's own validator answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias, TypeVar

from infra_gen.checks import (
    configuration,
    field_rules,
    key_rules,
    model_rules,
    names,
    reading,
    relation_rules,
    relations,
)
from infra_gen.checks.constraints import is_inline
from infra_gen.checks.context import Context, Hopeless
from infra_gen.checks.facts import Datasource, Enum, Key, Model, Relation, RelationField, ScalarField, Schema
from infra_gen.checks.known import Known
from infra_gen.checks.report import Report
from infra_gen.directives import DIRECTIVES, Registry, problems
from infra_gen.memo import Memo
from infra_gen.schema.source import Diagnostic
from infra_gen.schema.syntax import ConfigBlock, Document, ModelBlock

__all__ = ["check"]

Item = TypeVar("Item")
Rule: TypeAlias = Callable[[Item, Context], None]


def check(
    document: Document,
    *,
    well_formed: bool = True,
    for_generators: bool = True,
    directives: Registry = DIRECTIVES,
    memo: Memo | None = None,
) -> tuple[Diagnostic, ...]:
    """Everything wrong or doubtful in a schema, in the order of files and source.

    `well_formed` is false when the parser reported errors: then only what can be judged block by block is checked.
    `for_generators` is false where no generator runs: generator blocks then only say which preview features are on.
    A schema for a database that the toolkit does not serve gets one error that says so, and nothing more.
    `memo` knows what was found good before.
    """
    memo = memo or Memo()
    if refused := configuration.refused_provider(document):
        return (refused,)
    report = Report()
    checked = document if for_generators else _without_generators(document)
    names.check_names(checked, report, memo)
    datasource = configuration.read_datasource(checked, report)
    features = configuration.read_features(document, datasource, report if for_generators else Report())
    types = reading.Types(checked)
    known = Known(types, datasource, features, memo)
    models = known.unknown
    reading.read_facts(models, types, report)
    if well_formed and not report.has_errors:
        schema = Schema(
            document=document,
            models=reading.models_in_order(models),
            enums=tuple(types.enums),
            composites=tuple(types.composites),
            relations=relations.find_relations(models),
            datasource=datasource,
            features=features,
        )
        context = Context(schema, report)
        if len(models) < len(types.models) and known.clashes_with(context.claims):
            # Whatever takes the same name was good before, and is to be told of it.
            return check(document, well_formed=well_formed, for_generators=for_generators, directives=directives)
        _apply_rules(context)
        if not report.has_errors:
            # Some rules say nothing of a schema in which something is wrong.
            for model in models:
                if model not in report.doubtful:
                    known.keep(model, context.claims[model])
    for problem in problems(document, directives, well_formed=well_formed):
        report.error(problem.message, problem.span)
    return report.in_source_order(document.files)


def _without_generators(document: Document) -> Document:
    kept = (block for block in document.blocks if not (isinstance(block, ConfigBlock) and block.keyword == "generator"))
    return replace(document, blocks=tuple(kept))


DATASOURCE_RULES: tuple[Rule[Datasource], ...] = (
    model_rules.extensions_need_their_feature,
    model_rules.extensions_are_well_named,
)

COMPOSITE_TYPE_RULES: tuple[Rule[ModelBlock], ...] = (model_rules.composite_types_are_not_supported,)

SCHEMA_RULES: tuple[Rule[Schema], ...] = (model_rules.tables_are_distinct, model_rules.enums_are_distinct)

MODEL_RULES: tuple[Rule[Model], ...] = (
    model_rules.rows_can_be_told_apart,
    model_rules.id_has_a_distinct_name,
    model_rules.id_has_a_distinct_client_name,
    model_rules.id_has_fields,
    model_rules.id_client_name_is_no_field,
    model_rules.id_name_is_supported,
    model_rules.id_prefix_length_is_supported,
    model_rules.id_has_no_sort_order,
    model_rules.id_has_no_clustering,
    model_rules.schema_is_declared,
    model_rules.schema_is_given,
    model_rules.shard_key_has_fields,
    model_rules.shard_key_is_supported,
    model_rules.autoincrement_is_supported,
    key_rules.long_columns_have_a_length,
    key_rules.columns_can_be_indexed,
    key_rules.operator_classes_fit,
    relation_rules.set_default_is_done,
)

VIEW_RULES: tuple[Rule[Model], ...] = (
    model_rules.views_need_their_feature,
    model_rules.views_have_no_id,
    model_rules.schema_is_declared,
    model_rules.schema_is_given,
)

DEFAULT_RULES: tuple[Rule[ScalarField], ...] = (field_rules.default_function_is_known,)

SCALAR_FIELD_RULES: tuple[Rule[ScalarField], ...] = (
    field_rules.type_is_supported,
    field_rules.name_is_no_key_name,
    field_rules.native_type_is_known,
    field_rules.default_function_is_supported,
    field_rules.default_is_not_named,
    field_rules.default_literal_is_valid,
    field_rules.unsupported_type_is_unsupported,
)

RELATION_FIELD_RULES: tuple[Rule[RelationField], ...] = (
    relation_rules.is_not_ambiguous,
    field_rules.name_is_no_key_name,
    relation_rules.ignored_model_needs_ignored_field,
    relation_rules.actions_are_supported,
    relation_rules.foreign_key_name_is_supported,
    relation_rules.emulated_relation_has_an_index,
)

KEY_RULES: tuple[Rule[Key], ...] = (
    key_rules.has_fields,
    key_rules.has_a_distinct_name,
    key_rules.has_a_distinct_client_name,
    key_rules.client_name_is_no_field,
    key_rules.prefix_length_is_supported,
    key_rules.type_is_supported,
    key_rules.hash_is_not_sorted,
    key_rules.fulltext_is_supported,
    key_rules.name_fits_the_database,
    key_rules.clustering_is_not_supported,
    key_rules.operator_classes_are_for_indexes,
    key_rules.partial_index_is_supported,
    key_rules.lengths_are_of_texts,
)

VIEW_KEY_RULES: tuple[Rule[Key], ...] = (
    key_rules.views_have_no_indexes,
    key_rules.unique_criteria_of_views_are_plain,
    key_rules.client_name_is_no_field,
)

ID_RULES: tuple[Rule[Key], ...] = (key_rules.lengths_are_of_texts,)

ENUM_RULES: tuple[Rule[Enum], ...] = (model_rules.schema_is_declared, model_rules.schema_is_given)

FOREIGN_KEY_RULES: tuple[Rule[Relation], ...] = (
    relation_rules.emulated_actions_do_not_cycle,
    relation_rules.references_are_unique,
    relation_rules.both_lists_are_equally_long,
    relation_rules.optional_columns_make_an_optional_relation,
    relation_rules.types_match,
    relation_rules.foreign_key_has_a_distinct_name,
    relation_rules.required_columns_are_not_set_null,
    relation_rules.both_sides_are_defined,
)

ONE_TO_ONE_RULES: tuple[Rule[Relation], ...] = (
    relation_rules.one_side_has_fields_and_references,
    relation_rules.only_one_side_has_fields_and_references,
    relation_rules.only_one_side_has_actions,
    relation_rules.columns_are_unique,
    relation_rules.fields_and_references_stand_together,
    relation_rules.back_side_is_optional,
    relation_rules.required_side_has_the_foreign_key,
)

ONE_TO_MANY_RULES: tuple[Rule[Relation], ...] = (
    relation_rules.singular_side_has_fields_and_references,
    relation_rules.list_side_has_no_actions,
)

MANY_TO_MANY_RULES: tuple[Rule[Relation], ...] = (
    relation_rules.views_are_not_joined,
    relation_rules.joined_models_have_a_single_id,
    relation_rules.joins_have_no_actions,
    relation_rules.joins_have_no_references,
)

EMBEDDED_RULES: tuple[Rule[Relation], ...] = (relation_rules.embedded_joins_are_not_supported,)


def _apply_rules(context: Context) -> None:
    schema, report = context.schema, context.report
    try:
        _apply(DATASOURCE_RULES, [schema.datasource] if schema.datasource else [], context)
        _apply(COMPOSITE_TYPE_RULES, schema.composites, context)
        _apply(SCHEMA_RULES, [schema], context)
        for model in schema.models:
            report.about = model
            _apply(DEFAULT_RULES, model.scalars, context)
        for model in schema.models:
            report.about = model
            _apply(VIEW_RULES if model.is_view else MODEL_RULES, [model], context)
            _apply(ID_RULES, [model.id] if model.id else [], context)
            _apply(SCALAR_FIELD_RULES, model.scalars, context)
            _apply(RELATION_FIELD_RULES, model.relations, context)
            _apply(VIEW_KEY_RULES if model.is_view else KEY_RULES, model.keys, context)
        report.about = None
        _apply(ENUM_RULES, schema.enums, context)
        for relation in schema.relations:
            report.about = relation.told_by.model
            _apply_relation_rules(relation, context)
    except Hopeless:
        return


def _apply_relation_rules(relation: Relation, context: Context) -> None:
    if is_inline(relation):
        _apply(FOREIGN_KEY_RULES, [relation], context)
    match relation.kind:
        case "one to one":
            _apply(ONE_TO_ONE_RULES, [relation], context)
        case "one to many":
            _apply(ONE_TO_MANY_RULES, [relation], context)
        case "many to many":
            _apply(MANY_TO_MANY_RULES, [relation], context)
        case "embedded many to many":
            _apply(EMBEDDED_RULES, [relation], context)


def _apply(rules: Iterable[Rule[Item]], items: Iterable[Item], context: Context) -> None:
    for item in items:
        for rule in rules:
            rule(item, context)
