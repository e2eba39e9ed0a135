"""Chooses the tokens of one sequence.

Owned by the engine thread once the request is open; built in the intake thread.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.draft_loop import PlainDraw
from realm_desktop.engine.sampling.candidates import NO_TOKENS, SamplingRow
from realm_desktop.engine.sampling.grammar import Grammar
from realm_desktop.engine.sampling.head import takes_best
from realm_desktop.engine.sampling.match import match_drafts
from realm_desktop.engine.sampling.plain_draw import plain_draw
from realm_desktop.engine.sampling.sampler import (
    BestToken,
    SampledToken,
    sample_row,
    take_best,
)
from realm_desktop.sampling_params import SamplingParams


class TokenChooser:
    """How one sequence turns a row of logits into a token.

    Args:
        params: The request's own.
        num_prompt_tokens: How many leading tokens are prompt.
        breaker_ids: Tokens across which DRY counts no repetition.
        grammar: What the completion must follow; None allows everything.
    """

    def __init__(
        self,
        params: SamplingParams,
        num_prompt_tokens: int,
        breaker_ids: NDArray[np.int32] = NO_TOKENS,
        grammar: Grammar | None = None,
    ) -> None:
        self._params = params
        self._num_prompt_tokens = num_prompt_tokens
        self._breaker_ids = breaker_ids
        self._grammar = grammar
        is_plain = grammar is None and params.logprobs is None
        self._takes_best = is_plain and takes_best(params)

    def plain_draw(self, num_choices: int) -> PlainDraw | None:
        """What a draft of tokens below `num_choices` may draw with; None if nothing comes near."""
        return plain_draw(self._params, num_choices) if self._grammar is None else None

    @property
    def is_ended(self) -> bool:
        """Whether a grammar says that the reply is complete."""
        return self._grammar is not None and self._grammar.is_ended

    def commit(self, token_id: int) -> None:
        """Take a token of the completion for good; its successors are chosen behind it.

        Raises:
            InvalidGrammar: The grammar does not allow it.
        """
        if self._grammar is not None:
            self._grammar.commit((token_id,))

    def choose_all(
        self,
        tokens: array[int],
        draft_tokens: tuple[int, ...],
        logits: NDArray[np.float32],
        bests: Sequence[BestToken],
    ) -> list[SampledToken]:
        """What one step commits: the drafts that stand, and one token more.

        Args:
            tokens: Prompt and committed completion.
            draft_tokens: The k proposed ones.
            logits: [1 + k, vocabulary], of the last of `tokens` and of the drafts.
            bests: Of each of these rows.

        Raises:
            FloatingPointError: The model's output is unusable.
            InvalidGrammar: No token may follow.
        """
        if self._takes_best:
            return match_drafts(draft_tokens, lambda index: take_best(bests[index]))
        seen = np.asarray(tokens)
        if draft_tokens:
            seen = np.append(seen, np.array(draft_tokens, np.int32))
        length = len(tokens)
        return match_drafts(
            draft_tokens,
            lambda index: self.choose(logits[index], seen[: length + index], bests[index]),
        )

    def choose(
        self,
        logits: NDArray[np.float32],
        seen: NDArray[np.int32],
        best: BestToken | None = None,
    ) -> SampledToken:
        """The token that follows `seen`; changes no state, so drafts may be asked about.

        Args:
            logits: [vocabulary], of the row that computed the last token of `seen`.
            seen: Prompt, committed completion and the drafts before this row.
            best: Of the row, if that is known.

        Raises:
            InvalidGrammar: No token may follow.
        """
        row = SamplingRow(self._params, len(seen), seen, self._num_prompt_tokens, self._breaker_ids)
        mask = None if self._grammar is None else self._grammar.mask(seen, len(logits))
        return sample_row(logits, row, mask, best)
