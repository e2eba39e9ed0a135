"""Adapters on networks whose matrices are fused, reordered or called otherwise, against PEFT."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.options import EngineOptions
from realm_desktop.formats.adapter_fit import fit, inspect_base
from realm_desktop.formats.adapter_inspection import inspect_adapter
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.architecture_cases import CASES
from tests.support.architectures import Network, build_network, logits_of, write_folder, write_gguf
from tests.support.engines import load_engine
from tests.support.gemma_cases import GEMMA_CASES
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE, write_tokenizer_files

peft = pytest.importorskip("peft")

pytestmark = [
    pytest.mark.parity,
    pytest.mark.usefixtures("one_thread"),
    # transformers and accelerate warn of their own future; both only serve as the reference here.
    pytest.mark.filterwarnings("ignore"),
]

_PROJECTIONS = [f"{kind}_proj" for kind in ("q", "k", "v", "o", "gate", "up", "down")]
_NAMES = ["phi3, longrope", "glm4", "stablelm", "starcoder2", "command-r", "granite 4", "gemma3"]


@pytest.fixture(params=[*_NAMES, "gemma3n", "gemma4, experts"])
def network(request: pytest.FixtureRequest) -> Network:
    case = {**CASES, **GEMMA_CASES}[request.param]
    return build_network(
        replace(case, config={**case.config, "vocab_size": TINY_VOCABULARY_SIZE}), 12
    )


def _adapted(network: Network, folder: Path) -> Tensor:
    """Logits of PEFT with random pairs at every linear layer, which it also saves to `folder`.

    Of networks whose layers have more than attention and MLP at those of these.
    """
    has_more = network.case.gguf_name in ("gemma3n", "gemma4")
    modules = _PROJECTIONS if has_more else "all-linear"
    options = peft.LoraConfig(r=4, lora_alpha=8, target_modules=modules, task_type="CAUSAL_LM")
    wrapped = peft.get_peft_model(copy.deepcopy(network.reference), options)
    generator = torch.Generator().manual_seed(0)
    for name, parameter in wrapped.named_parameters():
        if "lora_" in name:
            parameter.data = 0.2 * torch.randn(parameter.shape, generator=generator)
    wrapped.save_pretrained(folder)
    return logits_of(replace(network, reference=wrapped.double().eval()), network.ids)


def test_logits_of_an_adapter_equal_those_of_peft(network: Network, tmp_path: Path) -> None:
    expected = _adapted(network, tmp_path / "adapter")
    folder = write_folder(network, tmp_path / "model")
    write_tokenizer_files(folder)
    engine = load_engine(folder, EngineOptions(compute_dtype="float64", kv_pool_tokens=128))
    engine.load_adapter(LoadAdapter(AdapterId("a"), str(tmp_path / "adapter")))

    found = engine.prompt_logits(network.ids, [AdapterUse(AdapterId("a"))])

    assert (expected - network.logits).abs().max() > 0.1
    tolerance = 1e-5 * expected.abs().max().item()
    torch.testing.assert_close(torch.from_numpy(found).double(), expected, rtol=0, atol=tolerance)


def test_verdict_of_the_headers_is_that_it_fits(network: Network, tmp_path: Path) -> None:
    _adapted(network, tmp_path / "adapter")
    adapter = inspect_adapter(tmp_path / "adapter")

    for base in (
        write_folder(network, tmp_path / "model"),
        write_gguf(network, tmp_path / "model.gguf"),
    ):
        verdict = fit(adapter, inspect_base(base))
        assert verdict.fits, verdict.verdict
        assert verdict.num_targets == verdict.num_model_targets
