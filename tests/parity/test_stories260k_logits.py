"""A trained model: logits against a float64 forward pass stored beside the file."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from tests.support.forward import ForwardRunner, load_decoder
from tests.support.shared_data import shared_data

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]


@pytest.mark.parametrize("index", range(6))
def test_logits_equal_the_stored_ones(index: int) -> None:
    stored = np.load(shared_data("stories260K-f32.logits.npz"))[f"prompt_{index}"]
    reference = json.loads(shared_data("stories260K-f32.reference.json").read_text("utf-8"))
    ids = reference["prompts"][index]["ids"]
    decoder = load_decoder(shared_data("stories260K-f32.gguf"), "float32")

    logits = ForwardRunner(decoder, num_blocks=8).run(ids, 5)

    torch.testing.assert_close(logits, torch.from_numpy(stored), rtol=0.0, atol=1e-3)


@pytest.mark.parametrize("index", range(6))
def test_greedy_ids_equal_the_stored_ones(index: int) -> None:
    reference = json.loads(shared_data("stories260K-f32.reference.json").read_text("utf-8"))
    prompt = reference["prompts"][index]
    ids = prompt["ids"] + prompt["greedy"]
    runner = ForwardRunner(load_decoder(shared_data("stories260K-f32.gguf"), "float32"), 8)

    best = runner.run(ids, 64).argmax(-1)[len(prompt["ids"]) - 1 : -1].tolist()

    for step, margin in enumerate(prompt["margin"]):
        if margin > 1e-2:
            assert best[step] == prompt["greedy"][step], step
