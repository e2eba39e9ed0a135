"""What the linear layers of a network are called in adapter and model files of either container.

Knows names, not shapes. The engine has its own table for every tensor of a network; a test compares
the two.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

Container = Literal["gguf", "safetensors"]

_GGUF_KINDS: Final = MappingProxyType(
    {
        "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj",
        "attn_output": "self_attn.o_proj",
        "attn_qkv": "self_attn.qkv_proj",
        "attn_q_a": "self_attn.q_a_proj",
        "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
        "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj",
        "ffn_down": "mlp.down_proj",
    }
)
_HUB_KINDS: Final = MappingProxyType({kind: name for name, kind in _GGUF_KINDS.items()})
FUSED_KINDS: Final = MappingProxyType(
    {
        "self_attn.qkv_proj": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        "mlp.gate_up_proj": ("mlp.gate_proj", "mlp.up_proj"),
    }
)
"""Layers that hold others on top of each other, in this order."""

# What StarCoder2 and Granite 4 call theirs.
_OTHER_KINDS: Final = MappingProxyType(
    {
        "mlp.c_fc": "mlp.up_proj",
        "mlp.c_proj": "mlp.down_proj",
        "shared_mlp.input_linear": "mlp.gate_up_proj",
        "shared_mlp.output_linear": "mlp.down_proj",
    }
)

LINEAR_KINDS: Final = frozenset(_HUB_KINDS) | frozenset(FUSED_KINDS)
"""Every layer an adapter may change, by its end in Hugging Face's words."""

_GGUF_NAME = re.compile(r"blk\.(?P<layer>\d{1,4})\.(?P<kind>\w+)")
# Networks that see pictures have their layers one room further inside.
_HUB_NAME = re.compile(
    r"(model|language_model\.model|model\.language_model)"
    r"\.layers\.(?P<layer>\d{1,4})\.(?P<kind>\w+\.\w+)"
)


class LinearName(NamedTuple):
    """One linear layer, whatever a file calls it: its layer, and its end such as "mlp.up_proj"."""

    layer: int
    kind: str

    @property
    def hub_name(self) -> str:
        """As Hugging Face files call it."""
        return f"model.layers.{self.layer}.{self.kind}"

    @property
    def gguf_name(self) -> str | None:
        """As GGUF files call it; None for a layer that GGUF knows in its parts only."""
        kind = _HUB_KINDS.get(self.kind)
        return None if kind is None else f"blk.{self.layer}.{kind}"


def linear_name(container: Container, name: str) -> LinearName | None:
    """The linear layer that a file calls `name`, without ".weight"; None if it is none."""
    if container == "gguf":
        match = _GGUF_NAME.fullmatch(name)
        kind = _GGUF_KINDS.get(match["kind"]) if match else None
    else:
        match = _HUB_NAME.fullmatch(name)
        found = _OTHER_KINDS.get(match["kind"], match["kind"]) if match else None
        kind = found if found in LINEAR_KINDS else None
    return LinearName(int(match["layer"]), kind) if match and kind else None
