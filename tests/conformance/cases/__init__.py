"""The cases, by area."""

from tests.conformance.cases import filters, meanings, pages, relations, values, writes

AREAS = {
    "filters": filters.CASES,
    "relations": relations.CASES,
    "pages": pages.CASES,
    "values": values.CASES,
    "writes": writes.CASES,
    "meanings": meanings.CASES,
}
