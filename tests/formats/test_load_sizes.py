"""Sizes from headers beside what the engine makes of the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from realm_desktop.engine.kernels.library import describe_kernels
from realm_desktop.engine.options import EngineOptions
from realm_desktop.formats.load_sizes import LOGIT_ROWS, STEP_ROWS, read_load_sizes
from realm_desktop.memory_plan import plan_memory
from realm_desktop.protocol import KVCacheDtype
from tests.support.engines import load_engine
from tests.support.tiny_models import save_safetensors, tiny_gguf, tiny_model

HAS_KERNELS = describe_kernels()[0] is not None
OPTIONS = EngineOptions(compute_dtype="bfloat16", kv_pool_tokens=512)


@pytest.mark.parametrize("tensor_type", ["F32", "F16", "Q8_0", "Q5_1", "Q4_K"])
@pytest.mark.parametrize("is_tied", [False, True])
def test_weights_are_those_of_the_engine(tmp_path: Path, tensor_type: str, is_tied: bool) -> None:
    shape: dict[str, Any] = {"hidden_size": 256, "head_dim": 64, "intermediate_size": 512}
    path = tiny_gguf(
        tmp_path, tensor_type=tensor_type, with_tokenizer=True, tie_word_embeddings=is_tied, **shape
    )
    info = load_engine(path, OPTIONS).info

    found = read_load_sizes(path).weights_bytes(2, has_kernels=HAS_KERNELS)

    assert info is not None
    # The engine counts no vectors; packed panels are rounded up to whole ones.
    assert found == pytest.approx(info.weights_bytes, rel=0.04)


@pytest.mark.parametrize("storage", ["auto", "int8"])
@pytest.mark.parametrize("window", [None, 128])
def test_kv_pool_is_that_of_the_engine(
    tmp_path: Path, storage: KVCacheDtype, window: int | None
) -> None:
    model = tiny_model("mistral", vocab_size=280, sliding_window=window)
    path = save_safetensors(model, tmp_path / "m", dtype=torch.bfloat16, with_tokenizer=True)
    options = EngineOptions(
        compute_dtype="bfloat16", kv_pool_tokens=512, kv_cache_dtype=storage, max_running=4
    )
    info = load_engine(path, options).info
    block = read_load_sizes(path).block_bytes(2, is_int8=storage == "int8")

    plan = plan_memory(options, 512, block, 2**40)

    assert info is not None
    assert plan.kv_bytes == info.kv_bytes


def test_rows_of_a_step_are_those_of_the_engine() -> None:
    options = EngineOptions()

    assert (options.token_budget, options.max_running) == (STEP_ROWS, LOGIT_ROWS)


def test_float32_file_computes_in_float32(tmp_path: Path) -> None:
    wide, narrow = tiny_gguf(tmp_path), tiny_gguf(tmp_path, tensor_type="F16")

    assert read_load_sizes(wide).value_bytes(2) == 4
    assert read_load_sizes(narrow).value_bytes(2) == 2
