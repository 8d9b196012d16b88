"""Steps side by side: what they ask for next goes together, however deep they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_runtime.effects import Statement, Statements, Steps, side_by_side


def asking(*texts: str) -> Steps[list[Any]]:
    """Asks for one statement after another, and answers all answers."""
    answers = []
    for text in texts:
        answers.append((yield Statement(text)))
    return answers


def driven(steps: Steps[Any], answer: Callable[[str], Any] = str.upper) -> tuple[Any, list[list[str]]]:
    """What steps answer, and the statements of each round trip."""
    round_trips: list[list[str]] = []
    effect = next(steps)
    while True:
        try:
            if isinstance(effect, Statements):
                round_trips.append([statement.sql for statement in effect.statements])
                effect.answers.extend(answer(statement.sql) for statement in effect.statements)
                effect = steps.send(effect.answers)
            else:
                assert isinstance(effect, Statement)
                round_trips.append([effect.sql])
                effect = steps.send(answer(effect.sql))
        except StopIteration as stop:
            return stop.value, round_trips


def test_the_next_of_each_go_together() -> None:
    answer, round_trips = driven(side_by_side([asking("a", "b"), asking("c"), asking()]))
    assert answer == [["A", "B"], ["C"], []]
    assert round_trips == [["a", "c"], ["b"]]


@pytest.mark.parametrize("outer", [["x"], ["x", "y"], []])
def test_so_do_those_of_parts_that_have_parts(outer: list[str]) -> None:
    inner = side_by_side([asking("a", "b"), asking("c", "d")])
    answer, round_trips = driven(side_by_side([inner, asking(*outer)]))
    assert answer == [[["A", "B"], ["C", "D"]], [text.upper() for text in outer]]
    assert round_trips == [["a", "c", *outer[:1]], ["b", "d", *outer[1:]]]
