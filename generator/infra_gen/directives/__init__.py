"""Directives: what the `///` comments of a schema say to the toolkit, as `@infra.cache(ttl: 1800)` does.

`registry` is the table of those there are, `kinds` the values their arguments take, `nodes` where they can stand, `reading` makes
values of what is written or says what is wrong with it, `prose` is what a comment says beside them. The checks ask for what is wrong,
the resolution for the values: both through the same reading. Imports the schema language, and the IR for the values it makes.
"""

from infra_gen.directives.prose import prose
from infra_gen.directives.reading import problems, values
from infra_gen.directives.registry import DIRECTIVES, DirectiveType, Parameter, Registry

__all__ = ["DIRECTIVES", "DirectiveType", "Parameter", "Registry", "problems", "prose", "values"]
