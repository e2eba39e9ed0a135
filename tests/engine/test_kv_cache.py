"""The tensors of the KV cache."""

from __future__ import annotations

import mmap
from dataclasses import replace

import psutil
import pytest
import torch

from realm_desktop.engine.architecture.layer_forms import LayerHeads
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.protocol import KVCacheDtype
from tests.support.attention_cases import CPU, small_spec


def _cache(num_blocks: int = 3, dtype: torch.dtype = torch.float32) -> KVCache:
    return KVCache(small_spec(), num_blocks, dtype, CPU)


def _int8_cache(head_dim: int = 64, dtype: torch.dtype = torch.float32) -> KVCache:
    return KVCache(small_spec(head_dim=head_dim), 3, dtype, CPU, storage="int8")


def _rows(count: int, first: float = 1.0) -> torch.Tensor:
    return torch.arange(first, first + count * 32).view(count, 2, 16)


def _read(cache: KVCache, *block_ids: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of blocks, [num_kv_heads, positions, head_dim] each."""
    k, v = cache.read(0, cache.select(block_ids))
    return k[0], v[0]


def test_new_cache_is_zero() -> None:
    k, v = _read(_cache(), 0, 1, 2)

    assert k.shape == v.shape == (2, 3 * 64, 16)
    assert not k.any()
    assert not v.any()


def test_row_lands_at_its_slot() -> None:
    cache = _cache()

    cache.write(0, torch.tensor([70, 3]), _rows(2), _rows(2, 100.0))

    k, v = _read(cache, 0, 1, 2)
    assert torch.equal(k[:, 70], _rows(2)[0])
    assert torch.equal(v[:, 3], _rows(2, 100.0)[1])
    assert k.count_nonzero() == 64


def test_ascending_blocks_are_read_without_a_copy() -> None:
    cache = _cache()
    k, v = _read(cache, 1, 2)

    cache.write(0, torch.tensor([65]), _rows(1), _rows(1, 5.0))

    assert torch.equal(k[:, 1], _rows(1)[0])
    assert torch.equal(v[:, 1], _rows(1, 5.0)[0])


@pytest.mark.parametrize("block_ids", [(2, 1, 0), (0, 2), (1, 1), (1, 0, 2), (2, 0, 1)])
def test_blocks_are_read_in_the_order_asked(block_ids: tuple[int, ...]) -> None:
    cache = _cache()
    cache.write(0, torch.arange(192), _rows(192), _rows(192, 0.5))
    whole = [part.view(2, 3, 64, 16) for part in _read(cache, 0, 1, 2)]

    found = _read(cache, *block_ids)

    for part, everything in zip(found, whole, strict=True):
        expected = torch.cat([everything[:, block] for block in block_ids], 1)
        assert torch.equal(part, expected)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e30])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_values_beyond_any_sound_network_are_limited(bad: float, dtype: torch.dtype) -> None:
    cache = _cache(dtype=dtype)
    rows = torch.full((1, 2, 16), bad, dtype=dtype)

    cache.write(0, torch.tensor([0]), rows.clone(), rows.clone())

    k, v = _read(cache, 0)
    assert k.isfinite().all()
    assert v.abs().max() <= 1.01e9


def test_copied_block_equals_its_source() -> None:
    cache = _cache()
    cache.write(0, torch.arange(64), _rows(64), _rows(64, 5.0))

    cache.copy_block(0, 2)

    for copied, original in zip(_read(cache, 2), _read(cache, 0), strict=True):
        assert torch.equal(copied, original)
    assert not _read(cache, 1)[0].any()


def _two_kinds() -> KVCache:
    """Two layers: a full one with 2 blocks, one with a window and 5 blocks."""
    spec = replace(small_spec(), num_layers=2, layer_windows=(None, 9))
    return KVCache(spec, 2, torch.float32, CPU, num_window_blocks=5)


def test_layers_with_a_window_have_blocks_of_their_own() -> None:
    cache = _two_kinds()

    cache.write(1, torch.tensor([4 * 64]), _rows(1), _rows(1))

    assert cache.read(1, cache.select((4,)))[0].any()
    assert cache.num_bytes == 7 * KVCache.bytes_per_block(small_spec(), torch.float32)


def test_block_is_copied_in_the_layers_of_its_kind_only() -> None:
    cache = _two_kinds()
    for layer in (0, 1):
        cache.write(layer, torch.tensor([0]), _rows(1), _rows(1))

    cache.copy_block(0, 1, is_window=True)

    assert not cache.read(0, cache.select((1,)))[0].any()
    assert cache.read(1, cache.select((1,)))[0].any()


def test_window_layers_share_the_blocks_of_the_others_unless_they_have_their_own() -> None:
    spec = replace(small_spec(), num_layers=2, layer_windows=(None, 9))

    cache = KVCache(spec, 2, torch.float32, CPU)

    assert cache.num_bytes == 4 * KVCache.bytes_per_block(small_spec(), torch.float32)


@pytest.mark.parametrize(("dtype", "size"), [(torch.float32, 4), (torch.bfloat16, 2)])
def test_bytes_of_a_block_times_blocks_are_all_bytes(dtype: torch.dtype, size: int) -> None:
    per_block = KVCache.bytes_per_block(small_spec(), dtype)

    assert per_block == 2 * 1 * 2 * 64 * 16 * size
    assert _cache(5, dtype).num_bytes == 5 * per_block


@pytest.mark.parametrize("head_dim", [12, 16, 32, 64, 80, 128])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_int8_rows_are_near_what_was_written(head_dim: int, dtype: torch.dtype) -> None:
    cache = _int8_cache(head_dim, dtype)
    rows = torch.randn(192, 2, head_dim, generator=torch.Generator().manual_seed(0)).to(dtype)

    cache.write(0, torch.arange(192), rows.clone(), rows.clone())

    # Half a step of 1/127 of the largest, and the rounding of dtype to store the product.
    bound = rows.abs().amax() * (0.5 / 127 + (2**-8 if dtype is torch.bfloat16 else 1e-6))
    for part in _read(cache, 0, 1, 2):
        assert (part.transpose(0, 1) - rows).abs().max() <= bound


def test_large_value_spoils_only_its_own_32() -> None:
    cache, rows = _int8_cache(64), torch.full((1, 2, 64), 0.9)
    rows[..., 40] = 1000.0

    cache.write(0, torch.tensor([0]), rows.clone(), rows.clone())

    k, _ = _read(cache, 0)
    assert (k[:, 0, :32] - 0.9).abs().max() < 1e-6
    assert (k[:, 0, 40] - 1000.0).abs().max() < 1e-3


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_int8_row_is_the_same_whatever_is_written_beside_it(dtype: torch.dtype) -> None:
    rows = torch.randn(100, 2, 64, generator=torch.Generator().manual_seed(0)).to(dtype)
    together, alone = _int8_cache(64, dtype), _int8_cache(64, dtype)

    together.write(0, torch.arange(100), rows.clone(), rows.clone())
    for slot in range(100):
        row = rows[slot : slot + 1]
        alone.write(0, torch.tensor([slot]), row.clone(), row.clone())

    for part, expected in zip(_read(together, 0, 1), _read(alone, 0, 1), strict=True):
        assert torch.equal(part, expected)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e30, 0.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_int8_rows_stay_finite_and_limited(bad: float, dtype: torch.dtype) -> None:
    cache, rows = _int8_cache(64, dtype), torch.full((1, 2, 64), bad, dtype=dtype)

    cache.write(0, torch.tensor([0]), rows.clone(), rows.clone())

    for part in _read(cache, 0):
        assert part.isfinite().all()
        assert part.abs().max() <= 1.02e9


def test_int8_copy_of_a_block_has_its_scales() -> None:
    cache = _int8_cache(16)
    cache.write(0, torch.arange(64), _rows(64), _rows(64, 5.0))

    cache.copy_block(0, 2)

    copied = [part.clone() for part in _read(cache, 2)]
    for part, original in zip(copied, _read(cache, 0), strict=True):
        assert torch.equal(part, original)
        assert part.any()


def test_int8_blocks_out_of_order_have_the_bits_of_ascending_ones() -> None:
    cache = _int8_cache(16)
    cache.write(0, torch.arange(192), _rows(192), _rows(192, 0.5))
    whole = [part.clone().view(2, 3, 64, 16) for part in _read(cache, 0, 1, 2)]

    for part, everything in zip(_read(cache, 2, 0), whole, strict=True):
        assert torch.equal(part, torch.cat([everything[:, 2], everything[:, 0]], 1))


@pytest.mark.parametrize(
    ("head_dim", "dtype", "row"),
    [(128, torch.bfloat16, 136), (64, torch.float32, 72), (80, torch.bfloat16, 82)],
)
def test_int8_bytes_count_the_scales(head_dim: int, dtype: torch.dtype, row: int) -> None:
    spec = small_spec(head_dim=head_dim)
    per_block = KVCache.bytes_per_block(spec, dtype, storage="int8")

    assert per_block == 2 * 2 * 64 * row
    assert _int8_cache(head_dim, dtype).num_bytes == 3 * per_block


def test_int8_holds_nearly_twice_the_tokens_of_bfloat16() -> None:
    spec = small_spec(head_dim=128)
    plain = KVCache.bytes_per_block(spec, torch.bfloat16)

    assert plain / KVCache.bytes_per_block(spec, torch.bfloat16, storage="int8") == 256 / 136


def _large_cache(storage: KVCacheDtype = "auto") -> KVCache:
    """Two layers of one head; a block of a layer's keys is 16 KiB in float32."""
    spec = replace(small_spec(head_dim=64), num_layers=2, layer_windows=(None, 64))
    return KVCache(spec, 512, torch.float32, CPU, num_window_blocks=256, storage=storage)


def _fill(cache: KVCache) -> None:
    for layer, values in enumerate(cache._values):
        rows = torch.ones(values.shape[2] * 64, values.shape[1], values.shape[-1])
        cache.write(layer, torch.arange(len(rows)), rows, rows.clone())


@pytest.mark.skipif(not hasattr(mmap, "MADV_REMOVE"), reason="only Linux takes memory back")
@pytest.mark.parametrize("is_window", [False, True])
@pytest.mark.parametrize("storage", ["auto", "int8"])
def test_memory_of_retired_blocks_goes_back_and_other_blocks_stay(
    storage: KVCacheDtype, is_window: bool
) -> None:
    cache, process = _large_cache(storage), psutil.Process()
    _fill(cache)
    before = process.memory_info().rss
    num_bytes = cache.give_back([*range(10, 100), *range(120, 240)], is_window)
    freed = before - process.memory_info().rss
    kept, gone = (cache._values[is_window][:, :, index] for index in (110, 50))

    assert freed >= 0.9 * num_bytes > 2**20
    assert kept.all()
    assert not gone.any()
    assert cache._values[not is_window].all()


def test_memory_that_cannot_be_given_back_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(mmap, "MADV_REMOVE", raising=False)
    cache = _cache()
    _fill(cache)

    assert not cache.can_give_back
    assert cache.give_back([0, 1]) == 0
    assert all(values.all() for values in cache._values)


class _PlainPages(mmap.mmap):
    """Memory of a system that takes no advice about it."""

    def madvise(self, option: int, start: int = 0, length: int = 0) -> None:
        raise OSError(22, "Invalid argument")


@pytest.mark.parametrize("storage", ["auto", "int8"])
def test_system_without_advice_has_a_cache_all_the_same(
    storage: KVCacheDtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mmap, "mmap", _PlainPages)
    cache = _large_cache(storage)
    _fill(cache)

    assert cache.give_back([*range(10, 100)]) == 0
    assert all(values.all() for values in cache._values)


def test_plain_pool_is_what_is_read() -> None:
    cache = _cache()
    pool = cache.plain_pool(0)
    assert pool is not None

    pool[1, :, 65] = 7.0

    assert torch.equal(_read(cache, 1)[1][:, 1], torch.full((2, 16), 7.0))
    assert _int8_cache().plain_pool(0) is None


def _sharing_spec() -> ModelSpec:
    """Four layers of two sizes; the last two read the keys and values of the first two."""
    heads = (LayerHeads(2, 16), LayerHeads(1, 32)) * 2
    return replace(
        small_spec(),
        num_layers=4,
        layer_windows=(64, None) * 2,
        layer_heads=heads,
        kv_sources=(0, 1, 0, 1),
    )


@pytest.mark.parametrize("storage", ["auto", "int8"])
def test_layer_finds_the_keys_of_the_one_it_reads(storage: KVCacheDtype) -> None:
    cache = KVCache(_sharing_spec(), 3, torch.float32, CPU, storage=storage)

    cache.write(1, torch.tensor([70]), torch.full((1, 1, 32), 3.0), torch.full((1, 1, 32), 4.0))

    blocks = cache.select((1,))
    for found, expected in zip(cache.read(3, blocks), (3.0, 4.0), strict=True):
        assert found[0, 0, 6].tolist() == pytest.approx([expected] * 32, rel=1e-2)
    assert not cache.read(2, blocks)[0].any()


@pytest.mark.parametrize("storage", ["auto", "int8"])
def test_shared_keys_take_memory_once(storage: KVCacheDtype) -> None:
    spec = _sharing_spec()
    cache = KVCache(spec, 3, torch.float32, CPU, num_window_blocks=2, storage=storage)
    full, windowed = (
        KVCache.bytes_per_block(spec, torch.float32, is_windowed=own, storage=storage)
        for own in (False, True)
    )

    assert cache.num_bytes == 3 * full + 2 * windowed
    assert full + windowed == KVCache.bytes_per_block(spec, torch.float32, storage=storage)
    if storage == "auto":
        assert (full, windowed) == (2 * 64 * 32 * 4, 2 * 2 * 64 * 16 * 4)


def test_shared_block_is_copied_and_given_back_once() -> None:
    cache = KVCache(_sharing_spec(), 64, torch.float32, CPU)
    cache.write(1, torch.arange(64), torch.ones(64, 1, 32), torch.ones(64, 1, 32))

    cache.copy_block(0, 5)

    assert cache.read(3, cache.select((5,)))[0].all()
    if cache.can_give_back:
        plain = KVCache(replace(_sharing_spec(), kv_sources=()), 64, torch.float32, CPU)
        assert cache.give_back(range(64)) * 2 == plain.give_back(range(64))
