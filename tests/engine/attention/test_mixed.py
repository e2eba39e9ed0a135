"""Networks whose layers have several sizes of heads."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.mixed import MixedAttention, shape_of
from realm_desktop.engine.attention.selection import choose_attention
from tests.support.attention_cases import CPU, attention_case

pytestmark = pytest.mark.usefixtures("one_thread")

_SHAPE = AttentionShape(
    4, 2, 16, 1.0, (20, None, 20, 30), layer_heads=((2, 16), (1, 512), (2, 16), (2, 16))
)


def test_each_size_of_heads_has_its_own_backend() -> None:
    backend = choose_attention(_SHAPE, CPU, torch.float64)

    assert isinstance(backend, MixedAttention)
    assert backend.name == "cpu"
    assert backend.supports(_SHAPE, CPU, torch.float64) is None
    assert backend.supports(_SHAPE, torch.device("meta"), torch.float64) is not None


def test_shape_of_a_size_knows_only_its_windows() -> None:
    local, wide = shape_of(_SHAPE, (2, 16)), shape_of(_SHAPE, (1, 512))

    assert (local.num_kv_heads, local.head_dim, local.group_size) == (2, 16, 2)
    assert local.layer_windows == (20, 20, 20, 30)
    assert (wide.num_kv_heads, wide.head_dim, wide.group_size) == (1, 512, 4)
    assert wide.layer_windows == (None,) * 4
    assert wide.layer_heads == ()


def test_layer_is_attended_by_its_own_backend() -> None:
    case = attention_case((4, 2, 16))
    heads = (case.shape.num_kv_heads, case.shape.head_dim)
    shape = case.shape._replace(layer_heads=(heads,))

    attended = replace(case, shape=shape).attend(MixedAttention({heads: CpuAttention()}), 100, 7)

    assert torch.equal(attended, case.attend(CpuAttention(), 100, 7))
