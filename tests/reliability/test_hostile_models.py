"""Mutated models on their way to the engine: everything read before the weights is refused by name.

One mutant is one file: inspected, opened, its tokenizer built and used, its template tried, its network
described. What the tests in `formats` do with the header alone, this does with what the values mean.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from pathlib import Path

import pytest

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.errors import RealmError, TemplateError
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.model_file import open_model
from tests.support.mutants import header_mutants
from tests.support.tiny_models import tiny_gguf

_MAX_CPU_S = 1.0
_NUM_MUTANTS = 250
_NUM_MUTANTS_IN_FULL = 20_000


def use(path: Path) -> None:
    """All that a load reads before the weights, and a little of what it makes of it."""
    inspect(path)
    with contextlib.closing(open_model(path)) as model_file:
        tokenizer = build_tokenizer(model_file)
        tokenizer.encode("the <|im_start|> w\u00f6rld", add_special=True, parse_special=True)
        build_chat_template(model_file, tokenizer)
        model_spec(model_file)


def refusal(path: Path) -> RealmError | None:
    try:
        use(path)
    except RealmError as error:
        return error
    return None


def outcome(path: Path) -> str:
    """ "accepted", or the kind of a refusal that says what it should; anything else propagates."""
    started_s = time.thread_time()
    error = refusal(path)
    assert time.thread_time() - started_s < _MAX_CPU_S
    if error is None:
        return "accepted"
    assert path.name in error.message or isinstance(error, TemplateError), error.message
    assert error.message.isprintable()
    assert error.advice
    return type(error).__name__


def count_outcomes(folder: Path, architecture: str, num_mutants: int, seed: int) -> Counter[str]:
    data = tiny_gguf(folder, architecture, with_tokenizer=True).read_bytes()
    with contextlib.closing(open_model(next(folder.glob("*.gguf")))) as model_file:
        end = min(entry.offset for entry in model_file.tensors.values())
    path = folder / "mutant.gguf"
    counts: Counter[str] = Counter()
    for mutant in header_mutants(data, end, num_mutants, seed):
        path.write_bytes(mutant)
        counts[outcome(path)] += 1
    return counts


@pytest.mark.parametrize("architecture", ["llama", "qwen3"])
def test_mutated_models_are_accepted_or_refused_by_name(tmp_path: Path, architecture: str) -> None:
    counts = count_outcomes(tmp_path, architecture, _NUM_MUTANTS, seed=1)

    assert counts["accepted"] < _NUM_MUTANTS // 2, counts
    assert counts["CorruptFile"] > _NUM_MUTANTS // 4, counts


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(3))
def test_many_mutated_models(tmp_path: Path, seed: int) -> None:
    counts = count_outcomes(tmp_path, "llama", _NUM_MUTANTS_IN_FULL, seed)

    assert counts.total() == _NUM_MUTANTS_IN_FULL
