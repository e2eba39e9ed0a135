"""Whether a draft model speaks the target's token ids.

Works on tokenizers alone, so a pair is refused before any weights take memory.
"""

from __future__ import annotations

from pathlib import Path

from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.errors import DraftMismatch
from realm_desktop.formats.corruption import quote

MAX_PADDING_TOKENS = 128
"""Files of one model family pad their vocabularies to different sizes (Qwen2.5: 151,936 and
152,064). Ids that only one of the two knows are never drafted; more of them are another vocabulary."""

MAX_SHOWN = 3
_MAX_TEXT = 24


def check_vocabularies(target: Tokenizer, draft: Tokenizer, draft_path: Path) -> None:
    """Refuse a draft model whose ids mean other texts than the target's.

    Raises:
        DraftMismatch: With the first ids that differ and both their texts, or both sizes.
    """
    sizes = target.vocabulary_size, draft.vocabulary_size
    differing = [
        token_id
        for token_id in range(min(sizes))
        if target.token_text(token_id) != draft.token_text(token_id)
    ]
    if differing:
        shown = "; ".join(
            f"id {token_id} is {_shown(target, token_id)} in the model and {_shown(draft, token_id)} in the draft"
            for token_id in differing[:MAX_SHOWN]
        )
        raise _mismatch(
            draft_path, f"{len(differing):,} of {min(sizes):,} token ids differ: {shown}"
        )
    if max(sizes) - min(sizes) > MAX_PADDING_TOKENS:
        raise _mismatch(
            draft_path, f"{sizes[0]:,} tokens in the model and {sizes[1]:,} in the draft"
        )


def _mismatch(draft_path: Path, reason: str) -> DraftMismatch:
    return DraftMismatch(
        f"{quote(draft_path.name)} cannot draft for this model: the vocabularies differ"
        f" ({reason}; expected is the same vocabulary)",
        advice="Choose a draft model of the same family, or load the model without one.",
        file=draft_path,
        field="tokens",
    )


def _shown(tokenizer: Tokenizer, token_id: int) -> str:
    return f"'{quote(tokenizer.token_text(token_id), _MAX_TEXT)}'"
