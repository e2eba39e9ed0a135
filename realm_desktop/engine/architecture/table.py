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
from realm_desktop.engine.architecture.expert_table import EXPERT_ARCHITECTURES
from realm_desktop.engine.architecture.gemma_table import GEMMA_ARCHITECTURES
from realm_desktop.engine.architecture.gguf_spec import gguf_architecture, gguf_spec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import (
    LLAMA_NAMES,
    Container,
    TensorNames,
    layer_names,
)
from realm_desktop.errors import UnsupportedArchitecture
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile

_IN_GGUF: Final[frozenset[Container]] = frozenset({"gguf"})
_EVERYWHERE: Final[frozenset[Container]] = frozenset({"gguf", "safetensors"})
_MISTRAL_DEFAULTS: Final = MappingProxyType(
    {"num_key_value_heads": 8, "max_position_embeddings": 131_072, "sliding_window": 4096}
)
_GLM_DEFAULTS: Final = MappingProxyType(
    {"head_dim": 128, "num_key_value_heads": 2, "rms_norm_eps": 1.5625e-7}
)
_COHERE_DEFAULTS: Final = MappingProxyType(
    {"layer_norm_eps": 1e-5, "logit_scale": 0.0625, "tie_word_embeddings": True}
)
_FUSED_QKV: Final = LLAMA_NAMES.layers_replaced(
    "safetensors", dict.fromkeys(("query", "key", "value"), "self_attn.qkv_proj")
).layers_replaced("gguf", dict.fromkeys(("query", "key", "value"), "attn_qkv"))


def _with_fused_gate(names: TensorNames) -> TensorNames:
    """The same with gate and up in one tensor."""
    fused = names.layers_replaced("safetensors", dict.fromkeys(("gate", "up"), "mlp.gate_up_proj"))
    return fused.layers_replaced("gguf", dict.fromkeys(("gate", "up"), "ffn_up"))


ARCHITECTURES = MappingProxyType(
    {
        # First, because "mixtral" is "llama" to llama.cpp too.
        **EXPERT_ARCHITECTURES,
        # llama.cpp writes Mistral files as "llama" too, and their window with them.
        "llama": ArchitectureEntry(windowed="all", interleaved_in=_IN_GGUF),
        "mistral": ArchitectureEntry(
            gguf_name="llama",
            defaults=_MISTRAL_DEFAULTS,
            windowed="all",
            interleaved_in=_IN_GGUF,
        ),
        # Where layers have windows, `layer_types` says so; llama.cpp has no files of them.
        "ministral": ArchitectureEntry(
            defaults=_MISTRAL_DEFAULTS,
            windowed="pattern",
        ),
        "ministral3": ArchitectureEntry(
            gguf_name="mistral3",
            defaults=MappingProxyType(
                {
                    "head_dim": 128,
                    "num_key_value_heads": 8,
                    "max_position_embeddings": 262_144,
                    "rms_norm_eps": 1e-5,
                }
            ),
            windowed="all",
            rope_base=1e6,
            query_growth_key="llama_4_scaling_beta",
            interleaved_in=_IN_GGUF,
        ),
        "qwen2": ArchitectureEntry(needs_qkv_bias=True, windowed="upper", needs_window_switch=True),
        "qwen3": ArchitectureEntry(head_norm="shared", windowed="upper", needs_window_switch=True),
        "gemma": ArchitectureEntry(
            defaults=MappingProxyType(
                {"head_dim": 256, "num_key_value_heads": 16, "tie_word_embeddings": True}
            ),
            has_zero_centred_norms=True,
            activation="gelu_tanh",
            is_embedding_rooted=True,
        ),
        **GEMMA_ARCHITECTURES,
        "phi3": ArchitectureEntry(
            defaults=MappingProxyType(
                {
                    "rms_norm_eps": 1e-5,
                    "max_position_embeddings": 4096,
                    "original_max_position_embeddings": 4096,
                }
            ),
            names=_with_fused_gate(_FUSED_QKV),
            windowed="all",
            rotary_share=1.0,
        ),
        "granite": ArchitectureEntry(
            interleaved_in=_IN_GGUF,
            scale_key="attention_multiplier",
            has_multipliers=True,
            logits="divided",
        ),
        # Granite 4 without experts and without state spaces; in GGUF files it is "granite".
        "granitemoehybrid": ArchitectureEntry(
            gguf_name="granite",
            gguf_mark="rope.scaling.finetuned",
            names=layer_names(
                "safetensors",
                gate="shared_mlp.input_linear",
                up="shared_mlp.input_linear",
                down="shared_mlp.output_linear",
            ),
            unrotated="stated",
            intermediate_key="shared_intermediate_size",
            interleaved_in=_IN_GGUF,
            scale_key="attention_multiplier",
            has_multipliers=True,
            logits="divided",
        ),
        "olmo2": ArchitectureEntry(
            defaults=MappingProxyType({"rms_norm_eps": 1e-5}),
            norm_places="after",
            head_norm="whole",
        ),
        "olmo3": ArchitectureEntry(
            gguf_name="olmo2",
            gguf_mark="attention.sliding_window",
            defaults=MappingProxyType({"rms_norm_eps": 1e-5, "sliding_window": 4096}),
            norm_places="after",
            head_norm="whole",
            windowed="pattern",
            window_period=4,
            rope_base=500_000.0,
            local_rope_key="rope_local_base_freq",
        ),
        "smollm3": ArchitectureEntry(
            defaults=MappingProxyType({"num_key_value_heads": 4, "tie_word_embeddings": True}),
            windowed="unrotated",
            needs_window_switch=True,
            unrotated="listed",
            rope_base=2e6,
            interleaved_in=_IN_GGUF,
        ),
        "glm": ArchitectureEntry(
            gguf_name="chatglm",
            defaults=_GLM_DEFAULTS,
            names=_with_fused_gate(LLAMA_NAMES),
            rotary_share=0.5,
            interleaved_in=_EVERYWHERE,
        ),
        "glm4": ArchitectureEntry(
            defaults=_GLM_DEFAULTS,
            names=_with_fused_gate(
                layer_names(
                    "safetensors",
                    post_attention_norm="post_self_attn_layernorm",
                    post_mlp_norm="post_mlp_layernorm",
                )
            ),
            norm_places="both",
            rotary_share=0.5,
            interleaved_in=_EVERYWHERE,
        ),
        "stablelm": ArchitectureEntry(
            defaults=MappingProxyType({"layer_norm_eps": 1e-5}),
            names=layer_names(
                "safetensors",
                query_norm="self_attn.q_layernorm.norms.{head}",
                key_norm="self_attn.k_layernorm.norms.{head}",
            ),
            norm_kind="layer",
            has_norm_bias=True,
            eps_key="layer_norm_eps",
            head_norm="own",
            head_norm_key="qk_layernorm",
            is_parallel="stated",
            rotary_share=0.25,
        ),
        "starcoder2": ArchitectureEntry(
            defaults=MappingProxyType(
                {"norm_epsilon": 1e-5, "num_key_value_heads": 2, "tie_word_embeddings": True}
            ),
            names=layer_names("safetensors", up="mlp.c_fc", down="mlp.c_proj"),
            norm_kind="layer",
            has_norm_bias=True,
            eps_key="norm_epsilon",
            activation="gelu_tanh",
            is_gated=False,
            windowed="all",
        ),
        "command-r": ArchitectureEntry(
            other_types=("cohere",),
            defaults=_COHERE_DEFAULTS,
            norm_kind="layer",
            eps_key="layer_norm_eps",
            head_norm="own",
            head_norm_key="use_qk_norm",
            is_parallel="always",
            rope_base=500_000.0,
            interleaved_in=_EVERYWHERE,
            logits="multiplied",
        ),
        "cohere2": ArchitectureEntry(
            defaults=MappingProxyType({**_COHERE_DEFAULTS, "sliding_window": 4096}),
            norm_kind="layer",
            eps_key="layer_norm_eps",
            is_parallel="always",
            windowed="pattern",
            window_period=4,
            unrotated="unwindowed",
            interleaved_in=_EVERYWHERE,
            logits="multiplied",
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
    """The entry for a `general.architecture`; of several one whose mark the file has."""
    plain: str | None = None
    for name, entry in ARCHITECTURES.items():
        if found != (entry.gguf_name or name):
            continue
        if not entry.gguf_mark:
            plain = plain or name
        elif _is_marked(model_file.metadata.get(f"{found}.{entry.gguf_mark}")):
            return name
    return plain


def _is_marked(value: object) -> bool:
    """Whether a key is there; 0 stands for a feature that is not."""
    return isinstance(value, bool) or bool(value)
