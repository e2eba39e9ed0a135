"""tokenizer.model is read by a bounded reader, or refused by its name."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.sentencepiece_file import BPE, UNIGRAM, parse_sentencepiece
from tests.support.mutants import random_mutants, truncations
from tests.support.sentencepiece_models import sentencepiece_model

_PATH = Path("tokenizer.model")


@pytest.mark.parametrize(("model_type", "number"), [("bpe", BPE), ("unigram", UNIGRAM)])
def test_pieces_are_those_of_sentencepiece(model_type: str, number: int) -> None:
    import sentencepiece

    data = sentencepiece_model(model_type, "identity")
    reference = sentencepiece.SentencePieceProcessor(model_proto=data)

    found = parse_sentencepiece(_PATH, data)

    ids = range(reference.get_piece_size())
    assert found.pieces == [reference.id_to_piece(index) for index in ids]
    assert found.scores == pytest.approx([reference.get_score(index) for index in ids])
    assert found.model_type == number
    assert (found.unknown_id, found.bos_id, found.eos_id) == (0, 1, 2)


def test_rules_of_normalization_are_read() -> None:
    plain = parse_sentencepiece(_PATH, sentencepiece_model("bpe", "identity"))
    mapped = parse_sentencepiece(_PATH, sentencepiece_model("unigram", "nmt_nfkc"))

    assert (plain.charsmap, plain.adds_space, plain.merges_spaces) == (b"", True, False)
    assert mapped.charsmap
    assert mapped.merges_spaces


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "without pieces"),
        (b"\x0a\xff\xff\xff\xff\x0f", "a field of 4294967295 bytes"),
        (b"\xff" * 20, "cut off"),
        (b"\x0b", "wire type 3"),
        (b"\x08\x01", "a number"),
        (b"\x0a\x03\x0a\x01\xff", "no UTF-8"),
        (b"\x0a\x05\x0a\x01a\x18\x09", "type 9"),
        (b"\x0a\x08\x0a\x01a\x15\x00\x00\xc0\x7f", "no number"),
    ],
)
def test_each_fault_is_refused_by_name(data: bytes, fault: str) -> None:
    with pytest.raises(CorruptFile, match=f"tokenizer.model is damaged: .*{fault}"):
        parse_sentencepiece(_PATH, data)


def test_an_id_below_zero_is_none() -> None:
    piece = b"\x0a\x03\x0a\x01a"
    trainer = b"\xc8\x02" + b"\xff" * 9 + b"\x01"

    assert parse_sentencepiece(_PATH, piece + b"\x12\x0c" + trainer).bos_id is None


def test_mutants_are_read_or_refused() -> None:
    data = sentencepiece_model("bpe", "identity")
    mutants = [*truncations(data), *random_mutants(data, 100, random.Random(3).randrange(99))]

    refused = 0
    for _, mutant in mutants:
        try:
            parse_sentencepiece(_PATH, mutant)
        except CorruptFile:
            refused += 1
    assert refused > len(mutants) // 4
