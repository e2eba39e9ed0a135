"""What an adapter file says about itself: ranks, scaling, and features that decide its meaning.

Reads PEFT's adapter_config.json and the metadata of GGUF adapters, without torch. Both are words of
a stranger: every value has a type and a range, and a feature the engine lacks is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Protocol

from realm_desktop.errors import AdapterError, AdapterMismatch
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile
from realm_desktop.formats.strict_json import JSONValue

MAX_RANK = 512
"""Largest rank of an adapter; also the widest product of ranks (engine/lora/passes.py)."""

MAX_ALPHA = 1e6
MAX_PATTERNS = 256
_MAX_PATTERN_CHARACTERS = 256

# A key of rank_pattern and alpha_pattern is a regular expression. More than one repetition, or one
# behind a group, could make matching take for ever.
_PATTERN = re.compile(r"[\w.\\^$|()\[\]*+?-]+")
_REPETITION = re.compile(r"[*+?]")

_REFUSED_FLAGS = {
    "use_dora": "DoRA",
    "lora_bias": "lora_bias",
    "target_parameters": "target_parameters",
    "trainable_token_indices": "trained tokens",
    "layer_replication": "layer_replication",
    "use_qalora": "QA-LoRA",
    "use_bdlora": "BD-LoRA",
    "arrow_config": "Arrow",
    "kasa_config": "KaSA",
    "monteclora_config": "MonteCLoRA",
    "alora_invocation_tokens": "activated LoRA",
}
# Begun so, training also changes the base model, and the pairs alone are not the whole change.
# PEFT writes another value when it saves such an adapter as a plain one.
_INITIALISATIONS_THAT_CHANGE_THE_BASE = ("pissa", "olora", "corda", "lora_ga", "loftq")
SAVED_MODULES = ("embed_tokens", "lm_head")
"""Modules that an adapter may bring along whole, by the last part of their names."""

_MAX_SAVED_MODULES = 64
_ADVICE = "Choose an adapter without it, or merge it into the base model with PEFT."


class AdapterSettings(Protocol):
    """How one file scales its pairs."""

    @property
    def alpha(self) -> float:
        """The file's alpha, for display."""

    def check_rank(self, module: str, rank: int) -> None:
        """Refuse a rank that the file itself does not announce."""

    def scaling(self, module: str, rank: int) -> float:
        """What `B A x` of a module is multiplied with."""


@dataclass(frozen=True, slots=True)
class PeftSettings:
    """adapter_config.json.

    Attributes:
        rank, alpha: Where no pattern names a module.
        is_rank_stabilized: rsLoRA: alpha ÷ √rank instead of alpha ÷ rank.
        rank_patterns, alpha_patterns: By regular expression over module names, first match wins.
    """

    file_name: str
    rank: int
    alpha: float
    is_rank_stabilized: bool
    rank_patterns: tuple[tuple[re.Pattern[str], float], ...]
    alpha_patterns: tuple[tuple[re.Pattern[str], float], ...]

    def check_rank(self, module: str, rank: int) -> None:
        """Refuse a rank that the config does not announce.

        Raises:
            AdapterMismatch: Naming module, found and expected.
        """
        expected = int(_first_match(self.rank_patterns, module, self.rank))
        if rank != expected:
            raise AdapterMismatch(
                f"{quote(self.file_name)}: the matrices of {quote(module)} have rank {rank}; "
                f"adapter_config.json says {expected}.",
                advice="Download the adapter again, with its own adapter_config.json.",
                field=quote(module),
            )

    def scaling(self, module: str, rank: int) -> float:
        """Alpha ÷ rank, or alpha ÷ √rank for rsLoRA."""
        alpha = _first_match(self.alpha_patterns, module, self.alpha)
        return alpha / (sqrt(rank) if self.is_rank_stabilized else rank)


@dataclass(frozen=True, slots=True)
class GgufSettings:
    """Metadata of a GGUF adapter; an alpha of 0 means that pairs are not scaled (llama.cpp)."""

    alpha: float

    def check_rank(self, module: str, rank: int) -> None:
        """GGUF announces no rank."""

    def scaling(self, module: str, rank: int) -> float:
        """Alpha ÷ rank, 1 without alpha."""
        return self.alpha / rank if self.alpha else 1.0


def adapter_settings(model_file: ModelFile) -> AdapterSettings:
    """The settings of an adapter of either container, whether the engine can use it or not.

    Raises:
        AdapterError: The file is no LoRA adapter.
        CorruptFile: A value of another type or out of range.
    """
    if model_file.container == "gguf":
        return gguf_settings(model_file)
    return peft_settings(model_file)


def peft_settings(model_file: ModelFile) -> PeftSettings:
    """The settings of a PEFT adapter, whether the engine can use it or not.

    Raises:
        AdapterError: No adapter_config.json, or another kind of adapter.
        CorruptFile: A value of another type or out of range.
    """
    path, config = model_file.path, model_file.config
    if "peft_type" not in config and "r" not in config:
        raise AdapterError(
            f"{quote(path.name)} has no adapter_config.json with it, or is not an adapter.",
            advice="Choose the folder that holds adapter_config.json and "
            "adapter_model.safetensors.",
            file=path,
            field="adapter_config.json",
        )
    reader = MetadataReader(path, config)
    _refuse_other_kinds(path, reader)
    reader.get_bool("fan_in_fan_out", default=False)  # concerns merging into such layers alone
    return PeftSettings(
        file_name=path.name,
        rank=reader.get_int("r", 1, MAX_RANK),
        alpha=reader.get_float("lora_alpha", 0.0, MAX_ALPHA),
        is_rank_stabilized=reader.get_bool("use_rslora", default=False),
        rank_patterns=_patterns(model_file, reader, "rank_pattern", 1.0, MAX_RANK),
        alpha_patterns=_patterns(model_file, reader, "alpha_pattern", 0.0, MAX_ALPHA),
    )


def gguf_settings(model_file: ModelFile) -> GgufSettings:
    """The settings of a GGUF adapter.

    Raises:
        AdapterError: Not an adapter, or not a LoRA.
        CorruptFile: A value of another type or out of range.
    """
    reader = MetadataReader(model_file.path, model_file.metadata)
    for key, expected in (("general.type", "adapter"), ("adapter.type", "lora")):
        found = reader.get_str(key, default="")
        if found != expected:
            raise AdapterError(
                f"{quote(model_file.path.name)} is no LoRA adapter: {key} is "
                f"{quote(found) or 'missing'}; {expected} is expected.",
                advice="Choose an adapter file; open a model file as a model.",
                file=model_file.path,
                field=key,
            )
    return GgufSettings(reader.get_float("adapter.lora.alpha", 0.0, MAX_ALPHA, default=0.0))


def refuse_features(model_file: ModelFile) -> None:
    """Refuse, by name, what cannot be added beside the weights.

    Raises:
        AdapterError: DoRA, trained tokens, biases and the like.
        CorruptFile: A value of another type.
    """
    path = model_file.path
    for key, feature in _REFUSED_FLAGS.items():
        value = model_file.config.get(key)
        if value:
            named = f" ({quote(_listed(value))})" if key == "target_parameters" else ""
            raise AdapterError(
                f"{quote(path.name)} uses {feature}{named}, which cannot be used here.",
                advice=_ADVICE,
                file=path,
                field=key,
            )
    saved_modules(model_file)
    start = model_file.config.get("init_lora_weights")
    if isinstance(start, str) and start.startswith(_INITIALISATIONS_THAT_CHANGE_THE_BASE):
        raise AdapterError(
            f"{quote(path.name)} was begun with {quote(start)}, which changed its base model.",
            advice="Save it with PEFT as a plain adapter (path_initial_model_for_weight_conversion).",
            file=path,
            field="init_lora_weights",
        )
    reader = MetadataReader(path, model_file.config)
    bias = reader.get_str("bias", default="none", max_characters=256)
    if bias != "none":
        raise AdapterError(
            f"{quote(path.name)} changes biases: bias is {quote(bias)}; none is expected.",
            advice=_ADVICE,
            file=path,
            field="bias",
        )


def saved_modules(model_file: ModelFile) -> frozenset[str]:
    """Those of `SAVED_MODULES` that an adapter replaces; empty for GGUF, which has no word for it.

    Raises:
        AdapterError: It replaces another module.
        CorruptFile: A value of another type.
    """
    reader = MetadataReader(model_file.path, model_file.config)
    names = reader.get_strs("modules_to_save", default=[])
    kinds = frozenset(name.rpartition(".")[2] for name in names)
    others = sorted(kinds.difference(SAVED_MODULES))
    if others or len(names) > _MAX_SAVED_MODULES:
        raise AdapterError(
            f"{quote(model_file.path.name)} replaces modules whole: modules_to_save names "
            f"{quote(', '.join(others))}; {' and '.join(SAVED_MODULES)} can be replaced here.",
            advice=_ADVICE,
            file=model_file.path,
            field="modules_to_save",
        )
    return kinds


def _refuse_other_kinds(path: Path, reader: MetadataReader) -> None:
    kind = reader.get_str("peft_type", default="LORA", max_characters=256)
    if kind != "LORA":
        raise AdapterError(
            f"{quote(path.name)} is a {quote(kind)} adapter; LORA is expected.",
            advice="Choose a LoRA adapter.",
            file=path,
            field="peft_type",
        )


def _listed(value: JSONValue) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _patterns(
    model_file: ModelFile, reader: MetadataReader, key: str, low: float, high: float
) -> tuple[tuple[re.Pattern[str], float], ...]:
    """Compiled as PEFT matches them: the whole name, or its end behind a dot."""
    values: Mapping[str, object] = reader.get_object(key, default={})
    if len(values) > MAX_PATTERNS:
        raise corrupt(
            model_file.path, key, None, found=f"{len(values)} keys", allowed=f"0 to {MAX_PATTERNS}"
        )
    ranged = MetadataReader(model_file.path, values)
    return tuple(
        (_compile(model_file, key, pattern), ranged.get_float(pattern, low, high))
        for pattern in values
    )


def _compile(model_file: ModelFile, key: str, pattern: str) -> re.Pattern[str]:
    is_bounded = (
        len(pattern) <= _MAX_PATTERN_CHARACTERS
        and _PATTERN.fullmatch(pattern) is not None
        and len(_REPETITION.findall(pattern)) <= 1
        and re.search(r"\)[*+?]", pattern) is None
    )
    try:
        if is_bounded:
            return re.compile(rf"(.*\.)?({pattern})$")
    except (re.error, RecursionError, OverflowError):
        pass
    raise corrupt(
        model_file.path,
        f"{key}.{pattern}",
        None,
        found="this expression",
        allowed="a module name, or a regular expression with at most one repetition",
    )


def _first_match(
    patterns: tuple[tuple[re.Pattern[str], float], ...], module: str, default: float
) -> float:
    return next((value for pattern, value in patterns if pattern.match(module)), default)
