"""The null markers are themselves, wherever they have been."""

from __future__ import annotations

import copy
import pickle

import pytest

from infra_runtime import AnyNull, DbNull, JsonNull
from infra_runtime.values.nulls import NullMarker

MARKERS = [DbNull, JsonNull, AnyNull]


@pytest.mark.parametrize("marker", MARKERS, ids=repr)
def test_a_marker_stays_itself_through_pickling_and_copying(marker: NullMarker) -> None:
    assert pickle.loads(pickle.dumps(marker)) is marker
    assert copy.copy(marker) is marker
    assert copy.deepcopy(marker) is marker


def test_markers_are_false_and_named_and_apart() -> None:
    assert not any(MARKERS)
    assert [repr(marker) for marker in MARKERS] == ["DbNull", "JsonNull", "AnyNull"]
    assert len(set(MARKERS)) == 3
