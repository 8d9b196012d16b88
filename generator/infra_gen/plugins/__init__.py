"""The plug-in API: what a package that extends the toolkit is written against. docs/plugins.md shows how.

A plug-in is a subclass of `Plugin`, named by an entry point of the group `infra_gen.plugins`; it can add directives, change what a
schema means, add files to the generated package, and add commands. The names below are what `API_VERSION` counts; `installed` finds and
loads plug-ins, `active` are those that a project names, `choosing` asks its options for the names, `consistency` checks what they answer.
Imports `config`, `directives`, `failure`, `ir`, `plan`.
"""

from infra_gen.directives import DirectiveType, Parameter
from infra_gen.directives.kinds import Columns, Text, Texts, Truth, WholeNumber, Word
from infra_gen.failure import Failure
from infra_gen.plan.settings import PlanSettings
from infra_gen.plan.views import EnumView, FieldView, MemberView, ModelView, PackageView
from infra_gen.plugins.api import API_VERSION, File, Generation, Plugin, Project, arguments_of

__all__ = [
    "API_VERSION",
    "Columns",
    "DirectiveType",
    "EnumView",
    "Failure",
    "FieldView",
    "File",
    "Generation",
    "MemberView",
    "ModelView",
    "PackageView",
    "Parameter",
    "PlanSettings",
    "Plugin",
    "Project",
    "Text",
    "Texts",
    "Truth",
    "WholeNumber",
    "Word",
    "arguments_of",
]
