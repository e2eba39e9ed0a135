"""Text of one reply: what is shown when, and what ends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from realm_desktop.engine.reply import Reply
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.events import FinishReason, TokenLogprob
from realm_desktop.formats.model_file import open_model
from realm_desktop.sampling_params import SamplingParams
from tests.support.tiny_models import tiny_gguf


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)
    model_file = open_model(path)
    built = build_tokenizer(model_file)
    model_file.close()
    return built


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special=False, parse_special=True)


def push_all(reply: Reply, token_ids: Iterable[int]) -> tuple[list[str], FinishReason | None]:
    """The pieces of text, until something ends the reply."""
    pieces = []
    for token_id in token_ids:
        piece, finish = reply.push(token_id)
        pieces.append(piece)
        if finish is not None:
            return pieces, finish
    return pieces, None


def test_end_token_stops_and_is_not_shown(tokenizer: Tokenizer) -> None:
    reply = Reply(tokenizer, ids(tokenizer, "x"), SamplingParams())

    pieces, finish = push_all(reply, ids(tokenizer, "hello<|im_end|>never"))

    assert "".join(pieces) == "hello"
    assert finish is FinishReason.STOP


def test_end_token_is_passed_over_when_asked(tokenizer: Tokenizer) -> None:
    reply = Reply(tokenizer, ids(tokenizer, "x"), SamplingParams(ignore_end=True))

    pieces, finish = push_all(reply, ids(tokenizer, "one<|im_end|>two"))

    assert "".join(pieces) == "onetwo"
    assert finish is None


def test_stop_string_ends_the_text_before_it(tokenizer: Tokenizer) -> None:
    reply = Reply(tokenizer, ids(tokenizer, "x"), SamplingParams(stop=("STOP",)))

    pieces, finish = push_all(reply, ids(tokenizer, "go STOP more"))

    assert "".join(pieces) == "go "
    assert finish is FinishReason.STOP


def test_half_a_character_is_never_shown(tokenizer: Tokenizer) -> None:
    reply = Reply(tokenizer, ids(tokenizer, "x"), SamplingParams())

    pieces, _ = push_all(reply, ids(tokenizer, "a🙂b"))

    assert [piece for piece in pieces if piece] == ["a", "🙂", "b"]


def test_text_held_back_comes_with_flush(tokenizer: Tokenizer) -> None:
    reply = Reply(tokenizer, ids(tokenizer, "x"), SamplingParams(stop=("STOP",)))
    pieces, _ = push_all(reply, ids(tokenizer, "go ST"))

    assert "".join(pieces) == "go "
    assert reply.flush() == "ST"


def test_resumed_reply_goes_on_inside_a_character(tokenizer: Tokenizer) -> None:
    token_ids = ids(tokenizer, "a🙂b")
    reply = Reply(tokenizer, ids(tokenizer, "x"), SamplingParams(), token_ids[:3])

    pieces, _ = push_all(reply, token_ids[3:])

    assert "".join(pieces) == "🙂b"


def test_padding_token_of_the_network_adds_no_text(tokenizer: Tokenizer) -> None:
    reply = Reply(tokenizer, ids(tokenizer, "x"), SamplingParams())

    assert reply.push(tokenizer.vocabulary_size + 5) == ("", None)


def test_text_of_committed_tokens_is_kept_apart(tokenizer: Tokenizer) -> None:
    token_ids = ids(tokenizer, "the gauge at noon")
    pieces, _ = push_all(Reply(tokenizer, [5], SamplingParams()), token_ids)
    resumed = Reply(tokenizer, [5], SamplingParams(), token_ids[:2])
    rest, _ = push_all(resumed, token_ids[2:])

    assert resumed.committed_text == "".join(pieces[:2])
    assert resumed.committed_text + "".join(rest) == "".join(pieces)


def test_entry_of_a_token_is_spelled_with_its_alternatives(tokenizer: Tokenizer) -> None:
    first, second = ids(tokenizer, "the gauge")[:2]
    beyond = tokenizer.vocabulary_size
    entry = TokenLogprob(first, -0.5, ((second, -0.1), (beyond, -9.0)))
    spelled = Reply(tokenizer, [5], SamplingParams()).spelled(entry)

    texts = [tokenizer.token_bytes(token_id).decode() for token_id in (first, second)]
    assert spelled == replace(entry, text=texts[0], top_texts=(texts[1], ""))
