"""The tensors of the KV cache."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from realm_desktop.engine.kv_cache import KVCache
from tests.support.attention_cases import CPU, small_spec


def _cache(num_blocks: int = 3, dtype: torch.dtype = torch.float32) -> KVCache:
    return KVCache(small_spec(), num_blocks, dtype, CPU)


def _rows(count: int, first: float = 1.0) -> torch.Tensor:
    return torch.arange(first, first + count * 32).view(count, 2, 16)


def test_new_cache_is_zero() -> None:
    cache = _cache()

    assert cache.k.shape == (1, 2, 3, 64, 16)
    assert not cache.k.any()
    assert not cache.v.any()


def test_row_lands_at_its_slot() -> None:
    cache = _cache()

    cache.write(0, torch.tensor([70, 3]), _rows(2), _rows(2, 100.0))

    assert torch.equal(cache.k[0, :, 1, 6], _rows(2)[0])
    assert torch.equal(cache.v[0, :, 0, 3], _rows(2, 100.0)[1])
    assert cache.k.count_nonzero() == 64


def test_views_share_the_memory_of_the_pool() -> None:
    cache = _cache()

    cache.write(0, torch.tensor([65]), _rows(1), _rows(1))

    assert torch.equal(cache.layers[0][0][:, 1, 1], _rows(1)[0])
    assert torch.equal(cache.slot_views[0][1][:, 65], _rows(1)[0])


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e30])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_values_beyond_any_sound_network_are_limited(bad: float, dtype: torch.dtype) -> None:
    cache = _cache(dtype=dtype)
    rows = torch.full((1, 2, 16), bad, dtype=dtype)

    cache.write(0, torch.tensor([0]), rows.clone(), rows.clone())

    assert cache.k.isfinite().all()
    assert cache.v.abs().max() <= 1.01e9


def test_copied_block_equals_its_source() -> None:
    cache = _cache()
    cache.write(0, torch.arange(64), _rows(64), _rows(64, 5.0))

    cache.copy_block(0, 2)

    assert torch.equal(cache.k[:, :, 2], cache.k[:, :, 0])
    assert torch.equal(cache.v[:, :, 2], cache.v[:, :, 0])
    assert not cache.k[:, :, 1].any()


def _two_kinds() -> KVCache:
    """Two layers: a full one with 2 blocks, one with a window and 5 blocks."""
    spec = replace(small_spec(), num_layers=2, layer_windows=(None, 9))
    return KVCache(spec, 2, torch.float32, CPU, num_window_blocks=5)


def test_layers_with_a_window_have_blocks_of_their_own() -> None:
    cache = _two_kinds()

    cache.write(1, torch.tensor([4 * 64]), _rows(1), _rows(1))

    assert cache.layers[1][0][:, 4].any()
    assert cache.num_bytes == 7 * KVCache.bytes_per_block(small_spec(), torch.float32)


def test_block_is_copied_in_the_layers_of_its_kind_only() -> None:
    cache = _two_kinds()
    for layer in (0, 1):
        cache.write(layer, torch.tensor([0]), _rows(1), _rows(1))

    cache.copy_block(0, 1, is_window=True)

    assert not cache.layers[0][0][:, 1].any()
    assert cache.layers[1][0][:, 1].any()


def test_window_layers_share_the_blocks_of_the_others_unless_they_have_their_own() -> None:
    spec = replace(small_spec(), num_layers=2, layer_windows=(None, 9))

    cache = KVCache(spec, 2, torch.float32, CPU)

    assert cache.num_bytes == 4 * KVCache.bytes_per_block(small_spec(), torch.float32)


@pytest.mark.parametrize(("dtype", "size"), [(torch.float32, 4), (torch.bfloat16, 2)])
def test_bytes_of_a_block_times_blocks_are_all_bytes(dtype: torch.dtype, size: int) -> None:
    per_block = KVCache.bytes_per_block(small_spec(), dtype)

    assert per_block == 2 * 1 * 2 * 64 * 16 * size
    assert _cache(5, dtype).num_bytes == 5 * per_block
