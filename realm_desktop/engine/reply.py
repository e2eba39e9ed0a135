"""The text side of one sequence: tokens in, text that is safe to show out.

Owned by the engine thread. Holds back half characters and anything that may become a stop string.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from realm_desktop.engine.text.detokenizer import Detokenizer
from realm_desktop.engine.text.stop_strings import StopStrings
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.events import FinishReason, TokenLogprob
from realm_desktop.sampling_params import SamplingParams


class Reply:
    """Text of one completion.

    Args:
        tokenizer: Of the loaded model.
        prompt_ids: The prompt; its last token decides about a leading space.
        params: Stop strings, and whether end tokens count.
        committed_ids: Completion tokens of an earlier attempt; their text is not emitted again.

    Attributes:
        committed_text: What the committed tokens made safe to show.
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
        self._tokenizer = tokenizer
        self.committed_text = ""
        self.is_complete = False
        for token_id in committed_ids:
            text, reason = self.push(token_id)
            self.committed_text += text
            if reason is not None:
                self.is_complete = True
                break

    def push(self, token_id: int) -> tuple[str, FinishReason | None]:
        """Add a committed token: the text it makes safe, and STOP if the reply ends with it."""
        if token_id in self._end_ids:
            return self.flush(), FinishReason.STOP
        text, is_stopped = self._stop_strings.push(self._detokenizer.push([token_id]))
        return text, FinishReason.STOP if is_stopped else None

    def spelled(self, entry: TokenLogprob) -> TokenLogprob:
        """The entry with the texts of its tokens."""
        texts = tuple(self._text_of(token_id) for token_id, _ in entry.top)
        return replace(entry, text=self._text_of(entry.token_id), top_texts=texts)

    def _text_of(self, token_id: int) -> str:
        # A network may have rows behind the last token of its vocabulary.
        if token_id >= self._tokenizer.vocabulary_size:
            return ""
        return self._tokenizer.token_bytes(token_id).decode("utf-8", "replace")

    def flush(self) -> str:
        """The text still held back, when no further token comes."""
        text, is_stopped = self._stop_strings.push(self._detokenizer.flush())
        return text if is_stopped else text + self._stop_strings.flush()
