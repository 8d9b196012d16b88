"""`db pull`: what a live database has, written into the text of a schema.

A pull is a patch of the text: what the schema and its database agree on is not touched, byte for byte, so that comments, order, names made
by hand, defaults that the client makes and directives stay. `pulling` leads; nothing here opens a database or writes a file.
"""

from __future__ import annotations

from infra_gen.pull.comments import read_comments
from infra_gen.pull.live import read_live
from infra_gen.pull.pulling import Pulled, emptied, new_schema, pull

__all__ = ["Pulled", "emptied", "new_schema", "pull", "read_comments", "read_live"]
