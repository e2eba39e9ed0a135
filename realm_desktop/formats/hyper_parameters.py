"""The few hyper-parameters that `inspect` needs for its memory estimate, of any architecture.

It reads the keys that all architectures share, and answers None for what a file does not say. What the
engine computes with is read in `engine/architecture`, stricter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from realm_desktop.formats.layer_kv import LayerKV, read_layer_kv
from realm_desktop.formats.layer_windows import (
    MAX_LAYERS,
    LayerWindows,
    config_windows,
    gguf_windows,
)
from realm_desktop.formats.linear_names import Container
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile

MAX_WIDTH: Final = 2**24
MAX_HEADS: Final = 2**16
MAX_CONTEXT_LENGTH: Final = 2**24


@dataclass(frozen=True, slots=True)
class HyperParameters:
    """Sizes of a network; None where the file does not say.

    Args:
        context_length: Longest sequence in tokens.
        kv_values_per_token: Key and value elements of one position over all layers.
        window_kv_values_per_token: Those of them in layers with a sliding window.
        window: Positions that a row sees in those layers; 0 if there are none.
        row_values: Elements of the intermediate results of one row, roughly.
        vocabulary_size: Number of logits.
        head_dim: Key elements of one head.
        gate_up_values: Weights of the largest matrix that the engine makes of one layer.
        num_layers: Of the network; 0 where the file does not say.
        num_shared_layers: Those of them, at the end, that read the keys and values of others.
    """

    context_length: int | None
    kv_values_per_token: int | None
    window_kv_values_per_token: int
    window: int
    row_values: int | None
    vocabulary_size: int | None
    head_dim: int | None = None
    gate_up_values: int = 0
    num_layers: int = 0
    num_shared_layers: int = 0


@dataclass(frozen=True, slots=True)
class _Keys:
    """What one container calls the same numbers."""

    context_length: str
    num_layers: str
    hidden_size: str
    intermediate_size: str
    expert_size: str
    num_chosen: str
    num_heads: str
    num_kv_heads: str
    key_dim: str
    value_dim: str
    vocabulary_size: str
    side_width: str
    num_streams: str


# GGUF specification, `[llm].*`.
_GGUF_KEYS: Final = _Keys(
    context_length="context_length",
    num_layers="block_count",
    hidden_size="embedding_length",
    intermediate_size="feed_forward_length",
    expert_size="expert_feed_forward_length",
    num_chosen="expert_used_count",
    num_heads="attention.head_count",
    num_kv_heads="attention.head_count_kv",
    key_dim="attention.key_length",
    value_dim="attention.value_length",
    vocabulary_size="vocab_size",
    side_width="embedding_length_per_layer_input",
    num_streams="altup.num_inputs",
)
_CONFIG_KEYS: Final = _Keys(
    context_length="max_position_embeddings",
    num_layers="num_hidden_layers",
    hidden_size="hidden_size",
    intermediate_size="intermediate_size",
    expert_size="moe_intermediate_size",
    num_chosen="num_experts_per_tok",
    num_heads="num_attention_heads",
    num_kv_heads="num_key_value_heads",
    key_dim="head_dim",
    value_dim="head_dim",
    vocabulary_size="vocab_size",
    side_width="hidden_size_per_layer_input",
    num_streams="altup_num_inputs",
)
# What the families before Llama call them; where both are there, the usual name holds.
_OLDER_NAMES: Final = {
    "n_ctx": "max_position_embeddings",
    "n_positions": "max_position_embeddings",
    "n_layer": "num_hidden_layers",
    "n_embd": "hidden_size",
    "n_inner": "intermediate_size",
    "n_head": "num_attention_heads",
}
EMBEDDING_NAMES: Final = (
    "token_embd.weight",
    "model.embed_tokens.weight",
    "language_model.model.embed_tokens.weight",
    "model.language_model.embed_tokens.weight",
)

_GEMMA4: Final = MappingProxyType(
    {
        "hidden_size": 2304,
        "intermediate_size": 9216,
        "num_hidden_layers": 30,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "max_position_embeddings": 131_072,
        "hidden_size_per_layer_input": 256,
    }
)
_LEFT_OUT: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType(
    {
        "gemma2": {"head_dim": 256},
        "gemma3_text": {
            "hidden_size": 2304,
            "intermediate_size": 9216,
            "num_hidden_layers": 26,
            "num_attention_heads": 8,
            "num_key_value_heads": 4,
            "head_dim": 256,
            "max_position_embeddings": 131_072,
        },
        "gemma3n_text": {
            "hidden_size": 2048,
            "intermediate_size": 16_384,
            "num_hidden_layers": 35,
            "num_attention_heads": 8,
            "num_key_value_heads": 2,
            "head_dim": 256,
            "max_position_embeddings": 32_768,
            "num_kv_shared_layers": 15,
            "hidden_size_per_layer_input": 256,
            "altup_num_inputs": 4,
        },
        "gemma4_text": _GEMMA4,
        "gemma4_unified_text": {
            **_GEMMA4,
            "max_position_embeddings": 262_144,
            "hidden_size_per_layer_input": 0,
        },
    }
)


def read_hyper_parameters(model_file: ModelFile, architecture: str) -> HyperParameters:
    """The hyper-parameters of a file, as far as it names them.

    Args:
        model_file: Any file or folder.
        architecture: Prefix of the keys in GGUF metadata.

    Raises:
        CorruptFile: A value has another type or is out of range.
    """
    if model_file.container == "gguf":
        reader = MetadataReader(model_file.path, model_file.metadata, f"{architecture}.")
        windows = gguf_windows(reader, architecture, _num_layers(reader, _GGUF_KEYS))
        return _read(model_file, reader, _GGUF_KEYS, windows)
    text_config = model_file.config.get("text_config")
    config = text_config if isinstance(text_config, dict) else model_file.config
    older = {name: config[old] for old, name in _OLDER_NAMES.items() if old in config}
    values = {**older, **config}
    reader = MetadataReader(model_file.path, values)
    # Of a network that sees pictures the text part, which may leave out what is so by default.
    architecture = reader.get_str("model_type", default=architecture)
    reader = MetadataReader(model_file.path, {**_LEFT_OUT.get(architecture, {}), **values})
    windows = config_windows(reader, architecture, _num_layers(reader, _CONFIG_KEYS))
    return _read(model_file, reader, _CONFIG_KEYS, windows)


def _num_layers(reader: MetadataReader, keys: _Keys) -> int:
    return reader.get_int(keys.num_layers, 1, MAX_LAYERS, default=0)


def _read(
    model_file: ModelFile, reader: MetadataReader, keys: _Keys, windows: LayerWindows
) -> HyperParameters:
    num_layers = _num_layers(reader, keys)
    hidden_size = reader.get_int(keys.hidden_size, 1, MAX_WIDTH, default=0)
    sizes = _per_layer(reader, keys.intermediate_size, 1, MAX_WIDTH)
    # Where every layer has experts, the plain size may be missing.
    intermediate_size = max([0, *sizes, reader.get_int(keys.expert_size, 0, MAX_WIDTH, default=0)])
    heads = _per_layer(reader, keys.num_heads, num_layers, MAX_HEADS)
    kv_heads = _per_layer(reader, keys.num_kv_heads, num_layers, MAX_HEADS) or heads
    default_dim = hidden_size // max([1, *heads])
    key_dim = reader.get_int(keys.key_dim, 1, MAX_WIDTH, default=default_dim)
    value_dim = reader.get_int(keys.value_dim, 1, MAX_WIDTH, default=default_dim)
    latent_dim = _latent_dim(reader, model_file.container)
    if latent_dim:
        key_dim = value_dim = latent_dim
        kv_heads = heads
    plain = LayerKV(tuple(kv_heads), (key_dim + value_dim,) * len(kv_heads))
    layer_kv = read_layer_kv(reader, model_file.container, plain, windows.layers)
    kv_values = layer_kv.values
    context_length = reader.get_int(keys.context_length, 1, MAX_CONTEXT_LENGTH, default=0)
    # One as long as the context is none.
    has_window = 0 < windows.num_tokens < (context_length or MAX_CONTEXT_LENGTH)
    own = zip(kv_values, windows.layers, strict=False)
    windowed = [count for count, is_windowed in own if is_windowed and has_window]
    row_values = 2 * max([0, *heads]) * key_dim + 3 * intermediate_size
    row_values += _other_row_values(reader, keys, num_layers, hidden_size)
    vocabulary_size = reader.get_int(keys.vocabulary_size, 1, 2**31, default=0)
    return HyperParameters(
        context_length=context_length or None,
        kv_values_per_token=sum(kv_values) or None,
        window_kv_values_per_token=sum(windowed),
        window=windows.num_tokens if windowed else 0,
        row_values=row_values if hidden_size else None,
        vocabulary_size=_embedding_rows(model_file) or vocabulary_size or None,
        head_dim=key_dim or None,
        gate_up_values=2 * hidden_size * intermediate_size,
        num_layers=num_layers,
        num_shared_layers=layer_kv.num_shared,
    )


def _other_row_values(
    reader: MetadataReader, keys: _Keys, num_layers: int, hidden_size: int
) -> int:
    """What a row takes besides its heads, and gate, up and product of the MLP."""
    # Copies of the hidden state; what the row's experts read and give, plain and weighed; hidden states
    # besides the usual one, with their predictions.
    num_copies = 4 + sum(
        4 * reader.get_int(key, 0, MAX_HEADS, default=0)
        for key in (keys.num_chosen, keys.num_streams)
    )
    # Side inputs of all layers: known, projected, and their sum.
    side_width = reader.get_int(keys.side_width, 0, MAX_WIDTH, default=0)
    return num_copies * hidden_size + 3 * num_layers * side_width


def _latent_dim(reader: MetadataReader, container: Container) -> int:
    """Values of a key or a value head where they are made of a latent; 0 in other networks.

    The cache pads both to the same length, as `engine/architecture/latent.py` says.
    """
    if container == "gguf":
        if not reader.get_int("attention.kv_lora_rank", 0, MAX_WIDTH, default=0):
            return 0
        keys = [("attention.key_length_mla", "attention.key_length")]
        keys += [("attention.value_length_mla", "attention.value_length")]
        dims = [
            reader.get_int(new, 1, MAX_WIDTH, default=reader.get_int(old, 1, MAX_WIDTH, default=1))
            for new, old in keys
        ]
    else:
        if not reader.get_int("kv_lora_rank", 0, MAX_WIDTH, default=0):
            return 0
        plain = reader.get_int("qk_nope_head_dim", 0, MAX_WIDTH, default=128)
        rotated = reader.get_int("qk_rope_head_dim", 0, MAX_WIDTH, default=64)
        dims = [plain + rotated, reader.get_int("v_head_dim", 1, MAX_WIDTH, default=128)]
    return max(dims) + max(dims) % 2


def _per_layer(reader: MetadataReader, key: str, num_layers: int, high: int) -> list[int]:
    """One number per layer, of a key that holds a number or a list of them; [] if absent."""
    value = reader.get(key)
    if value is None:
        return [0] if num_layers == 1 else []
    if isinstance(value, list):
        return reader.get_ints(key, 0, high)
    return [reader.get_int(key, 0, high)] * num_layers


def _embedding_rows(model_file: ModelFile) -> int:
    for name in EMBEDDING_NAMES:
        entry = model_file.tensors.get(name)
        if entry is not None and len(entry.shape) == 2:
            return entry.shape[0]
    return 0
