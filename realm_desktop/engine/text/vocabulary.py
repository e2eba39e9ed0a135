"""The tokens of a model as plain data, whatever file they came from.

Knows nothing of files or algorithms. Immutable after the load, so every engine thread may read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

SPACE_MARK = "\u2581"
"""SentencePiece's visible space."""

_BYTE_TOKEN = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_END_TOKENS = (
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<turn|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "<|end_of_turn|>",
    "<|return|>",
    "<|call|>",
    "<|calls|>",
    "<|flush|>",
    "<end_of_utterance>",
    "<|user_end|>",
    "<\uff5cend\u2581of\u2581sentence\uff5c>",
    "<|END_OF_TURN_TOKEN|>",
    "<|tool_response>",
    "<|role_end|>",
    "[|endofturn|]",
    "<eos>",
    "[EOT]",
    "[EOS]",
    "[e~[",
)
MARKED_END_TOKENS = frozenset(
    text for text in _END_TOKENS if text.startswith(("<|", "<\uff5c", "<end_of_"))
)
"""Those of them that nobody writes in a text, so that they end a turn whatever a file calls them."""

_THOUGHT_MARKS = frozenset(
    {
        *("<think>", "</think>", "[THINK]", "[/THINK]", "<seed:think>", "</seed:think>"),
        *("<|START_THINKING|>", "<|END_THINKING|>", "<|channel>", "<channel|>"),
    }
)
_HARMONY_ENDS = frozenset({"<|return|>", "<|call|>"})
_HARMONY_MARKS = frozenset({"<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>"})


class TokenKind(IntEnum):
    """What a token is; the numbers of `tokenizer.ggml.token_type` (GGUF v3)."""

    UNDEFINED = 0
    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


class SpacePrefix(Enum):
    """Where encoding puts an extra space in front of a text, and decoding takes it away again."""

    NONE = "none"
    FIRST = "first"  # at the start of the whole text
    EACH = "each"  # at its start and behind every control token


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All tokens of a model and the roles of the special ones.

    Attributes:
        texts: The file's own spelling of every token; the index is the id.
        piece: The bytes that the token of an id adds to a text; b"" for one that adds none. Made when
            they are asked for: few tokens of a large vocabulary ever are.
        control_ids: Tokens that never appear in a text (control and unknown).
        matched_ids: Tokens found by their spelling before the algorithm runs: user-defined ones.
        bos_id, eos_id, unknown_id: None if the file names none.
        end_ids: Tokens that end a reply.
        adds_bos, adds_eos: Whether a prompt gets them.
        named_tokens: What a chat template may show, such as `bos_token`.
        swallowing_ids: Tokens found by their spelling that take the white space behind them along.
        shown_ids: Control tokens that a reply shows: they part its thoughts from its answer.
    """

    texts: Sequence[str]
    piece: Callable[[int], bytes]
    control_ids: frozenset[int]
    matched_ids: frozenset[int]
    bos_id: int | None
    eos_id: int | None
    unknown_id: int | None
    end_ids: frozenset[int]
    adds_bos: bool
    adds_eos: bool
    space_prefix: SpacePrefix
    named_tokens: Mapping[str, str]
    swallowing_ids: frozenset[int] = frozenset()
    shown_ids: frozenset[int] = frozenset()


def byte_level_table() -> dict[str, int]:
    """The byte behind each visible character of byte-level BPE (GPT-2's byte-to-unicode table)."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in set(visible)]
    table = {chr(byte): byte for byte in visible}
    table.update({chr(256 + index): byte for index, byte in enumerate(hidden)})
    return table


def byte_level_piece(text: str, table: Mapping[str, int]) -> bytes:
    """The bytes of a byte-level token; characters outside the table stand for themselves."""
    if all(character in table for character in text):
        return bytes([table[character] for character in text])
    return b"".join(
        bytes([table[character]]) if character in table else character.encode("utf-8", "replace")
        for character in text
    )


def spaced_piece(text: str) -> bytes:
    """The bytes of a SentencePiece token: visible spaces become spaces."""
    return text.replace(SPACE_MARK, " ").encode("utf-8", "replace")


def byte_token_value(text: str) -> int | None:
    """The byte that `<0xXX>` names, or None if the text has not exactly this form."""
    match = _BYTE_TOKEN.fullmatch(text)
    return int(match[1], 16) if match else None


def find_end_ids(texts: Sequence[str], candidates: frozenset[int]) -> set[int]:
    """Tokens among the candidates whose spelling is a known end of turn or of text."""
    known = set(_END_TOKENS)
    found = {token_id for token_id in candidates if texts[token_id] in known}
    spellings = {texts[token_id] for token_id in found}
    is_solar = {"<|calls|>", "<|flush|>"} <= spellings
    if spellings >= _HARMONY_ENDS or is_solar:
        # In the harmony format <|end|> closes a message inside a reply, not the reply.
        found = {token_id for token_id in found if texts[token_id] != "<|end|>"}
    return found


def find_shown_ids(texts: Sequence[str], control_ids: frozenset[int]) -> frozenset[int]:
    """The control tokens around thoughts; of the harmony format also the heads of its messages.

    Without them a thought and the answer behind it would run together.
    """
    is_harmony = {texts[token_id] for token_id in control_ids} >= _HARMONY_ENDS
    marks = _THOUGHT_MARKS | _HARMONY_MARKS if is_harmony else _THOUGHT_MARKS
    return frozenset(token_id for token_id in control_ids if texts[token_id] in marks)
