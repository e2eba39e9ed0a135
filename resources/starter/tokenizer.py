"""The starter model's vocabulary: byte-level BPE of 4,096 tokens with the "qwen2" word pattern."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.trainers import BpeTrainer

from resources.starter.corpus.conversation import END, END_OF_TEXT, START

VOCABULARY_SIZE = 4096
SPECIAL_TOKENS = (END_OF_TEXT, START, END)
# The split pattern that "qwen2" names in tokenizer.ggml.pre; each digit is a word of its own.
WORD_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterator[str], path: Path) -> Tokenizer:
    """A tokenizer learned from `texts`, written to `path` as tokenizer.json."""
    tokenizer = byte_level(BPE())
    trainer = BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL_TOKENS],
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path))
    return tokenizer


def byte_level(model: BPE) -> Tokenizer:
    """A tokenizer of this vocabulary that splits words as "qwen2" does."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = Sequence(
        [
            Split(Regex(WORD_PATTERN), "isolated"),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = ByteLevelDecoder()
    return tokenizer
