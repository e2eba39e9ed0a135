"""Chooses the tokens of one sequence.

Owned by the engine thread once the request is open; built in the intake thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import NO_TOKENS, SamplingRow
from realm_desktop.engine.sampling.sampler import SampledToken, sample_row
from realm_desktop.protocol import SamplingParams


class TokenChooser:
    """How one sequence turns a row of logits into a token.

    Args:
        params: The request's own.
        num_prompt_tokens: How many leading tokens are prompt.
        breaker_ids: Tokens across which DRY counts no repetition.
    """

    def __init__(
        self,
        params: SamplingParams,
        num_prompt_tokens: int,
        breaker_ids: NDArray[np.int32] = NO_TOKENS,
    ) -> None:
        self._params = params
        self._num_prompt_tokens = num_prompt_tokens
        self._breaker_ids = breaker_ids

    def choose(self, logits: NDArray[np.float32], seen: NDArray[np.int32]) -> SampledToken:
        """The token that follows `seen`.

        Args:
            logits: [vocabulary], of the row that computed the last token of `seen`.
            seen: Prompt, completion and the drafts accepted before this row.
        """
        row = SamplingRow(self._params, len(seen), seen, self._num_prompt_tokens, self._breaker_ids)
        return sample_row(logits, row)
