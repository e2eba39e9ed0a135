"""The benchmark of GPUs: every row of its table runs, on a machine that has little more than torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.kernels.library import OFF, SWITCH
from realm_desktop.formats.tensor_types import TensorType
from tests.benchmarks.gpu_models import LLAMA_8B, TINY, memory_model
from tests.benchmarks.gpu_row import Bench, Row
from tests.benchmarks.gpu_stand_ins import LACKABLE

ROOT = Path(__file__).parents[1]
# What such a machine lacks cannot be imported.
LEAN = """
import sys
for name in sys.argv.pop(1).split(","):
    sys.modules[name] = None
from tests.benchmarks.gpu import main
sys.exit(main(sys.argv[1:]))
"""


def _run(*arguments: str) -> tuple[int, str]:
    lacking = ",".join((*LACKABLE, "PySide6", "qasync", "msgspec", "apsw", "sentencepiece"))
    done = subprocess.run(
        [sys.executable, "-c", LEAN, lacking, "--device", "cpu", "--small", *arguments],
        cwd=ROOT,
        env={**os.environ, SWITCH: OFF, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_every_row_runs_without_our_other_packages() -> None:
    sections = ("engine", "attention", "decode", "adapters", "speculation")
    status, said = _run("--only", *sections)

    assert status == 0, said
    assert "stand-ins for psutil, llguidance, gguf" in said
    assert "FAILED" not in said
    assert "WRONG" not in said
    assert all(f"\n{section}\n" in said for section in sections)
    assert "texts of chats, together as alone" in said
    assert "6 of 6" in said
    # A run of tiny shapes claims nothing.
    assert "goal" not in said


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row("prompt", "1 ms", 4.2, 4.0), "4.20, goal at least 4: met"),
        (Row("prompt", "1 ms", 3.9, 4.0), "3.90, goal at least 4: MISSED"),
        (Row("adapters", "1 ms", 1.1, 1.15, is_most=True), "1.10, goal at most 1.15: met"),
        (Row("adapters", "1 ms", 1.2, 1.15, is_most=True), "goal at most 1.15: MISSED"),
    ],
)
def test_row_is_judged_by_its_goal(row: Row, words: str) -> None:
    assert row.text(is_judged=True).endswith(words)
    assert "goal" not in row.text(is_judged=False)


def test_row_without_a_goal_is_not_judged() -> None:
    assert Row("copy", "3 GB/s").text(is_judged=True).rstrip().endswith("3 GB/s")


def test_time_and_bandwidth_are_measured_on_the_device() -> None:
    bench = Bench(torch.device("cpu"), is_small=True, end_s=float("inf"))
    runs: list[int] = []

    assert bench.seconds(lambda: runs.append(0)) > 0
    assert len(runs) == 3  # the first is not measured
    assert bench.bytes_per_s > 1e8


def test_model_in_memory_has_the_types_of_its_kind() -> None:
    model = memory_model(TINY, "Q4_K_M")
    types = {name: entry.tensor_type for name, entry in model.tensors.items()}

    assert types["token_embd.weight"] is TensorType.Q6_K
    assert types["blk.0.attn_q.weight"] is TensorType.Q4_K
    assert types["output_norm.weight"] is TensorType.F32
    assert all(len(model.tensor_bytes(name)) == model.tensors[name].num_bytes for name in types)


def test_published_shape_has_its_number_of_weights() -> None:
    norms = 2 * LLAMA_8B.num_layers + 1
    layer = 2 * LLAMA_8B.hidden * (LLAMA_8B.hidden + 1024) + 3 * LLAMA_8B.hidden * LLAMA_8B.middle
    tables = 2 * LLAMA_8B.vocabulary * LLAMA_8B.hidden

    assert LLAMA_8B.num_layers * layer + tables + norms * LLAMA_8B.hidden == 8_030_261_248
