"""The architectures the decoder knows, one entry each, and the way from a file to a `ModelSpec`.

Metadata is untrusted: every value is read with a type and a range here, and the loader compares
the shapes that follow from it with the tensors before anything is allocated.

Sources: the modelling and configuration files of transformers 5; for GGUF llama.cpp's converter and
loader, with the tensor names of the gguf package. Where they part, transformers is right.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from realm_desktop.engine.architecture.config_spec import config_architecture, config_spec
from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.gguf_spec import gguf_architecture, gguf_spec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Container, layer_names
from realm_desktop.errors import UnsupportedArchitecture
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile

_IN_GGUF: Final[frozenset[Container]] = frozenset({"gguf"})
_SANDWICH = layer_names(
    "safetensors",
    post_attention_norm="post_attention_layernorm",
    mlp_norm="pre_feedforward_layernorm",
    post_mlp_norm="post_feedforward_layernorm",
)

ARCHITECTURES = MappingProxyType(
    {
        # llama.cpp writes Mistral files as "llama" too, and their window with them.
        "llama": ArchitectureEntry(windowed="all", interleaved_in=_IN_GGUF),
        "mistral": ArchitectureEntry(gguf_name="llama", windowed="all", interleaved_in=_IN_GGUF),
        "qwen2": ArchitectureEntry(needs_qkv_bias=True, windowed="upper", needs_window_switch=True),
        "qwen3": ArchitectureEntry(head_norm="shared", windowed="upper", needs_window_switch=True),
        "gemma2": ArchitectureEntry(
            defaults=MappingProxyType(
                {
                    "head_dim": 256,
                    "query_pre_attn_scalar": 256,
                    "max_position_embeddings": 8192,
                    "sliding_window": 4096,
                    "attn_logit_softcapping": 50.0,
                    "final_logit_softcapping": 30.0,
                    "tie_word_embeddings": True,
                }
            ),
            names=_SANDWICH,
            norm_places="both",
            has_zero_centred_norms=True,
            activation="gelu_tanh",
            activation_key="hidden_activation",
            windowed="pattern",
            window_period=2,
            gguf_window=4096,
            scale_key="query_pre_attn_scalar",
            is_scale_head_dim=True,
            gguf_wide_scale_layers=46,
            has_softcaps=True,
            gguf_softcaps=(50.0, 30.0),
            is_embedding_rooted=True,
        ),
    }
)


def supported_names() -> list[str]:
    """Every architecture by its name in this table, sorted."""
    return sorted(ARCHITECTURES)


def model_spec(model_file: ModelFile) -> ModelSpec:
    """The hyper-parameters of the network in a file.

    Raises:
        UnsupportedArchitecture: It is none of the table's, or uses a feature the decoder lacks.
        CorruptFile: A hyper-parameter is missing, of another type or out of range.
    """
    is_gguf = model_file.container == "gguf"
    found = gguf_architecture(model_file) if is_gguf else config_architecture(model_file)
    name = _gguf_name(model_file, found) if is_gguf else _config_name(found)
    if name is None:
        raise UnsupportedArchitecture(
            f"{quote(model_file.path.name)} has the architecture {quote(found)}; supported are "
            f"{', '.join(supported_names())}.",
            advice="Choose a model of a supported architecture.",
            file=model_file.path,
            field="architecture",
        )
    entry = ARCHITECTURES[name]
    return gguf_spec(model_file, name, entry) if is_gguf else config_spec(model_file, name, entry)


def _config_name(found: str) -> str | None:
    """The entry for a `model_type`."""
    for name, entry in ARCHITECTURES.items():
        if found == name or found in entry.other_types:
            return name
    return None


def _gguf_name(model_file: ModelFile, found: str) -> str | None:
    """The entry for a `general.architecture`; of several the first whose mark the file has."""
    for name, entry in ARCHITECTURES.items():
        mark = f"{found}.{entry.gguf_mark}" if entry.gguf_mark else "general.architecture"
        if found == (entry.gguf_name or name) and model_file.metadata.get(mark):
            return name
    return None
