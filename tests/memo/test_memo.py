"""What a memo knows, by what, and for how long."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from infra_gen.memo import Memo, collect, uninterrupted


class Counting:
    """A pure function that counts how often it works."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *given: Any) -> list[Any]:
        self.calls += 1
        return list(given)


class Part:
    """Something that is equal to others of its kind."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part)

    def __hash__(self) -> int:
        return 1


def test_values_are_found_by_what_they_are_and_objects_by_which_they_are() -> None:
    memo, function = Memo(), Counting()
    part = Part()
    first = memo(function, "".join(["a", "b"]), (1, None, part), part)
    assert memo(function, "ab", (1, None, part), part) is first
    assert memo(function, "ab", (1, None, part), Part()) is not first
    assert memo(function, "ab", (1, None, Part()), part) is not first
    assert function.calls == 3


def test_another_function_is_another_result() -> None:
    memo = Memo()
    assert memo(str.upper, "a") == "A"
    assert memo(str.title, "a") == "A"
    assert memo(len, "a") == 1


def test_nothing_else_gets_the_identity_of_what_was_given() -> None:
    memo, function = Memo(), Counting()
    for _ in range(1000):
        memo(function, Part())
    assert function.calls == 1000


def test_equal_values_become_one_object() -> None:
    memo = Memo()
    one = memo.same(frozenset({"a", "b"}))
    assert memo.same(frozenset({"b", "a"})) is one
    memo.forget_unused()
    assert memo.same(frozenset({"a", "b"})) is one


def test_what_a_good_run_did_not_need_is_forgotten_and_a_failed_one_forgets_nothing() -> None:
    memo, function = Memo(), Counting()
    memo(function, "a")
    memo(function, "b")
    memo.forget_unused()
    memo(function, "a")  # A run that fails: it asks for one, and does not come to its end.
    memo(function, "b")
    memo.forget_unused()
    memo(function, "a")
    assert function.calls == 2
    memo.forget_unused()
    memo(function, "b")
    assert function.calls == 3


def test_what_is_kept_is_recalled_by_the_same_key_until_a_good_run_has_not_asked_for_it() -> None:
    memo, part = Memo(), Part()
    assert memo.recall("key", part) is None
    memo.keep(("a", "b"), "key", part)
    assert memo.recall("key", Part()) is None
    for _ in range(2):
        memo.forget_unused()
        assert memo.recall("key", part) == ("a", "b")
    memo.keep("c", "key", part)
    assert memo.recall("key", part) == "c"
    for _ in range(2):
        memo.forget_unused()
    assert memo.recall("key", part) is None


def test_a_run_is_not_interrupted_and_what_it_leaves_is_collected_afterwards() -> None:
    class Circle:
        def __init__(self, left: list[int]) -> None:
            self.itself, self.left = self, left

        def __del__(self) -> None:
            self.left.append(1)

    left: list[int] = []
    with uninterrupted():
        assert not gc.isenabled()
        Circle(left)
        with uninterrupted():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    collect()
    assert left == [1]
    with pytest.raises(KeyError), uninterrupted():
        raise KeyError
    assert gc.isenabled()
