"""Mutated tokenizer files are accepted or refused by name, and nothing else."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.errors import ModelFileError
from tests.support.fake_model_file import FakeModelFile, bpe_metadata, spm_metadata
from tests.support.tiny_tokenizer import write_tokenizer_files

_VALUES: tuple[Any, ...] = (
    *(0, 1, -1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, 1.5, float("nan"), float("inf"), 1e308),
    *("", " ", "a b", "<0x-1>", "<0x100>", "\x00", "\ud7ff", "\u2581" * 100, "x" * 10_000),
    *(True, False, None, [], [None], [[]], {}, {"a": 1}, ["", ""], [0] * 999),
)
_NUM_MUTANTS = 150


def pick(chance: random.Random, *, allows_infinity: bool = True) -> Any:
    """A value that has broken readers before."""
    value = chance.choice(_VALUES)
    if isinstance(value, float) and not math.isfinite(value) and not allows_infinity:
        return 0.5
    return copy.deepcopy(value)


def mutate_metadata(metadata: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """One to three values, or elements of arrays, replaced or removed."""
    mutant = {
        key: list(value) if isinstance(value, list) else value for key, value in metadata.items()
    }
    for _ in range(chance.randint(1, 3)):
        key = chance.choice(sorted(mutant))
        value = mutant[key]
        if isinstance(value, list) and value and chance.random() < 0.7:
            value[chance.randrange(len(value))] = pick(chance)
        elif chance.random() < 0.3:
            mutant[key] = value[: chance.randint(0, 5)] if isinstance(value, list) else 10**9
        else:
            mutant[key] = pick(chance)
    return mutant


def mutate_json(value: Any, chance: random.Random) -> Any:
    """The value with one node replaced, removed or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        if chance.random() < 0.15:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: mutate_json(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        index = chance.randrange(len(value))
        return [
            *value[:index],
            mutate_json(value[index], chance),
            *value[index + chance.randint(0, 1) :],
        ]
    return pick(chance, allows_infinity=False)


def use(model_file: FakeModelFile) -> None:
    """Build and use everything; a refusal names the file."""
    try:
        tokenizer = build_tokenizer(model_file)
        ids = tokenizer.encode("a <s> \U0001f999 hello", add_special=True, parse_special=True)
        tokenizer.decode(ids)
        build_chat_template(model_file, tokenizer).encode([{"role": "user", "content": "a"}])
    except ModelFileError as error:
        if not error.message or error.field is None:
            pytest.fail(f"a refusal without place: {error!r}")


def _renamed(model: str, **values: Any) -> Callable[[], dict[str, Any]]:
    """The SentencePiece tokenizer under another name, whose algorithm reads it otherwise."""
    merges = ["e l", "l o", "a a"]
    more = {"add_space_prefix": True, "remove_extra_whitespaces": True, **values}
    return lambda: spm_metadata(model=model, merges=merges, **copy.deepcopy(more))


@pytest.mark.parametrize(
    "make",
    [
        bpe_metadata,
        spm_metadata,
        _renamed("bert", seperator_token_id=2),
        _renamed("t5", precompiled_charsmap=[8, 0, 0, 0, *range(12)]),
        _renamed("gemma4"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_mutated_metadata_is_accepted_or_refused(
    make: Callable[[], dict[str, Any]], seed: int
) -> None:
    chance = random.Random(seed)

    for _ in range(_NUM_MUTANTS):
        use(FakeModelFile(mutate_metadata(make(), chance)))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_mutated_json_is_accepted_or_refused(tmp_path: Path, name: str, seed: int) -> None:
    write_tokenizer_files(tmp_path)
    texts = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    content = json.loads(texts[name])
    chance = random.Random(seed)

    for _ in range(_NUM_MUTANTS):
        mutant = json.dumps(mutate_json(content, chance)).encode()
        use(FakeModelFile(container="safetensors", texts={**texts, name: mutant}))


@pytest.mark.parametrize("seed", range(3))
def test_damaged_json_is_accepted_or_refused(tmp_path: Path, seed: int) -> None:
    write_tokenizer_files(tmp_path)
    texts = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    chance = random.Random(seed)

    for _ in range(_NUM_MUTANTS):
        data = bytearray(texts["tokenizer.json"])
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        use(FakeModelFile(container="safetensors", texts={**texts, "tokenizer.json": bytes(data)}))
