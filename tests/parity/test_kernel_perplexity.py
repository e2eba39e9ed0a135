"""The packed starter model predicts held-out text as well as its own weights in float32 do."""

from __future__ import annotations

import random

import pytest
import torch

from realm_desktop.engine.kernels.library import OFF, SWITCH
from realm_desktop.engine.options import ComputeDtype
from resources.starter.corpus.build import MAKERS, exchange_of
from resources.starter.corpus.conversation import Message
from resources.starter.data import Rows, pack
from resources.starter.export import FILES, FOLDER
from resources.starter.load_gguf import load_tokenizer
from tests.support.forward import ForwardRunner, load_decoder
from tests.support.kernels import fastest_kernels

EXCHANGES_PER_KIND = 12
ANSWER_WEIGHT = 100
PATH = FOLDER / FILES["target"]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Exchanges that training never saw, 512 tokens a row."""
    conversations = []
    for kind in MAKERS:
        rng = random.Random(f"perplexity:{kind}")
        for _ in range(EXCHANGES_PER_KIND):
            exchange = exchange_of(kind, rng, held_out=True)
            question = Message("user", exchange.question)
            conversations.append((question, Message("assistant", exchange.answer)))
    return pack(load_tokenizer(PATH), iter(conversations), 512)


@pytest.fixture
def dequantized(rows: Rows) -> float:
    """Perplexity in float32 with the weights dequantized."""
    fastest_kernels()
    # Undone before the test begins: undone after it, the test's own patch would bring "off" back.
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(SWITCH, OFF)
        return perplexity(rows, "float32")


def perplexity(rows: Rows, dtype: ComputeDtype) -> float:
    """Of the tokens of answers."""
    runner = ForwardRunner(load_decoder(PATH, dtype))
    total, count = torch.zeros((), dtype=torch.float64), 0
    for ids, weights in zip(rows.ids.astype("int64"), rows.weights, strict=True):
        runner = ForwardRunner(runner.decoder)
        logits = runner.run(ids[:-1].tolist(), 256).double()
        losses = torch.nn.functional.cross_entropy(
            logits, torch.from_numpy(ids[1:]), reduction="none"
        )
        marks = torch.from_numpy(weights[1:] == ANSWER_WEIGHT)
        total += losses[marks].sum()
        count += int(marks.sum())
    return float((total / count).exp())


def test_packed_weights_predict_as_well_as_dequantized_ones(
    dequantized: float, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SWITCH, raising=False)

    packed = perplexity(rows, "float32")

    assert packed != dequantized  # else the kernels were not in use
    assert abs(packed / dequantized - 1) < 1e-3
