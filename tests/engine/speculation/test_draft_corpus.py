"""Drafts from texts that a request names: other versions of a reply, documents."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.speculation.drafter import DraftOrder
from realm_desktop.engine.speculation.ngram import MAX_INDEXED_PER_CALL, NgramDrafter
from realm_desktop.errors import RequestError
from realm_desktop.events import Finished
from realm_desktop.protocol import (
    MAX_DRAFT_CHARACTERS,
    MAX_DRAFT_TEXTS,
    GenerateRequest,
    LoadModel,
    RequestId,
    Speculation,
    SpeculationMode,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, run_requests
from tests.support.sequences import make_sequence
from tests.support.tiny_models import tiny_gguf

NGRAM = Speculation(SpeculationMode.NGRAM, 16)
SENTENCE = " the quick brown fox jumps over a lazy dog near the old river bank, twice a day"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """One whose clock stands still: every draft seems free and has its full length."""
    engine = Engine(clock=lambda: 0.0)
    path: Path = tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)
    engine.load(LoadModel(str(path), num_threads=1), lambda phase, fraction: None)
    return engine


def reply(prompt: str, *corpus: str, temperature: float = 0.0) -> GenerateRequest:
    """A request whose reply is the sentence, written by the model in its own tokens."""
    return GenerateRequest(
        RequestId("r"),
        prompt=prompt,
        regex=SENTENCE,
        sampling=SamplingParams(temperature=temperature, seed=3, max_tokens=100),
        speculation=NGRAM,
        draft_corpus=corpus,
    )


def accepted(transcript: Transcript) -> float:
    """Accepted drafts per token of the reply."""
    end = transcript.ends["r"]
    assert isinstance(end, Finished)
    return end.stats.num_accepted_tokens / end.stats.num_completion_tokens


def with_corpus(tokens: Iterable[int], *corpus: list[int]) -> Sequence:
    sequence = make_sequence(tokens)
    sequence.draft_corpus = tuple(array("i", text) for text in corpus)
    return sequence


def propose(drafter: NgramDrafter, sequence: Sequence, count: int = 3) -> list[int]:
    drafter.observe(sequence)
    (draft,) = drafter.propose([DraftOrder(sequence, count)])
    return draft


def test_draft_continues_as_a_text_of_the_corpus_does() -> None:
    sequence = with_corpus([50, 1, 2, 3], [9, 9, 1, 2, 3, 4, 5, 6, 7])

    assert propose(NgramDrafter(), sequence) == [4, 5, 6]


def test_first_text_of_the_corpus_counts_most_and_the_own_text_more() -> None:
    texts = [[1, 2, 3, 20, 21, 22], [1, 2, 3, 30, 31, 32]]

    assert propose(NgramDrafter(), with_corpus([5, 1, 2, 3], *texts)) == [20, 21, 22]
    own = [1, 2, 3, 40, 41, 42, 1, 2, 3]
    assert propose(NgramDrafter(), with_corpus(own, *texts)) == [40, 41, 42]


def test_long_corpus_is_indexed_over_several_steps() -> None:
    text = [10_000 + index for index in range(2 * MAX_INDEXED_PER_CALL)]
    drafter, sequence = NgramDrafter(), with_corpus(text[-7:-4], text)

    assert propose(drafter, sequence) == []
    drafter.observe(sequence)
    assert propose(drafter, sequence) == text[-4:-1]


def test_corpus_of_an_ended_sequence_is_not_kept() -> None:
    drafter = NgramDrafter()
    ended = with_corpus(range(100, 120), [1, 2, 3, 4, 5])
    drafter.observe(ended)
    drafter.forget(ended)

    assert propose(drafter, make_sequence([*range(100, 120), 1, 2, 3])) == []
    assert not drafter._corpora


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_edited_prompt_changes_no_text_beside_an_earlier_reply(
    engine: Engine, temperature: float
) -> None:
    first = run_requests(engine, reply("where is it?", temperature=temperature))
    edited = reply("tell me of it!", first.text["r"], temperature=temperature)
    drafted = run_requests(engine, edited)
    plain = run_requests(engine, replace(edited, speculation=Speculation(), draft_corpus=()))

    assert drafted.token_ids["r"] == plain.token_ids["r"]
    assert drafted.text["r"] == SENTENCE


def test_regenerating_an_edited_prompt_accepts_long_runs(engine: Engine) -> None:
    # Prompts that begin differently: what ended lately is not drafted from either.
    blind = run_requests(engine, reply("and where would that be then?"))
    drafted = run_requests(engine, reply("please tell me more of it!", blind.text["r"]))

    assert accepted(drafted) > 0.5
    assert accepted(drafted) > 3 * accepted(blind)


def test_corpus_that_is_wrong_changes_no_text(engine: Engine) -> None:
    plain = run_requests(engine, reply("where is it?"))
    misled = run_requests(engine, reply("where is it?", SENTENCE.replace("fox", "cat")[::-1], ""))

    assert misled.token_ids["r"] == plain.token_ids["r"]


def test_corpus_is_tokenized_only_for_a_request_that_drafts(engine: Engine) -> None:
    request = reply("a", "some text <s>")

    (ids,) = engine.prepare(request).corpus_ids
    model = engine._model
    assert model is not None
    assert model.preparer.tokenizer.decode(ids).strip() == "some text <s>"
    assert engine.prepare(replace(request, speculation=Speculation())).corpus_ids == ()


@pytest.mark.parametrize(
    "corpus",
    [("x",) * (MAX_DRAFT_TEXTS + 1), ("x" * (MAX_DRAFT_CHARACTERS + 1),), ("x" * 150_000,) * 2],
)
def test_corpus_of_a_hostile_size_is_refused(corpus: tuple[str, ...]) -> None:
    with pytest.raises(RequestError, match="at most 16 of 200,000") as refusal:
        reply("a", *corpus)

    assert refusal.value.field == "draft_corpus"
