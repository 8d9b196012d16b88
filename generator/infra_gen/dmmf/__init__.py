"""DMMF: the JSON in which Prisma hands a schema to generators. `document` is its form, `writing` makes it from the IR.

What is here is its `datamodel`; what else Prisma's DMMF holds (the GraphQL-like schema of the client) no reader of ours needs.
Imports the IR; knows neither the schema's text nor what is generated.
"""

from infra_gen.dmmf.writing import datamodel

__all__ = ["datamodel"]
