"""The engine's configuration: one frozen value, chosen before a model is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from realm_desktop.protocol import DeviceName, KVCacheDtype

ComputeDtype = Literal["auto", "float64", "float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the engine computes.

    Nothing here changes a text except `compute_dtype`, `kv_cache_dtype` and `device`.

    Attributes:
        device: Where to compute.
        num_threads: CPU threads; None takes the physical cores.
        compute_dtype: "auto" takes float32 for float32 files and on CPUs without bf16 dot
            products, else bfloat16. "float64" is for tests.
        context_length: Longest sequence in tokens; None takes the model's own.
        kv_pool_tokens: Tokens of the KV pool; None lets the memory plan choose.
        kv_cache_dtype: How keys and values are stored: "auto" takes the compute dtype.
        token_budget: Most rows of one step; adapted downward to keep steps short.
        max_running: Most sequences of one step.
        min_prefill_chunk: Least prompt rows of one chunk, unless the prompt ends sooner.
        is_template_builtin: The chat template of the file is not used.
        step_target_s: A step should not take longer than this.
    """

    device: DeviceName = "auto"
    num_threads: int | None = None
    compute_dtype: ComputeDtype = "auto"
    context_length: int | None = None
    kv_pool_tokens: int | None = None
    kv_cache_dtype: KVCacheDtype = "auto"
    token_budget: int = 256
    max_running: int = 32
    min_prefill_chunk: int = 16
    step_target_s: float = 0.1
    is_template_builtin: bool = False
