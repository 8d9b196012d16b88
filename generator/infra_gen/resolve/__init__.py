"""Resolution: a syntax tree that passed the checks becomes the IR.

It reports nothing: what could be wrong has been refused before. Imports the syntax tree, the directives and the IR.
"""

from infra_gen.resolve.schema import generators, resolve

__all__ = ["generators", "resolve"]
