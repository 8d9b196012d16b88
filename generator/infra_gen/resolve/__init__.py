"""Resolution: a syntax tree that passed the checks becomes the IR.

It reports nothing: what could be wrong has been refused before. Imports the syntax tree, the directives and the IR.
"""

from infra_gen.resolve.schema import resolve

__all__ = ["resolve"]
