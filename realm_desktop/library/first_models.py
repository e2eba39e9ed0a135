"""Models to begin with: one for every size of machine, and which of them fits this one.

A short list kept by hand, so that nothing is asked of the network before the user says so. Sizes are
those of the files as published in October 2026; Discover shows what the hub lists when it is asked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from realm_desktop.library.fit import Fit, fit_of_file


class FirstModel(NamedTuple):
    """One proposal.

    Attributes:
        name: As people call it.
        reference: What Discover looks up: repository and quantization.
        num_bytes: Of its file, about.
        licence: As its author states it.
    """

    name: str
    reference: str
    num_bytes: int
    licence: str


FIRST_MODELS: Final = (
    FirstModel("Qwen3 14B, Q4_K_M", "Qwen/Qwen3-14B-GGUF:Q4_K_M", 9_000_000_000, "Apache-2.0"),
    FirstModel("Qwen3 8B, Q4_K_M", "Qwen/Qwen3-8B-GGUF:Q4_K_M", 5_030_000_000, "Apache-2.0"),
    FirstModel("Qwen3 4B, Q4_K_M", "Qwen/Qwen3-4B-GGUF:Q4_K_M", 2_500_000_000, "Apache-2.0"),
    FirstModel("Qwen3 1.7B, Q8_0", "Qwen/Qwen3-1.7B-GGUF:Q8_0", 1_830_000_000, "Apache-2.0"),
    FirstModel("Qwen3 0.6B, Q8_0", "Qwen/Qwen3-0.6B-GGUF:Q8_0", 640_000_000, "Apache-2.0"),
)
"""The largest first."""

_MEMORY_PART = 2
"""A first model takes at most half of the memory that is free: other programs start later."""


_MOST_ON_CPU_BYTES = 3_000_000_000
"""Every token reads all weights once: a processor that reads 20 GB a second writes 7 tokens of a file
of this size, which is about as fast as people read."""


def first_model_for(
    free_memory_bytes: int, free_disk_bytes: int, *, is_on_cpu: bool
) -> FirstModel | None:
    """The largest proposal that leaves room in memory and on disk; None if none does.

    Args:
        free_memory_bytes: Where the model would live.
        free_disk_bytes: Where its file would lie.
        is_on_cpu: Propose nothing that would be slow there.
    """
    for model in FIRST_MODELS:
        if is_on_cpu and model.num_bytes > _MOST_ON_CPU_BYTES:
            continue
        fits = fit_of_file(model.num_bytes, free_memory_bytes // _MEMORY_PART) is Fit.FITS
        if fits and model.num_bytes * 2 <= free_disk_bytes:
            return model
    return None
