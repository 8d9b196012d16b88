"""What a configuration file says, and what is said of one that is wrong: all of it at once, each with its place, and never a secret."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from infra_runtime import (
    Configuration,
    ConfigurationError,
    DatabaseSettings,
    ModelSettings,
    PoolSettings,
    QuerySettings,
    SearchSettings,
    SoftDeleteSettings,
)
from infra_runtime.configuration.reading import read_text
from tests.configuration.conftest import Write

WHOLE = """\
database:
  provider: postgresql
  url: postgresql://ada:secret@db/shop
  direct_url: postgresql://ada:secret@direct/shop
  pool: { min: 2, max: 20, timeout: 2.5 }
  log_queries: true
queries:
  max_limit: 500
  token_secret: [new, old]
models:
  user:
    search: { fields: [name, email], language: english }
  UserProfile:
    soft_delete: { field: deleted_at, unique: full }
"""

MADE = Configuration(
    database=DatabaseSettings(
        provider="postgresql",
        url="postgresql://ada:secret@db/shop",
        direct_url="postgresql://ada:secret@direct/shop",
        pool=PoolSettings(min=2, max=20, timeout=2.5),
        log_queries=True,
    ),
    queries=QuerySettings(max_limit=500, token_secret=["new", "old"]),
    models={
        "user": ModelSettings(search=SearchSettings(fields=["name", "email"], language="english")),
        "UserProfile": ModelSettings(soft_delete=SoftDeleteSettings(field="deleted_at", unique="full")),
    },
)


def read(text: str, variables: dict[str, str] | None = None) -> Configuration:
    return read_text(textwrap.dedent(text), "infra.yml", (variables or {}).get).valid()


def errors(text: str, variables: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(text, variables)
    assert str(caught.value).splitlines() == [str(item) for item in caught.value.problems]
    return str(caught.value).splitlines()


# -- the same in a file, a dict and code -------------------------------------------------------------------------------
def test_a_file_says_what_code_can_make() -> None:
    assert read(WHOLE) == MADE


def test_a_dict_says_the_same() -> None:
    import yaml

    assert Configuration.from_dict(yaml.safe_load(WHOLE)) == MADE


@pytest.mark.parametrize("text", ["", "# nothing\n", "database:\nmodels:\n", "{}", "database: {pool: }"])
def test_what_is_not_said_is_none(text: str) -> None:
    assert read(text) == Configuration()
    assert (Configuration().database.url, Configuration().queries.max_limit, dict(Configuration().models)) == (
        None,
        None,
        {},
    )


def test_a_configuration_is_frozen() -> None:
    configuration: Any = read(WHOLE)
    with pytest.raises(FrozenInstanceError):
        configuration.database.url = "file:./other.db"
    with pytest.raises(TypeError):
        configuration.models["user"] = None


def test_secrets_are_not_in_its_repr() -> None:
    shown = repr(read(WHOLE))
    assert "max=20" in shown
    assert not any(secret in shown for secret in ("secret@", "new", "old"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PoolSettings(max=0), "PoolSettings.max takes a whole number of 1 or more, not 0"),
        (lambda: DatabaseSettings(url=""), "DatabaseSettings.url takes text, not an empty text"),
        (
            lambda: Configuration(database={"url": "postgresql://ada:secret@db/shop"}),  # type: ignore[arg-type]
            "Configuration.database takes DatabaseSettings(…), not a mapping: a dict is read by Configuration.from_dict",
        ),
        (
            lambda: Configuration(models={"user": {}}),  # type: ignore[dict-item]
            "Configuration.models takes ModelSettings(…), not a mapping: a dict is read by Configuration.from_dict",
        ),
    ],
)
def test_what_code_makes_is_checked_alike(make: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert str(caught.value) == message


def test_a_database_goes_by_its_other_name_too() -> None:
    assert read("database: { provider: postgres }").database.provider == "postgresql"
    assert DatabaseSettings(provider="postgres").provider == "postgresql"  # type: ignore[arg-type]


def test_errors_of_a_dict_name_the_setting() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Configuration.from_dict({"database": {"pool": {"max": "20", "mix": 1}}, "models": {"user": 5}})
    assert str(caught.value).splitlines() == [
        "database.pool.max: takes a whole number of 1 or more, not text",
        "database.pool: `mix` is not known to this version: did you mean `min`?",
        "models.user: takes settings, each as `name: value`, not a number",
    ]


# -- what is wrong with a file -----------------------------------------------------------------------------------------
def test_all_errors_are_told_at_once_each_with_its_place() -> None:
    text = """\
    database:
      provider: postgresq
      pool: { min: yes, max: 0, timeout: soon }
      url: [one]
      url: two
    queries:
      max_limt: 10
      token_secret: 12345
    models:
      user: { serach: {} }
      post: 5
    """
    assert errors(text) == [
        "infra.yml:2:13: database.provider: takes `sqlite` or `postgresql` or `mysql`, not another text",
        "infra.yml:3:16: database.pool.min: takes a whole number of 1 or more, not true",
        "infra.yml:3:26: database.pool.max: takes a whole number of 1 or more, not 0",
        "infra.yml:3:38: database.pool.timeout: takes seconds, a number of 0 or more, not text",
        "infra.yml:4:8: database.url: takes text, not a list",
        "infra.yml:5:3: database: `url` is given twice: keep one of them",
        "infra.yml:7:3: queries: `max_limt` is not known to this version: did you mean `max_limit`?",
        "infra.yml:8:17: queries.token_secret: takes text, or a list of several, not a number: write it in quotes",
        "infra.yml:10:11: models.user: `serach` is not known to this version: did you mean `search`?",
        "infra.yml:11:9: models.post: takes settings, each as `name: value`, not a number",
    ]


@pytest.mark.parametrize("section", ["cache", "audit", "events"])
def test_sections_of_what_is_not_there_yet_are_refused(section: str) -> None:
    assert errors(f"{section}: {{}}\n") == [
        f"infra.yml:1:1: `{section}` is not known to this version: it knows `database`, `queries` and `models`"
    ]
    assert errors(f"models: {{ user: {{ {section}: {{}} }} }}\n") == [
        f"infra.yml:1:19: models.user: `{section}` is not known to this version: it knows `search` and `soft_delete`"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "infra.yml:1:1: takes settings, each as `name: value`, not a list"),
        ("just text\n", "infra.yml:1:1: takes settings, each as `name: value`, not text"),
        ("database: { url: \n", "infra.yml:2:1: this is no YAML: while parsing a flow node, expected the node content, but found '<stream end>'"),
        ("database:\n\turl: x\n", "infra.yml:2:1: this is no YAML: while scanning for the next token, found character"),
        ("a: 1\n---\nb: 2\n", "infra.yml:2:1: this is no YAML: expected a single document in the stream, but found another document"),
        ("[" * 5000, "infra.yml:1:1: this is no YAML: it is nested too deep"),
        ("a: \x07\n", "infra.yml:1:1: this is no YAML: it has characters that YAML does not allow"),
        ("1: 2\n", "infra.yml:1:1: `…` is not known to this version"),
        ("? [a]\n: b\n", "infra.yml:1:3: takes names, each followed by a colon"),
        ("database: { url: !!python/name:os.system '' }\n", "infra.yml:1:18: database.url: takes text, not a value"),
        ("database: { url: !!int twenty }\n", "infra.yml:1:18: database.url: takes text, not a value"),
        ("database: { url: 2020-13-45 }\n", "infra.yml:1:18: database.url: takes text, not a value"),
        ("<<: { database: {} }\n", "infra.yml:1:1: `…` is not known to this version"),
    ],
)  # fmt: skip
def test_what_is_no_configuration_is_told_in_a_line(text: str, message: str) -> None:
    found = errors(text)
    assert found[0].startswith(message), found


def test_a_document_that_contains_itself_ends() -> None:
    assert errors("database: &d { pool: *d }\n") == [
        "infra.yml:1:16: database.pool: `pool` is not known to this version: it knows `min`, `max` and `timeout`"
    ]


def test_anchors_are_read() -> None:
    text = "models: { user: &both { search: { fields: name } }, post: *both }"
    assert read(text).models["post"].search == SearchSettings(fields=["name"])


SECRET = "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"database: {{ url: postgresql://ada:{SECRET}@db/shop, max: 1 }}\n",
        f"database: postgresql://ada:{SECRET}@db/shop\n",
        f"database: {{ provider: postgresql://ada:{SECRET}@db/shop }}\n",
        f"database: {{ postgresql://ada:{SECRET}@db/shop }}\n",
        f"database:\n  url: postgresql://ada:{SECRET}@db/${{shop\n",
        f"database:\n  url: [postgresql://ada:{SECRET}@db/shop]\n",
        f"database:\n  url: 'postgresql://ada:{SECRET}@db/shop\n",
        f"database:\n  pool: {{ min: postgresql://ada:{SECRET}@db/shop }}\n",
        f"database:\n  pool: {{ max: ${{{SECRET.upper()}X:-{SECRET}}} }}\n",
        f"queries:\n  token_secret: *{SECRET}\n",
        f"queries:\n  token_secret: !{SECRET} x\n",
        f"queries:\n  token_secret: [{SECRET}, {SECRET}]\n",
        f"queries:\n  token_secret: {{ {SECRET}: 1 }}\n",
        f"queries:\n  token_secret: {SECRET}: 1\n",
        f"queries:\n  token_secret: %{SECRET}\n",
        f"models: {{ ada:{SECRET}@db: {{}}, //{SECRET}: {{}} }}\n",
        f"models: {{ post: {{ search: {{ fields: //ada:{SECRET}@db }} }} }}\n",
        f"//{SECRET}: 1\n//{SECRET}: 2\n",
        f'queries:\n  token_secret: "{SECRET}\\q"\n',
    ],
)
def test_no_error_shows_a_secret(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    error: BaseException | None = caught.value
    shown = []
    while error is not None:
        shown.append(f"{error}{error!r}")
        error = error.__cause__ or error.__context__
    assert SECRET not in "".join(shown)
    assert SECRET not in "".join(repr(item) for item in caught.value.problems)


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^nope\.yml: the configuration cannot be read: No such file"):
        Configuration.read("nope.yml")
    Path("latin.yml").write_bytes(b"database: \xe9")
    with pytest.raises(ConfigurationError, match=r"^latin\.yml: the configuration is not UTF-8 text"):
        Configuration.read("latin.yml")
    Path("marked.yml").write_bytes(b"\xef\xbb\xbfqueries: { max_limit: 1 }")
    assert Configuration.read("marked.yml").queries.max_limit == 1


def test_without_pyyaml_its_extra_is_named(write: Write) -> None:
    write(WHOLE)
    code = "import sys; sys.modules['yaml'] = None\nfrom infra_runtime import Configuration\nConfiguration.read('infrastructure.config.yml')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.endswith("pyyaml is not installed; install it with: pip install 'infra-gen[config]'\n")


# -- variables ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${HOST}", "db.example"),
        ("mysql://${USER}:${PASSWORD}@${HOST}/shop", "mysql://ada:p${x}@db.example/shop"),
        ("${NONE:-file:./dev.db}", "file:./dev.db"),
        ("${EMPTY:-file:./dev.db}", "file:./dev.db"),
        ("${HOST:-file:./dev.db}", "db.example"),
        ("a${NONE:-}b", "ab"),
        ("$${HOST}", "${HOST}"),
        ("a$$b$HOST", "a$$b$HOST"),
        ("$$${HOST}", "$${HOST}"),
    ],
)
def test_variables_stand_for_their_values(text: str, expected: str) -> None:
    variables = {"HOST": "db.example", "USER": "ada", "PASSWORD": "p${x}", "EMPTY": ""}
    assert read(f"database: {{ url: '{text}' }}", variables).database.url == expected


def test_a_variable_is_read_as_the_setting_wants_it() -> None:
    text = """\
    database: { pool: { min: "${MIN:-3}", timeout: "${WAIT}" }, log_queries: "${LOG}" }
    queries: { max_limit: "${MOST}", token_secret: ["${NEW}", "${OLD}"] }
    """
    variables = {"WAIT": "2.5", "LOG": "true", "MOST": "100", "NEW": "1", "OLD": "true"}
    configuration = read(text, variables)
    assert configuration.database == DatabaseSettings(pool=PoolSettings(min=3, timeout=2.5), log_queries=True)
    assert configuration.queries == QuerySettings(max_limit=100, token_secret=["1", "true"])


def test_a_variable_that_is_not_set_is_an_error_with_its_place() -> None:
    assert errors("database:\n  url: ${ONE}\n  pool: { max: '${TWO}${THREE:-1}' }\n") == [
        "infra.yml:2:8: database.url: the environment variable ONE is not set: set it, or write a default as in ${ONE:-…}",
        "infra.yml:3:16: database.pool.max: the environment variable TWO is not set: set it, or write a default as in ${TWO:-…}",
    ]


def test_a_variable_of_the_wrong_kind_is_named_and_not_shown() -> None:
    assert errors("database: { pool: { max: '${MOST}' }, url: '${URL}' }", {"MOST": "hunter2", "URL": ""}) == [
        "infra.yml:1:26: database.pool.max: takes a whole number of 1 or more, not text, which is what MOST made of it",
        "infra.yml:1:44: database.url: takes text, not an empty text, which is what URL made of it",
    ]


@pytest.mark.parametrize("text", ["${HOST", "${}", "${1X}", "${HOST-x}", "${HO ST}"])
def test_what_begins_like_a_variable_is_one_or_an_error(text: str) -> None:
    assert errors(f"database: {{ url: '{text}' }}", {"HOST": "x"}) == [
        "infra.yml:1:18: database.url: has a `${` that begins no variable: "
        "write ${NAME} or ${NAME:-default}, and $${ where ${ is meant as it is"
    ]


def test_variables_come_from_the_environment_then_from_env_files(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("")
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "infra.yml").write_text("database: { url: '${ONE} ${TWO} ${THREE}' }")
    (tmp_path / "deploy" / ".env").write_text("ONE=beside\nTWO=beside\nTHREE=beside\n")
    (tmp_path / ".env").write_text("ONE=here\nTWO=here\n")
    monkeypatch.setenv("ONE", "environment")
    for name in ("TWO", "THREE"):
        monkeypatch.delenv(name, raising=False)
    assert Configuration.read("deploy/infra.yml").database.url == "environment here beside"


def test_values_of_a_dict_are_as_they_are() -> None:
    assert Configuration.from_dict({"database": {"url": "${HOST}"}}).database.url == "${HOST}"
