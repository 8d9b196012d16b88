"""Fields and models whose names are those of the builder's own parameters, methods and classes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.generator.packages import generate_text

SCHEMA = """
datasource db {
  provider = "sqlite"
  url      = "file:./never.db"
}

model User {
  id        Int           @id
  self      String
  filters   String
  fields    Int
  data      Int
  update    Int
  orders    UserQuery[]
  relations UserClauses[]
}

model UserQuery {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id])
}

model UserClauses {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id])
}

model SyncUser {
  id      Int @id
  Self    Int
  Unpack  Int
  TypeVar Int
}
"""

USE = """
from db import SyncInfrastructure

infra = SyncInfrastructure()
query = infra.user.query().where(self="a", filters="b", fields=1, data=2, update=3)
query = query.order_by(self="asc", fields="desc").include("orders", relations=True)
print([statement.path for statement in query.to_sql()], query.to_sql()[0].parameters)
print(infra.user_query.query(), infra.user_clauses.query(), infra.sync_user.query().where(Self=1))
"""


def test_every_name_of_a_schema_can_be_said(tmp_path: Path) -> None:
    generate_text(SCHEMA, tmp_path / "db")
    done = subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "['', 'orders', 'relations'] ('a', 'b', 1, 2, 3)",
        "<SyncUserQueryQuery on UserQuery: everything> <SyncUserClausesQuery on UserClauses: everything> "
        "<SyncSyncUserQuery on SyncUser: where>",
    ], done.stderr
