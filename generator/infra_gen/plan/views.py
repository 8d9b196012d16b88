"""What templates are given: every name, type and line of text computed, nothing left to decide. Imports `ir` and `plan.modules`.

Which of these attributes do not change within a version of the plug-in API is said in docs/templates.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from infra_gen import ir
from infra_gen.plan.modules import Import


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a row class: `line` is the whole annotation, `documentation` a docstring or empty."""

    name: str
    """In Python."""
    type: str
    """The annotation, with names as the module of the row imports them."""
    line: str
    documentation: str
    source: ir.Field


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a TypedDict with its type's text."""

    name: str
    type: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class TypedDictView:
    """A TypedDict. `call`: what makes it where a key is no identifier, else empty; then `lines` are `"key": "type"`."""

    kind: ClassVar[str] = "typed_dict"
    name: str
    documentation: str
    header: str
    lines: tuple[str, ...]
    call: str = ""


@dataclass(frozen=True, slots=True)
class AliasView:
    """A type alias; `line` is the whole assignment."""

    kind: ClassVar[str] = "alias"
    name: str
    documentation: str
    line: str


InputView = TypedDictView | AliasView


@dataclass(frozen=True, slots=True)
class ModuleView:
    """What every module has: its docstring and its imports."""

    documentation: str
    imports: tuple[tuple[Import, ...], ...]
    checking: tuple[tuple[Import, ...], ...]


@dataclass(frozen=True, slots=True)
class FinderView:
    """A method that takes a unique key; `does` is its one statement."""

    signature: str
    documentation: str
    does: str


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A method of a query whose arguments go by fields' names. `does` is the runtime's method that it calls."""

    name: str
    documentation: str
    parameters: tuple[str, ...]
    does: str


@dataclass(frozen=True, slots=True)
class ClausesView:
    """`UserClauses`: what `UserQuery` and its sync twin have together. `arguments` are the type arguments of `base`."""

    name: str
    documentation: str
    base: str
    arguments: tuple[str, ...]
    self_type: str
    methods: tuple[ClauseView, ...]


@dataclass(frozen=True, slots=True)
class QueryView:
    """`UserQuery` or its sync twin. `base` is the runtime's class, `arguments` its type arguments, `update` None for a view."""

    name: str
    documentation: str
    base: str
    arguments: tuple[str, ...]
    project: ClauseView
    shape: str
    """The type variable of what `project` is given."""
    update: ClauseView | None
    mark: str
    """The method of the row class that tells checkers of this class."""
    is_async: bool


@dataclass(frozen=True, slots=True)
class RepositoryView:
    """`UserRepository` or its sync twin. `base` is the runtime's class, `arguments` its type arguments."""

    name: str
    documentation: str
    base: str
    arguments: tuple[str, ...]
    model_name: str
    finders: tuple[FinderView, ...]
    query: str
    """The class of what `query()` answers."""
    is_async: bool


@dataclass(frozen=True, slots=True)
class HandleView:
    """A field handle: one line of the class `UserFields`."""

    line: str


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model: the module of its row and the module of its inputs."""

    name: str
    """In the schema."""
    source: ir.Model
    module: str
    """The module's name in the package."""
    attribute: str
    """On the clients."""
    row: str
    """The class of its rows."""
    row_base: str
    row_documentation: str
    fields: tuple[FieldView, ...]
    row_module: ModuleView
    fields_class: str
    fields_documentation: str
    handles: tuple[HandleView, ...]
    row_variable: str
    """The type variable of a query's rows, and what makes it."""
    row_variable_made: str
    clauses: ClausesView
    queries: tuple[QueryView, ...]
    repositories: tuple[RepositoryView, ...]
    inputs_module: ModuleView
    inputs: tuple[InputView, ...]


@dataclass(frozen=True, slots=True)
class MemberView:
    line: str
    documentation: str


@dataclass(frozen=True, slots=True)
class EnumView:
    """An enum; its inputs are in the module `types/enums.py`."""

    name: str
    """The class."""
    module: str
    """A name for a module of its own, for whoever makes one for each enum."""
    source: ir.Enum
    documentation: str
    members: tuple[MemberView, ...]


@dataclass(frozen=True, slots=True)
class AccessorView:
    """A client's attribute for a model."""

    signature: str
    repository: str
    repository_import: Import
    documentation: str


@dataclass(frozen=True, slots=True)
class ClientView:
    """`Infrastructure` or `SyncInfrastructure`."""

    name: str
    base: str
    documentation: str
    accessors: tuple[AccessorView, ...]


@dataclass(frozen=True, slots=True)
class ExportView:
    """A name that the package gives lazily."""

    name: str
    module: str


@dataclass(frozen=True, slots=True)
class NamesView:
    """What of a package shows the names of models and enums, see `PackageView`."""

    documentation: str
    exports: tuple[ExportView, ...]
    export_imports: tuple[Import, ...]
    clients: tuple[ClientView, ...]
    client_module: ModuleView
    rows: str
    missing: str


@dataclass(frozen=True, slots=True)
class EnumsView:
    """What of a package shows the enums, see `PackageView`."""

    enums: tuple[EnumView, ...]
    enum_inputs: tuple[InputView, ...]
    enum_inputs_module: ModuleView


@dataclass(frozen=True, slots=True)
class SchemaView:
    """What of a package shows the metadata, see `PackageView`."""

    schema_imports: tuple[Import, ...]
    schema_text: str


@dataclass(frozen=True, slots=True)
class PackageView:
    """A whole package."""

    schema: ir.Schema
    """What it is made from, with the models and enums that it leaves out."""
    documentation: str
    exports: tuple[ExportView, ...]
    export_imports: tuple[Import, ...]
    clients: tuple[ClientView, ...]
    client_module: ModuleView
    rows: str
    """What makes the client's `row_types`."""
    missing: str
    enums: tuple[EnumView, ...]
    enum_inputs: tuple[InputView, ...]
    enum_inputs_module: ModuleView
    schema_imports: tuple[Import, ...]
    schema_text: str
    models: Sequence[ModelView]
