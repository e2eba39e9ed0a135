"""Whether an adapter fits a base model, in words, from the headers of both and without torch.

The engine checks again when it attaches; this is for showing the verdict before. Pure but for
`inspect_base`, which reads one header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from realm_desktop.formats.adapter_inspection import AdapterInspection, AdapterModule, module_name
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.linear_names import FUSED_KINDS, LinearName, linear_name
from realm_desktop.formats.model_file import ModelFile, open_model

# Layers whose input is the residual stream: their width is the hidden size.
_HIDDEN_INPUTS: Final = frozenset(
    {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.qkv_proj"}
    | {"mlp.gate_proj", "mlp.up_proj", "mlp.gate_up_proj"}
)
_HIDDEN_OUTPUTS: Final = frozenset({"self_attn.o_proj", "mlp.down_proj"})
_EMBEDDINGS: Final = {"gguf": "token_embd.weight", "safetensors": "model.embed_tokens.weight"}
# Where GGUF has another word than config.json; as `engine/architecture/table.py`.
_GGUF_ARCHITECTURES: Final = {
    "mistral": "llama",
    "ministral3": "mistral3",
    "mixtral": "llama",
    "qwen2_moe": "qwen2moe",
    "qwen3_moe": "qwen3moe",
    "gpt_oss": "gpt-oss",
    "deepseek_v2": "deepseek2",
    "deepseek_v3": "deepseek2",
    "gemma3_text": "gemma3",
    "gemma3n_text": "gemma3n",
    "gemma4_text": "gemma4",
    "gemma4_unified": "gemma4",
    "gemma4_unified_text": "gemma4",
    "cohere": "command-r",
    "glm": "chatglm",
    "granitemoehybrid": "granite",
    "olmo3": "olmo2",
}
# What repacking adds to a model's name without changing the model.
_REPACKING_WORD = re.compile(
    r"(i?q\d\w*|f16|f32|bf16|fp16|fp8|int[48]|gguf|ggml|hf|bnb|nf4|[48]bit|awq|gptq|imatrix|k|m|s|l"
    r"|xs|xxs|xl|[01]|unsloth|safetensors|the|bloke)"
)


@dataclass(frozen=True, slots=True)
class BaseModel:
    """The linear layers of a model file.

    Attributes:
        name: For display; a stranger's words, printable.
        architecture: GGUF's word for it; empty if the file does not say.
        num_layers: Layers with a linear layer that adapters may change.
        hidden_size: Width of the residual stream; 0 without such layers.
        layers: (out, in) by layer; fused ones as their parts.
        names: What the file, its folder and its metadata call the model.
        vocabulary_shape: Of the embedding, [vocabulary, hidden]; empty if the file has none.
    """

    name: str
    architecture: str
    num_layers: int
    hidden_size: int
    layers: Mapping[LinearName, tuple[int, int]]
    names: tuple[str, ...] = ()
    vocabulary_shape: tuple[int, ...] = ()

    @property
    def num_targets(self) -> int:
        """Linear layers that an adapter could change."""
        return len(self.layers)


@dataclass(frozen=True, slots=True)
class AdapterFit:
    """The verdict on one adapter and one base model.

    Attributes:
        fits: Whether it can be attached.
        verdict: One sentence without a full stop.
        warning: What may still be wrong with an adapter that fits; empty if nothing.
        target, found, expected: Of the first thing that does not fit; empty if it fits.
        num_targets, num_model_targets: Linear layers it changes, and that the model has.
    """

    fits: bool
    verdict: str
    warning: str = ""
    target: str = ""
    found: str = ""
    expected: str = ""
    num_targets: int = 0
    num_model_targets: int = 0


def inspect_base(path: Path) -> BaseModel:
    """The linear layers of the model at `path`.

    Raises:
        ModelFileError: It cannot be opened, see `open_model`.
    """
    model_file = open_model(path)
    try:
        return base_of(model_file)
    finally:
        model_file.close()


def base_of(model_file: ModelFile) -> BaseModel:
    """The linear layers of an open model."""
    layers: dict[LinearName, tuple[int, int]] = {}
    for tensor, entry in model_file.tensors.items():
        is_matrix = tensor.endswith(".weight") and len(entry.shape) == 2
        stem = tensor.removesuffix(".weight")
        name = linear_name(model_file.container, stem) if is_matrix else None
        if name is not None:
            layers[name] = (entry.shape[0], entry.shape[1])
    layers = _unfused(layers)
    key = "general.architecture"
    found = model_file.metadata.get(key) or model_file.config.get("model_type")
    architecture = found if isinstance(found, str) else ""
    embedding = model_file.tensors.get(_EMBEDDINGS[model_file.container])
    path = model_file.path.absolute()
    title = path.name if path.is_dir() else path.stem
    own = model_file.metadata.get("general.name")
    names = (own, title) if isinstance(own, str) and own else (title,)
    return BaseModel(
        name=quote(names[0]),
        architecture=_GGUF_ARCHITECTURES.get(architecture, architecture),
        num_layers=1 + max((name.layer for name in layers), default=-1),
        hidden_size=next((s[1] for n, s in layers.items() if n.kind in _HIDDEN_INPUTS), 0),
        layers=layers,
        names=names,
        vocabulary_shape=embedding.shape if embedding is not None else (),
    )


def fit(adapter: AdapterInspection, base: BaseModel) -> AdapterFit:
    """Whether `adapter` can be attached to `base`, and why not.

    Weights are not looked at: values that are no numbers are found when it is attached.
    """
    if adapter.refusal:
        return AdapterFit(False, adapter.refusal)
    misfit = _other_network(adapter, base) or _first_misfit(adapter, base)
    if misfit is not None:
        return misfit
    names = [name for m in adapter.modules if (name := module_name(adapter, m)) is not None]
    changed, present = sum(len(_parts(name)) for name in names), base.num_targets
    return AdapterFit(
        True,
        fit_in_words(
            base.name, adapter.rank_text, changed, present, [each.name for each in adapter.saved]
        ),
        warning=name_warning(adapter.base_model_name, base.names),
        num_targets=changed,
        num_model_targets=present,
    )


def fit_in_words(
    base_name: str,
    rank_text: str,
    num_targets: int,
    num_model_targets: int,
    saved_modules: Iterable[str] = (),
) -> str:
    """The verdict on an adapter that fits; `saved_modules` are those it replaces whole."""
    words = f"fits {base_name} · rank {rank_text} · {num_targets} of {num_model_targets} targets"
    return " · ".join((words, *(f"own {name}" for name in saved_modules)))


def name_warning(made_for: str, names: Iterable[str]) -> str:
    """A sentence if an adapter was made for a model of another name; shapes cannot tell.

    Args:
        made_for: The adapter's word; a repository id, a path or a title. Empty says nothing.
        names: Of the base model.
    """
    names = tuple(names)
    own = made_for.replace("\\", "/").rstrip("/").rpartition("/")[2]
    wanted, repacker = _words(own), _words(made_for)
    if not wanted or any(wanted <= (w := _words(name)) and w <= repacker for name in names):
        return ""
    return f"made for {quote(made_for)}; this model is called {quote(next(iter(names), ''))}"


def _other_network(adapter: AdapterInspection, base: BaseModel) -> AdapterFit | None:
    """A difference that concerns every layer; said instead of the first shape it spoils."""
    if adapter.architecture and base.architecture and adapter.architecture != base.architecture:
        found, expected = quote(adapter.architecture), quote(base.architecture)
        verdict = f"made for the architecture {found}, this model has {expected}"
        return AdapterFit(False, verdict, "", "architecture", found, expected)
    for module in adapter.modules:
        hidden = _hidden_size(adapter, module)
        if hidden not in (None, base.hidden_size):
            found, expected = str(hidden), str(base.hidden_size)
            verdict = f"made for hidden size {found}, this model has {expected}"
            return AdapterFit(False, verdict, "", quote(module.name), found, expected)
    names = [module_name(adapter, module) for module in adapter.modules]
    num_layers = 1 + max((name.layer for name in names if name), default=-1)
    if num_layers > base.num_layers:
        found, expected = str(num_layers), str(base.num_layers)
        verdict = f"made for {found} layers or more, this model has {expected}"
        return AdapterFit(False, verdict, "", "number of layers", found, expected)
    return None


def _hidden_size(adapter: AdapterInspection, module: AdapterModule) -> int | None:
    name = module_name(adapter, module)
    if name is None:
        return None
    if name.kind in _HIDDEN_INPUTS:
        return module.in_features
    return module.out_features if name.kind in _HIDDEN_OUTPUTS else None


def _first_misfit(adapter: AdapterInspection, base: BaseModel) -> AdapterFit | None:
    seen: set[LinearName] = set()
    for module in adapter.modules:
        name, target = module_name(adapter, module), quote(module.name)
        shape = _shape(base, name) if name is not None else None
        if name is None or shape is None:
            verdict = f"changes {target}, which this model does not have"
            expected = "a linear layer of attention or MLP"
            return AdapterFit(False, verdict, "", target, "unknown", expected)
        found = (module.out_features, module.in_features)
        if found != shape:
            verdict = f"{target} is for {list(found)}, this model has {list(shape)}"
            return AdapterFit(False, verdict, "", target, str(list(found)), str(list(shape)))
        parts = _parts(name)
        if not seen.isdisjoint(parts):
            verdict = f"{target} changes a layer that another name changes too"
            return AdapterFit(False, verdict, "", target, "twice", "once")
        seen.update(parts)
    for saved in adapter.saved:
        if saved.shape != base.vocabulary_shape:
            found_shape, own = str(list(saved.shape)), str(list(base.vocabulary_shape))
            verdict = f"brings {saved.name} of {found_shape}, this model has {own}"
            return AdapterFit(False, verdict, "", saved.name, found_shape, own)
    return None


def _unfused(layers: Mapping[LinearName, tuple[int, int]]) -> dict[LinearName, tuple[int, int]]:
    """The layers with every fused one as its parts, whose sizes follow from the layers behind."""
    parts: dict[LinearName, tuple[int, int]] = {}
    for name, (out_features, in_features) in layers.items():
        kinds = FUSED_KINDS.get(_kind(layers, name), (name.kind,))
        sizes = [out_features // len(kinds)] * len(kinds)
        output = layers.get(LinearName(name.layer, "self_attn.o_proj"))
        if name.kind == "self_attn.qkv_proj" and output is not None:
            num_key_values = (out_features - output[1]) // 2
            sizes = [output[1], num_key_values, num_key_values]
        for kind, size in zip(kinds, sizes, strict=True):
            parts[LinearName(name.layer, kind)] = (size, in_features)
    return parts


def _kind(layers: Mapping[LinearName, tuple[int, int]], name: LinearName) -> str:
    """What a layer is: GGUF calls gate and up in one tensor as it calls up alone."""
    down = layers.get(LinearName(name.layer, "mlp.down_proj"))
    is_up = name.kind == "mlp.up_proj" and LinearName(name.layer, "mlp.gate_proj") not in layers
    is_fused = is_up and down is not None and layers[name][0] == 2 * down[1]
    return "mlp.gate_up_proj" if is_fused else name.kind


def _shape(base: BaseModel, name: LinearName) -> tuple[int, int] | None:
    """(out, in) of a layer of the base; a fused one has the outputs of its parts."""
    parts = [base.layers.get(part) for part in _parts(name)]
    present = [part for part in parts if part is not None]
    if len(present) < len(parts):
        return None
    return sum(part[0] for part in present), present[0][1]


def _parts(name: LinearName) -> list[LinearName]:
    return [LinearName(name.layer, kind) for kind in FUSED_KINDS.get(name.kind, (name.kind,))]


def _words(name: str) -> frozenset[str]:
    """The words of a model's name that tell models apart."""
    words = re.split(r"[^a-z0-9.]+", name.lower())
    plain = (part for word in words for part in (word.strip("."),) if part)
    return frozenset(word for word in plain if not _REPACKING_WORD.fullmatch(word))
