"""The RoPE of each layer, from what a file says of RoPE and the table of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec


class LayerRopes(NamedTuple):
    """As `ModelSpec` has them.

    Attributes:
        rope: Of all layers but those that `layer_ropes` names.
        layer_ropes: Per layer; empty if all have `rope`.
        num_rotated: Dimensions of a head that RoPE turns.
        query_growth: See `ModelSpec.query_growth`.
    """

    rope: RopeSpec
    layer_ropes: tuple[RopeSpec | None, ...]
    num_rotated: int
    query_growth: float = 0.0

    def applied_to(self, spec: ModelSpec) -> ModelSpec:
        """The network with these."""
        return replace(
            spec,
            rope=self.rope,
            layer_ropes=self.layer_ropes,
            rotary_dim=0 if self.num_rotated == spec.head_dim else self.num_rotated,
            query_growth=self.query_growth,
        )

    @staticmethod
    def of(
        entry: ArchitectureEntry,
        plain: RopeSpec,
        local: RopeSpec | None,
        is_windowed: Sequence[bool],
        is_listed: Sequence[bool],
        num_rotated: int,
    ) -> LayerRopes:
        """Which of the RoPEs each layer has.

        Args:
            entry: What the table says about the architecture.
            plain: Of layers without a window.
            local: Of those with one, where that is another; else None.
            is_windowed: Which layers are of the type with a window.
            is_listed: Which layers have RoPE, where the file or the converter lists them.
            num_rotated: Dimensions of a head.
        """
        layers: list[RopeSpec | None] = [
            local if local is not None and own else plain for own in is_windowed
        ]
        if entry.unrotated != "none":
            turned = is_windowed if entry.unrotated == "unwindowed" else is_listed
            layers = [rope if own else None for rope, own in zip(layers, turned, strict=True)]
        is_same = all(rope == plain for rope in layers)
        return LayerRopes(plain, () if is_same else tuple(layers), num_rotated)
