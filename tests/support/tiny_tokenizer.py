"""A byte-level BPE tokenizer of 288 tokens with a ChatML template, for tiny models.

Ids 0 to 255 are the bytes in the order of their visible characters, then come the merged tokens,
then the three control tokens.
"""

from __future__ import annotations

import json
from pathlib import Path

import gguf

_MERGES = (
    "h e", "l l", "o Ġ", "i n", "t h", "th e", "a n", "e r", "o n", "Ġ t", "Ġ a", "o u",
    "r e", "an d", "Ġ the", "i s", "e n", "a t", "o r", "u s", "s t", "in g", "us er", "e s",
    "s s", "a ss", "i st", "ist an", "t e",
)  # fmt: skip
_CONTROL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TINY_VOCABULARY_SIZE = 256 + len(_MERGES) + len(_CONTROL_TOKENS)
CHATML_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tiny_tokens() -> list[str]:
    """All tokens in id order, written in the visible characters of byte-level BPE."""
    merged = [merge.replace(" ", "") for merge in _MERGES]
    return [*sorted(_byte_characters()), *merged, *_CONTROL_TOKENS]


def add_tokenizer_metadata(writer: gguf.GGUFWriter, num_tokens: int = TINY_VOCABULARY_SIZE) -> None:
    """Adds the tokenizer, filled up with unused tokens, and the template to a file in the making."""
    tokens = tiny_tokens()
    num_plain = len(tokens) - len(_CONTROL_TOKENS)
    kinds = [int(gguf.TokenType.NORMAL)] * num_plain
    kinds += [int(gguf.TokenType.CONTROL)] * len(_CONTROL_TOKENS)
    num_unused = num_tokens - len(tokens)
    tokens += [f"<|unused_{index}|>" for index in range(num_unused)]
    kinds += [int(gguf.TokenType.UNUSED)] * num_unused
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(list(_MERGES))
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML_TEMPLATE)


def write_tokenizer_files(folder: Path) -> None:
    """Writes tokenizer.json and tokenizer_config.json with the same tokenizer and template."""
    tokens = tiny_tokens()
    added = [
        {
            "id": tokens.index(token),
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for token in _CONTROL_TOKENS
    ]
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }
    plain = tokens[: -len(_CONTROL_TOKENS)]
    model = {
        "type": "BPE",
        "vocab": {token: index for index, token in enumerate(plain)},
        "merges": [merge.split(" ") for merge in _MERGES],
    }
    tokenizer = {
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": byte_level,
        "decoder": byte_level,
        "model": model,
    }
    settings = {
        "bos_token": "<|endoftext|>",
        "eos_token": "<|im_end|>",
        "add_bos_token": False,
        "chat_template": CHATML_TEMPLATE,
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def _byte_characters() -> list[str]:
    """The 256 visible characters that stand for bytes (GPT-2's byte-to-unicode table)."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = 256 - len(visible)
    return [chr(code) for code in visible] + [chr(256 + index) for index in range(hidden)]
