"""Prepares requests: chat template, tokenization, length check.

One thread of the engine process, so that a 50,000-token paste does not hold up the step of the
others. Runs no torch operation. Hand-over by queues.
"""

from __future__ import annotations

import logging
import queue
import threading
from array import array
from collections.abc import Callable
from dataclasses import asdict
from typing import NamedTuple

from realm_desktop.engine.reply import Reply
from realm_desktop.engine.sampling.candidates import NO_TOKENS
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.grammar import GrammarCompiler
from realm_desktop.engine.text.chat_template import ChatTemplate
from realm_desktop.engine.text.detokenizer import Detokenizer
from realm_desktop.engine.text.sequence_breakers import SequenceBreakers
from realm_desktop.engine.text.thinking_switch import find_thinking_switch
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.errors import PromptTooLong, RequestError, contained
from realm_desktop.events import TokensCounted
from realm_desktop.protocol import CountTokens, GenerateRequest, SpeculationMode

logger = logging.getLogger(__name__)


class PreparedRequest(NamedTuple):
    """A request as numbers, with the text state of its reply and what will choose its tokens.

    Attributes:
        corpus_ids: Token ids of the request's draft corpus; empty if it does not draft.
    """

    request: GenerateRequest
    prompt_ids: list[int]
    reply: Reply
    chooser: TokenChooser
    corpus_ids: tuple[array[int], ...] = ()


class RefusedRequest(NamedTuple):
    """A request that cannot run, and why."""

    request: GenerateRequest
    error: Exception


class Preparer:
    """Turns requests into tokens for one loaded model; used by the intake thread only.

    Args:
        tokenizer, chat_template: Of the loaded model; None if the file has no template.
        max_sequence_tokens: Longest sequence that context and KV pool allow.
        vocabulary_size: Of the network, which may have rows that the tokenizer never uses.
        has_draft_model: Whether requests may ask for one.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        chat_template: ChatTemplate | None,
        max_sequence_tokens: int,
        *,
        vocabulary_size: int,
        has_draft_model: bool = False,
    ) -> None:
        self.tokenizer = tokenizer
        self.chat_template = chat_template
        self.max_sequence_tokens = max_sequence_tokens
        self._vocabulary_size = vocabulary_size
        self._has_draft_model = has_draft_model
        self._breakers = SequenceBreakers(tokenizer)
        self._grammars = GrammarCompiler(tokenizer)
        self._switch = None if chat_template is None else find_thinking_switch(chat_template)

    @property
    def thinks_by_default(self) -> bool | None:
        """As in `ModelInfo`."""
        return None if self._switch is None else self._switch.is_on

    def prepare(self, request: GenerateRequest) -> PreparedRequest:
        """The prompt's token ids and the reply's text state.

        Raises:
            RequestError: The request cannot run on this model; TemplateError likewise.
        """
        if request.speculation.mode is SpeculationMode.DRAFT_MODEL and not self._has_draft_model:
            raise RequestError(
                "speculation is draft_model, and the model was loaded without a draft model",
                advice="Load it together with a draft model, or choose ngram.",
                field="speculation",
            )
        prompt_ids = self._prompt_ids(request)
        self._check_ids(request, prompt_ids)
        reply = Reply(self.tokenizer, prompt_ids, request.sampling, request.committed_token_ids)
        chooser = self._chooser(request, prompt_ids)
        return PreparedRequest(request, prompt_ids, reply, chooser, self._corpus_ids(request))

    def _corpus_ids(self, request: GenerateRequest) -> tuple[array[int], ...]:
        """The draft corpus as tokens; none while the request does not draft.

        A reply repeats a text in its middle, so no special tokens are added or read.
        """
        if request.speculation.mode is SpeculationMode.OFF:
            return ()
        return tuple(
            array("i", self.tokenizer.encode(text, add_special=False, parse_special=False))
            for text in request.draft_corpus
        )

    def _chooser(self, request: GenerateRequest, prompt_ids: list[int]) -> TokenChooser:
        params = request.sampling
        breaker_ids = NO_TOKENS
        if params.dry_multiplier:
            breaker_ids = self._breakers.ids(params.dry_sequence_breakers)
        drops_space = Detokenizer(self.tokenizer, prompt_ids).drops_space
        grammar = self._grammars.compile(request, len(prompt_ids), drops_space=drops_space)
        return TokenChooser(params, len(prompt_ids), breaker_ids, grammar)

    def _prompt_ids(self, request: GenerateRequest) -> list[int]:
        if request.prompt_token_ids is not None:
            return list(request.prompt_token_ids)
        if request.prompt is not None:
            return self.tokenizer.encode(request.prompt, add_special=True, parse_special=True)
        if self.chat_template is None:
            raise RequestError(
                "the model has no chat template, so it cannot take messages",
                advice="Choose a chat model, or send a raw prompt.",
                field="messages",
            )
        messages = [asdict(message) for message in request.messages]
        extra: dict[str, object] = {}
        if self._switch is not None and request.is_thinking is not None:
            extra[self._switch.name] = request.is_thinking
        return self.chat_template.encode(messages, clock_s=request.clock_s, extra=extra)

    def _check_ids(self, request: GenerateRequest, prompt_ids: list[int]) -> None:
        if not prompt_ids:
            raise RequestError(
                "the prompt is empty", advice="Write something first.", field="prompt"
            )
        size = self._vocabulary_size
        biased_ids = (token_id for token_id, _ in request.sampling.logit_bias)
        for token_id in (*prompt_ids, *request.committed_token_ids, *biased_ids):
            if not 0 <= token_id < size:
                raise RequestError(
                    f"token id {token_id} is outside the vocabulary of {size}", field="ids"
                )
        length = len(prompt_ids) + len(request.committed_token_ids)
        if length >= self.max_sequence_tokens:
            raise PromptTooLong(
                f"the conversation has {length:,} tokens; {self.max_sequence_tokens - 1:,} fit",
                advice="Shorten it, start a new chat, or load the model with a larger context.",
                field="prompt",
            )


class Intake:
    """The intake thread and its queues.

    Args:
        prepare: What turns a request into tokens; called in the intake thread.
        count: What counts the tokens of a text, likewise; None where there is no model.
    """

    def __init__(
        self,
        prepare: Callable[[GenerateRequest], PreparedRequest],
        count: Callable[[str], int | None] = lambda _text: None,
    ) -> None:
        self._prepare = prepare
        self._count = count
        self._requests: queue.SimpleQueue[GenerateRequest | CountTokens | None] = (
            queue.SimpleQueue()
        )
        self._counts: queue.SimpleQueue[TokensCounted] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[PreparedRequest | RefusedRequest] = queue.SimpleQueue()
        self._num_open = 0
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether a request is on its way."""
        return self._num_open > 0

    def submit(self, request: GenerateRequest | CountTokens) -> None:
        """Queue a request for preparation, or a text to be counted."""
        self._num_open += 1
        self._requests.put(request)

    def counts(self) -> list[TokensCounted]:
        """What was counted since the last call, in order."""
        done: list[TokensCounted] = []
        while not self._counts.empty():
            done.append(self._counts.get())
        self._num_open -= len(done)
        return done

    def results(self) -> list[PreparedRequest | RefusedRequest]:
        """What was prepared or refused since the last call, in order."""
        done: list[PreparedRequest | RefusedRequest] = []
        while not self._results.empty():
            done.append(self._results.get())
        self._num_open -= len(done)
        return done

    def close(self) -> None:
        """End the thread; requests not yet prepared are dropped."""
        self._requests.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            if isinstance(request, CountTokens):
                self._counts.put(TokensCounted(request.count_id, self._counted(request)))
                continue
            try:
                self._results.put(self._prepare(request))
            except BaseException as error:  # noqa: BLE001  (request border: one request, one failure)
                logger.info("request %s refused: %s", request.request_id, type(error).__name__)
                self._results.put(RefusedRequest(request, contained(error)))

    def _counted(self, command: CountTokens) -> int | None:
        try:
            return self._count(command.text)
        except BaseException as error:  # noqa: BLE001  (command border: one text, one answer)
            # A panic in the tokenizer too: without this thread no request would be prepared again.
            logger.info("a text could not be counted: %s", type(contained(error)).__name__)
            return None
