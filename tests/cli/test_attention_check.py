"""The check of `doctor` accepts what is right and finds what is wrong."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.cli import attention_check
from realm_desktop.cli.attention_check import check_attention
from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.gather import GatherAttention, GatherAttentionPlan
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.kv_cache import KVCache

CPU = torch.device("cpu")


class BlindAttention(GatherAttention):
    """A backend with the wrong scale."""

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> GatherAttentionPlan:
        return super().plan(shape._replace(scale=1.0), batch, kv_cache)


def test_the_attention_of_the_cpu_is_sound() -> None:
    check = check_attention(CPU)

    assert check.is_sound
    assert check.max_error < 1e-4
    assert check.backend


def test_a_wrong_backend_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_check, "choose_attention", lambda *_, **__: BlindAttention())

    assert not check_attention(CPU).is_sound
