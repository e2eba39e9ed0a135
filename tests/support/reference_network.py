"""The same networks in transformers, in full float64: the reference of the parity tests."""

from __future__ import annotations

import copy
import types
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from tests.support.tiny_models import TinyModel


def reference_logits(model: TinyModel, ids: Sequence[int], dtype: torch.dtype) -> Tensor:
    """[ids, vocabulary] logits of one pass over all ids.

    transformers computes norms and RoPE in float32 whatever the dtype; for float64 both are
    replaced by the same formulas in float64.
    """
    # A copy, because transformers adds keys to the nested RoPE settings it is given.
    settings = copy.deepcopy(model.config)
    del settings["architectures"]
    config = AutoConfig.for_model(**settings)
    factory: Any = AutoModelForCausalLM
    network = factory.from_config(config, attn_implementation="sdpa", dtype=dtype)
    weights = {name: weight.to(dtype) for name, weight in model.weights.items()}
    missing, unexpected = network.load_state_dict(weights, strict=False)
    assert not unexpected
    assert set(missing) <= {"lm_head.weight"}
    network.tie_weights()
    network.eval()
    if dtype == torch.float64:
        _compute_in_float64(network)
    with torch.inference_mode():
        logits: Tensor = network(torch.tensor([list(ids)])).logits[0]
    return logits


def _compute_in_float64(network: Any) -> None:
    for module in network.modules():
        if type(module).__name__.endswith("RMSNorm"):
            module.forward = types.MethodType(_norm, module)
    rotary = network.model.rotary_emb
    rotary.forward = types.MethodType(_rotary, rotary)


def _norm(self: Any, x: Tensor) -> Tensor:
    normalised = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)
    return normalised * torch.as_tensor(self.weight)


def _rotary(self: Any, x: Tensor, position_ids: Tensor) -> tuple[Tensor, Tensor]:
    angles = position_ids[..., None].double() * self.inv_freq.double()
    both = torch.cat((angles, angles), dim=-1)
    return both.cos() * self.attention_scaling, both.sin() * self.attention_scaling
