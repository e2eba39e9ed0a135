"""Keys and values of each layer, as far as a header tells, where layers differ in them.

The engine reads the same, stricter, by its own rules (`engine/architecture/layer_rules.py`), and a test
compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from realm_desktop.formats.linear_names import Container
from realm_desktop.formats.metadata import MetadataReader

_MAX_WIDTH: Final = 2**24
_MAX_HEADS: Final = 2**16
_WITH_GLOBAL_HEADS: Final = ("gemma4", "gemma4_text", "gemma4_unified", "gemma4_unified_text")
_GLOBAL_HEAD_DIM: Final = 512  # of Gemma 4, where a config.json leaves it out


@dataclass(frozen=True, slots=True)
class LayerKV:
    """Key and value heads of each layer.

    Attributes:
        counts: Heads of each layer.
        dims: Values of a key and a value head together, of each layer.
        num_shared: Layers at the end that have none of their own.
    """

    counts: tuple[int, ...]
    dims: tuple[int, ...]
    num_shared: int = 0

    @property
    def values(self) -> tuple[int, ...]:
        """Key and value elements of one position, of each layer."""
        first = len(self.counts) - self.num_shared
        own = zip(self.counts, self.dims, strict=True)
        return tuple(c * d if index < first else 0 for index, (c, d) in enumerate(own))


def read_layer_kv(
    reader: MetadataReader,
    container: Container,
    plain: LayerKV,
    is_windowed: Sequence[bool],
) -> LayerKV:
    """The heads of each layer.

    Args:
        reader: Of the metadata or the config of the text part, with what it leaves out.
        container: Which of them.
        plain: What the keys say that all networks have.
        is_windowed: Which layers are of the type with a sliding window.

    Raises:
        CorruptFile: A value has another type or is out of range.
    """
    num_layers = len(plain.counts)
    windowed = [*is_windowed, *[False] * num_layers][:num_layers]
    key = "attention.shared_kv_layers" if container == "gguf" else "num_kv_shared_layers"
    num_shared = reader.get_int(key, 0, num_layers, default=0)
    if container == "gguf":
        return LayerKV(plain.counts, _gguf_dims(reader, plain, windowed), num_shared)
    counts, dims = _config_heads(reader, plain, windowed)
    return LayerKV(counts, dims, num_shared)


def layer_number(key: str, num_layers: int) -> int | None:
    """The layer that a key of `per_layer_config` names; None if there is no such layer."""
    # Python refuses to make a number of thousands of digits.
    is_short = key.isdecimal() and len(key) <= len(str(num_layers))
    layer = int(key) if is_short else num_layers
    return layer if layer < num_layers else None


def _gguf_dims(reader: MetadataReader, plain: LayerKV, windowed: Sequence[bool]) -> tuple[int, ...]:
    if reader.get("attention.key_length_swa") is None:
        return plain.dims
    local = sum(
        reader.get_int(f"attention.{kind}_length_swa", 1, _MAX_WIDTH) for kind in ("key", "value")
    )
    return tuple(local if own else dim for own, dim in zip(windowed, plain.dims, strict=True))


def _config_heads(
    reader: MetadataReader, plain: LayerKV, windowed: Sequence[bool]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Layer by layer, as transformers writes it, or by the type of a layer."""
    counts, dims = list(plain.counts), list(plain.dims)
    if reader.get_str("model_type", default="") not in _WITH_GLOBAL_HEADS:
        return plain.counts, plain.dims
    listed = reader.get_object("per_layer_config", default={})
    for key in listed:
        layer = layer_number(key, len(counts))
        if layer is not None:
            own = MetadataReader(reader.path, MetadataReader(reader.path, listed).get_object(key))
            count = own.get_int("num_key_value_heads", 1, _MAX_HEADS, default=counts[layer])
            dim = own.get_int("head_dim", 1, _MAX_WIDTH, default=dims[layer] // 2)
            counts[layer], dims[layer] = count, 2 * dim
    if reader.get("per_layer_config") is None:
        dim = reader.get_int("global_head_dim", 1, _MAX_WIDTH, default=_GLOBAL_HEAD_DIM)
        has_count = reader.get_bool("attention_k_eq_v", default=False)
        for layer in (index for index, own in enumerate(windowed) if not own):
            dims[layer] = 2 * dim
            if has_count:
                counts[layer] = reader.get_int(
                    "num_global_key_value_heads", 1, _MAX_HEADS, default=counts[layer]
                )
    return tuple(counts), tuple(dims)
