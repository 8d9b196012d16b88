"""Folders of migrations that Prisma wrote for real schemas, where they lie beside the checkout: all run, and leave what the schema says.

The large ones take their time: they run with INFRA_TEST_ALL_SCHEMAS set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra_gen.cli.migrating.diff import summary
from infra_gen.database.dialects import DIALECTS, catalogs
from infra_gen.database.planning import plan
from infra_gen.dynamic import connect
from infra_gen.front import compile_schema
from infra_gen.migrations import deploying
from infra_gen.migrations.folder import read_folder
from infra_gen.migrations.sessions import session
from infra_runtime.urls import parse_url
from tests import real_schemas

FOLDERS = [folder for folder in real_schemas.folders() if (folder / "migrations").is_dir()]
SMALL = 30
"""Migrations of a folder that is run every time."""

AT_THE_SOURCE = {
    # The schema has indexes for which no migration was written yet.
    "BerriAI__litellm": {
        "~ table LiteLLM_SpendLogs",
        "    + index LiteLLM_SpendLogs_litellm_call_id_idx",
        "    + index LiteLLM_SpendLogs_api_key_startTime_idx",
    },
    # An index of the first days that no later migration dropped.
    "lukevella__rallly": {"~ table users", "    - index User_email_key"},
    # Prisma 6 gives join tables a primary key; earlier versions made a unique index of the pair.
    "calcom__cal.com__2023-10": {
        "~ table _user_eventtype",
        "    ~ primary key",
        "    - index _user_eventtype_AB_unique",
    },
}
"""What differs between the migrations and the schema of a project itself."""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_migrations_of_a_real_project_leave_what_its_schema_says(
    folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    migrations = read_folder(folder / "migrations")
    if len(migrations.migrations) > SMALL and not os.environ.get("INFRA_TEST_ALL_SCHEMAS"):
        pytest.skip("a large folder: set INFRA_TEST_ALL_SCHEMAS")
    schema = compile_schema(real_schemas.source_files(folder)).schema
    provider = schema.datasource.provider
    url = f"file:{tmp_path}/dev.db" if provider == "sqlite" else str(request.getfixturevalue(f"{provider}_url"))
    with session(parse_url(url)) as opened:
        applied = deploying.deploy(migrations, opened, provider, is_empty=lambda: True)
        assert len(applied) == len(migrations.migrations)
        live, wanted = catalogs(schema, opened.read)
        found = set(summary(plan(schema, live, wanted)))
        if folder.name == "calcom__cal.com__2022-02":
            # Prisma 3 renamed its indexes; this schema came before that.
            assert not DIALECTS[provider].compare(live, wanted).added
            found = {line for line in found if " → " not in line and not line.startswith("~ table")}
            assert found == {"    ~ primary key", "    - index _user_eventtype_AB_unique"}
        else:
            assert found == AT_THE_SOURCE.get(folder.name, set())
    path = folder / "schema.prisma"
    with connect(path if path.exists() else folder / "schema", url=url, interface="sync") as infra:
        for model in schema.models:
            assert infra.repository(model.name).find_many(take=1) is not None
