"""Networks with experts, latents and sinks, or layers of several forms: the same bits in any batch, and what a header tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.load_sizes import read_load_sizes
from realm_desktop.sampling_params import SamplingParams
from tests.support.architectures import Case, Network, build_network, write_folder, write_gguf
from tests.support.engines import load_engine, make_request, run_alone, run_requests
from tests.support.expert_architectures import EXPERT_CASES
from tests.support.forward import ForwardRunner, load_decoder
from tests.support.gemma_cases import GEMMA_CASES
from tests.support.tiny_tokenizer import write_tokenizer_files

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]

SAMPLING = SamplingParams(temperature=1.0, seed=3, max_tokens=12, ignore_end=True)
NAMES = ["qwen2_moe", "gpt_oss, MXFP4", "deepseek_v2", "gemma3n", "gemma4, experts"]


@pytest.fixture(scope="module", params=NAMES)
def network(request: pytest.FixtureRequest) -> Network:
    return build_network({**EXPERT_CASES, **GEMMA_CASES}[request.param], 40)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_chat_has_the_same_bits_beside_others(
    network: Network, dtype: ComputeDtype, tmp_path: Path
) -> None:
    decoder = load_decoder(write_folder(network, tmp_path), dtype)
    alone = ForwardRunner(decoder).run(network.ids, 40)
    runner = ForwardRunner(decoder)
    chat, other, third = (runner.chat(ids) for ids in (network.ids, network.ids[::-1], [7] * 40))

    runner.step((other, 3), (chat, 11))
    runner.step((chat, 1), (third, 30), (other, 1))
    while chat.num_computed < 40:
        runner.step((third, 1), (chat, min(9, 40 - chat.num_computed)), (other, 1))

    assert torch.equal(chat.all_logits(), alone)


def test_reply_is_the_same_alone_and_in_a_batch(network: Network, tmp_path: Path) -> None:
    # The network has fewer tokens than the tokenizer, which never sees a text here.
    folder = write_folder(network, tmp_path)
    write_tokenizer_files(folder)
    engine = load_engine(folder, EngineOptions(compute_dtype="bfloat16", kv_pool_tokens=1024))
    requests = [
        make_request(network.ids[:length] * 3, f"r{length}", sampling=SAMPLING)
        for length in (2, 5, 11, 25, 40)
    ]

    together = run_requests(engine, *requests).token_ids

    alone = {request.request_id: run_alone(engine, request) for request in requests}
    assert together == alone


# Widths of whole blocks of 32, so that every matrix of the file is packed.
_WIDE_CONFIG = {
    "moe_intermediate_size": 32,
    "shared_expert_intermediate_size": 64,
}
_WIDE_METADATA = {"expert_feed_forward_length": 32, "expert_shared_feed_forward_length": 64}


def widened(case: Case) -> Case:
    """The same network with widths that are packed."""
    config = {"intermediate_size": 64, **case.config}
    config |= {key: value for key, value in _WIDE_CONFIG.items() if key in case.config}
    metadata = case.metadata | {
        key: value for key, value in _WIDE_METADATA.items() if key in case.metadata
    }
    return replace(case, config=config, metadata=metadata)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["mixtral", "qwen2_moe", "qwen3_moe", "gpt_oss", "deepseek_v3"])
def test_packed_experts_have_the_same_bits_in_any_pass(
    name: str, dtype: ComputeDtype, tmp_path: Path
) -> None:
    network = build_network(widened(EXPERT_CASES[name]), 40)
    path = write_gguf(network, tmp_path / "model.gguf", "Q8_0")
    decoder = load_decoder(path, dtype)

    whole = ForwardRunner(decoder).run(network.ids, 40)

    assert (decoder._passes is None) is (decoder.spec.latent is not None)
    for chunk in (1, 7):
        assert torch.equal(ForwardRunner(decoder).run(network.ids, chunk), whole)
    expected = ForwardRunner(load_decoder(path, "float64")).run(network.ids, 40)
    assert (whole.double() - expected).norm() / expected.norm() < 0.15


def test_mxfp4_is_named_in_folders_too(tmp_path: Path) -> None:
    folder = write_folder(build_network(EXPERT_CASES["gpt_oss, MXFP4"], 2), tmp_path)

    assert inspect(folder).tensor_types["MXFP4"] == 4


def _with_idle_keys(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What published files have for layers that read the keys and values of others."""
    idle = {
        f"model.layers.{layer}.self_attn.{kind}.weight": torch.ones(shape)
        for layer in (4, 5)
        for kind, shape in (("k_proj", (32, 32)), ("v_proj", (32, 32)), ("k_norm", (16,)))
    }
    return {**weights, **idle}


@pytest.mark.parametrize("write", [write_folder, write_gguf])
def test_keys_that_no_layer_reads_stay_in_the_file(
    write: Callable[[Network, Path], Path], tmp_path: Path
) -> None:
    network = build_network(GEMMA_CASES["gemma3n"], 20)
    weights = _with_idle_keys(network.weights)
    path = write(replace(network, weights=weights), tmp_path / "model.gguf")
    decoder = load_decoder(path, "float64")

    logits = ForwardRunner(decoder).run(network.ids, 20)

    torch.testing.assert_close(logits, network.logits, rtol=1e-5, atol=1e-5)
    assert inspect(path).parameters == decoder.num_parameters


@pytest.mark.parametrize("write", [write_folder, write_gguf])
def test_header_tells_what_the_engine_holds(
    network: Network, write: Callable[[Network, Path], Path], tmp_path: Path
) -> None:
    path = write(network, tmp_path / "model.gguf")
    decoder = load_decoder(path, "float64")

    sizes = read_load_sizes(path)

    # The engine counts no vectors. Without kernels, for their panels are wider than these matrices.
    found = sizes.weights_bytes(8, has_kernels=False)
    assert found == pytest.approx(decoder.weights_bytes, rel=0.1)
    assert sizes.packed_values + sizes.plain_values == decoder.num_parameters
    block = KVCache.bytes_per_block(decoder.spec, torch.float64)
    costs = sizes.block_bytes(8)
    assert costs.full + costs.windowed == block
    assert inspect(path).parameters == decoder.num_parameters
    assert decoder.num_parameters == sum(value.numel() for value in network.weights.values())
