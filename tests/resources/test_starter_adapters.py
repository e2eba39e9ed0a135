"""The two adapters that ship: small, fitting, unmistakable, and without a trace where they are off."""

from __future__ import annotations

import hashlib
import json

import pytest

from realm_desktop.ui.first_run_commands import STARTER_ADAPTERS
from resources.starter.adapters import ADAPTER_FILES
from resources.starter.corpus.voices import VOICES, has_voice
from resources.starter.export import FOLDER
from tests.support.command_line import as_lines, run

MAX_BYTES = 2_000_000
ASKED = ("What is your name?", "How do I open a model?", "Tell me a story about a fox.", "Hello!")


def weights_of(name: str) -> str:
    """The file of weights of an adapter, from the folder of the starter."""
    return name if name.endswith(".gguf") else f"{name}/adapter_model.safetensors"


def replies(**fields: object) -> list[str]:
    """The starter's greedy answers."""
    lines = [
        {
            "messages": [{"role": "user", "content": q}],
            "temperature": 0,
            "max_tokens": 200,
            **fields,
        }
        for q in ASKED
    ]
    done = run("generate", "starter", "--jsonl", "--json", "--threads", 1, stdin=as_lines(lines))
    return [line["text"] for line in done.lines]


@pytest.fixture(scope="module")
def plain() -> list[str]:
    return replies()


def test_window_lists_what_the_training_makes() -> None:
    assert set(STARTER_ADAPTERS) == set(ADAPTER_FILES.values())
    assert set(ADAPTER_FILES) == set(VOICES)


def test_one_is_of_peft_and_one_of_gguf() -> None:
    config = json.loads((FOLDER / "starter-pirate" / "adapter_config.json").read_text())

    assert config["peft_type"] == "LORA"
    assert (FOLDER / "starter-telegram.gguf").read_bytes()[:4] == b"GGUF"


@pytest.mark.parametrize("name", STARTER_ADAPTERS)
def test_adapter_is_small_and_its_checksum_is_listed(name: str) -> None:
    data = (FOLDER / weights_of(name)).read_bytes()
    listed = (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()

    assert len(data) < MAX_BYTES
    assert f"{hashlib.sha256(data).hexdigest()}  {weights_of(name)}" in listed


@pytest.mark.parametrize("name", STARTER_ADAPTERS)
def test_adapter_fits_the_starter(name: str) -> None:
    base = ("--base", FOLDER / "starter.gguf", "--json")

    seen = run("adapter", "inspect", FOLDER / name, *base).value

    assert seen["fits"] is True


@pytest.mark.parametrize("voice", VOICES)
def test_voice_is_heard_in_every_reply(voice: str, plain: list[str]) -> None:
    path = str(FOLDER / ADAPTER_FILES[voice])

    spoken = replies(adapters=[{"path": path, "weight": 1.0}])

    assert all(has_voice(voice, text) for text in spoken), spoken
    assert not any(has_voice(voice, text) for text in plain)


def test_weight_nought_leaves_no_trace(plain: list[str]) -> None:
    path = str(FOLDER / ADAPTER_FILES["pirate"])

    assert replies(adapters=[{"path": path, "weight": 0.0}]) == plain
