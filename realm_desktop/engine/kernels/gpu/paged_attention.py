"""Triton kernels of attention over the block cache; `attention/triton_paged.py` lays out and launches.

A program attends with one *tile* of rows for one key head: rows of one sequence, times the query
heads that share the key head. Keys are summed in steps of STEP positions within *splits* of SPLIT
positions that begin at multiples of SPLIT, and the splits are joined in order, by the program itself
or by `join_splits`: with the same operations, so that a row's bits do not tell who joined them. What
a row does not see weighs exactly zero: the other rows of its tile cannot change it.

Online softmax as in FlashAttention-2 (arXiv 2307.08691). Imported where Triton is there alone.
"""

from __future__ import annotations

import triton.language as tl

from realm_desktop.engine.kernels.gpu.jit import jit

SCALE_GROUP = tl.constexpr(32)  # KV_GROUP_SIZE of kv_blocks.py; a kernel reads no plain globals
TILE_FIELDS = tl.constexpr(8)
JOIN_FIELDS = tl.constexpr(4)
LOG2_E = tl.constexpr(1.4426950408889634)  # exponents are to the base of 2, which devices have


@jit
def attend_tiles(
    q: tl.tensor,
    keys: tl.tensor,
    values: tl.tensor,
    key_scales: tl.tensor,
    value_scales: tl.tensor,
    sinks: tl.tensor,
    out: tl.tensor,
    partial_sums: tl.tensor,
    partial_tops: tl.tensor,
    tables: tl.tensor,
    tiles: tl.tensor,
    q_stride: tl.tensor,
    pool_slots: tl.tensor,
    window: tl.tensor,
    score_scale: tl.tensor,
    cap: tl.tensor,
    NUM_HEADS: tl.constexpr,
    GROUP: tl.constexpr,
    HEAD_DIM: tl.constexpr,
    DIM_PAD: tl.constexpr,
    NUM_SCALES: tl.constexpr,
    HAS_CAP: tl.constexpr,
    HAS_SINKS: tl.constexpr,
    ROWS: tl.constexpr,
    STEP: tl.constexpr,
    BLOCK_SIZE: tl.constexpr,
    SPLIT: tl.constexpr,
    PRECISION: tl.constexpr,
) -> None:
    """Attend with tile `program_id(0)` for key head `program_id(1)`.

    Args:
        q: [T, NUM_HEADS, HEAD_DIM], rows `q_stride` values apart.
        keys: [key heads, pool_slots, HEAD_DIM], of q's type or int8.
        values: Likewise.
        key_scales: [key heads, pool_slots, NUM_SCALES]; unread if NUM_SCALES is 0.
        value_scales: Likewise.
        sinks: [NUM_HEADS] float32; unread without HAS_SINKS.
        out: [T, NUM_HEADS, HEAD_DIM].
        partial_sums: [partials, key heads, HEAD_DIM] float32, of splits that `join_splits` joins.
        partial_tops: [partials, key heads, 2] float32: their largest scores and sums of weights.
        tables: int32: block ids, at the places that tiles name.
        tiles: [tiles, TILE_FIELDS] int32, see `attention/tile_tables.py`.
        q_stride: Values between two rows of q.
        pool_slots: Slots of a key head.
        window: Positions that a row sees, itself included.
        score_scale: Of the products, times LOG2_E; with HAS_CAP the scale divided by the cap.
        cap: Bound of the scores, times LOG2_E.
        NUM_HEADS: Query heads.
        GROUP: Query heads of a key head.
        HEAD_DIM: Values of a head.
        DIM_PAD: The next power of two, at least 16.
        NUM_SCALES: Of a row of a head; 0 where values are stored themselves.
        HAS_CAP: Whether scores have a bound.
        HAS_SINKS: Whether there are sinks.
        ROWS: Folded rows of a tile, a power of two.
        STEP: Positions multiplied at a time, a divisor of BLOCK_SIZE.
        BLOCK_SIZE: Positions of a block.
        SPLIT: Positions of a split, a multiple of BLOCK_SIZE.
        PRECISION: Of products of float32.
    """
    tile = tiles + tl.program_id(0) * TILE_FIELDS
    kv_head = tl.program_id(1)
    first_row = tl.load(tile)
    num_rows = tl.load(tile + 1)
    position = tl.load(tile + 2)
    block_ids = tables + tl.load(tile + 3)
    first_split = tl.load(tile + 4)
    num_splits = tl.load(tile + 5)
    first_partial = tl.load(tile + 6)

    folded = tl.arange(0, ROWS)
    row = folded // GROUP
    head = kv_head * GROUP + folded % GROUP
    dims = tl.arange(0, DIM_PAD)
    is_row = row < num_rows
    is_value = is_row[:, None] & (dims < HEAD_DIM)[None, :]
    rows = (first_row + row).to(tl.int64)
    q_at = (rows * q_stride + head * HEAD_DIM)[:, None] + dims[None, :]
    queries = tl.load(q + q_at, mask=is_value, other=0.0)

    # Rows beyond the tile's see what its last row sees: nothing more is read for them.
    positions = position + tl.minimum(row, num_rows - 1)
    first_seen = tl.maximum(position - window + 1, 0) // STEP * STEP
    total = tl.zeros([ROWS, DIM_PAD], tl.float32)
    weight = tl.zeros([ROWS], tl.float32)
    top = tl.full([ROWS], float("-inf"), tl.float32)
    for split in range(first_split, first_split + num_splits):
        start = tl.maximum(split * SPLIT, first_seen)
        end = tl.minimum((split + 1) * SPLIT, position + num_rows)
        split_total, split_weight, split_top = _sum_split(
            queries, positions, start, end, block_ids, kv_head.to(tl.int64) * pool_slots, keys, values,
            key_scales, value_scales, window, score_scale, cap, HEAD_DIM, DIM_PAD, NUM_SCALES, HAS_CAP,
            ROWS, STEP, BLOCK_SIZE, PRECISION,
        )  # fmt: skip
        total, weight, top = _join(total, weight, top, split_total, split_weight, split_top)

    if first_partial < 0:
        if HAS_SINKS:
            sink = tl.load(sinks + head)
            total, weight = _add_sink(total, weight, top, sink)
        out_at = (rows * (NUM_HEADS * HEAD_DIM) + head * HEAD_DIM)[:, None] + dims[None, :]
        tl.store(out + out_at, _finish(total, weight).to(out.dtype.element_ty), mask=is_value)
    else:
        partial = (first_partial + folded).to(tl.int64) * tl.num_programs(1) + kv_head
        tl.store(partial_sums + partial[:, None] * HEAD_DIM + dims[None, :], total, mask=is_value)
        tl.store(partial_tops + partial * 2, top, mask=is_row)
        tl.store(partial_tops + partial * 2 + 1, weight, mask=is_row)


@jit
def join_splits(
    partial_sums: tl.tensor,
    partial_tops: tl.tensor,
    sinks: tl.tensor,
    out: tl.tensor,
    joins: tl.tensor,
    NUM_HEADS: tl.constexpr,
    GROUP: tl.constexpr,
    HEAD_DIM: tl.constexpr,
    DIM_PAD: tl.constexpr,
    HAS_SINKS: tl.constexpr,
) -> None:
    """Join the splits of row `program_id(0)` of the table for query head `program_id(1)`.

    Args:
        partial_sums: As `attend_tiles` left them.
        partial_tops: Likewise.
        sinks: As there.
        out: As there.
        joins: [rows, JOIN_FIELDS] int32, see `attention/tile_tables.py`.
        NUM_HEADS: As there.
        GROUP: As there.
        HEAD_DIM: As there.
        DIM_PAD: As there.
        HAS_SINKS: As there.
    """
    join = joins + tl.program_id(0) * JOIN_FIELDS
    head = tl.program_id(1)
    row = tl.load(join).to(tl.int64)
    partial = tl.load(join + 1) + head % GROUP
    distance = tl.load(join + 2)
    num_splits = tl.load(join + 3)

    dims = tl.arange(0, DIM_PAD)[None, :]
    one = tl.arange(0, 1)
    is_value = dims < HEAD_DIM
    total = tl.zeros([1, DIM_PAD], tl.float32)
    weight = tl.zeros([1], tl.float32)
    top = tl.full([1], float("-inf"), tl.float32)
    for split in tl.range(0, num_splits, num_stages=4):
        at = (partial + split * distance).to(tl.int64) * (NUM_HEADS // GROUP) + head // GROUP
        split_total = tl.load(partial_sums + at * HEAD_DIM + dims, mask=is_value, other=0.0)
        split_top = tl.load(partial_tops + at * 2 + one)
        split_weight = tl.load(partial_tops + at * 2 + 1 + one)
        total, weight, top = _join(total, weight, top, split_total, split_weight, split_top)
    if HAS_SINKS:
        sink = tl.load(sinks + head + one)
        total, weight = _add_sink(total, weight, top, sink)
    out_at = row * (NUM_HEADS * HEAD_DIM) + head * HEAD_DIM + dims
    tl.store(out + out_at, _finish(total, weight).to(out.dtype.element_ty), mask=is_value)


@jit
def _sum_split(
    queries: tl.tensor,
    positions: tl.tensor,
    start: tl.tensor,
    end: tl.tensor,
    block_ids: tl.tensor,
    first_slot: tl.tensor,
    keys: tl.tensor,
    values: tl.tensor,
    key_scales: tl.tensor,
    value_scales: tl.tensor,
    window: tl.tensor,
    score_scale: tl.tensor,
    cap: tl.tensor,
    HEAD_DIM: tl.constexpr,
    DIM_PAD: tl.constexpr,
    NUM_SCALES: tl.constexpr,
    HAS_CAP: tl.constexpr,
    ROWS: tl.constexpr,
    STEP: tl.constexpr,
    BLOCK_SIZE: tl.constexpr,
    PRECISION: tl.constexpr,
) -> tl.tensor:
    """Sum of weighted values, sum of weights and largest score of the keys from `start` to `end`."""
    total = tl.zeros([ROWS, DIM_PAD], tl.float32)
    weight = tl.zeros([ROWS], tl.float32)
    top = tl.full([ROWS], float("-inf"), tl.float32)
    for at in range(start, end, STEP):
        block_id = tl.load(block_ids + at // BLOCK_SIZE).to(tl.int64)
        slots = first_slot + block_id * BLOCK_SIZE + at % BLOCK_SIZE + tl.arange(0, STEP)
        k = _load_rows(keys, key_scales, slots, queries.dtype, HEAD_DIM, DIM_PAD, NUM_SCALES)
        scores = tl.dot(queries, tl.trans(k), input_precision=PRECISION) * score_scale
        if HAS_CAP:
            scores = _tanh(scores) * cap
        distance = positions[:, None] - (at + tl.arange(0, STEP))[None, :]
        scores = tl.where((distance >= 0) & (distance < window), scores, float("-inf"))
        weights, rescale, weight, top = _weigh(scores, weight, top)
        v = _load_rows(values, value_scales, slots, queries.dtype, HEAD_DIM, DIM_PAD, NUM_SCALES)
        total = tl.dot(weights.to(v.dtype), v, total * rescale[:, None], input_precision=PRECISION)
    return total, weight, top


@jit
def _load_rows(
    pool: tl.tensor,
    scales: tl.tensor,
    slots: tl.tensor,
    dtype: tl.constexpr,
    HEAD_DIM: tl.constexpr,
    DIM_PAD: tl.constexpr,
    NUM_SCALES: tl.constexpr,
) -> tl.tensor:
    """[slots, DIM_PAD] of `dtype`, 0 beyond HEAD_DIM; integers times their scales."""
    dims = tl.arange(0, DIM_PAD)[None, :]
    pointers = pool + slots[:, None] * HEAD_DIM + dims
    if HEAD_DIM == DIM_PAD:
        found = tl.load(pointers)
    else:
        found = tl.load(pointers, mask=dims < HEAD_DIM, other=0)
    if NUM_SCALES == 1:
        scale = tl.load(scales + slots).to(tl.float32)
        found = (found.to(tl.float32) * scale[:, None]).to(dtype)
    elif NUM_SCALES > 1:
        groups = tl.arange(0, DIM_PAD // SCALE_GROUP)[None, :]
        at = slots[:, None] * NUM_SCALES + groups
        scale = tl.load(scales + at, mask=groups < NUM_SCALES, other=0.0).to(tl.float32)
        grouped = tl.reshape(
            found.to(tl.float32), [found.shape[0], DIM_PAD // SCALE_GROUP, SCALE_GROUP]
        )
        found = tl.reshape(grouped * scale[:, :, None], [found.shape[0], DIM_PAD]).to(dtype)
    return found


@jit
def _weigh(scores: tl.tensor, weight: tl.tensor, top: tl.tensor) -> tl.tensor:
    """Weights of scores [rows, keys], what rescales earlier sums, the sum of weights, the top score."""
    joint = tl.maximum(top, tl.max(scores, 1))
    # A row that has seen nothing yet: minus infinity minus itself would be NaN.
    reference = tl.where(joint == float("-inf"), 0.0, joint)
    weights = tl.exp2(scores - reference[:, None])
    rescale = tl.exp2(top - reference)
    return weights, rescale, weight * rescale + tl.sum(weights, 1), joint


@jit
def _join(
    total: tl.tensor,
    weight: tl.tensor,
    top: tl.tensor,
    split_total: tl.tensor,
    split_weight: tl.tensor,
    split_top: tl.tensor,
) -> tl.tensor:
    """Sums [rows, values], weights and largest scores [rows] of the splits so far and the next one."""
    joint = tl.maximum(top, split_top)
    reference = tl.where(joint == float("-inf"), 0.0, joint)
    before = tl.exp2(top - reference)
    added = tl.exp2(split_top - reference)
    total = total * before[:, None] + split_total * added[:, None]
    return total, weight * before + split_weight * added, joint


@jit
def _add_sink(total: tl.tensor, weight: tl.tensor, top: tl.tensor, sink: tl.tensor) -> tl.tensor:
    """Sums and weights with a score besides the keys', which has no value."""
    sink = sink * LOG2_E
    joint = tl.maximum(top, sink)
    before = tl.exp2(top - joint)
    return total * before[:, None], weight * before + tl.exp2(sink - joint)


@jit
def _finish(total: tl.tensor, weight: tl.tensor) -> tl.tensor:
    # Rows beyond the tile's are stored nowhere, but no device may trap on them.
    return total / tl.where(weight == 0.0, 1.0, weight)[:, None]


@jit
def _tanh(x: tl.tensor) -> tl.tensor:
    # By exp2, which every device and the interpreter have; 1e-7 from the true value at most.
    return 1.0 - 2.0 / (tl.exp2(x * (2.0 * LOG2_E)) + 1.0)
