"""Chooses the tokens of one sequence.

Owned by the engine thread once the request is open; built in the intake thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.draft_loop import PlainDraw
from realm_desktop.engine.sampling.candidates import NO_TOKENS, SamplingRow
from realm_desktop.engine.sampling.grammar import Grammar
from realm_desktop.engine.sampling.plain_draw import plain_draw
from realm_desktop.engine.sampling.sampler import SampledToken, sample_row
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

    def choose(self, logits: NDArray[np.float32], seen: NDArray[np.int32]) -> SampledToken:
        """The token that follows `seen`; changes no state, so drafts may be asked about.

        Args:
            logits: [vocabulary], of the row that computed the last token of `seen`.
            seen: Prompt, committed completion and the drafts before this row.

        Raises:
            InvalidGrammar: No token may follow.
        """
        row = SamplingRow(self._params, len(seen), seen, self._num_prompt_tokens, self._breaker_ids)
        mask = None if self._grammar is None else self._grammar.mask(seen, len(logits))
        return sample_row(logits, row, mask)
