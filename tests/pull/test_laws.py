"""Whatever the tables are: what is pulled says what they are, and what agreed before is as it was, byte for byte."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.database.making import schemas
from tests.pull.conftest import Live
from tests.pull.foreign import tables

LAW = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@LAW
@given(data=st.data())
def test_a_database_pulled_into_nothing_is_said_whole(live: Live, data: st.DataObject) -> None:
    live.push(data.draw(schemas(live.provider)))
    pulled = live.pull()
    assert not live.differs(pulled.schema), pulled.files[0].text
    again = live.pull_files(pulled.files)
    assert again.files == pulled.files
    assert not again.changes


@LAW
@given(data=st.data())
def test_a_schema_follows_its_database(live: Live, data: st.DataObject) -> None:
    first, second = data.draw(schemas(live.provider)), data.draw(schemas(live.provider))
    live.push(first)
    assert live.pull(first).files[0].text == live.head() + first
    live.push(second)
    pulled = live.pull(first)
    assert not live.differs(pulled.schema), pulled.files[0].text
    again = live.pull_files(pulled.files)
    assert again.files == pulled.files


@LAW
@given(data=st.data())
def test_tables_that_others_made_become_a_schema_that_holds(live: Live, data: st.DataObject) -> None:
    """Whatever they are called: pulled into nothing, and into the schema of other tables before them."""
    before = live.pull_text(live.head())
    for _ in range(2):
        live.empty()
        live.run(*data.draw(tables(live.provider, live.quote)))
        pulled = live.pull()
        assert live.pull_files(pulled.files).files == pulled.files
        followed = live.pull_files(before.files)
        assert live.pull_files(followed.files).files == followed.files
        if live.provider != "sqlite":
            assert not [line for line in (*pulled.unsaid, *followed.unsaid) if "otherwise" in line]
        before = pulled
