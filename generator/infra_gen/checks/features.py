"""Prisma's preview features: those that exist, those that are no longer needed, those that were renamed.

Imports the report and the providers. A feature counts when either Prisma 6 or a later version knows it. Source: Prisma's
list of preview features, https://pris.ly/d/preview-features, and what its validator says of each.
"""

from __future__ import annotations

from collections.abc import Iterable

from infra_gen.checks.providers import Provider
from infra_gen.checks.report import Report
from infra_gen.schema.source import Span

_ACTIVE = frozenset(
    [
        "nativeDistinct",
        "partialIndexes",
        "postgresqlExtensions",
        "relationJoins",
        "schemaEngineDriverAdapters",
        "shardKeys",
        "strictUndefinedChecks",
        "typedSql",
        "views",
    ]
)
_HIDDEN = frozenset({"reactNative"})
_DEPRECATED = frozenset(
    [
        "aggregateApi",
        "atomicNumberOperations",
        "clientExtensions",
        "cockroachdb",
        "connectOrCreate",
        "createMany",
        "dataProxy",
        "deno",
        "distinct",
        "driverAdapters",
        "extendedIndexes",
        "extendedWhereUnique",
        "fieldReference",
        "filteredRelationCount",
        "filterJson",
        "fullTextIndex",
        "fullTextSearch",
        "groupBy",
        "improvedQueryRaw",
        "interactiveTransactions",
        "jsonProtocol",
        "metrics",
        "microsoftSqlServer",
        "middlewares",
        "mongoDb",
        "multiSchema",
        "namedConstraints",
        "nApi",
        "nativeTypes",
        "omitApi",
        "orderByAggregateGroup",
        "orderByNulls",
        "orderByRelation",
        "prismaSchemaFolder",
        "queryCompiler",
        "referentialActions",
        "referentialIntegrity",
        "selectRelationCount",
        "tracing",
        "transactionApi",
        "uncheckedScalarInputs",
    ]
)
_RENAMED = {"fullTextSearch": "fullTextSearchPostgres"}
"""Features that a database which has the new one (`Provider.preview_features`) knows under another name."""


def read_features(names: Iterable[str], provider: Provider | None, span: Span, report: Report) -> frozenset[str]:
    """The features named, spelled as Prisma spells them. Unknown ones are errors, deprecated ones warnings."""
    own = provider.preview_features if provider else frozenset[str]()
    known = {feature.lower(): feature for feature in _ACTIVE | _HIDDEN | _DEPRECATED | own}
    found: set[str] = set()
    for name in names:
        feature = known.get(name.lower())
        if feature is None:
            expected = ", ".join(sorted(_ACTIVE | own))
            report.error(f'The preview feature "{name}" is not known. Expected one of: {expected}', span)
            continue
        if feature in _DEPRECATED:
            successor = _RENAMED.get(feature)
            if successor in own:
                report.warning(
                    f'For this provider the preview feature "{name}" has been renamed to "{successor}".', span
                )
            else:
                report.warning(
                    f'Preview feature "{name}" is deprecated. It is part of the language now or will go: remove it.',
                    span,
                )
        found.add(feature)
    return frozenset(found)
