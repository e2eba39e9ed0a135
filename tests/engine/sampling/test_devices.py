"""The same logits give the same tokens, whatever device computed them: the host alone chooses."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from realm_desktop.engine import sampling
from realm_desktop.engine.accelerators import usable_accelerator
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.sampler import best_of_rows, to_host
from realm_desktop.sampling_params import SamplingParams

NUM_ROWS, NUM_TOKENS = 6, 1500
PROMPT = array("i", [5, 9, 200, 5])
DEVICES = [
    "cpu",
    pytest.param("accelerator", marks=pytest.mark.gpu),
]
PARAMS = {
    "greedy": SamplingParams(temperature=0.0),
    "plain": SamplingParams(seed=11),
    "filtered": SamplingParams(temperature=0.8, top_k=40, top_p=0.9, min_p=0.02, seed=12),
    "penalized": SamplingParams(repetition_penalty=1.3, presence_penalty=0.4, seed=13),
    "hot": SamplingParams(temperature=3.0, seed=2**63 - 1),
}
# Written down once: another system, processor or card must draw these too.
TOKENS = {
    "greedy": [272, 310, 348, 386, 424, 462],
    "plain": [1229, 1220, 264, 1202, 1203, 1053],
    "filtered": [413, 854, 1127, 1071, 659, 781],
    "penalized": [957, 226, 761, 349, 1015, 1194],
    "hot": [1229, 676, 1258, 1118, 790, 331],
}


def _logits() -> torch.Tensor:
    """[rows, vocabulary] whose values every device holds exactly: multiples of 1/64 up to 12."""
    ids = torch.arange(NUM_ROWS * NUM_TOKENS, dtype=torch.int64)
    return (ids * 7919 % 769).float().div(64.0).view(NUM_ROWS, NUM_TOKENS)


def _device(name: str) -> torch.device:
    if name == "cpu":
        return torch.device("cpu")
    kind = usable_accelerator()
    if kind is None:
        pytest.skip("there is no accelerator here")
    return torch.device(kind)


def _tokens(logits: torch.Tensor, params: SamplingParams) -> list[int]:
    """What each row would be followed by, as a step chooses it."""
    host = to_host(logits)
    chooser = TokenChooser(params, len(PROMPT))
    tokens = array("i", PROMPT)
    for row, best in zip(host, best_of_rows(host), strict=True):
        (sampled,) = chooser.choose_all(tokens, (), row[np.newaxis], [best])
        tokens.append(sampled.token_id)
    return list(tokens[len(PROMPT) :])


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", PARAMS)
def test_seeded_tokens_are_those_of_every_device(name: str, device: str) -> None:
    assert _tokens(_logits().to(_device(device)), PARAMS[name]) == TOKENS[name]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "laid_out",
    [
        lambda logits: logits.t().contiguous().t(),
        lambda logits: torch.cat((logits, logits), 1)[:, : logits.shape[1]],
        lambda logits: logits.flip(0).contiguous().flip(0),
    ],
    ids=["by columns", "part of a row", "copied"],
)
def test_layout_on_the_device_changes_no_token(
    laid_out: Callable[[torch.Tensor], torch.Tensor], device: str
) -> None:
    with torch.inference_mode():
        logits = laid_out(_logits().to(_device(device)))

    assert _tokens(logits, PARAMS["filtered"]) == TOKENS["filtered"]


def test_one_function_alone_reads_what_a_device_computed() -> None:
    folder = Path(sampling.__file__).parent
    with_torch = {
        path.name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
        if name.partition(".")[0] == "torch"
    }

    # Everything else works on arrays of the host, so no device can choose otherwise.
    assert with_torch == {"sampler.py"}
