"""The sizes of a small mixture of experts, for the tests of its layer and of its kernels."""

from __future__ import annotations

from typing import Final

from realm_desktop.engine.architecture.experts import ExpertSpec

NUM_EXPERTS: Final = 6
HIDDEN: Final = 64
WIDE: Final = 96

SPEC: Final = ExpertSpec(
    num_experts=NUM_EXPERTS,
    num_chosen=2,
    intermediate_size=WIDE,
    layers=(True,),
    is_normalised=True,
)
