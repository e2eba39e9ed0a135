"""Reads what a file says of latent attention, and makes the network one that has it."""

from __future__ import annotations

import math
from dataclasses import replace

from realm_desktop.engine.architecture.faults import (
    MAX_FACTOR,
    MAX_HEAD_DIM,
    MAX_WIDTH,
    unsupported_feature,
)
from realm_desktop.engine.architecture.latent import LatentSpec
from realm_desktop.engine.architecture.rope_scaling import yarn_attention_factor
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.formats.corruption import corrupt
from realm_desktop.formats.metadata import MetadataReader

_SCALINGS = ("rope_parameters", "rope_scaling")


def with_config_latent(spec: ModelSpec, reader: MetadataReader) -> ModelSpec:
    """The network of a config.json with the heads that its latents make; defaults of transformers.

    Raises:
        CorruptFile: A value has another type or is out of range.
        UnsupportedArchitecture: Its attention or its MLPs add biases.
    """
    for key in ("attention_bias", "mlp_bias"):
        if reader.get_bool(key, default=False):
            raise unsupported_feature(reader.path, key, "biases beside latent attention")
    latent = LatentSpec(
        query_rank=reader.get_int("q_lora_rank", 0, MAX_WIDTH, default=0),
        key_rank=reader.get_int("kv_lora_rank", 1, MAX_WIDTH, default=512),
        plain_dim=reader.get_int("qk_nope_head_dim", 1, MAX_HEAD_DIM, default=128),
        rotated_dim=_even(reader, "qk_rope_head_dim", 64),
        value_dim=reader.get_int("v_head_dim", 1, MAX_HEAD_DIM, default=128),
        is_interleaved=reader.get_bool("rope_interleave", default=True),
    )
    multiplier = 0.0
    for key in _SCALINGS:
        scaling = MetadataReader(reader.path, reader.get_object(key, default={}))
        kind = scaling.get_str("rope_type", default=scaling.get_str("type", default="default"))
        if kind != "default":
            multiplier = scaling.get_float("mscale_all_dim", 0.0, MAX_FACTOR, default=0.0)
    if latent.query_rank:
        q_b = "model.layers.{layer}.self_attn.q_b_proj"
        spec = replace(spec, names=spec.names.replaced("safetensors", {Part.QUERY: q_b}))
    return _with_latent(spec, latent, multiplier)


def with_gguf_latent(spec: ModelSpec, reader: MetadataReader) -> ModelSpec:
    """The network of a GGUF file with the heads that its latents make.

    Raises:
        CorruptFile: A value is missing, of another type or out of range.
    """
    # Newer files describe heads as the cache of llama.cpp has them, and the network's own beside.
    query_dim, value_dim = (
        reader.get_int(
            f"attention.{kind}_length_mla",
            2,
            MAX_HEAD_DIM,
            default=reader.get_int(f"attention.{kind}_length", 2, MAX_WIDTH),
        )
        for kind in ("key", "value")
    )
    rotated_dim = _even(reader, "rope.dimension_count", 0)
    if not rotated_dim < query_dim <= MAX_HEAD_DIM:
        allowed = f"{rotated_dim + 1} to {MAX_HEAD_DIM}"
        field = f"{reader.prefix}attention.key_length"
        raise corrupt(reader.path, field, None, found=query_dim, allowed=allowed)
    latent = LatentSpec(
        query_rank=reader.get_int("attention.q_lora_rank", 0, MAX_WIDTH, default=0),
        key_rank=reader.get_int("attention.kv_lora_rank", 1, MAX_WIDTH),
        plain_dim=query_dim - rotated_dim,
        rotated_dim=rotated_dim,
        value_dim=value_dim,
    )
    # llama.cpp's converter writes a tenth of `mscale_all_dim` for these networks, and both mean
    # that cosines and sines stay as they are.
    multiplier = 10.0 * reader.get_float(
        "rope.scaling.yarn_log_multiplier", 0.0, MAX_FACTOR, default=0.0
    )
    if multiplier and spec.rope.scaling == "yarn":
        spec = replace(spec, rope=replace(spec.rope, attention_factor=1.0))
    if latent.query_rank:
        q_b = "blk.{layer}.attn_q_b"
        spec = replace(spec, names=spec.names.replaced("gguf", {Part.QUERY: q_b}))
    return _with_latent(spec, latent, multiplier)


def _with_latent(spec: ModelSpec, latent: LatentSpec, multiplier: float) -> ModelSpec:
    """`multiplier` is YaRN's `mscale_all_dim`; 0 for none."""
    scale = 1.0 / math.sqrt(latent.query_dim)
    if multiplier and spec.rope.scaling != "none":
        scale *= yarn_attention_factor(spec.rope.factor, multiplier) ** 2
    return replace(
        spec,
        latent=latent,
        num_kv_heads=spec.num_heads,
        head_dim=latent.head_dim,
        rotary_dim=0 if latent.rotated_dim == latent.head_dim else latent.rotated_dim,
        attention_scale=scale,
    )


def _even(reader: MetadataReader, key: str, default: int) -> int:
    if default:
        value = reader.get_int(key, 2, MAX_HEAD_DIM, default=default)
    else:
        value = reader.get_int(key, 2, MAX_HEAD_DIM)
    if value % 2:
        raise corrupt(
            reader.path, f"{reader.prefix}{key}", None, found=value, allowed="an even number"
        )
    return value
