"""SQLAlchemy's tables of an engine: made once, whoever asks first."""

from __future__ import annotations

import threading

from infra_runtime.compiler.tables import Tables
from infra_runtime.engine import Engine
from tests.runtime.schemas import SHOP


def test_threads_that_ask_at_the_same_moment_get_one_table() -> None:
    for _ in range(5):
        tables, together = Tables(Engine(SHOP)), threading.Barrier(8)
        found: list[int] = []

        def ask(tables: Tables = tables, together: threading.Barrier = together, found: list[int] = found) -> None:
            together.wait()
            found.extend(id(tables.model(model)) for model in SHOP.models)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8 * len(SHOP.models)
        assert len(set(found)) == len(SHOP.models)
