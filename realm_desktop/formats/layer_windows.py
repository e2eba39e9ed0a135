"""Which layers of a network have a sliding window, as far as a header tells.

Files name windows that the network does not use, so this knows whose layers have one; the engine reads
the same, stricter, by its own table (`engine/architecture/table.py`), and a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from realm_desktop.formats.metadata import MetadataReader

MAX_LAYERS: Final = 1_024
MAX_WINDOW: Final = 2**24


@dataclass(frozen=True, slots=True)
class WindowRule:
    """The layers that the window of a file concerns.

    Attributes:
        layers: All; all but every n-th, unless the file lists them; those from `max_window_layers`
            on, or every second one before it, which GGUF cannot say; or none but those that a
            config.json lists.
        period: The n; 0 for none of them.
        needs_switch: The window counts only if `use_sliding_window` says so.
        default: Positions in files that name none; 0 for no window.
        is_last_plain: The last layer has none, whatever a config.json says.
    """

    layers: Literal["all", "pattern", "upper", "lower_even", "listed"] = "all"
    period: int = 0
    needs_switch: bool = False
    default: int = 0
    is_last_plain: bool = False


class LayerWindows(NamedTuple):
    """A window of so many positions, and which layers have it; 0 for none."""

    num_tokens: int
    layers: tuple[bool, ...]


_UPPER: Final = WindowRule("upper", needs_switch=True)
_RULES: Final = MappingProxyType(
    {
        "llama": WindowRule(),
        "mistral": WindowRule(),
        "mixtral": WindowRule(),
        "qwen2": _UPPER,
        "qwen3": _UPPER,
        "qwen2_moe": WindowRule("lower_even", needs_switch=True, default=4096),
        "qwen3_moe": WindowRule(needs_switch=True, default=4096),
        "gpt_oss": WindowRule("pattern", 2, default=128),
        "gemma2": WindowRule("pattern", 2, default=4096),
        "gemma3_text": WindowRule("pattern", 6, default=4096),
        "gemma3n_text": WindowRule("pattern", 5, default=512),
        "gemma4_text": WindowRule("pattern", 6, default=512, is_last_plain=True),
        "gemma4_unified_text": WindowRule("pattern", 6, default=1024, is_last_plain=True),
        "olmo3": WindowRule("pattern", 4, default=4096),
        "cohere2": WindowRule("pattern", 4, default=4096),
        "ministral": WindowRule("pattern", default=4096),
        "ministral3": WindowRule(),
        "phi3": WindowRule(),
        "starcoder2": WindowRule(),
        "smollm3": WindowRule("listed", needs_switch=True),
    }
)
_GGUF_RULES: Final = MappingProxyType(
    {
        "gpt-oss": _RULES["gpt_oss"],
        "gemma3": WindowRule("pattern", 6),
        "gemma3n": WindowRule("pattern", 5),
        "gemma4": WindowRule("pattern", 6),
        "olmo2": WindowRule("pattern", 4),
        "mistral3": WindowRule(),
        **{name: _RULES[name] for name in ("llama", "gemma2", "cohere2", "phi3", "starcoder2")},
    }
)


def gguf_windows(reader: MetadataReader, architecture: str, num_layers: int) -> LayerWindows:
    """The windows of a GGUF file; keys of `reader` have the prefix of the architecture.

    Raises:
        CorruptFile: A value has another type or is out of range.
    """
    rule = _GGUF_RULES.get(architecture)
    if rule is None:
        return LayerWindows(0, (False,) * num_layers)
    window = reader.get_int("attention.sliding_window", 0, MAX_WINDOW, default=rule.default)
    pattern = reader.get("attention.sliding_window_pattern")
    if isinstance(pattern, list) and len(pattern) == num_layers:
        return LayerWindows(window, tuple(own is True for own in pattern))
    return LayerWindows(window, _in_pattern(rule, num_layers))


def config_windows(reader: MetadataReader, architecture: str, num_layers: int) -> LayerWindows:
    """The windows of a config.json.

    Raises:
        CorruptFile: A value has another type or is out of range.
    """
    rule = _RULES.get(architecture)
    is_null = "sliding_window" in reader.values and reader.get("sliding_window") is None
    default = 0 if rule is None or is_null else rule.default
    window = reader.get_int("sliding_window", 0, MAX_WINDOW, default=default)
    if rule is None or not reader.get_bool("use_sliding_window", default=not rule.needs_switch):
        return LayerWindows(0, (False,) * num_layers)
    types = reader.get_strs("layer_types", default=[])
    if types and rule.layers != "all":
        layers = tuple(kind == "sliding_attention" for kind in types[:num_layers])
    elif rule.layers == "upper":
        first = reader.get_int("max_window_layers", 0, MAX_LAYERS, default=num_layers)
        layers = tuple(layer >= first for layer in range(num_layers))
    elif rule.layers == "lower_even":
        end = reader.get_int("max_window_layers", 0, MAX_LAYERS, default=28)
        layers = tuple(layer % 2 == 0 and layer < end for layer in range(num_layers))
    elif rule.layers == "listed":
        layers = (False,) * num_layers
    else:
        period = reader.get_int("sliding_window_pattern", 1, MAX_LAYERS, default=rule.period or 1)
        own = replace(rule, period=period if rule.period else 0)
        layers = _in_pattern(own, num_layers)
    if rule.is_last_plain:
        layers = (*layers[:-1], False)
    return LayerWindows(window, layers)


def _in_pattern(rule: WindowRule, num_layers: int) -> tuple[bool, ...]:
    return tuple(not rule.period or (layer + 1) % rule.period != 0 for layer in range(num_layers))
