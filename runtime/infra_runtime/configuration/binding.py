"""Settings compared with the schema of a client: names, the provider, and what a generated package was made with.

Indexes of a database and methods of a package are made of what is said of models, so the commands that make them read the file as well. A client
makes neither: what its file says of a model must be what its package has. Imports reading, settings, spelling, and the runtime's `schema`, `urls`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from infra_runtime.configuration.places import Path, problem
from infra_runtime.configuration.reading import Read, read_file
from infra_runtime.configuration.settings import Configuration, ModelSettings, Section, Settings
from infra_runtime.configuration.spelling import found, nearest
from infra_runtime.errors import ConfigurationError, ConfigurationProblem, UnsupportedDatabaseError
from infra_runtime.schema import Model, Provider, Schema
from infra_runtime.urls import parse_url

ANEW = "run `infra-gen generate`, then `infra-gen db push` or `infra-gen migrate dev`"


ARGUMENTS: Mapping[str, str] = {
    "url": "database.url",
    "connection_limit": "database.pool.max",
    "pool_timeout": "database.pool.timeout",
    "log_queries": "database.log_queries",
    "max_limit": "queries.max_limit",
    "token_secret": "queries.token_secret",
}
"""The arguments of a client that beat a setting."""


def bound(config: str | os.PathLike[str] | Configuration, schema: Schema, given: Mapping[str, object]) -> Configuration:
    """The configuration of a client, which fits its schema. `given`: see `read_for_client`.

    Errors: ConfigurationError with everything that is wrong; MissingExtraError.
    """
    read = read_for_client(config, given)
    return Read(read.configuration, (*read.problems, *problems_with(read.configuration, schema))).valid()


def read_for_client(config: str | os.PathLike[str] | Configuration, given: Mapping[str, object]) -> Read:
    """What a client needs of a configuration.

    Arguments: `given`, the client's arguments (None: it has none of that name): variables of settings that these beat need no value.
    Errors: MissingExtraError; ConfigurationError for what is neither a path nor a configuration.
    """
    if isinstance(config, Configuration):
        return Read(config)
    if isinstance(config, Mapping):
        raise ConfigurationError("config takes a path or a Configuration: a dict is read by Configuration.from_dict")
    beaten = {setting for name, setting in ARGUMENTS.items() if given.get(name) is not None}
    return read_file(config, needed=lambda path: ".".join(path) not in {*beaten, "database.direct_url"})


def problems_with(configuration: Configuration, schema: Schema) -> Iterator[ConfigurationProblem]:
    """What does not fit a client's schema."""
    yield from problems_of_databases(configuration, schema.provider)
    attributes = {model.name: model.attribute for model in schema.models}
    for key, model in models_of(configuration, attributes):
        path = ("models", key)
        if isinstance(model, ConfigurationProblem):
            yield model
        else:
            yield from _differences(configuration, path, configuration.models[key], schema.model[model])


def problems_of_databases(configuration: Configuration, provider: Provider) -> Iterator[ConfigurationProblem]:
    """What is said of the database and cannot be, for a schema of this provider."""
    database, origin = configuration.database, configuration.origin
    if database.provider not in (None, provider):
        message = f"is {database.provider}, and the schema's provider is {provider}: they have to be the same"
        yield problem(("database", "provider"), message, origin)
    for name, url in (("url", database.url), ("direct_url", database.direct_url)):
        if url is not None:
            try:
                parse_url(url, provider=provider)
            except (ConfigurationError, UnsupportedDatabaseError) as error:
                yield problem(("database", name), str(error), origin)
    pool = database.pool
    if pool.min is not None and pool.max is not None and pool.min > pool.max:
        message = f"is {pool.min}, and `max` is {pool.max}: no more can be opened than there may be"
        yield problem(("database", "pool", "min"), message, origin)


def models_of(
    configuration: Configuration, attributes: dict[str, str]
) -> Iterator[tuple[str, str | ConfigurationProblem]]:
    """Each name under `models`, with the model it is for, or what is wrong with it. `attributes`: of the client, by the models' names."""
    taken: dict[str, str] = {}
    for key in configuration.models:
        model = found(key, attributes)
        if model is None:
            message = f"there is no model `{key}`: {nearest(key, attributes.values())}"
            yield key, problem(("models", key), message, configuration.origin)
        elif model in taken:
            message = f"is the model {model}, as `{taken[model]}` is: write one of them, with all settings"
            yield key, problem(("models", key), message, configuration.origin)
        else:
            taken[model] = key
            yield key, model


def of_directives(settings: ModelSettings) -> Iterator[tuple[str, str, Settings]]:
    """What is said of a model: the name in the file, the directive that it stands for, and its settings."""
    entries = settings.entries()
    for name, value in settings.given():
        entry = entries[name]
        assert isinstance(entry, Section)
        yield name, entry.directive, value


def names_in(value: Any, path: Path) -> list[tuple[Path, str]]:
    """The names that a setting holds, each with where it stands."""
    if isinstance(value, str):
        return [(path, value)]
    return [((*path, str(index)), name) for index, name in enumerate(value)]


def _differences(
    configuration: Configuration, path: Path, settings: ModelSettings, model: Model
) -> Iterator[ConfigurationProblem]:
    """Where the file says something else of a model than the package was made with."""
    for name, directive, section in of_directives(settings):
        has = model.options.get(directive.removeprefix("infra."), {})
        for argument, value in section.given():
            place = (*path, name, argument)
            if section.setting(argument).names_fields:
                said, problems = _fields(configuration, place, value, model)
            else:
                said, problems = value, []
            yield from problems
            if not problems and has.get(argument) != said:
                yield problem(place, f"is not what the package was generated with: {ANEW}", configuration.origin)


def _fields(
    configuration: Configuration, path: Path, value: Any, model: Model
) -> tuple[Any, list[ConfigurationProblem]]:
    """The fields that a setting names, as the client spells them."""
    known = {scalar.name: scalar.name for scalar in model.readable}
    meant = [(place, name, found(name, known)) for place, name in names_in(value, path)]
    problems = [
        problem(place, f"there is no field `{name}` in {model.name}: {nearest(name, known)}", configuration.origin)
        for place, name, field in meant
        if field is None
    ]
    fields = tuple(field for _, _, field in meant)
    return fields[0] if isinstance(value, str) else fields, problems
