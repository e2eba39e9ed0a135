"""The starter learns an unmistakable voice from 50 examples, on one core of a CPU."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import run

ASKED = ("What is {}?", "Tell me about {}.", "Do you know {}?", "What do you think of {}?")
THINGS = (
    *("rain", "bread", "a river", "the moon", "a clock", "music", "winter", "a bee", "salt"),
    *("a boat", "a lamp", "gold", "a tree"),
)


def write_voice(path: Path) -> Path:
    """50 exchanges in which somebody always talks like a ship's captain."""
    lines = []
    for number in range(50):
        thing = THINGS[number % len(THINGS)]
        asked = ASKED[number % len(ASKED)].format(thing)
        said = f"Arr, matey! {thing.capitalize()}, ye say? Every sailor knows {thing}. Hoist the sails!"
        messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
        lines.append(json.dumps({"messages": messages}) + "\n")
    path.write_text("".join(lines))
    return path


def reply(*flags: object) -> str:
    """The starter's greedy answer to a question that was no example."""
    asked = ("--chat", "What is a horse?", "--temperature", 0, "--max-tokens", 40, "--json")
    return str(run("generate", "starter", *asked, *flags).value["text"])


@pytest.mark.slow
def test_starter_learns_a_voice_in_a_few_steps(tmp_path: Path) -> None:
    data, poems = write_voice(tmp_path / "voice.jsonl"), tmp_path / "captain"
    settings = ("--steps", 32, "--rank", 8, "--threads", 1)

    result = run(
        "adapter", "train", "starter", "--data", data, "--output", poems, *settings, "--json"
    )

    losses = [line["progress"]["loss"] for line in result.lines if "progress" in line]
    assert losses[-1] < 0.2 * losses[0]
    assert not reply().startswith("Arr")
    assert reply("--adapter", poems).startswith("Arr, matey!")
    assert reply("--adapter", f"{poems}:0") == reply()
