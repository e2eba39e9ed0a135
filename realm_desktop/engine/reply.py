"""The text side of one sequence: tokens in, text that is safe to show out.

Owned by the engine thread. Holds back half characters and anything that may become a stop string.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from realm_desktop.engine.text.detokenizer import Detokenizer
from realm_desktop.engine.text.stop_strings import StopStrings
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.events import FinishReason
from realm_desktop.sampling_params import SamplingParams


class Reply:
    """Text of one completion.

    Args:
        tokenizer: Of the loaded model.
        prompt_ids: The prompt; its last token decides about a leading space.
        params: Stop strings, and whether end tokens count.
        committed_ids: Completion tokens of an earlier attempt; their text is not emitted again.

    Attributes:
        is_complete: The committed tokens end the reply already.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        prompt_ids: Sequence[int],
        params: SamplingParams,
        committed_ids: Iterable[int] = (),
    ) -> None:
        self._end_ids = frozenset() if params.ignore_end else tokenizer.end_ids
        self._detokenizer = Detokenizer(tokenizer, prompt_ids)
        self._stop_strings = StopStrings(params.stop)
        self.is_complete = any(self.push(token_id)[1] is not None for token_id in committed_ids)

    def push(self, token_id: int) -> tuple[str, FinishReason | None]:
        """Add a committed token: the text it makes safe, and STOP if the reply ends with it."""
        if token_id in self._end_ids:
            return self.flush(), FinishReason.STOP
        text, is_stopped = self._stop_strings.push(self._detokenizer.push([token_id]))
        return text, FinishReason.STOP if is_stopped else None

    def flush(self) -> str:
        """The text still held back, when no further token comes."""
        text, is_stopped = self._stop_strings.push(self._detokenizer.flush())
        return text if is_stopped else text + self._stop_strings.flush()
