"""Every architecture of the table against transformers, from both kinds of files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.options import ComputeDtype
from tests.support.architecture_cases import CASES
from tests.support.architectures import Network, build_network, write_folder, write_gguf
from tests.support.expert_architectures import EXPERT_CASES
from tests.support.forward import Chat, ForwardRunner, load_decoder
from tests.support.gemma_cases import GEMMA_CASES

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]

_NUM_PROMPT_TOKENS = 66
_NUM_DECODED_TOKENS = 20
_TOLERANCE = 1e-5
_CASES = {**CASES, **EXPERT_CASES, **GEMMA_CASES}


@pytest.fixture(scope="module", params=list(_CASES))
def network(request: pytest.FixtureRequest) -> Network:
    return build_network(_CASES[request.param], _NUM_PROMPT_TOKENS + _NUM_DECODED_TOKENS)


def _logits(
    path: Path, dtype: ComputeDtype, ids: list[int], chunks: tuple[int, ...]
) -> list[Tensor]:
    """The logits of all ids for each size of chunks; the last ids one by one.

    All in the same batches: each pass costs about as much, however few rows it has.
    """
    runner = ForwardRunner(load_decoder(path, dtype))
    chats = [runner.chat(ids) for _ in chunks]
    while open_chats := [
        (chat, _num_rows(chat, chunk))
        for chat, chunk in zip(chats, chunks, strict=True)
        if chat.num_computed < len(ids)
    ]:
        runner.step(*open_chats)
    return [chat.all_logits().double() for chat in chats]


def _num_rows(chat: Chat, chunk: int) -> int:
    left = _NUM_PROMPT_TOKENS - chat.num_computed
    return min(chunk, left) if left > 0 else 1


def _assert_close(found: Tensor, expected: Tensor, tolerance: float = _TOLERANCE) -> None:
    bound = tolerance * expected.abs().max().item()
    torch.testing.assert_close(found, expected, rtol=0.0, atol=bound)


def test_logits_equal_those_of_transformers(network: Network, tmp_path: Path) -> None:
    folder = write_folder(network, tmp_path)

    for found in _logits(folder, "float64", network.ids, (1, 7, 64)):
        _assert_close(found, network.logits)


def test_float32_logits_equal_those_of_transformers(network: Network, tmp_path: Path) -> None:
    folder = write_folder(network, tmp_path)

    (found,) = _logits(folder, "float32", network.ids, (64,))

    _assert_close(found, network.logits, network.case.float32_tolerance)


def test_logits_of_the_gguf_file_are_the_same(network: Network, tmp_path: Path) -> None:
    if not network.case.gguf_name:
        pytest.skip("llama.cpp has no such files")
    path = write_gguf(network, tmp_path / "model.gguf")

    (found,) = _logits(path, "float64", network.ids, (64,))

    _assert_close(found, network.logits)


@pytest.mark.parametrize("name", ["glm", "olmo2", "stablelm"])
def test_fused_matrices_and_biases_are_taken_apart(name: str, tmp_path: Path) -> None:
    network = build_network(CASES[name], _NUM_PROMPT_TOKENS + 1)
    path = write_gguf(network, tmp_path / "model.gguf", fuses_qkv=True)

    (found,) = _logits(path, "float64", network.ids, (64,))

    _assert_close(found, network.logits)
