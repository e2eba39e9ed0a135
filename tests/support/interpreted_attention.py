"""Runs the Triton kernels of attention in Triton's interpreter: prints what came out as JSON.

Errors by name of the network, and whether rows have the same bits alone and in a mix.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import torch
import triton.language as tl
from triton.runtime import interpreter

from realm_desktop.engine.attention import tile_tables
from realm_desktop.engine.attention.triton_paged import TritonPagedAttention
from realm_desktop.engine.batch import Segment
from tests.support.mixed_attention import MIXED, MixedStep, Network, Rows, mixed_step

SHORT = (Rows(520, 1), Rows(70, 9), Rows(0, 3))
SEVERAL_WINDOWS = (None, 200, 33)

NETWORKS = {
    "64 values": (Network((4, 1, 64)), MIXED),
    "16 values, one key head": (Network((4, 1, 16)), SHORT),
    "80 values, three query heads": (Network((3, 1, 80)), SHORT),
    "96 values, one query head": (Network((2, 2, 96)), SHORT),
    "128 values": (Network((8, 1, 128)), SHORT),
    "256 values": (Network((2, 1, 256)), SHORT),
    "window": (Network((4, 1, 64), windows=(600,)), (Rows(1090, 1), Rows(510, 5))),
    "short window": (Network((6, 2, 64), windows=(33,)), SHORT),
    "window of one": (Network(windows=(1,)), SHORT),
    "softcap": (Network((4, 1, 64), softcap=5.0), SHORT),
    "sinks": (Network(windows=(128,), has_sinks=True), SHORT),
    "sinks and splits": (Network((6, 2, 64), has_sinks=True), SHORT),
    "8 bits, 64 values": (Network((2, 1, 64), storage="int8"), SHORT),
    "8 bits, 80 values": (Network((3, 1, 80), storage="int8"), SHORT),
    "8 bits, 96 values": (Network((2, 1, 96), storage="int8", softcap=20.0), SHORT),
    "float16": (Network(dtype=torch.float16, windows=(100,)), SHORT),
    "bfloat16": (Network((4, 1, 64), dtype=torch.bfloat16), SHORT),
    "8 bits in bfloat16": (Network((8, 1, 128), dtype=torch.bfloat16, storage="int8"), SHORT),
}
"""Every feature, with odd numbers of rows and positions."""


def errors() -> dict[str, float]:
    """Of every network: largest difference to float64."""
    backend = TritonPagedAttention()
    found = {}
    for name, (network, rows) in NETWORKS.items():
        step = mixed_step(network, rows)
        found[name] = (step.attend(backend).double() - step.expected()).abs().max().item()
    step = mixed_step(Network(windows=SEVERAL_WINDOWS), SHORT, has_own_blocks=True)
    for layer in range(len(SEVERAL_WINDOWS)):
        error = step.attend(backend, layer).double() - step.expected(layer)
        found[f"layer {layer} of several windows"] = error.abs().max().item()
    return found


def differences() -> dict[str, bool]:
    """Whether rows differ from those of the mix in any bit, by what else was computed."""
    network = Network((3, 1, 64), has_sinks=True, dtype=torch.float16)
    backend = TritonPagedAttention()
    mix = mixed_step(network, (Rows(1030, 1), Rows(507, 9), Rows(0, 1)))
    whole = mix.attend(backend)
    long, drafts, first = mix.batch.segments
    halves = [drafts._replace(num_rows=4), drafts._replace(num_rows=5, first_position=511)]
    parts = {
        "long decode alone": (slice(0, 1), [long]),
        "rows behind the long decode alone": (slice(1, 10), [drafts._replace(first_row=0)]),
        "first token alone": (slice(10, 11), [first._replace(first_row=0)]),
        "first half of a chunk": (slice(1, 5), [halves[0]._replace(first_row=0)]),
        "second half of a chunk": (slice(5, 10), [halves[1]._replace(first_row=0)]),
        "one row of a chunk": (slice(7, 8), [_one_row(drafts, 6)]),
    }
    found = {
        name: not torch.equal(mix.part(rows, segments).attend(backend), whole[rows])
        for name, (rows, segments) in parts.items()
    }
    return found | {
        "without a workspace": not torch.equal(_joined_at_once(mix), whole),
        "static tables": _differs_in_static_tables(mix, whole),
    }


def _one_row(segment: Segment, index: int) -> Segment:
    return segment._replace(first_row=0, num_rows=1, first_position=segment.first_position + index)


def _differs_in_static_tables(mix: MixedStep, whole: torch.Tensor) -> bool:
    """Whether tables that other steps were in before, shorter and longer ones, change a bit."""
    backend = TritonPagedAttention()
    long, drafts, first = mix.batch.segments
    earlier = (long._replace(first_position=70), drafts._replace(first_position=3), first)
    static = backend.static_plan(mix.shape, mix.batch, mix.kv_cache)
    results = [static.run(0, mix.q)]
    assert static.load(earlier), "it needs less room"
    before = mix.part(slice(None), earlier).attend(backend)
    assert torch.equal(static.run(0, mix.q), before), "padding computes nothing"
    assert static.load(mix.batch.segments), "the first step fits again"
    results.append(static.run(0, mix.q))
    short = backend.static_plan(mix.shape, mix.part(slice(None), earlier).batch, mix.kv_cache)
    assert not short.load(mix.batch.segments), "there is no room for more splits"
    assert torch.equal(short.run(0, mix.q), before), "what did not fit changed nothing"
    return not all(torch.equal(found, whole) for found in results)


def _joined_at_once(step: MixedStep) -> torch.Tensor:
    """Attend where each program computes all splits of its rows."""
    before = tile_tables.WORKSPACE_BYTES
    tile_tables.WORKSPACE_BYTES = 0  # type: ignore[misc]  # of this process alone
    try:
        return step.attend(TritonPagedAttention())
    finally:
        tile_tables.WORKSPACE_BYTES = before  # type: ignore[misc]


def padding_is_zero() -> bool:
    """Whether rows beyond the batch's come out as zero."""
    step = mixed_step(Network(), SHORT)
    padded = torch.cat((step.q, torch.ones(3, *step.q.shape[1:])))
    return not step._replace(q=padded).attend(TritonPagedAttention())[-3:].any()


def mend_bfloat16() -> None:
    """Let the interpreter multiply bfloat16, whose bits it takes for integers, and round to it.

    Triton 3.9 cuts off where a card rounds to nearest.
    """
    builder = interpreter.InterpreterBuilder
    multiply, cast = builder.create_dot, builder.cast_impl

    def wide(handle: Any) -> Any:
        if handle.dtype.scalar.name != "bf16":
            return handle
        bits = handle.data.astype(np.uint32) << 16
        return interpreter.TensorHandle(bits.view(np.float32), tl.float32)

    def create_dot(own: Any, left: Any, right: Any, *others: Any) -> Any:
        return multiply(own, wide(left), wide(right), *others)

    def create_fp_trunc(own: Any, source: Any, kind: Any) -> Any:
        if kind.scalar.name != "bf16":
            return cast(own, source, kind)
        values = torch.from_numpy(np.ascontiguousarray(source.data)).bfloat16()
        return interpreter.TensorHandle(values.view(torch.uint16).numpy(), tl.bfloat16)

    builder.create_dot, builder.create_fp_trunc = create_dot, create_fp_trunc


def main() -> None:
    """All of it."""
    mend_bfloat16()
    report = {
        "errors": errors(),
        "differences": differences(),
        "padding_is_zero": padding_is_zero(),
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
