"""The settings: every section and every setting there is, as frozen values that code can make, too.

This is the table of which reading, messages, documentation and the JSON Schema for editors are made: a field of a section is a setting with
its kind, or a section within. A setting that is None was not given. Imports the kinds, the places and the runtime's `errors` and `schema`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from dataclasses import field as dataclass_field
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self, cast

from infra_runtime.configuration.kinds import (
    Kind,
    MismatchError,
    Name,
    Names,
    Seconds,
    Secret,
    Text,
    Texts,
    Truth,
    WholeNumber,
    Word,
    described,
)
from infra_runtime.configuration.places import Origin
from infra_runtime.errors import ConfigurationError
from infra_runtime.schema import Provider


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that a section takes."""

    kind: Kind
    about: str
    """What it says, as a sentence."""

    @property
    def names_fields(self) -> bool:
        """Does it hold names of a model's fields?"""
        return isinstance(self.kind, (Name, Names))


@dataclass(frozen=True, slots=True)
class Section:
    """A section within a section. `by_name`: there is one for each of the names that the file gives. `directive`: what it stands for in a schema."""

    type: type[Settings]
    about: str
    by_name: bool = False
    directive: str = ""


def _setting(kind: Kind, about: str) -> Mapping[str, Any]:
    return {"entry": Setting(kind, about)}


def _section(type_: type[Settings], about: str, *, by_name: bool = False, directive: str = "") -> Mapping[str, Any]:
    return {"entry": Section(type_, about, by_name, directive)}


class Settings:
    """A section: what all of them can do. What code makes is checked by the same kinds as what a file says."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @classmethod
    def entries(cls) -> Mapping[str, Setting | Section]:
        """What stands in this section, by its name."""
        return {item.name: item.metadata["entry"] for item in fields(cls) if "entry" in item.metadata}

    @classmethod
    def setting(cls, name: str) -> Setting:
        """The setting of that name, which is no section."""
        entry = cls.entries()[name]
        assert isinstance(entry, Setting)
        return entry

    def given(self) -> Iterator[tuple[str, Any]]:
        """The settings and sections within that were given, by name."""
        for name in self.entries():
            value = getattr(self, name)
            if value is not None:
                yield name, value

    def __post_init__(self) -> None:
        for name, entry in self.entries().items():
            value = getattr(self, name)
            if isinstance(entry, Section):
                _require_sections(f"{type(self).__name__}.{name}", entry, value)
                if entry.by_name:
                    object.__setattr__(self, name, MappingProxyType(dict(value)))
            elif value is not None:
                object.__setattr__(self, name, _taken(f"{type(self).__name__}.{name}", entry.kind, value))


def _require_sections(label: str, entry: Section, value: Any) -> None:
    """A mistake that only code can make: a dict, or a text, in the place of a section."""
    for section in value.values() if entry.by_name and isinstance(value, Mapping) else [value]:
        if section is not None and not isinstance(section, entry.type):
            raise ConfigurationError(
                f"{label} takes {entry.type.__name__}(…), not {described(section)}: a dict is read by Configuration.from_dict"
            )


def _taken(label: str, kind: Kind, value: object) -> Any:
    try:
        return kind.take(value)
    except MismatchError as error:
        raise ConfigurationError(f"{label} takes {kind.wanted}, not {error.what}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings(Settings):
    """The connections of a client."""

    min: int | None = field(
        default=None,
        metadata=_setting(WholeNumber(1), "How many connections `connect()` opens; 1 where it is not given."),
    )
    max: int | None = field(
        default=None,
        metadata=_setting(WholeNumber(1), "How many connections there may be; `connection_limit` of a URL."),
    )
    timeout: float | None = field(
        default=None,
        metadata=_setting(
            Seconds(), "How many seconds an operation waits for a connection, 0: for ever; `pool_timeout` of a URL."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings(Settings):
    """Where the database is."""

    provider: Provider | None = field(
        default=None,
        metadata=_setting(
            Word(("sqlite", "postgresql", "mysql"), {"postgres": "postgresql"}),
            "What the schema has to be for: another one is an error.",
        ),
    )
    url: str | None = field(
        default=None, repr=False, metadata=_setting(Secret(), "The database's URL, which wins over the schema's.")
    )
    direct_url: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(Secret(), "A URL past a pooler, for the commands that change tables; clients do not use it."),
    )
    pool: PoolSettings = field(
        default_factory=PoolSettings, metadata=_section(PoolSettings, "The connections of a client.")
    )
    log_queries: bool | None = field(
        default=None,
        metadata=_setting(
            Truth(), "Whether every statement goes to the logger `infra_runtime.sql`, without its values."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySettings(Settings):
    """What queries may do."""

    max_limit: int | None = field(
        default=None, metadata=_setting(WholeNumber(1), "How many rows a call may ask for at most, at any level.")
    )
    token_secret: str | Sequence[str] | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            Texts(Secret()), "What the tokens of pages are signed with; of several the first signs, and all are taken."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings(Settings):
    """What `@infra.search` says of a model."""

    fields: Sequence[str] | None = field(default=None, metadata=_setting(Names(), "The fields that are searched."))
    language: str | None = field(
        default=None, metadata=_setting(Text(), "The language of their texts, as the database names it.")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftDeleteSettings(Settings):
    """What `@infra.softDelete` says of a model."""

    field: str | None = dataclass_field(
        default=None, metadata=_setting(Name(), "The field that says when a row was deleted.")
    )
    unique: Literal["full", "partial"] | None = dataclass_field(
        default=None,
        metadata=_setting(
            Word(("full", "partial")),
            "Whether the values of a deleted row's unique keys stay taken, or are free again.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings(Settings):
    """What is said of one model, in the place of its directives or beside them, argument by argument."""

    search: SearchSettings | None = field(
        default=None,
        metadata=_section(SearchSettings, "The model's rows can be searched by words.", directive="infra.search"),
    )
    soft_delete: SoftDeleteSettings | None = field(
        default=None,
        metadata=_section(
            SoftDeleteSettings, "Deleted rows stay in the database, out of sight.", directive="infra.softDelete"
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(Settings):
    """Everything that `infrastructure.config.yml` can say: `Infrastructure(config=Configuration(database=DatabaseSettings(url=…)))`.

    `Configuration.read` reads a file and `Configuration.from_dict` a dict. Of the settings only those are there that were given, and so is
    nothing of the schema's in `models`, which are by the names they were given under.
    Errors: ConfigurationError for a value of the wrong kind.
    """

    database: DatabaseSettings = field(
        default_factory=DatabaseSettings,
        metadata=_section(DatabaseSettings, "Where the database is, and how clients connect to it."),
    )
    queries: QuerySettings = field(
        default_factory=QuerySettings, metadata=_section(QuerySettings, "What queries may do.")
    )
    models: Mapping[str, ModelSettings] = field(
        default_factory=lambda: MappingProxyType({}),
        metadata=_section(
            ModelSettings,
            "What is said of models, each by its attribute on the client or by its name in the schema.",
            by_name=True,
        ),
    )
    origin: Origin | None = field(default=None, repr=False, compare=False)
    """Where it was read from; None for what code made."""

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """The configuration in a YAML file. Variables are those of the environment, then of `.env` files: in the working folder, beside the file.

        Errors: ConfigurationError with everything that is wrong with it; MissingExtraError.
        """
        from infra_runtime.configuration.reading import read_file

        return cast(Self, read_file(path).valid())

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """The configuration in a dict of the file's form. Values are as they are: `${…}` is text. Errors: ConfigurationError."""
        from infra_runtime.configuration.reading import read_mapping

        return cast(Self, read_mapping(settings).valid())
