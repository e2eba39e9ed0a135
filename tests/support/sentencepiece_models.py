"""Small models of SentencePiece, trained in a blink."""

from __future__ import annotations

import functools
import io

_LINES = (
    "hello world this is a test of words and of spaces",
    "the quick brown fox jumps over the lazy dog",
    "caf\u00e9 na\u00efve \u4f60\u597d 12345, 67!",
)


@functools.cache
def sentencepiece_model(model_type: str, rule: str) -> bytes:
    """A trained model: "bpe" or "unigram", its texts normalized by "identity" or "nmt_nfkc"."""
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_LINES * 20),
        model_writer=model,
        vocab_size=340 if model_type == "bpe" else 60,
        model_type=model_type,
        normalization_rule_name=rule,
        remove_extra_whitespaces=rule != "identity",
        byte_fallback=model_type == "bpe",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()
