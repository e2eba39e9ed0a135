"""Values of RoPE scaling that follow from others."""

from __future__ import annotations

import math


def yarn_attention_factor(factor: float, multiplier: float = 1.0) -> float:
    """What YaRN multiplies cos and sin with: `0.1 · multiplier · ln(factor) + 1`.

    arXiv 2309.00071, section 3.4; a factor of at most 1 stretches nothing.
    """
    return 1.0 if factor <= 1.0 else 0.1 * multiplier * math.log(factor) + 1.0


def longrope_attention_factor(factor: float, original_context_length: int) -> float:
    """What longrope multiplies cos and sin with (arXiv 2402.13753): `√(1 + ln(factor) / ln(L))`."""
    if factor <= 1.0 or original_context_length < 2:
        return 1.0
    return math.sqrt(1.0 + math.log(factor) / math.log(original_context_length))
