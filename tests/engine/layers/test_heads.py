"""Heads are turned and stored alike by torch and by the CPU kernels, whatever form the cache has."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.kernels.row_operations import HeadLayout, HeadsKernel
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.layers.heads import HeadTurning, KernelHeads, TorchHeads
from realm_desktop.engine.layers.norm import HeadNorm
from realm_desktop.protocol import KVCacheDtype
from tests.support.attention_cases import CPU, small_spec
from tests.support.kernels import fastest_kernels, random_rows

pytestmark = pytest.mark.usefixtures("one_thread")

SPEC = small_spec()
LAYOUT = HeadLayout(SPEC.num_heads, SPEC.num_kv_heads, SPEC.head_dim)
WIDTH = (SPEC.num_heads + 2 * SPEC.num_kv_heads) * SPEC.head_dim
POSITIONS, SLOTS = torch.tensor([5, 6, 63]), torch.tensor([70, 3, 127])
DTYPES = (torch.float32, torch.bfloat16)


def tables() -> tuple[Tensor, Tensor]:
    """Cosines and signed sines of 64 positions."""
    angles = torch.linspace(0.0, 40.0, 64 * SPEC.head_dim // 2).view(64, 1, -1)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat((cos, cos), 2), torch.cat((-sin, sin), 2)


def both_ways(
    dtype: torch.dtype, storage: KVCacheDtype = "auto", norm: HeadNorm | None = None
) -> list[tuple[HeadTurning, KVCache]]:
    """torch's way and that of the kernels, each with a cache of its own."""
    first, second = (KVCache(SPEC, 2, dtype, CPU, storage=storage) for _ in range(2))
    cos, sin = tables()
    kernel = HeadsKernel(fastest_kernels(), LAYOUT, POSITIONS, cos, sin)
    plain = TorchHeads(LAYOUT, [norm], (cos[POSITIONS], sin[POSITIONS]), first)
    return [(plain, first), (KernelHeads(kernel, LAYOUT, [norm], second), second)]


@pytest.mark.parametrize("storage", ["auto", "int8"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_kernels_give_the_bits_of_torch(dtype: torch.dtype, storage: KVCacheDtype) -> None:
    ways = both_ways(dtype, storage)
    qkv = random_rows(3, WIDTH).to(dtype)

    queries = [way(0, qkv.clone(), SLOTS) for way, _ in ways]

    stored = [cache.read(0, cache.select([0, 1])) for _, cache in ways]
    assert torch.equal(*queries)
    assert torch.equal(stored[0][0], stored[1][0])
    assert torch.equal(stored[0][1], stored[1][1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_norm_of_heads_agrees(dtype: torch.dtype) -> None:
    query, key = (torch.linspace(*ends, SPEC.head_dim).to(dtype) for ends in ((1, 2), (-1, 1)))
    norm = HeadNorm(query, key, SPEC.num_heads, SPEC.num_kv_heads, 1e-5)
    ways = both_ways(dtype, norm=norm)
    qkv = random_rows(3, WIDTH).to(dtype)

    queries = [way(0, qkv.clone(), SLOTS) for way, _ in ways]

    # torch rounds to bfloat16 after the norm and after its weight, the kernels once.
    bound = 3e-2 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(*queries, rtol=bound, atol=bound)
    keys = [cache.read(0, cache.select([0, 1]))[0] for _, cache in ways]
    torch.testing.assert_close(*keys, rtol=bound, atol=bound)


@pytest.mark.parametrize("storage", ["auto", "int8"])
def test_padding_is_neither_stored_nor_seen(storage: KVCacheDtype) -> None:
    ways = both_ways(torch.float32, storage)
    qkv = random_rows(8, WIDTH)

    for way, cache in ways:
        padded = way(0, qkv.clone(), SLOTS).clone()
        stored = cache.read(0, cache.select([0, 1]))[0].clone()
        alone = way(0, qkv[:3].clone(), SLOTS) if isinstance(way, KernelHeads) else padded[:3]

        assert not padded[3:].any()
        assert torch.equal(padded[:3], alone)
        assert stored.any(-1).sum() == 3 * SPEC.num_kv_heads
