"""RoPE from the config.json of a Hugging Face folder, older and newer key names.

transformers 5 writes `rope_parameters`, one object or one for each type of layer; before it there were
`rope_theta`, `rope_scaling`, `partial_rotary_factor` and keys of single families.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.faults import (
    MAX_CONTEXT_LENGTH,
    MAX_FACTOR,
    MAX_LAYERS,
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

_FULL, _LOCAL = "full_attention", "sliding_attention"
_PROPORTIONAL = "proportional"
# What Phi-3's first files call longrope, and what they called it later by mistake.
_OTHER_NAMES_OF_LONGROPE = ("su", "yarn")


@dataclass(frozen=True, slots=True)
class RopeReader:
    """Reads RoPE from one config.json.

    Args:
        reader: Of the config.
        entry: What the table says about the architecture.
        context_length: Longest sequence the network was made for.
        head_dim: Of its heads.
    """

    reader: MetadataReader
    entry: ArchitectureEntry
    context_length: int
    head_dim: int

    def read(self, is_windowed: Sequence[bool]) -> LayerRopes:
        """The RoPE of all layers; `is_windowed` says which are of the type with a window."""
        num_rotated = self._num_rotated()
        plain = self._rope(self._parameters(_FULL), self.entry.rope_base, num_rotated)
        local = self._local_rope(num_rotated) if self.entry.local_rope_key else None
        turned = self.rotated_layers(len(is_windowed))
        ropes = LayerRopes.of(self.entry, plain, local, is_windowed, turned, num_rotated)
        return ropes._replace(query_growth=self._query_growth())

    def rotated_layers(self, num_layers: int) -> list[bool]:
        """Which layers have RoPE, where a config.json lists them: 1 for those that have."""
        if self.entry.unrotated == "stated":
            is_turned = self.reader.get_str("position_embedding_type", default="") == "rope"
            return [is_turned] * num_layers
        if self.entry.unrotated != "listed":
            return [True] * num_layers
        interval = self.reader.get_int("no_rope_layer_interval", 1, MAX_LAYERS, default=4)
        every = [int((layer + 1) % interval != 0) for layer in range(num_layers)]
        listed = self.reader.get_ints("no_rope_layers", 0, 1, default=every)
        if len(listed) != num_layers:
            allowed = f"{num_layers} numbers"
            raise corrupt(
                self.reader.path, "no_rope_layers", None, found=len(listed), allowed=allowed
            )
        return [value == 1 for value in listed]

    def _query_growth(self) -> float:
        key = self.entry.query_growth_key
        if not key:
            return 0.0
        return self._parameters(_FULL).get_float(key, 0.0, MAX_FACTOR, default=0.0)

    def _parameters(self, layer_type: str) -> MetadataReader:
        """The object that describes RoPE in layers of a type."""
        reader = self.reader
        scaling = reader.get_object("rope_scaling", default={})
        parameters = reader.get_object("rope_parameters", default={})
        if _FULL in parameters or _LOCAL in parameters:
            nested = MetadataReader(reader.path, parameters).get_object(layer_type, default={})
            return MetadataReader(reader.path, {**nested, **scaling})
        return MetadataReader(reader.path, scaling or parameters)

    def _local_rope(self, num_rotated: int) -> RopeSpec:
        parameters = self.reader.get_object("rope_parameters", default={})
        nested = MetadataReader(self.reader.path, parameters).get_object(_LOCAL, default={})
        base = self.reader.get_float(
            self.entry.local_rope_key,
            MIN_ROPE_BASE,
            MAX_ROPE_BASE,
            default=self.entry.local_rope_base or self.entry.rope_base,
        )
        return self._rope(
            MetadataReader(self.reader.path, {"rope_theta": base, **nested}), base, num_rotated
        )

    def _num_rotated(self) -> int:
        parameters = self._parameters(_FULL)
        default = self.entry.rotary_share
        share = self.reader.get_float(
            "partial_rotary_factor", 0.0, 1.0, default=1.0 if default is None else default
        )
        share = parameters.get_float("partial_rotary_factor", 0.0, 1.0, default=share)
        if parameters.get("rope_type") == _PROPORTIONAL:
            return self.head_dim  # counted as one that turns, though some of its pairs stand still
        if share != 1.0 and default is None:
            raise unsupported_feature(
                self.reader.path, "partial_rotary_factor", "RoPE on a part of each head"
            )
        num_rotated = int(self.head_dim * share)
        if num_rotated < 2 or num_rotated % 2:
            raise corrupt(
                self.reader.path,
                "partial_rotary_factor",
                None,
                found=share,
                allowed=f"an even part of {self.head_dim} dimensions",
            )
        return num_rotated

    def _rope(self, scaling: MetadataReader, base: float, num_rotated: int) -> RopeSpec:
        outer = self.reader.get_float("rope_theta", MIN_ROPE_BASE, MAX_ROPE_BASE, default=base)
        base = scaling.get_float("rope_theta", MIN_ROPE_BASE, MAX_ROPE_BASE, default=outer)
        # Older files name the kind `type`; where both stand, the newer key counts.
        kind = scaling.get_str("rope_type", default=scaling.get_str("type", default="default"))
        has_factors = scaling.get("long_factor") is not None
        if kind in _OTHER_NAMES_OF_LONGROPE and has_factors:
            kind = "longrope"
        # "dynamic" stretches from the end of the context on, which no sequence passes here.
        if kind in ("default", "dynamic"):
            return RopeSpec(base=base)
        if kind == _PROPORTIONAL:
            share = scaling.get_float("partial_rotary_factor", 0.0, 1.0, default=1.0)
            factor = scaling.get_float("factor", 1e-6, MAX_FACTOR, default=1.0)
            stretch = RopeSpec(scaling="linear", factor=factor) if factor != 1.0 else RopeSpec()
            return replace(stretch, base=base, turned_share=share)
        original = self._original(scaling)
        if kind == "longrope":
            return self._longrope(scaling, base, original, num_rotated)
        if kind not in ("linear", "llama3", "yarn"):
            raise unsupported_feature(scaling.path, "rope_type", f"RoPE scaling {quote(kind)}")
        # Left out, it is how much longer the context is than it was.
        factor = scaling.get_float("factor", 1e-6, MAX_FACTOR, default=0.0)
        if kind == "yarn":
            return _yarn(scaling, base, factor or self.context_length / original, original)
        factor = scaling.get_float("factor", 1e-6, MAX_FACTOR)
        if kind == "linear":
            return RopeSpec(base=base, scaling="linear", factor=factor)
        return _llama3(scaling, base, factor, original)

    def _original(self, scaling: MetadataReader) -> int:
        key = "original_max_position_embeddings"
        inner = scaling.get_int(key, 1, MAX_CONTEXT_LENGTH, default=self.context_length)
        # Where both stand, transformers takes the outer one.
        return self.reader.get_int(key, 1, MAX_CONTEXT_LENGTH, default=inner)

    def _longrope(
        self, scaling: MetadataReader, base: float, original: int, num_rotated: int
    ) -> RopeSpec:
        stretch = self.context_length / original
        factor = scaling.get_float("factor", 1e-6, MAX_FACTOR, default=stretch)
        return RopeSpec(
            base=base,
            scaling="longrope",
            factor=factor,
            original_context_length=original,
            attention_factor=scaling.get_float(
                "attention_factor",
                0.0,
                MAX_FACTOR,
                default=longrope_attention_factor(factor, original),
            ),
            short_factors=_factors(scaling, "short_factor", num_rotated // 2),
            long_factors=_factors(scaling, "long_factor", num_rotated // 2),
        )


def _factors(scaling: MetadataReader, key: str, count: int) -> tuple[float, ...]:
    factors = scaling.get_floats(key, 1e-6, MAX_FACTOR)
    if len(factors) != count:
        raise corrupt(scaling.path, key, None, found=len(factors), allowed=f"{count} numbers")
    return tuple(factors)


def _llama3(scaling: MetadataReader, base: float, factor: float, original: int) -> RopeSpec:
    low = scaling.get_float("low_freq_factor", 1e-6, MAX_FACTOR)
    high = scaling.get_float("high_freq_factor", 1e-6, MAX_FACTOR)
    if high <= low:
        allowed = f"more than low_freq_factor ({low})"
        raise corrupt(scaling.path, "high_freq_factor", None, found=high, allowed=allowed)
    return RopeSpec(
        base=base,
        scaling="llama3",
        factor=factor,
        original_context_length=original,
        low_freq_factor=low,
        high_freq_factor=high,
    )


def _yarn(scaling: MetadataReader, base: float, factor: float, original: int) -> RopeSpec:
    attention_factor = yarn_attention_factor(factor)
    multiplier = scaling.get_float("mscale", 0.0, MAX_FACTOR, default=0.0)
    divisor = scaling.get_float("mscale_all_dim", 0.0, MAX_FACTOR, default=0.0)
    if multiplier and divisor:
        attention_factor = yarn_attention_factor(factor, multiplier)
        attention_factor /= yarn_attention_factor(factor, divisor)
    return RopeSpec(
        base=base,
        scaling="yarn",
        factor=factor,
        original_context_length=original,
        beta_fast=scaling.get_float("beta_fast", 1e-3, MAX_FACTOR, default=32.0),
        beta_slow=scaling.get_float("beta_slow", 1e-3, MAX_FACTOR, default=1.0),
        attention_factor=scaling.get_float(
            "attention_factor", 0.0, MAX_FACTOR, default=attention_factor
        ),
        is_truncated=scaling.get_bool("truncate", default=True),
    )
