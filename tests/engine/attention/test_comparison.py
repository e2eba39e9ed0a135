"""The checks of attention pass every sound backend and find each kind of lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.attention.comparison import attention_checks
from realm_desktop.engine.attention.gather import GatherAttention, GatherAttentionPlan
from realm_desktop.engine.attention.selection import attention_backends
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.self_test import Journal, Verdict, run_checks
from tests.support.attention_cases import CPU

Lie = Callable[[AttentionShape, Batch], tuple[AttentionShape, Batch]]


class LyingAttention(GatherAttention):
    """Computes something else than it is asked for.

    Args:
        lie: What becomes of shape and batch.
    """

    name = "lying"

    def __init__(self, lie: Lie) -> None:
        self._lie = lie

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> GatherAttentionPlan:
        return super().plan(*self._lie(shape, batch), kv_cache)


class PickyAttention(GatherAttention):
    """Serves heads of 64 values alone."""

    name = "picky"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        return None if shape.head_dim == 64 else "heads have other sizes"


class ForeignAttention(GatherAttention):
    """Serves another device."""

    name = "foreign"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        return "it computes elsewhere"


def _verdict(tmp_path: Path, *backends: AttentionBackend) -> Verdict:
    journal = Journal.open(tmp_path / "cpu.json", {})
    checks = attention_checks(backends)
    run_checks(CPU, checks, journal)
    return journal.verdict(checks)


def _window_changed(by: int) -> Lie:
    def lie(shape: AttentionShape, batch: Batch) -> tuple[AttentionShape, Batch]:
        window = shape.layer_windows[0]
        wrong = None if window is None else window + by
        return shape._replace(layer_windows=(wrong,)), batch

    return lie


def _segments_changed(change: Callable[[Segment], Segment]) -> Lie:
    def lie(shape: AttentionShape, batch: Batch) -> tuple[AttentionShape, Batch]:
        return shape, replace(batch, segments=tuple(map(change, batch.segments)))

    return lie


LIES: dict[str, Lie] = {
    "scale": lambda shape, batch: (shape._replace(scale=shape.scale * 1.1), batch),
    "window one short": _window_changed(-1),
    "window one long": _window_changed(1),
    "no window": lambda shape, batch: (shape._replace(layer_windows=(None,)), batch),
    "no sinks": lambda shape, batch: (shape._replace(sinks=None), batch),
    "no bound": lambda shape, batch: (shape._replace(softcap=0.0), batch),
    "blocks in order": _segments_changed(
        lambda own: own._replace(block_ids=tuple(sorted(own.block_ids)))
    ),
    "own row unseen": _segments_changed(
        lambda own: own._replace(first_position=max(own.first_position - 1, 0))
    ),
}


def test_backends_of_the_processor_are_sound(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, *attention_backends())

    assert verdict.faults == {}
    assert all(verdict.largest_errors[name] > 0 for name in ("cpu", "gather"))


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_backend_that_lies_is_dropped(lie: Lie, tmp_path: Path) -> None:
    assert "wrong by" in _verdict(tmp_path, LyingAttention(lie)).faults["lying"]


def test_shape_that_a_backend_declines_is_not_held_against_it(tmp_path: Path) -> None:
    assert _verdict(tmp_path, PickyAttention()).why_not("picky") is None


def test_backend_of_another_device_is_missing(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, ForeignAttention())

    assert verdict.missing == {"foreign": "it computes elsewhere"}
    assert verdict.faults == {}
