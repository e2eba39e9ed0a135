"""The same networks in transformers, in full float64: the reference of the parity tests."""

from __future__ import annotations

import copy
import types
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from tests.support.tiny_models import TinyModel


class Generated(NamedTuple):
    """A greedy reply of transformers: its tokens, and how far each was ahead of the next best."""

    token_ids: list[int]
    smallest_lead: float


def reference_logits(model: TinyModel, ids: Sequence[int], dtype: torch.dtype) -> Tensor:
    """[ids, vocabulary] logits of one pass over all ids."""
    with torch.inference_mode():
        logits: Tensor = reference_network(model, dtype)(torch.tensor([list(ids)])).logits[0]
    return logits


def greedy_reply(network: Any, ids: Sequence[int], num_tokens: int, **settings: Any) -> Generated:
    """What `generate` of transformers appends to ids; no token ends it early."""
    with torch.inference_mode():
        output = network.generate(
            torch.tensor([list(ids)]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.int64),
            do_sample=False,
            max_new_tokens=num_tokens,
            output_scores=True,
            return_dict_in_generate=True,
            **settings,
        )
    best = torch.cat(output.scores).topk(2).values
    reply: list[int] = output.sequences[0, len(ids) :].tolist()
    return Generated(reply, (best[:, 0] - best[:, 1]).min().item())


def reference_network(model: TinyModel, dtype: torch.dtype) -> Any:
    """The network in transformers with the same weights.

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
    return network


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
