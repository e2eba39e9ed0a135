"""B7: a plan is within 10 % of what the engine process takes at most.

The short form of `tests/benchmarks/memory_plan.py`, which has larger models.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.memory_plans import CAN_MEASURE_PEAK, Case, measure

SHAPE = {
    "vocab_size": 16_000,
    "hidden_size": 512,
    "intermediate_size": 1536,
    "num_hidden_layers": 6,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 64,
    "max_position_embeddings": 1024,
    "tie_word_embeddings": True,
}
DRAFT = {**SHAPE, "hidden_size": 128, "num_hidden_layers": 1, "num_attention_heads": 2}
DRAFT |= {"num_key_value_heads": 1, "intermediate_size": 256}
CASES = (
    Case("plain", SHAPE, None, 128),
    Case("packed-int8-draft", SHAPE, "Q8_0", 256, is_int8=True, draft=DRAFT),
)


@pytest.mark.slow
@pytest.mark.skipif(not CAN_MEASURE_PEAK, reason="the kernel keeps no peak that can be cleared")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_plan_is_near_the_measured_peak(tmp_path: Path, case: Case) -> None:
    found = measure(case, tmp_path)

    assert abs(found.error) <= 0.10
    assert found.plan.kv_bytes + found.plan.draft_bytes >= found.info.kv_bytes
