"""Reads tokenizer.model, the file of SentencePiece, which some folders have in place of tokenizer.json.

It is a message in the wire format of protocol buffers. Only the fields named here are read, by a
reader of our own that compares every length with the bytes left; all others are stepped over.
Source: sentencepiece_model.proto of SentencePiece 0.2.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import corrupt

MAX_PIECES: Final = 1_000_000
UNIGRAM: Final = 1
BPE: Final = 2

_MAX_VARINT_BYTES = 10
_FIELD_NAMES = {1: "pieces", 2: "trainer_spec", 3: "normalizer_spec"}
_NORMAL = 1
_NUM_TYPES = 6

_Value: TypeAlias = "int | bytes"


@dataclass(frozen=True, slots=True)
class SentencePieceModel:
    """What a tokenizer.model says.

    Attributes:
        model_type: `UNIGRAM`, `BPE`, or a kind that nothing here can run.
        pieces, scores, types: One each per token; types as `tokenizer.ggml.token_type` numbers them.
        unknown_id, bos_id, eos_id: None for none.
        charsmap: Compiled replacements; empty for none.
        adds_space: A text begins with a space.
        merges_spaces: Runs of spaces are one, and the ends have none.
    """

    model_type: int
    pieces: list[str]
    scores: list[float]
    types: list[int]
    unknown_id: int | None
    bos_id: int | None
    eos_id: int | None
    charsmap: bytes
    adds_space: bool
    merges_spaces: bool


def parse_sentencepiece(path: Path, data: bytes) -> SentencePieceModel:
    """The model in the bytes of a tokenizer.model.

    Args:
        path: Named in errors.
        data: The whole file.

    Raises:
        CorruptFile: The bytes contradict the format, or are beyond its limits.
    """
    pieces: list[tuple[str, float, int]] = []
    trainer: dict[int, _Value] = {}
    normalizer: dict[int, _Value] = {}
    message = _Message(path, "file")
    for number, value in message.fields(data):
        if number not in _FIELD_NAMES:
            continue
        part = _Message(path, _FIELD_NAMES[number])
        fields = dict(part.fields(part.bytes_of(value)))
        if number == 1 and len(pieces) >= MAX_PIECES:
            raise part.fault(f"more than {MAX_PIECES}", f"at most {MAX_PIECES}")
        if number == 1:
            pieces.append(_piece(part, fields))
        else:
            (trainer if number == 2 else normalizer).update(fields)
    if not pieces:
        raise message.fault("without pieces", "at least one piece")
    spec = _Message(path, "trainer_spec")
    rules = _Message(path, "normalizer_spec")
    return SentencePieceModel(
        model_type=spec.integer(trainer.get(3, UNIGRAM)),
        pieces=[text for text, _, _ in pieces],
        scores=[score for _, score, _ in pieces],
        types=[kind for _, _, kind in pieces],
        # The numbers of the fields, and SentencePiece's defaults.
        unknown_id=_id(spec, trainer.get(40, 0), len(pieces)),
        bos_id=_id(spec, trainer.get(41, 1), len(pieces)),
        eos_id=_id(spec, trainer.get(42, 2), len(pieces)),
        charsmap=rules.bytes_of(normalizer.get(2, b"")),
        adds_space=bool(rules.integer(normalizer.get(3, 1))),
        merges_spaces=bool(rules.integer(normalizer.get(4, 1))),
    )


@dataclass(frozen=True, slots=True)
class _Message:
    """One message of the file; every refusal names it."""

    path: Path
    name: str

    def fault(self, found: object, allowed: str, offset: int | None = None) -> CorruptFile:
        return corrupt(self.path, self.name, offset, found=found, allowed=allowed)

    def fields(self, data: bytes) -> Iterator[tuple[int, _Value]]:
        """Number and value of each field; of a fixed-width one its bytes."""
        position = 0
        while position < len(data):
            tag, position = self._varint(data, position)
            wire_type = tag & 7
            if wire_type == 0:
                value: _Value
                value, position = self._varint(data, position)
            elif wire_type in (1, 2, 5):
                length = {1: 8, 5: 4}.get(wire_type, 0)
                if wire_type == 2:
                    length, position = self._varint(data, position)
                if length > len(data) - position:
                    raise self.fault(
                        f"a field of {length} bytes", f"0 to {len(data) - position}", position
                    )
                value = data[position : position + length]
                position += length
            else:
                raise self.fault(f"wire type {wire_type}", "0, 1, 2 or 5", position)
            yield tag >> 3, value

    def integer(self, value: _Value) -> int:
        if isinstance(value, int):
            return value
        raise self.fault("bytes", "a number")

    def bytes_of(self, value: _Value) -> bytes:
        if isinstance(value, bytes):
            return value
        raise self.fault("a number", "bytes")

    def _varint(self, data: bytes, position: int) -> tuple[int, int]:
        value = 0
        for index, byte in enumerate(data[position : position + _MAX_VARINT_BYTES]):
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                return value, position + index + 1
        raise self.fault("cut off", "a whole number", position)


def _piece(message: _Message, fields: dict[int, _Value]) -> tuple[str, float, int]:
    kind = message.integer(fields.get(3, _NORMAL))
    data = message.bytes_of(fields.get(2, bytes(4)))
    text = message.bytes_of(fields.get(1, b""))
    if not 1 <= kind <= _NUM_TYPES:
        raise message.fault(f"type {kind}", f"1 to {_NUM_TYPES}")
    score = struct.unpack("<f", data)[0] if len(data) == 4 else math.nan
    if not math.isfinite(score):
        raise message.fault("a score that is no number", "finite numbers")
    try:
        return text.decode("utf-8"), score, kind
    except UnicodeDecodeError as error:
        raise message.fault("a piece that is no UTF-8", "UTF-8 text") from error


def _id(message: _Message, value: _Value, num_pieces: int) -> int | None:
    """An id; -1, which the wire format writes as a number near 2^64, means that there is none."""
    number = message.integer(value)
    if number >= 1 << 63:
        return None
    return number if number < num_pieces else None
