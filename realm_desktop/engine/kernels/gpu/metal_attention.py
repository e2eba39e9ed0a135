"""A Metal shader of attention over the block cache for few rows; `attention/metal_paged.py` launches it.

The source alone, compiled for the heads of a network through `torch.mps.compile_shader`; tests compile
it as C++. A SIMD group attends with one row for one key head: its lanes share the values of the head,
so a key is read once for all query heads of the group. Keys are taken one by one in splits of SPLIT
positions, joined in order as in `paged_attention.py`, so the bits of a row are its own. What a row does
not see is not read, and no number is infinite: Metal may be told to believe that none is.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import torch

from realm_desktop.engine.kernels.gpu.metal_products import METAL_DTYPES

LANES: Final = 32
"""Threads of a SIMD group."""

_STORED: Final = MappingProxyType({**METAL_DTYPES, torch.int8: "signed char"})

# Sizes are `long`, as torch passes integers of Python.
_SOURCE: Final = """
#include <metal_stdlib>
using namespace metal;
// Both kernels join splits: fused, each might round another product.
#pragma clang fp contract(off)

typedef ROW_TYPE T;
typedef STORED_TYPE S;
enum {
    HEADS = %(heads)d, GROUP = %(group)d, HEAD_DIM = %(head_dim)d, NUM_SCALES = %(scales)d,
    HAS_SINKS = %(sinks)d, HAS_CAP = %(cap)d, SPLIT = %(split)d,
    BLOCK_SIZE = 64, SCALE_GROUP = 32, LANES = 32, TILE_FIELDS = 8, JOIN_FIELDS = 4,
    KEY_HEADS = HEADS / GROUP, OWN = (HEAD_DIM + LANES - 1) / LANES
};
constant float LOWEST = -1e30f;  // below every score, as no score at all is
constant float LOG2_E = 1.44269504f;

// The hyperbolic tangent, which is 1 in float32 from 10 on.
static inline float bend(float x) {
    float near = x > 15.0f ? 15.0f : x < -15.0f ? -15.0f : x;
    return 1.0f - 2.0f / (exp2(near * (2.0f * LOG2_E)) + 1.0f);
}

// Value `lane`, `lane + 32` and so on of a row of the cache; zeros beyond the end of a head.
static inline void fetch(device const S* pool, device const T* scales, long slot, uint lane,
                         thread float* own) {
    for (uint i = 0; i < OWN; ++i) {
        uint dim = lane + LANES * i;
        own[i] = 0.0f;
        if (dim < HEAD_DIM) {
            own[i] = float(pool[slot * HEAD_DIM + dim]);
            if (NUM_SCALES > 0) {
                // Rounded to the type of the rows, as the cache rounds what it reads.
                long at = slot * NUM_SCALES + (NUM_SCALES > 1 ? dim / SCALE_GROUP : 0);
                own[i] = float(T(own[i] * float(scales[at])));
            }
        }
    }
}

// Sums of weighted values, sum of weights and largest score of one query head.
struct sums {
    float top, weight, total[OWN];
};

static inline void clear(thread sums& own) {
    own.top = LOWEST;
    own.weight = 0.0f;
    for (uint i = 0; i < OWN; ++i) own.total[i] = 0.0f;
}

static inline void add(thread sums& own, float top, float weight, thread const float* values) {
    float joint = top > own.top ? top : own.top;
    float before = exp2(own.top - joint), added = exp2(top - joint);
    own.weight = own.weight * before + weight * added;
    for (uint i = 0; i < OWN; ++i) own.total[i] = own.total[i] * before + values[i] * added;
    own.top = joint;
}

static inline void finish(thread sums& own, device const float* sinks, uint head, device T* out,
                          uint lane) {
    float factor = 1.0f;
    if (HAS_SINKS) {
        float sink = sinks[head] * LOG2_E;
        float joint = sink > own.top ? sink : own.top;
        factor = exp2(own.top - joint);
        own.weight = own.weight * factor + exp2(sink - joint);
    }
    for (uint i = 0; i < OWN; ++i) {
        uint dim = lane + LANES * i;
        if (dim < HEAD_DIM) out[head * HEAD_DIM + dim] = T(own.total[i] * factor / own.weight);
    }
}

// Tile `place.z`, which is one row, for key head `place.y`. Tables: attention/tile_tables.py.
kernel void attend(
    device const T* q [[buffer(0)]], device const S* keys [[buffer(1)]],
    device const S* values [[buffer(2)]], device const T* key_scales [[buffer(3)]],
    device const T* value_scales [[buffer(4)]], device const float* sinks [[buffer(5)]],
    device T* out [[buffer(6)]], device float* partials [[buffer(7)]],
    device const int* tables [[buffer(8)]], device const int* tiles [[buffer(9)]],
    constant long& q_stride [[buffer(10)]], constant long& pool_slots [[buffer(11)]],
    constant long& window [[buffer(12)]], constant float& scale [[buffer(13)]],
    constant float& cap [[buffer(14)]], uint3 place [[thread_position_in_grid]]) {
    uint lane = place.x, key_head = place.y;
    device const int* tile = tiles + long(place.z) * TILE_FIELDS;
    long row = tile[0], position = tile[2];
    device const int* block_ids = tables + tile[3];
    long first_split = tile[4], end_split = first_split + tile[5], partial = tile[6];
    long first_seen = position - window + 1 > 0 ? position - window + 1 : 0;

    float queries[GROUP][OWN];
    for (uint head = 0; head < GROUP; ++head) {
        for (uint i = 0; i < OWN; ++i) {
            uint dim = lane + LANES * i;
            long at = row * q_stride + (key_head * GROUP + head) * HEAD_DIM + dim;
            queries[head][i] = dim < HEAD_DIM ? float(q[at]) : 0.0f;
        }
    }
    sums all[GROUP];
    for (uint head = 0; head < GROUP; ++head) clear(all[head]);
    for (long split = first_split; split < end_split; ++split) {
        sums own[GROUP];
        for (uint head = 0; head < GROUP; ++head) clear(own[head]);
        long start = split * SPLIT > first_seen ? split * SPLIT : first_seen;
        long end = (split + 1) * SPLIT < position + 1 ? (split + 1) * SPLIT : position + 1;
        for (long at = start; at < end; ++at) {
            long slot = key_head * pool_slots + long(block_ids[at / BLOCK_SIZE]) * BLOCK_SIZE
                + at %% BLOCK_SIZE;
            float key[OWN], value[OWN];
            fetch(keys, key_scales, slot, lane, key);
            fetch(values, value_scales, slot, lane, value);
            for (uint head = 0; head < GROUP; ++head) {
                float product = 0.0f;
                for (uint i = 0; i < OWN; ++i) product += queries[head][i] * key[i];
                float score = simd_sum(product) * scale;
                if (HAS_CAP) score = cap * bend(score);
                add(own[head], score, 1.0f, value);
            }
        }
        for (uint head = 0; head < GROUP; ++head) {
            add(all[head], own[head].top, own[head].weight, own[head].total);
        }
    }
    for (uint head = 0; head < GROUP; ++head) {
        uint query_head = key_head * GROUP + head;
        if (partial < 0) {
            finish(all[head], sinks, query_head, out + row * HEADS * HEAD_DIM, lane);
            continue;
        }
        device float* kept = partials + ((partial + head) * KEY_HEADS + key_head) * (HEAD_DIM + 2);
        for (uint i = 0; i < OWN; ++i) {
            uint dim = lane + LANES * i;
            if (dim < HEAD_DIM) kept[dim] = all[head].total[i];
        }
        if (lane == 0) {
            kept[HEAD_DIM] = all[head].top;
            kept[HEAD_DIM + 1] = all[head].weight;
        }
    }
}

// Row `place.z` of the table for query head `place.y`.
kernel void join(
    device const float* partials [[buffer(0)]], device const float* sinks [[buffer(1)]],
    device T* out [[buffer(2)]], device const int* joins [[buffer(3)]],
    uint3 place [[thread_position_in_grid]]) {
    uint lane = place.x, head = place.y;
    device const int* entry = joins + long(place.z) * JOIN_FIELDS;
    long row = entry[0], partial = entry[1] + head %% GROUP, distance = entry[2];
    sums all, next;
    clear(all);
    for (long split = 0; split < entry[3]; ++split) {
        long at = (partial + split * distance) * KEY_HEADS + head / GROUP;
        device const float* kept = partials + at * (HEAD_DIM + 2);
        for (uint i = 0; i < OWN; ++i) {
            uint dim = lane + LANES * i;
            next.total[i] = dim < HEAD_DIM ? kept[dim] : 0.0f;
        }
        next.top = kept[HEAD_DIM];
        next.weight = kept[HEAD_DIM + 1];
        add(all, next.top, next.weight, next.total);
    }
    finish(all, sinks, head, out + row * HEADS * HEAD_DIM, lane);
}
"""


def attention_source(
    dtype: torch.dtype,
    stored: torch.dtype,
    *,
    heads: int,
    group: int,
    head_dim: int,
    scales: int,
    split: int,
    sinks: bool,
    cap: bool,
) -> str:
    """The shader for one network.

    Args:
        dtype: Of queries, scales and results, one of METAL_DTYPES.
        stored: Of keys and values: the same, or int8.
        heads: Query heads.
        group: Query heads of a key head.
        head_dim: Values of a head.
        scales: Of a row of a head; 0 unless int8.
        split: Positions of a split.
        sinks: Whether there are sinks.
        cap: Whether scores have a bound.
    """
    sizes = {"heads": heads, "group": group, "head_dim": head_dim, "scales": scales, "split": split}
    source = _SOURCE % {**sizes, "sinks": sinks, "cap": cap}
    return source.replace("ROW_TYPE", METAL_DTYPES[dtype]).replace("STORED_TYPE", _STORED[stored])
