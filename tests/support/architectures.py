"""Tiny random networks of every architecture, with configurations as their makers publish them.

Weights are drawn for the tensors that transformers has. The GGUF file is written as llama.cpp's
converter writes it: names from the gguf package, permutations, fused and shifted tensors and metadata
by hand below. Nothing here reads our own architecture table, so the two can disagree.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from tests.support.quantized_blocks import quantized

NUM_TOKENS = 96
CONTEXT_LENGTH = 256
_SIZES: dict[str, Any] = {
    "vocab_size": NUM_TOKENS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT_LENGTH,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}
# What llama.cpp's quantizer leaves as it is.
_NEVER_QUANTIZED = ("norm", "altup", "laurel", "per_layer_model_proj", "ffn_gate_inp")
Metadata = dict[str, Any]
Renamed = Callable[[dict[str, Tensor]], dict[str, Tensor]]


@dataclass(frozen=True)
class Case:
    """One architecture with some of its features.

    Attributes:
        model_type: As config.json has it.
        gguf_name: What llama.cpp calls it; "" if it has no such files.
        config: Keys of config.json besides the usual sizes, in the form of published files.
        metadata: Keys of the GGUF file besides the usual ones, behind the name of the architecture.
        permutes: Whether llama.cpp's converter brings q and k into neighbouring RoPE pairs.
        adds_one: Whether it adds 1 to the weights of norms.
        is_tied: Whether the output matrix is the embedding.
        float32_tolerance: How far float32 may be off, as a part of the largest logit.
        drawn: What is made of the random weights first.
        published: From what transformers holds in memory to what published files hold.
        stacked: The same for what llama.cpp's converter has before it names tensors.
    """

    model_type: str
    gguf_name: str
    config: dict[str, Any] = field(default_factory=dict)
    metadata: Metadata = field(default_factory=dict)
    permutes: bool = False
    adds_one: bool = False
    is_tied: bool = False
    float32_tolerance: float = 1e-5
    drawn: Renamed = dict
    published: Renamed = dict
    stacked: Renamed = dict


@dataclass(frozen=True)
class Network:
    """A case with its weights, by Hugging Face name; `reference` is transformers' in float64."""

    case: Case
    config: dict[str, Any]
    weights: dict[str, Tensor]
    logits: Tensor
    ids: list[int]
    reference: Any


def build_network(case: Case, num_ids: int) -> Network:
    """Draw the weights, and compute the logits of transformers for seeded ids."""
    config = {"model_type": case.model_type, **_SIZES, **case.config}
    settings = AutoConfig.for_model(**copy.deepcopy(config))
    factory: Any = AutoModelForCausalLM
    # Its fused attention knows no caps, and its fused experts no float64.
    network = factory.from_config(
        settings, attn_implementation="eager", experts_implementation="eager", dtype=torch.float32
    ).eval()
    generator = torch.Generator().manual_seed(0)
    weights = {
        name: _random_weight(name, value, generator, case)
        for name, value in network.state_dict().items()
        if not (case.is_tied and name == "lm_head.weight")
    }
    weights = case.drawn(weights)
    missing, unexpected = network.load_state_dict(weights, strict=False)
    assert not unexpected
    assert set(missing) <= {"lm_head.weight"}
    network.tie_weights()
    ids = torch.randint(config["vocab_size"], (num_ids,), generator=generator)
    network.double()
    logits = _reference_logits(network, ids)
    return Network(case, config, weights, logits, ids.tolist(), network)


def logits_of(network: Network, ids: list[int]) -> Tensor:
    """[ids, vocabulary] float64, of transformers."""
    return _reference_logits(network.reference, torch.tensor(ids))


def _reference_logits(reference: Any, ids: Tensor) -> Tensor:
    with torch.inference_mode(), _in_float64():
        logits: Tensor = reference(ids[None]).logits[0]
    assert logits.dtype == torch.float64
    return logits


@contextmanager
def _in_float64() -> Iterator[None]:
    """transformers computes norms, RoPE and softmax in float32, whatever the network is in."""
    to, softmax = Tensor.to, torch.nn.functional.softmax

    def wide_to(tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        args = tuple(torch.float64 if arg is torch.float32 else arg for arg in args)
        kwargs = {key: _wide(value) for key, value in kwargs.items()}
        return to(tensor, *args, **kwargs)

    def wide_softmax(*args: Any, **kwargs: Any) -> Tensor:
        return softmax(*args, **{key: _wide(value) for key, value in kwargs.items()})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tensor, "to", wide_to)
        patch.setattr(Tensor, "float", Tensor.double)
        patch.setattr(torch.nn.functional, "softmax", wide_softmax)
        yield


def _wide(value: Any) -> Any:
    return torch.float64 if value is torch.float32 else value


def write_folder(network: Network, folder: Path, **changes: Any) -> Path:
    """config.json, with changes, and model.safetensors; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**network.config, **changes}))
    save_file(
        {
            name: value.contiguous()
            for name, value in network.case.published(network.weights).items()
        },
        folder / "model.safetensors",
    )
    return folder


def write_gguf(
    network: Network, path: Path, tensor_type: str = "F32", *, fuses_qkv: bool = False
) -> Path:
    """The same as llama.cpp's converter would write it, matrices that fit in this type; returns the path.

    `fuses_qkv` puts q, k and v on top of each other, as some of its versions do.
    """
    case = network.case
    writer = gguf.GGUFWriter(path, case.gguf_name)
    for key, value in {**_usual_metadata(network.config), **case.metadata}.items():
        _add(writer, f"{case.gguf_name}.{key}", value)
    types = gguf.GGMLQuantizationType
    tensors = _gguf_tensors(network)
    for name, values in (_with_fused_qkv(tensors) if fuses_qkv else tensors).items():
        fits = values.shape[-1] % gguf.GGML_QUANT_SIZES[types[tensor_type]][0] == 0
        kind = types[tensor_type] if fits and _is_matrix(name, values) else types.F32
        if values.dtype == np.uint8:
            kind = types.MXFP4
        elif kind != types.F32:
            values = quantized(values, kind)
        writer.add_tensor(name, values, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _is_matrix(name: str, values: np.ndarray[Any, Any]) -> bool:
    """Whether the converter quantizes a tensor."""
    is_other = any(word in name for word in _NEVER_QUANTIZED) or name.endswith(".bias")
    return values.ndim > 1 and not is_other


def _add(writer: gguf.GGUFWriter, key: str, value: Any) -> None:
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    elif isinstance(value, list):
        writer.add_array(key, value)
    else:
        writer.add_string(key, value)


def _usual_metadata(config: dict[str, Any]) -> Metadata:
    width = config["hidden_size"] // config["num_attention_heads"]
    head_dim = config.get("head_dim", width)
    keys: Metadata = {
        "block_count": config["num_hidden_layers"],
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": config["num_attention_heads"],
        "attention.head_count_kv": config["num_key_value_heads"],
        "rope.freq_base": float(config.get("rope_theta", 10_000.0)),
    }
    if "head_dim" in config:
        keys |= {"attention.key_length": head_dim, "attention.value_length": head_dim}
    if "rms_norm_eps" in config:
        keys["attention.layer_norm_rms_epsilon"] = config["rms_norm_eps"]
    for key in ("layer_norm_eps", "norm_epsilon"):
        if key in config:
            keys["attention.layer_norm_epsilon"] = config[key]
    if config.get("sliding_window"):
        keys["attention.sliding_window"] = config["sliding_window"]
    return keys


def _gguf_tensors(network: Network) -> dict[str, np.ndarray[Any, Any]]:
    case, config = network.case, network.config
    architecture = next(
        key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == case.gguf_name
    )
    names = gguf.get_tensor_name_map(architecture, config["num_hidden_layers"])
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    scaling = config.get("rope_scaling") or {}
    for kind in ("short", "long"):
        if f"{kind}_factor" in scaling:
            factors = np.array(scaling[f"{kind}_factor"], np.float32)
            tensors[f"rope_factors_{kind}.weight"] = factors
    for name, value in _converted(case.stacked(network.weights)).items():
        projection = name.rsplit(".", 2)[-2]
        if case.permutes and projection in heads:
            halves = value.reshape(heads[projection], 2, -1, *value.shape[1:])
            value = halves.swapaxes(1, 2).reshape(value.shape)
        if case.adds_one and name.endswith("norm.weight"):
            value = value + 1.0
        is_gguf_name = name.startswith("blk.")
        own = name if is_gguf_name else names.get_name(name, try_suffixes=(".weight", ".bias"))
        assert own is not None, name
        tensors[own] = value.contiguous().numpy()
    return tensors


def _with_fused_qkv(tensors: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    fused: dict[str, list[np.ndarray[Any, Any]]] = {}
    for name, values in tensors.items():  # q, k and v follow each other
        fused.setdefault(re.sub(r"attn_[qkv]\.", "attn_qkv.", name), []).append(values)
    return {name: np.concatenate(parts) for name, parts in fused.items()}


def _converted(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """StableLM has a norm per head, which the converter stacks; Granite 4's gate is taken apart."""
    halves = {name: value for name, value in weights.items() if "mlp.input_linear" in name}
    for name, value in halves.items():
        gate, up = value.chunk(2)
        parts = {name.replace("shared_mlp.input_linear", "mlp.gate_proj"): gate}
        parts[name.replace("shared_mlp.input_linear", "mlp.up_proj")] = up
        weights = {key: value for key, value in weights.items() if key != name} | parts
    weights = {
        name.replace("shared_mlp.output_linear", "mlp.down_proj"): value
        for name, value in weights.items()
    }
    stacked: dict[str, list[Tensor]] = {}
    for name, value in weights.items():
        stem, is_norm, _ = name.partition(".norms.")
        stacked.setdefault(f"{stem}.weight" if is_norm else name, []).append(value)
    return {
        name: values[0] if len(values) == 1 and values[0].dim() > 0 else torch.stack(values)
        for name, values in stacked.items()
    }


def _random_weight(name: str, value: Tensor, generator: torch.Generator, case: Case) -> Tensor:
    values = torch.randn(value.shape, generator=generator)
    if name.endswith(".bias"):
        return 0.3 * values
    if "norm" in name:
        return 0.2 * values + (0.0 if case.adds_one else 1.0)
    if "embed_tokens" in name:
        return values / math.sqrt(value.shape[1]) if case.adds_one else values
    # Sharper attention than a fresh initialisation would give.
    gain = 2.0 if "q_proj" in name or "k_proj" in name or "qkv" in name else 1.0
    return gain * values / math.sqrt(value.shape[-1])
