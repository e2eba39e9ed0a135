"""Rows of every architecture have their own bits, and packed weights the values of their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.options import ComputeDtype
from tests.support.architecture_cases import CASES
from tests.support.architectures import Network, build_network, write_folder, write_gguf
from tests.support.forward import ForwardRunner, load_decoder
from tests.support.gemma_cases import GEMMA_CASES

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]

_NUM_IDS = 80
_CHUNKS = (3, 1, 20, 2, 37, 1, 16)
_WIDE = {"intermediate_size": 64}  # whole blocks of 32


_CASES = {**CASES, **GEMMA_CASES}


@pytest.fixture(scope="module", params=list(_CASES))
def network(request: pytest.FixtureRequest) -> Network:
    case = _CASES[request.param]
    config = {**case.config, **_WIDE}
    if "shared_intermediate_size" in config:
        config["shared_intermediate_size"] = 64
    return build_network(replace(case, config=config), _NUM_IDS)


def _alone(decoder: Decoder, ids: list[int]) -> Tensor:
    return ForwardRunner(decoder).run(ids, _NUM_IDS)


def _beside_others(decoder: Decoder, ids: list[int]) -> Tensor:
    """In uneven chunks, between two other sequences."""
    runner = ForwardRunner(decoder)
    before, own, behind = (runner.chat(part) for part in (ids[5:], ids, ids[::-1]))
    for chunk in _CHUNKS:
        runner.step((before, 10), (own, chunk), (behind, 11))
    return own.all_logits()


def _one_by_one(decoder: Decoder, ids: list[int], count: int) -> Tensor:
    """The first tokens, each in a pass of its own; the kernels repeat such passes where they can."""
    runner = ForwardRunner(decoder)
    own = runner.chat(ids)
    for _ in range(count):
        runner.step((own, 1))
    return own.all_logits()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_bits_of_a_row_are_its_own(network: Network, dtype: ComputeDtype, tmp_path: Path) -> None:
    decoder = load_decoder(write_folder(network, tmp_path), dtype)

    alone = _alone(decoder, network.ids)

    assert torch.equal(alone, _beside_others(decoder, network.ids))
    error = (alone.double() - network.logits).norm() / network.logits.norm()
    assert error < (0.1 if dtype == "bfloat16" else 1e-5)


def test_packed_weights_have_the_values_of_the_file(network: Network, tmp_path: Path) -> None:
    if not network.case.gguf_name:
        pytest.skip("llama.cpp has no such files")
    path = write_gguf(network, tmp_path / "model.gguf", "Q8_0")
    decoder = load_decoder(path, "float32")

    alone = _alone(decoder, network.ids)

    assert torch.equal(alone, _beside_others(decoder, network.ids))
    # Else the passes below would repeat nothing; layers of several forms have no recorded ones.
    assert (decoder._passes is not None) == decoder.spec.has_plain_layers
    assert torch.equal(alone[:24], _one_by_one(decoder, network.ids, 24))
    expected = _alone(load_decoder(path, "float64"), network.ids)
    # Activations of 8 bits beside the same weights.
    assert (alone.double() - expected).norm() / expected.norm() < 0.1
