"""Whether models fit into memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realm_desktop.formats.inspection import MemoryEstimate
from realm_desktop.library.fit import Fit, fit_of, free_memory
from tests.support.known_models import make_inspection

MEMORY = MemoryEstimate(weights_bytes=1000, kv_bytes_per_token=1, working_bytes=100)


@pytest.mark.parametrize(
    ("free_bytes", "fit"),
    [
        (1100 + 8192, Fit.FITS),
        (1100 + 8191, Fit.TIGHT),
        (1100 + 512, Fit.TIGHT),
        (1100 + 511, Fit.TOO_LARGE),
    ],
)
def test_weights_working_space_and_cache_must_fit(free_bytes: int, fit: Fit) -> None:
    assert fit_of(make_inspection(memory=MEMORY), free_bytes) is fit


def test_layers_with_a_window_need_no_more_than_it() -> None:
    memory = replace(MEMORY, window_kv_bytes_per_token=1, window_tokens=1000)
    model = make_inspection(memory=memory)

    assert fit_of(model, 1100 + 1000) is Fit.FITS
    assert fit_of(model, 1100 + 999) is Fit.TIGHT
    assert fit_of(model, 1100 + 511) is Fit.TOO_LARGE


def test_short_context_needs_no_more_than_itself() -> None:
    model = make_inspection(memory=MEMORY, context_length=1024)

    assert fit_of(model, 1100 + 1024) is Fit.FITS


def test_header_that_says_little_is_judged_by_its_weights() -> None:
    model = make_inspection(memory=MemoryEstimate(1000, None, None), context_length=None)

    assert fit_of(model, 1000) is Fit.FITS
    assert fit_of(model, 999) is Fit.TOO_LARGE


def test_memory_of_this_machine_is_known() -> None:
    assert free_memory() > 0
