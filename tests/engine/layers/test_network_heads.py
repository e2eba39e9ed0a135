"""Heads of a whole network: what layers share, and which rows of the tables a step reads."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from realm_desktop.engine.architecture.layer_forms import LayerHeads
from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.layers.network_heads import NetworkHeads, head_layout
from realm_desktop.engine.weights.loader import WeightLoader
from tests.support.attention_cases import CPU, small_spec
from tests.support.forward import Chat, make_batch

SPEC = replace(small_spec(), num_layers=4, layer_windows=(None,) * 4)
LONG = RopeSpec(
    scaling="longrope",
    original_context_length=8,
    short_factors=(1.0,) * 8,
    long_factors=(2.0,) * 8,
)


def network(spec: ModelSpec) -> NetworkHeads:
    """Of a network without weights in its heads, computed by torch."""
    loader: Any = SimpleNamespace(
        spec=spec, kernels=None, dtype=torch.float32, device=CPU, rope_factors=lambda: None
    )
    return NetworkHeads(cast("WeightLoader", loader))


def prepare(heads: NetworkHeads, spec: ModelSpec, batch: Batch) -> tuple[object, ...]:
    return heads.prepare(batch, KVCache(spec, 1, torch.float32, CPU), 64)


def batch(*parts: tuple[int, int, bool]) -> Batch:
    """Rows of chats: first position, how many, and whether the chat is a long one."""
    chats = [
        (Chat([1] * 64, (0,), num_computed=first, is_long=is_long), count)
        for first, count, is_long in parts
    ]
    return make_batch(chats)


def test_layers_of_one_kind_are_turned_by_one_object() -> None:
    local = RopeSpec(base=100.0)
    spec = replace(SPEC, layer_ropes=(SPEC.rope, local, SPEC.rope, local))

    turned = prepare(network(spec), spec, batch((0, 2, False)))

    assert turned[0] is turned[2]
    assert turned[1] is turned[3]
    assert turned[0] is not turned[1]


def test_heads_of_another_length_are_of_another_kind() -> None:
    spec = replace(SPEC, layer_heads=(LayerHeads(2, 16), LayerHeads(2, 32)) * 2)

    turned = prepare(network(spec), spec, batch((0, 2, False)))

    assert len(set(map(id, turned))) == 2


def test_layer_that_reads_keys_of_another_makes_none() -> None:
    spec = replace(SPEC, kv_sources=(0, 1, 1, 1))

    assert [head_layout(spec, layer).num_kv_heads for layer in range(4)] == [2, 2, 0, 0]


def test_tables_are_the_same_until_they_grow() -> None:
    heads = network(SPEC)
    first = heads.tables(10)

    assert heads.tables(1024) is first
    assert heads.tables(1025) is not first


def test_tables_of_all_kinds_grow_together() -> None:
    spec = replace(SPEC, layer_ropes=(SPEC.rope, RopeSpec(base=100.0)) * 2)
    heads = network(spec)
    heads.tables(2000)

    sizes = [kind.rotary.whole_tables(1)[0].shape[0] for kind in heads._kinds]

    assert sizes == [2048, 2048]


def test_factors_of_queries_keep_their_memory_until_the_tables_grow() -> None:
    heads = network(replace(SPEC, query_growth=0.1, rope=RopeSpec(original_context_length=8)))
    first = heads._query_factors(1024, 1)

    assert heads._query_factors(1024, 1) is first
    assert first is not None
    # ln(1 + floor(position / 8)) · 0.1 + 1
    expected = [1.0, 1.0 + 0.1 * torch.tensor(2.0).log().item()]
    assert first[[7, 8]].tolist() == pytest.approx(expected)
    assert heads._query_factors(2048, 1) is not first


def test_network_of_one_table_reads_it_by_position() -> None:
    given = batch((3, 2, False))

    assert network(SPEC).with_table_rows(given) is given


def test_rows_of_long_chats_read_the_second_table() -> None:
    heads = network(replace(SPEC, rope=LONG))

    found = heads.with_table_rows(batch((3, 2, False), (5, 2, True))).table_rows

    assert found is not None
    assert found.tolist() == [6, 8, 11, 13]


def test_rows_beyond_the_original_context_read_the_second_table() -> None:
    heads = network(replace(SPEC, rope=LONG))

    found = heads.with_table_rows(batch((6, 4, False))).table_rows

    assert found is not None
    assert found.tolist() == [12, 14, 17, 19]
