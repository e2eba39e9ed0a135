"""The few hyper-parameters that `inspect` needs for its memory estimate, of any architecture.

It reads the keys that all architectures share, and answers None for what a file does not say. Of the
architectures themselves it knows only whose layers have sliding windows, since files name windows that
the network does not use. What the engine computes with is read in `engine/architecture`, stricter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile

MAX_LAYERS: Final = 1_024
MAX_WIDTH: Final = 2**24
MAX_HEADS: Final = 2**16
MAX_CONTEXT_LENGTH: Final = 2**24

# A window named in the file concerns all layers, or those from `max_window_layers` on if
# `use_sliding_window` is set, which only a config.json can say. As `engine/architecture/table.py`.
_WINDOW_IN_ALL: Final = frozenset({"llama", "mistral"})
_WINDOW_IN_UPPER: Final = frozenset({"qwen2", "qwen3"})


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
    """

    context_length: int | None
    kv_values_per_token: int | None
    window_kv_values_per_token: int
    window: int
    row_values: int | None
    vocabulary_size: int | None
    head_dim: int | None = None
    gate_up_values: int = 0


@dataclass(frozen=True, slots=True)
class _Keys:
    """What one container calls the same numbers."""

    context_length: str
    num_layers: str
    hidden_size: str
    intermediate_size: str
    num_heads: str
    num_kv_heads: str
    key_dim: str
    value_dim: str
    vocabulary_size: str


class _Window(NamedTuple):
    """A sliding window of so many positions from a layer on; of 0 for none."""

    num_tokens: int
    first_layer: int = 0


# GGUF specification, `[llm].*`.
_GGUF_KEYS: Final = _Keys(
    context_length="context_length",
    num_layers="block_count",
    hidden_size="embedding_length",
    intermediate_size="feed_forward_length",
    num_heads="attention.head_count",
    num_kv_heads="attention.head_count_kv",
    key_dim="attention.key_length",
    value_dim="attention.value_length",
    vocabulary_size="vocab_size",
)
_CONFIG_KEYS: Final = _Keys(
    context_length="max_position_embeddings",
    num_layers="num_hidden_layers",
    hidden_size="hidden_size",
    intermediate_size="intermediate_size",
    num_heads="num_attention_heads",
    num_kv_heads="num_key_value_heads",
    key_dim="head_dim",
    value_dim="head_dim",
    vocabulary_size="vocab_size",
)
_EMBEDDING_NAMES: Final = ("token_embd.weight", "model.embed_tokens.weight")


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
        window = 0
        if architecture in _WINDOW_IN_ALL:
            window = reader.get_int("attention.sliding_window", 0, MAX_CONTEXT_LENGTH, default=0)
        return _read(model_file, reader, _GGUF_KEYS, _Window(window))
    text_config = model_file.config.get("text_config")
    values = text_config if isinstance(text_config, dict) else model_file.config
    reader = MetadataReader(model_file.path, values)
    return _read(model_file, reader, _CONFIG_KEYS, _window_of_config(reader, architecture))


def _window_of_config(reader: MetadataReader, architecture: str) -> _Window:
    window = reader.get_int("sliding_window", 0, MAX_CONTEXT_LENGTH, default=0)
    is_upper = architecture in _WINDOW_IN_UPPER
    if not (is_upper or architecture in _WINDOW_IN_ALL):
        return _Window(0)
    if not reader.get_bool("use_sliding_window", default=not is_upper):
        return _Window(0)
    num_layers = reader.get_int("num_hidden_layers", 1, MAX_LAYERS, default=MAX_LAYERS)
    first = reader.get_int("max_window_layers", 0, MAX_LAYERS, default=num_layers)
    return _Window(window, first if is_upper else 0)


def _read(
    model_file: ModelFile, reader: MetadataReader, keys: _Keys, window: _Window
) -> HyperParameters:
    num_layers = reader.get_int(keys.num_layers, 1, MAX_LAYERS, default=0)
    hidden_size = reader.get_int(keys.hidden_size, 1, MAX_WIDTH, default=0)
    intermediate_size = max(_per_layer(reader, keys.intermediate_size, 1, MAX_WIDTH))
    heads = _per_layer(reader, keys.num_heads, num_layers, MAX_HEADS)
    kv_heads = _per_layer(reader, keys.num_kv_heads, num_layers, MAX_HEADS) or heads
    default_dim = hidden_size // max([1, *heads])
    key_dim = reader.get_int(keys.key_dim, 1, MAX_WIDTH, default=default_dim)
    value_dim = reader.get_int(keys.value_dim, 1, MAX_WIDTH, default=default_dim)
    kv_values = sum(kv_heads) * (key_dim + value_dim)
    context_length = reader.get_int(keys.context_length, 1, MAX_CONTEXT_LENGTH, default=0)
    # One as long as the context is none.
    has_window = 0 < window.num_tokens < (context_length or MAX_CONTEXT_LENGTH)
    windowed_heads = kv_heads[window.first_layer :] if has_window else []
    # The residual stream and its copies, the heads, and gate, up and product of the MLP.
    row_values = 4 * hidden_size + 2 * max([0, *heads]) * key_dim + 3 * intermediate_size
    vocabulary_size = reader.get_int(keys.vocabulary_size, 1, 2**31, default=0)
    return HyperParameters(
        context_length=context_length or None,
        kv_values_per_token=kv_values or None,
        window_kv_values_per_token=sum(windowed_heads) * (key_dim + value_dim),
        window=window.num_tokens if windowed_heads else 0,
        row_values=row_values if hidden_size else None,
        vocabulary_size=_embedding_rows(model_file) or vocabulary_size or None,
        head_dim=key_dim or None,
        gate_up_values=2 * hidden_size * intermediate_size,
    )


def _per_layer(reader: MetadataReader, key: str, num_layers: int, high: int) -> list[int]:
    """One number per layer, of a key that holds a number or a list of them; [] if absent."""
    value = reader.get(key)
    if value is None:
        return [0] if num_layers == 1 else []
    if isinstance(value, list):
        return reader.get_ints(key, 0, high)
    return [reader.get_int(key, 0, high)] * num_layers


def _embedding_rows(model_file: ModelFile) -> int:
    for name in _EMBEDDING_NAMES:
        entry = model_file.tensors.get(name)
        if entry is not None and len(entry.shape) == 2:
            return entry.shape[0]
    return 0
