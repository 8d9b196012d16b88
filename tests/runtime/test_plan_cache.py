"""Plans are kept up to a number, those that are asked for longest."""

from __future__ import annotations

from infra_runtime.engine import PlanCache


def test_who_was_not_asked_for_the_longest_time_goes_first() -> None:
    plans = PlanCache(4)
    for name in "abcd":
        assert plans.get(name, lambda name=name: name.upper()) == name.upper()  # type: ignore[misc]
    assert plans.find("a") == "A"
    plans.keep("e", "E")
    assert (len(plans), plans.find("b"), plans.find("a"), plans.find("c")) == (4, None, "A", "C")
    plans.keep("f", "F")
    assert (plans.find("d"), plans.find("c"), plans.find("e")) == (None, "C", "E")


def test_one_that_is_needed_all_the_time_stays_however_many_come_and_go() -> None:
    plans = PlanCache(10)
    plans.keep("needed", 1)
    for number in range(100):
        plans.keep(number, number)
        assert plans.find("needed") == 1
    assert len(plans) == 10
