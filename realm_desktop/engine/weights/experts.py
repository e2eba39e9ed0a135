"""Reads the experts of a layer; quantized ones stay quantized, whatever computes with them.

Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.quant.mxfp4 import mxfp4_blocks
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.expert_places import BiasPlace, ExpertPlaces, MatrixPlace
from realm_desktop.engine.weights.lazy_matrix import FileMatrix, LazyMatrix
from realm_desktop.engine.weights.linear_weight import LinearWeight
from realm_desktop.engine.weights.source import RawMatrix, WeightSource
from realm_desktop.formats.tensor_types import TensorType


class ExpertWeights(NamedTuple):
    """What one expert computes with."""

    gate_up: LinearWeight
    gate_up_bias: Tensor | None
    down: LinearWeight
    down_bias: Tensor | None


class RouterWeights(NamedTuple):
    """What a layer chooses experts with; see `Router`, and `SharedExpert` for the last one."""

    weight: Tensor
    bias: Tensor | None
    choice_bias: Tensor | None
    shared: Tensor | None


def read_router(source: WeightSource, places: ExpertPlaces) -> RouterWeights:
    """The router of a layer, in float32 at least."""
    wide = torch.promote_types(source.dtype, torch.float32)

    def values(name: str) -> Tensor | None:
        return source.values(name, wide) if name else None

    shared = values(places.shared_router)
    return RouterWeights(
        source.values(places.router, wide),
        values(places.router_bias),
        values(places.choice_bias),
        None if shared is None else shared.view(1, -1),
    )


def read_experts(
    source: WeightSource, places: ExpertPlaces, num_experts: int
) -> Iterator[ExpertWeights]:
    """All experts of a layer, in order."""
    gate_up_biases = _biases(source, places.gate_up_bias)
    down_biases = _biases(source, places.down_bias)
    for expert in range(num_experts):
        yield ExpertWeights(
            _weight(source, places.gate_up, expert),
            None if gate_up_biases is None else gate_up_biases[expert],
            _weight(source, (places.down,), expert),
            None if down_biases is None else down_biases[expert],
        )
    # Behind the last expert: those of a layer may lie in one tensor.
    for need in places.needs(num_experts):
        source.file.release(need.name)


def alternate_order(num_rows: int) -> Tensor:
    """Where rows are to be taken from that take turns: first the even ones, then the odd ones."""
    return torch.arange(num_rows).view(-1, 2).t().flatten()


def _weight(source: WeightSource, places: tuple[MatrixPlace, ...], expert: int) -> LinearWeight:
    parts = [
        RawMatrix(
            _raw(source, place, expert),
            alternate_order(place.num_rows) if place.is_alternating else None,
            is_transposed=place.form == "columns",
        )
        for place in places
    ]
    return source.linear_weight(parts, keeps_raw=True)


def _raw(source: WeightSource, place: MatrixPlace, expert: int) -> FileMatrix:
    if place.is_own:
        return source.raw(place.name.format(expert=expert))
    if place.form != "mxfp4":
        return source.raw(place.name, expert)
    shape = (place.num_rows, place.num_columns)
    return LazyMatrix(TensorType.MXFP4, shape, partial(_joined_blocks, source, place, expert))


def _joined_blocks(source: WeightSource, place: MatrixPlace, expert: int) -> QTensor:
    """Hugging Face files keep codes and scales apart; the kernels read GGUF's blocks."""
    codes, scales = source.raw(place.blocks_name, expert), source.raw(place.scales_name, expert)
    blocks = mxfp4_blocks(codes.data.view(codes.shape), scales.data.view(scales.shape))
    return QTensor(blocks.flatten(), TensorType.MXFP4, (place.num_rows, place.num_columns))


def _biases(source: WeightSource, places: tuple[BiasPlace, ...]) -> Tensor | None:
    """[experts, outputs]; None without."""
    columns = []
    for place in places:
        values = source.values(place.name)
        if place.is_alternating:
            values = values.index_select(1, alternate_order(place.num_values).to(values.device))
        columns.append(values)
    return torch.cat(columns, 1) if columns else None
