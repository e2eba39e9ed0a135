"""What a header alone tells of the KV cache, against what the engine counts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.options import EngineOptions
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.model_file import open_model
from realm_desktop.kv_blocks import BLOCK_SIZE, SlidingWindow
from tests.support.tiny_models import tiny_gguf, tiny_safetensors

WINDOW = {"sliding_window": 128, "max_position_embeddings": 4096, "num_hidden_layers": 3}
UPPER = {**WINDOW, "use_sliding_window": True}
CASES: dict[str, tuple[str, dict[str, object]]] = {
    "llama": ("llama", {}),
    "mistral": ("mistral", {**WINDOW}),
    "window as long as the context": ("mistral", {**WINDOW, "sliding_window": 4096}),
    "qwen2, switched off": ("qwen2", {**WINDOW, "use_sliding_window": False}),
    "qwen2, upper": ("qwen2", {**UPPER, "max_window_layers": 1}),
    "qwen3, upper": ("qwen3", {**UPPER, "max_window_layers": 2}),
    "qwen3, none": ("qwen3", {**UPPER, "max_window_layers": 3}),
}
"""Windows of "upper" layers are in no key of GGUF, so those are safetensors alone."""
FILES = [
    *[(name, tiny_safetensors) for name in CASES],
    *[
        (name, tiny_gguf)
        for name, (_, config) in CASES.items()
        if "max_window_layers" not in config
    ],
]


def engine_kv_bytes(path: Path, num_tokens: int) -> int:
    """KV of one sequence of so many tokens in the blocks that the engine takes for it."""
    with closing(open_model(path)) as model_file:
        spec = model_spec(model_file)
    windows = [window for window in spec.layer_windows if window is not None]
    num_blocks = num_held = num_tokens // BLOCK_SIZE
    if windows:
        num_held = SlidingWindow(max(windows), EngineOptions().token_budget).num_blocks(num_tokens)
    full, windowed = (
        KVCache.bytes_per_block(spec, torch.float32, is_windowed=own) for own in (False, True)
    )
    return full * num_blocks + windowed * num_held


@pytest.mark.parametrize(
    ("case", "write"), FILES, ids=lambda value: getattr(value, "__name__", value)
)
def test_header_tells_the_kv_that_the_engine_will_hold(
    tmp_path: Path, case: str, write: Callable[..., Path]
) -> None:
    architecture, config = CASES[case]
    path = write(tmp_path, architecture, **config)

    memory = inspect(path).memory

    for num_tokens in (64, 192, 2560):
        assert memory.kv_bytes(num_tokens) == engine_kv_bytes(path, num_tokens)
    assert (memory.window_tokens > 0) == (case in ("mistral", "qwen2, upper", "qwen3, upper"))
