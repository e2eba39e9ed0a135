"""Reads what makes several hidden states of one and one of several: a matrix for each but the first.

Hugging Face files have a tensor for each, GGUF files one for all of them. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Container, Part
from realm_desktop.engine.weights.linear_weight import LinearWeight
from realm_desktop.engine.weights.names import TensorNeed
from realm_desktop.engine.weights.source import RawMatrix, WeightSource


def stream_needs(spec: ModelSpec, container: Container) -> Iterator[TensorNeed]:
    """The tensors between streams and the hidden state; none in other networks."""
    if spec.streams is None:
        return
    for is_last in (False, True):
        yield from _needs(spec, container, is_last=is_last)


def read_stream_matrices(
    source: WeightSource, spec: ModelSpec, *, is_last: bool
) -> Iterator[LinearWeight]:
    """The matrices behind the embedding or, with `is_last`, those before the final norm, in order."""
    assert spec.streams is not None, "only networks with streams are asked for"
    needs = list(_needs(spec, source.file.container, is_last=is_last))
    for index in range(spec.streams.num_streams - 1):
        is_stacked = source.file.container == "gguf"
        raw = source.raw(needs[0].name, index) if is_stacked else source.raw(needs[index].name)
        yield source.linear_weight([RawMatrix(raw)], keeps_raw=False)
    for need in needs:
        source.file.release(need.name)


def _needs(spec: ModelSpec, container: Container, *, is_last: bool) -> Iterator[TensorNeed]:
    assert spec.streams is not None, "only networks with streams are asked for"
    count, hidden = spec.streams.num_streams - 1, spec.hidden_size
    if container == "gguf":
        name = "altup_unembd_proj" if is_last else "altup_proj"
        yield TensorNeed(f"{name}.weight", (count, hidden, hidden))
        return
    # The names of other parts know what stands in front, which is not the same in every file.
    prefix = spec.names.of(container)[Part.FINAL_NORM].removesuffix("norm")
    name = "altup_unembed_projections" if is_last else "altup_projections"
    for index in range(count):
        yield TensorNeed(f"{prefix}{name}.{index}.weight", (hidden, hidden))
