"""DMMF: the JSON in which Prisma hands a schema to generators. `document` is its form; `writing` makes it from the IR, `reading` a syntax tree
from it, by way of `spelling`.

What is here is its `datamodel`; what else Prisma's DMMF holds (the GraphQL-like schema of the client) no reader of ours needs.
Imports the IR, and for reading the schema language and readings of the resolution; knows nothing of what is generated.
"""

from infra_gen.dmmf.writing import datamodel

__all__ = ["datamodel"]
