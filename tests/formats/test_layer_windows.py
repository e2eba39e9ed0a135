"""Which layers have a window, as headers tell it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realm_desktop.formats.layer_windows import LayerWindows, config_windows, gguf_windows
from realm_desktop.formats.metadata import MetadataReader

PATH = Path("model")
UPPER = {"use_sliding_window": True, "sliding_window": 64}


@pytest.mark.parametrize(
    ("architecture", "config", "expected"),
    [
        ("mistral", {"sliding_window": 64}, (64, "1111")),
        ("mistral", {"sliding_window": None}, (0, "1111")),
        ("gemma", {"sliding_window": 64}, (0, "0000")),
        ("qwen2", {**UPPER, "max_window_layers": 3}, (64, "0001")),
        ("qwen2", {"sliding_window": 64}, (0, "0000")),
        ("qwen2_moe", {**UPPER, "max_window_layers": 2}, (64, "1000")),
        ("qwen3_moe", UPPER, (64, "1111")),
        ("qwen3_moe", {"use_sliding_window": True}, (4096, "1111")),
        ("gpt_oss", {}, (128, "1010")),
        ("gpt_oss", {"layer_types": ["full_attention", "sliding_attention"] * 2}, (128, "0101")),
    ],
)
def test_window_of_a_config(
    architecture: str, config: dict[str, Any], expected: tuple[int, str]
) -> None:
    windows = config_windows(MetadataReader(PATH, config), architecture, 4)

    assert windows == LayerWindows(expected[0], tuple(digit == "1" for digit in expected[1]))


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [("llama", (64, "1111")), ("gpt-oss", (64, "1010")), ("qwen3moe", (0, "0000"))],
)
def test_window_of_a_gguf_file(architecture: str, expected: tuple[int, str]) -> None:
    values = {f"{architecture}.attention.sliding_window": 64}

    windows = gguf_windows(MetadataReader(PATH, values, f"{architecture}."), architecture, 4)

    assert windows == LayerWindows(expected[0], tuple(digit == "1" for digit in expected[1]))
