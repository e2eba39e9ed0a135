"""RoPE from the metadata of a GGUF file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.faults import (
    MAX_CONTEXT_LENGTH,
    MAX_FACTOR,
    MAX_HEAD_DIM,
    MAX_ROPE_BASE,
    MIN_ROPE_BASE,
    unsupported_feature,
)
from realm_desktop.engine.architecture.layer_ropes import LayerRopes
from realm_desktop.engine.architecture.rope_scaling import (
    longrope_attention_factor,
    yarn_attention_factor,
)
from realm_desktop.engine.architecture.spec import RopeSpec
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.metadata import MetadataReader

LONG_FACTORS_NAME = "rope_factors_long.weight"
"""Longrope's divisors of the frequencies; those of short sequences lie beside them."""

# No key says it: llama.cpp leaves RoPE out of every fourth layer of such networks.
_UNROTATED_PERIOD = 4


@dataclass(frozen=True, slots=True)
class RopeReader:
    """Reads RoPE from one file.

    Args:
        reader: Of the metadata, its prefix being the architecture.
        entry: What the table says about the architecture.
        tensors: Names of those in the file.
        context_length: Longest sequence the network was made for.
        head_dim: Of its heads.
    """

    reader: MetadataReader
    entry: ArchitectureEntry
    tensors: Collection[str]
    context_length: int
    head_dim: int

    def read(self, is_windowed: Sequence[bool]) -> LayerRopes:
        """The RoPE of all layers; `is_windowed` says which are of the type with a window."""
        reader, entry = self.reader, self.entry
        plain = self._rope()
        local: RopeSpec | None = None
        if entry.local_rope_key:
            key = "rope.freq_base_swa"
            local = RopeSpec(
                base=reader.get_float(
                    key, MIN_ROPE_BASE, MAX_ROPE_BASE, default=entry.local_rope_base or plain.base
                )
            )
        turned = [(layer + 1) % _UNROTATED_PERIOD != 0 for layer in range(len(is_windowed))]
        if entry.unrotated == "stated":
            # llama.cpp's word for whether there is RoPE in Granite's networks.
            turned = [reader.get_bool("rope.scaling.finetuned", default=True)] * len(turned)
        ropes = LayerRopes.of(entry, plain, local, is_windowed, turned, self._num_rotated())
        if not entry.query_growth_key:
            return ropes
        growth = reader.get_float("attention.temperature_scale", 0.0, MAX_FACTOR, default=0.0)
        return ropes._replace(query_growth=growth)

    def _num_rotated(self) -> int:
        default = self.head_dim
        if self.entry.rotary_share is not None:
            default = int(self.head_dim * self.entry.rotary_share)
        key = "rope.dimension_count"
        num_rotated = self.reader.get_int(key, 1, MAX_HEAD_DIM, default=default)
        if num_rotated != self.head_dim and self.entry.rotary_share is None:
            raise unsupported_feature(
                self.reader.path, f"{self.reader.prefix}{key}", "RoPE on a part of each head"
            )
        if num_rotated % 2 or num_rotated > self.head_dim:
            raise corrupt(
                self.reader.path,
                f"{self.reader.prefix}{key}",
                None,
                found=num_rotated,
                allowed=f"an even number up to {self.head_dim}",
            )
        return num_rotated

    def _rope(self) -> RopeSpec:
        reader = self.reader
        base = reader.get_float(
            "rope.freq_base", MIN_ROPE_BASE, MAX_ROPE_BASE, default=self.entry.rope_base
        )
        original = reader.get_int(
            "rope.scaling.original_context_length",
            1,
            MAX_CONTEXT_LENGTH,
            default=self.context_length,
        )
        kind = reader.get_str("rope.scaling.type", default="none")
        if kind in ("none", "longrope") and LONG_FACTORS_NAME in self.tensors:
            return self._longrope(base, original)
        if kind == "none":
            return RopeSpec(base=base)
        factor = reader.get_float("rope.scaling.factor", 1e-6, MAX_FACTOR, default=1.0)
        if kind == "linear":
            return RopeSpec(base=base, scaling="linear", factor=factor)
        if kind != "yarn":
            key = f"{reader.prefix}rope.scaling.type"
            raise unsupported_feature(reader.path, key, f"RoPE scaling {quote(kind)}")
        multiplier = reader.get_float("rope.scaling.attn_factor", 0.0, MAX_FACTOR, default=1.0)
        return RopeSpec(
            base=base,
            scaling="yarn",
            factor=factor,
            original_context_length=original,
            beta_fast=reader.get_float(
                "rope.scaling.yarn_beta_fast", 1e-3, MAX_FACTOR, default=32.0
            ),
            beta_slow=reader.get_float(
                "rope.scaling.yarn_beta_slow", 1e-3, MAX_FACTOR, default=1.0
            ),
            attention_factor=multiplier * self._yarn_attention_factor(factor),
            is_truncated=self.entry.gguf_rounds_yarn,
        )

    def _yarn_attention_factor(self, factor: float) -> float:
        """Divided where the file says that the scale of attention has its share already."""
        key = "rope.scaling.yarn_log_multiplier"
        divisor = self.reader.get_float(key, 0.0, MAX_FACTOR, default=0.0)
        plain = yarn_attention_factor(factor)
        return plain / yarn_attention_factor(factor, divisor) if divisor else plain

    def _longrope(self, base: float, original: int) -> RopeSpec:
        """The divisors are tensors, which the loader reads."""
        factor = self.context_length / original
        return RopeSpec(
            base=base,
            scaling="longrope",
            factor=factor,
            original_context_length=original,
            attention_factor=self.reader.get_float(
                "rope.scaling.attn_factor",
                0.0,
                MAX_FACTOR,
                default=longrope_attention_factor(factor, original),
            ),
        )
