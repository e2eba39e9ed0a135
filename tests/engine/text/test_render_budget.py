"""Weights and limits of values."""

from __future__ import annotations

import pytest

from realm_desktop.engine.text.render_budget import (
    MAX_GROWTH_BYTES,
    LimitReached,
    RenderBudget,
    check_integer,
    text_bytes,
)


def test_charges_add_up_to_the_limit() -> None:
    budget = RenderBudget(10)
    budget.charge(MAX_GROWTH_BYTES)

    with pytest.raises(LimitReached, match="64 MiB"):
        budget.charge(1)


def test_allowing_charges_nothing() -> None:
    budget = RenderBudget(10)
    budget.allow(MAX_GROWTH_BYTES)

    budget.allow(MAX_GROWTH_BYTES)


def test_output_is_counted_in_characters() -> None:
    budget = RenderBudget(3)
    budget.output("\U0001f999\U0001f999\U0001f999")

    with pytest.raises(LimitReached, match="3 characters"):
        budget.output("a")


def test_a_shared_part_weighs_as_often_as_it_occurs() -> None:
    part = ["x" * 1000]
    weight, depth = RenderBudget(0).weigh([part, part, part])

    assert weight > 3000
    assert depth == 2


def test_weighing_again_costs_no_visit() -> None:
    budget, value = RenderBudget(0), ["a"]
    first = budget.weigh(value)
    value.append("not seen")

    assert budget.weigh(value) == first


def nest(budget: RenderBudget, num_copies: int) -> None:
    """Put a list into a list again and again."""
    value: list[object] = ["aaaa"]
    for _ in range(1000):
        value = [value] * num_copies
        budget.keep(value)


def test_doubling_is_stopped_before_it_is_printed() -> None:
    with pytest.raises(LimitReached, match="larger than"):
        nest(RenderBudget(0), 2)


def test_depth_is_limited() -> None:
    with pytest.raises(LimitReached, match="nested"):
        nest(RenderBudget(0), 1)


def test_text_bytes_are_an_upper_bound() -> None:
    assert text_bytes("abc") == 3
    assert text_bytes("ab\u00fc") == 12
    assert text_bytes("a", 50) == 50


def test_long_numbers_are_refused() -> None:
    check_integer(2**4095)
    check_integer("not a number")

    with pytest.raises(LimitReached, match="4096 bits"):
        check_integer(2**4096)
