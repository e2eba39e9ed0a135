"""Files of every tensor type give the logits of their values, with kernels and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.kernels.library import OFF, SWITCH
from realm_desktop.engine.options import EngineOptions
from tests.support.engines import load_engine
from tests.support.kernels import fastest_kernels
from tests.support.tiny_models import tiny_gguf

WIDE: dict[str, Any] = {
    "hidden_size": 256,
    "intermediate_size": 512,
    "head_dim": 64,
    "num_hidden_layers": 2,
}
"""A super-block holds 256 values of one row."""

PROMPT = [7, 99, 31, 8, 250, 64, 12, 5, 140, 77]

# As llama.cpp's quantizer mixes them, and the older types together. Types take turns, so that
# matrices of one product differ too.
MIXTURES = (
    "Q2_K+Q3_K+Q6_K",
    "IQ4_XS+Q6_K",
    "IQ2_XS+IQ3_S+Q4_K",
    "MXFP4+Q8_0",
    "Q4_1+Q5_0+Q5_1",
    "TQ2_0+TQ1_0+Q4_K",
)


def _engine(path: Path) -> Engine:
    return load_engine(path, EngineOptions(compute_dtype="float32", kv_pool_tokens=256))


@pytest.mark.parametrize("mixture", MIXTURES)
@pytest.mark.usefixtures("one_thread")
def test_logits_of_packed_weights_are_those_of_dequantized_ones(
    mixture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fastest_kernels()  # skips where there are none
    path = tiny_gguf(tmp_path, "qwen3", mixture, with_tokenizer=True, **WIDE)
    monkeypatch.delenv(SWITCH, raising=False)
    packed = _engine(path)
    monkeypatch.setenv(SWITCH, OFF)
    plain = _engine(path)

    expected = plain.prompt_logits(PROMPT)

    # What activations of 8 bits cost; a wrong scale or level would be off by more than all of it.
    np.testing.assert_allclose(
        packed.prompt_logits(PROMPT), expected, rtol=0, atol=0.03 * abs(expected).max()
    )
    assert packed.info is not None
    assert plain.info is not None
    assert packed.info.weights_bytes < 0.4 * plain.info.weights_bytes
