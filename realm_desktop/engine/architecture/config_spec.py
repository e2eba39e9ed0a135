"""Hyper-parameters from the config.json of a Hugging Face folder, older and newer key names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from realm_desktop.engine.architecture.config_rope import RopeReader
from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.expert_rules import config_experts
from realm_desktop.engine.architecture.faults import (
    MAX_CONTEXT_LENGTH,
    MAX_FACTOR,
    MAX_HEAD_DIM,
    MAX_HEADS,
    MAX_LAYERS,
    MAX_VOCABULARY_SIZE,
    MAX_WIDTH,
    check_heads,
    unsupported_feature,
)
from realm_desktop.engine.architecture.latent_rules import with_config_latent
from realm_desktop.engine.architecture.layer_rules import layer_sizes, with_config_layers
from realm_desktop.engine.architecture.spec import (
    Activation,
    HeadNormKind,
    ModelSpec,
    RopeSpec,
    windows_of,
)
from realm_desktop.engine.architecture.tensor_names import Part, TensorNames
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile

_ACTIVATIONS: Final[dict[str, Activation]] = {
    "silu": "silu",
    "swish": "silu",
    "gelu": "gelu",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
}
# What stands in place of "model." and "lm_head" in the files of networks that see pictures too: as
# their makers published them, and as transformers 5 writes them.
_PREFIXES: Final = (
    ("model.", "lm_head"),
    ("language_model.model.", "language_model.lm_head"),
    ("model.language_model.", "lm_head"),
)
_MAX_CAP: Final = 1e6
_LAYER_TYPES: Final = ("full_attention", "sliding_attention", "attention")


def config_architecture(model_file: ModelFile) -> str:
    """The architecture a config.json names; of a network that sees pictures too that of its text part.

    Raises:
        CorruptFile: It names none.
    """
    outer = MetadataReader(model_file.path, model_file.config)
    inner = MetadataReader(model_file.path, outer.get_object("text_config", default={}))
    return inner.get_str("model_type", default=outer.get_str("model_type"))


def config_spec(model_file: ModelFile, name: str, entry: ArchitectureEntry) -> ModelSpec:
    """The network a config.json describes.

    Args:
        model_file: A safetensors file or folder.
        name: Its architecture.
        entry: What the table says about it.

    Raises:
        CorruptFile: A value is missing, of another type, out of range or contradicts another one.
        UnsupportedArchitecture: The network has an unknown activation or RoPE.
    """
    reader = _reader(model_file, entry)
    _refuse_other_layers(reader, entry)
    _refuse_quantized(reader, entry)
    spec = entry.applied_to(_sizes(model_file, reader, name, entry), "safetensors")
    rope_reader = RopeReader(reader, entry, spec.context_length, spec.head_dim)
    is_windowed = _windowed_layers(reader, entry, spec.num_layers, rope_reader)
    if entry.layer_rules is not None:
        spec = with_config_layers(spec, reader, entry.layer_rules, is_windowed)
        rope_reader = replace(rope_reader, head_dim=spec.head_dim)
    window = reader.get_int("sliding_window", 0, MAX_CONTEXT_LENGTH, default=0)
    spec = replace(
        rope_reader.read(is_windowed).applied_to(spec),
        layer_windows=windows_of(window, is_windowed, spec.context_length),
    )
    spec = _with_features(spec, reader, entry, model_file.tensors)
    spec = _with_factors(spec, reader, entry)
    return with_config_latent(spec, reader) if entry.is_latent else spec


def _sizes(
    model_file: ModelFile, reader: MetadataReader, name: str, entry: ArchitectureEntry
) -> ModelSpec:
    """The network as far as its sizes go."""
    num_layers = reader.get_int("num_hidden_layers", 1, MAX_LAYERS)
    hidden_size = reader.get_int("hidden_size", 1, MAX_WIDTH)
    num_heads = reader.get_int("num_attention_heads", 1, MAX_HEADS)
    num_kv_heads = reader.get_int("num_key_value_heads", 1, MAX_HEADS, default=num_heads)
    head_dim = reader.get_int("head_dim", 1, MAX_HEAD_DIM, default=max(1, hidden_size // num_heads))
    check_heads(reader.path, num_heads, num_kv_heads, head_dim)
    return ModelSpec(
        architecture=name,
        name=model_file.path.stem,
        num_layers=num_layers,
        hidden_size=hidden_size,
        intermediate_size=_intermediate_size(reader, entry, num_layers),
        num_heads=num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        vocabulary_size=reader.get_int("vocab_size", 1, MAX_VOCABULARY_SIZE),
        context_length=reader.get_int(
            "max_position_embeddings", 1, MAX_CONTEXT_LENGTH, default=2048
        ),
        norm_eps=reader.get_float(entry.eps_key, 0.0, 1.0, default=1e-6),
        rope=RopeSpec(),
        layer_windows=(None,) * num_layers,
    )


def _intermediate_size(reader: MetadataReader, entry: ArchitectureEntry, num_layers: int) -> int:
    """Of an MLP; the largest where layers may have several."""
    if entry.layer_rules is None:
        return reader.get_int(entry.intermediate_key, 1, MAX_WIDTH)
    return max(layer_sizes(reader, entry.intermediate_key, num_layers, 1, MAX_WIDTH))


def _with_features(
    spec: ModelSpec, reader: MetadataReader, entry: ArchitectureEntry, tensors: Collection[str]
) -> ModelSpec:
    """The network with the parts that this file has."""
    names = _names(entry, tensors)

    def has_bias(part: Part) -> bool:
        return f"{names.safetensors[part].format(layer=0)}.bias" in tensors

    is_stated = entry.is_parallel == "stated"
    is_parallel = is_stated and reader.get_bool("use_parallel_residual", default=False)
    # Families differ in the default of this key, so where it is left out the tensors tell.
    is_tied = reader.get_bool(
        "tie_word_embeddings", default=f"{names.safetensors[Part.HEAD]}.weight" not in tensors
    )
    rules = entry.experts
    return replace(
        spec,
        is_parallel=is_parallel or entry.is_parallel == "always",
        head_norm=_head_norm(reader, entry),
        activation=_activation(reader, entry),
        has_qkv_bias=entry.needs_qkv_bias or has_bias(Part.QUERY),
        has_output_bias=has_bias(Part.OUTPUT),
        has_mlp_bias=has_bias(Part.UP),
        is_embedding_tied=is_tied,
        names=names,
        experts=None if rules is None else config_experts(reader, rules, spec.num_layers),
        has_layer_scale=names.safetensors[Part.LAYER_SCALE].format(layer=0) in tensors,
    )


def _with_factors(spec: ModelSpec, reader: MetadataReader, entry: ArchitectureEntry) -> ModelSpec:
    """The network with what multiplies or bounds its values."""
    embedding = spec.embedding_multiplier * _multiplier(reader, entry, "embedding_multiplier")
    return replace(
        spec,
        attention_scale=_attention_scale(reader, entry, spec.head_dim),
        attention_softcap=_softcap(reader, entry, "attn_logit_softcapping"),
        final_softcap=_softcap(reader, entry, "final_logit_softcapping"),
        embedding_multiplier=embedding,
        residual_multiplier=_multiplier(reader, entry, "residual_multiplier"),
        logit_multiplier=_logit_multiplier(reader, entry),
    )


def _reader(model_file: ModelFile, entry: ArchitectureEntry) -> MetadataReader:
    """The values of the text part, with what transformers puts for those that are left out."""
    outer = MetadataReader(model_file.path, model_file.config)
    inner = outer.get_object("text_config", default={})
    own = {**model_file.config, **inner} if inner else model_file.config
    given = {key: value for key, value in own.items() if value is not None}
    # A null is a choice where the default is none: `sliding_window: null` means no window.
    nulls = {key for key, value in own.items() if value is None} & _NULLABLE
    defaults = {key: value for key, value in entry.defaults.items() if key not in nulls}
    return MetadataReader(model_file.path, {**defaults, **given})


def _refuse_quantized(reader: MetadataReader, entry: ArchitectureEntry) -> None:
    """Refuse weights in formats of other programs, whose scales would be left out silently."""
    config = reader.get_object("quantization_config", default={})
    method = MetadataReader(reader.path, config).get_str("quant_method", default="")
    if method and not (method == "mxfp4" and entry.experts is not None):
        feature = f"weights quantized by {quote(method)}"
        raise unsupported_feature(reader.path, "quantization_config", feature)


_NULLABLE: Final = frozenset(
    {
        "sliding_window",
        "attn_logit_softcapping",
        "final_logit_softcapping",
        "num_key_value_heads",
        "head_dim",
        "hidden_size_per_layer_input",
        "q_lora_rank",
    }
)


def _refuse_other_layers(reader: MetadataReader, entry: ArchitectureEntry) -> None:
    """Networks of one family may have layers that others of it have not.

    Raises:
        UnsupportedArchitecture: This one has.
    """
    experts = reader.get_int("num_local_experts", 0, MAX_WIDTH, default=0)
    if experts and entry.experts is None:
        raise unsupported_feature(reader.path, "num_local_experts", "a mixture of experts")
    for kind in reader.get_strs("layer_types", default=[]):
        if kind not in _LAYER_TYPES:
            raise unsupported_feature(reader.path, "layer_types", f"layers of {quote(kind)}")


def _names(entry: ArchitectureEntry, tensors: Collection[str]) -> TensorNames:
    """The names of the tensors, behind the prefix that this file has."""
    for model, head in _PREFIXES:
        if f"{model}embed_tokens.weight" in tensors:
            return entry.names if model == "model." else entry.names.moved(model, head)
    return entry.names


def _windowed_layers(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int, rope_reader: RopeReader
) -> Sequence[bool]:
    """Which layers are of the type with a sliding window, whether or not there is a window."""
    layers = _layers_as_stated(reader, entry, num_layers, rope_reader)
    if not entry.is_last_unwindowed:
        return layers
    # transformers sees to it, whatever the list of a file says.
    return (*layers[:-1], False)


def _layers_as_stated(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int, rope_reader: RopeReader
) -> Sequence[bool]:
    if entry.windowed == "none":
        return (False,) * num_layers
    if not reader.get_bool("use_sliding_window", default=not entry.needs_window_switch):
        return (False,) * num_layers
    types = reader.get_strs("layer_types", default=[])
    if types and entry.windowed != "all":
        if len(types) != num_layers:
            allowed = f"{num_layers} texts"
            raise corrupt(reader.path, "layer_types", None, found=len(types), allowed=allowed)
        return [kind == "sliding_attention" for kind in types]
    if entry.windowed == "unrotated":
        return [not turned for turned in rope_reader.rotated_layers(num_layers)]
    if entry.windowed == "upper":
        first = reader.get_int("max_window_layers", 0, MAX_LAYERS, default=num_layers)
        return [layer >= first for layer in range(num_layers)]
    if entry.windowed == "lower_even":
        end = reader.get_int("max_window_layers", 0, MAX_LAYERS, default=28)
        return [layer % 2 == 0 and layer < end for layer in range(num_layers)]
    period = 0
    if entry.windowed == "pattern":
        default = entry.window_period
        period = reader.get_int("sliding_window_pattern", 1, MAX_LAYERS, default=default)
    return [not period or (layer + 1) % period != 0 for layer in range(num_layers)]


def _head_norm(reader: MetadataReader, entry: ArchitectureEntry) -> HeadNormKind:
    key = entry.head_norm_key
    return entry.head_norm if not key or reader.get_bool(key, default=False) else "none"


def _activation(reader: MetadataReader, entry: ArchitectureEntry) -> Activation:
    key = entry.activation_key
    name = reader.get_str(key, default="")
    if not name:
        return entry.activation
    if name not in _ACTIVATIONS:
        raise unsupported_feature(reader.path, key, f"the activation {quote(name)}")
    # Gemma's first files say "gelu" and mean the other one; transformers corrects them.
    is_tanh_meant = name == "gelu" and key == "hidden_act" and entry.is_embedding_rooted
    return "gelu_tanh" if is_tanh_meant else _ACTIVATIONS[name]


def _attention_scale(reader: MetadataReader, entry: ArchitectureEntry, head_dim: int) -> float:
    """See `ModelSpec.attention_scale`."""
    if not entry.scale_key:
        return entry.attention_scale
    if not entry.is_scale_head_dim:
        return reader.get_float(entry.scale_key, 1e-6, MAX_FACTOR, default=1.0)
    length = reader.get_float(entry.scale_key, 1e-6, MAX_FACTOR, default=float(head_dim))
    return 0.0 if length == head_dim else float(length**-0.5)


def _softcap(reader: MetadataReader, entry: ArchitectureEntry, key: str) -> float:
    return reader.get_float(key, 0.0, _MAX_CAP, default=0.0) if entry.has_softcaps else 0.0


def _multiplier(reader: MetadataReader, entry: ArchitectureEntry, key: str) -> float:
    return reader.get_float(key, 1e-6, MAX_FACTOR, default=1.0) if entry.has_multipliers else 1.0


def _logit_multiplier(reader: MetadataReader, entry: ArchitectureEntry) -> float:
    if entry.logits == "divided":
        return 1.0 / reader.get_float("logits_scaling", 1e-6, MAX_FACTOR, default=1.0)
    if entry.logits == "multiplied":
        return reader.get_float("logit_scale", 1e-6, MAX_FACTOR, default=1.0)
    return 1.0
