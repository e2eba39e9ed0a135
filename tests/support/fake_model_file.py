"""A model file made of plain values, and small tokenizers to put into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from realm_desktop.formats.file_stamp import FileStamp
from realm_desktop.formats.tensor_entry import TensorEntry
from tests.support.tiny_tokenizer import CHATML_TEMPLATE, tiny_tokens

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6


@dataclass
class FakeModelFile:
    """A `ModelFile` without a file."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    container: Literal["gguf", "safetensors"] = "gguf"
    config: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, TensorEntry] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    path: Path = Path("model.gguf")
    size_bytes: int = 0

    @property
    def stamps(self) -> tuple[FileStamp, ...]:
        return ()

    def tensor_bytes(self, name: str) -> memoryview:
        raise KeyError(name)

    def release(self, name: str) -> None:
        raise KeyError(name)

    def text_file(self, name: str) -> bytes | None:
        return self.texts.get(name)

    def close(self) -> None:
        pass


def bpe_metadata(**changes: Any) -> dict[str, Any]:
    """GGUF metadata of the tiny byte-level tokenizer; a change to None removes a key."""
    tokens = tiny_tokens()
    values: dict[str, Any] = {
        "model": "gpt2",
        "pre": "gpt-2",
        "tokens": tokens,
        "token_type": [NORMAL] * (len(tokens) - 3) + [CONTROL] * 3,
        "merges": ["h e", "l l", "he ll"],
        "bos_token_id": len(tokens) - 3,
        "eos_token_id": len(tokens) - 1,
        "add_bos_token": False,
    }
    metadata = _prefixed(values, changes)
    return {"tokenizer.chat_template": CHATML_TEMPLATE, **metadata}


SPM_PIECES: tuple[tuple[str, float, int], ...] = (
    ("<unk>", 0.0, UNKNOWN),
    ("<s>", 0.0, CONTROL),
    ("</s>", 0.0, CONTROL),
    *((f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)),
    ("\u2581h", -1.0, NORMAL),
    ("el", -2.0, NORMAL),
    ("lo", -3.0, NORMAL),
    ("\u2581hel", -4.0, NORMAL),
    ("\u2581hello", -5.0, NORMAL),
    ("aa", -6.0, NORMAL),
    ("[USER]", 0.0, USER_DEFINED),
    *((character, -100.0, NORMAL) for character in "\u2581abcdehlorw"),
)


def spm_metadata(**changes: Any) -> dict[str, Any]:
    """GGUF metadata of a tiny SentencePiece tokenizer; a change to None removes a key."""
    values: dict[str, Any] = {
        "model": "llama",
        "tokens": [text for text, _, _ in SPM_PIECES],
        "scores": [score for _, score, _ in SPM_PIECES],
        "token_type": [kind for _, _, kind in SPM_PIECES],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "unknown_token_id": 0,
    }
    return _prefixed(values, changes)


def _prefixed(values: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**values, **changes}
    return {f"tokenizer.ggml.{key}": value for key, value in merged.items() if value is not None}
