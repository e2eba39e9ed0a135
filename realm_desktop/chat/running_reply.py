"""One reply while it is generated: its request, what the engine says of it, its end.

Belongs to the GUI thread. Text goes to the transcript and the journal; the end goes to the saver and
then to the session, which decides what comes next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from realm_desktop.chat.adapter_library import AdapterLibrary
from realm_desktop.chat.origin import MIXED, origin_of
from realm_desktop.chat.reply_journal import ReplyJournal
from realm_desktop.chat.reply_saver import ReplySaver
from realm_desktop.chat.session_state import (
    SessionState,
    adapters_text,
    parked_text,
    queued_text,
    reading_text,
    restarting_text,
)
from realm_desktop.chat.thinking_times import ThinkingTimes
from realm_desktop.chat.token_traces import TokenTraces
from realm_desktop.chat.transcript import Transcript
from realm_desktop.client import EngineClient
from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    ErrorInfo,
    Event,
    Failed,
    Finished,
    FinishReason,
    Parked,
    PromptProgress,
    Queued,
    Started,
    TextDelta,
)
from realm_desktop.phrase import Phrase
from realm_desktop.protocol import GenerateRequest, Priority, Speculation
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message, MessageId, MessageState

logger = logging.getLogger(__name__)

STOP_LIMIT_S = 1.0
"""A stop the engine does not confirm in this time is taken as done: the engine hangs or is gone."""


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What a running reply needs of its session.

    Attributes:
        on_changed: Called when state, status or progress changed; not for every piece of text.
        on_ended: Awaited once with the final message, after it was stored.
    """

    client: EngineClient
    store: ConversationStore
    saver: ReplySaver
    transcript: Transcript
    adapters: AdapterLibrary
    on_changed: Callable[[], None]
    on_ended: Callable[[Message], Awaitable[None]]
    traces: TokenTraces = field(default_factory=TokenTraces)
    thinking: ThinkingTimes = field(default_factory=ThinkingTimes)


class RunningReply:
    """Runs from construction until `on_ended` was called or `interrupt` returned.

    Args:
        context: Of the session.
        message_id: A STREAMING message of the transcript, stored already.
        request: Asked at once; with adapters, as soon as the engine has them all.

    Attributes:
        request: As it was asked, or will be, with what was changed since.
        num_prompt_tokens: 0 until the engine told it.
        state, status_text, prompt_progress: As `ChatSession` shows them.
    """

    def __init__(
        self, context: ReplyContext, message_id: MessageId, request: GenerateRequest
    ) -> None:
        self.request = request
        self.state = SessionState.QUEUED
        self.status_text: str = Phrase("Waiting")
        self.prompt_progress: float | None = None
        self._context = context
        self._message_id = message_id
        self.num_prompt_tokens = 0
        self._num_cached_tokens = 0
        self._journal = ReplyJournal(
            context.store,
            message_id,
            lambda: context.transcript.get(message_id).content,
            request.committed_token_ids,
        )
        context.thinking.begin(message_id, context.transcript.get(message_id).content)
        self._stop_timer: asyncio.TimerHandle | None = None
        self._has_given_up = False
        # Asked here and not in the task: whoever awaited the send knows that the request is out.
        self._events = None if request.adapters else context.client.generate(request)
        self._is_reading = False
        self._has_chosen_priority = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Abort the request; the text so far stays. Harmless the second time."""
        if self.state is SessionState.STOPPING:
            return
        self._enter(SessionState.STOPPING, Phrase("Stopping"))
        loop = asyncio.get_running_loop()
        if self._events is None:
            # Nothing is asked yet. Later, because a task that never ran cannot store its end.
            self._stop_timer = loop.call_later(0, self._cancel)
            return
        self._context.client.abort(self.request.request_id)
        self._stop_timer = loop.call_later(STOP_LIMIT_S, self._give_up)

    def set_priority(self, priority: Priority, *, is_chosen: bool = False) -> None:
        """Let the request go before others, or behind them; one that is not asked yet begins so.

        What the user chose for this reply (`is_chosen`) stays, whatever is looked at later.
        """
        if self._has_chosen_priority and not is_chosen:
            return
        self._has_chosen_priority = is_chosen
        self.request = replace(self.request, priority=priority)
        if self._events is not None:
            self._context.client.set_priority(self.request.request_id, priority)

    def set_speculation(self, speculation: Speculation) -> None:
        """Let the request draft in another way; one that is not asked yet begins so."""
        self.request = replace(self.request, speculation=speculation)
        if self._events is not None:
            self._context.client.set_speculation(self.request.request_id, speculation)

    def set_parked(self, *, is_parked: bool) -> None:
        """Pause the request or let it go on; one that is not asked yet begins so.

        The state follows with the engine's answer: what was computed before still arrives.
        """
        if is_parked == self.request.is_parked:
            return
        self.request = replace(self.request, is_parked=is_parked)
        if self._events is not None:
            self._context.client.set_parked(self.request.request_id, is_parked=is_parked)
        self._context.on_changed()

    def mark_restarting(self, num_restarts: int) -> None:
        """The engine died and the worker resubmitted the request; the next event ends this state."""
        if self.state is not SessionState.STOPPING:
            self._enter(SessionState.RESTARTING, restarting_text(num_restarts))

    async def interrupt(self) -> None:
        """End without an answer: the text so far is stored as interrupted."""
        self._task.cancel()
        await asyncio.wait([self._task])
        if self._events is not None and not self._is_reading:
            # Closing a generator that never ran does not abort its request.
            self._context.client.abort(self.request.request_id)
        message = self._context.transcript.get(self._message_id)
        if message.state is MessageState.STREAMING:
            message = replace(message, state=MessageState.INTERRUPTED)
        await self._store(message)

    async def _run(self) -> None:
        try:
            message = await self._stream()
        except asyncio.CancelledError:
            if not self._has_given_up:
                raise
            self._task.uncancel()
            message = self._end(FinishReason.ABORT)
        except Exception as error:  # border of the request: its failure becomes its message's
            logger.exception("request %s failed in the GUI process", self.request.request_id)
            message = self._fail(ErrorInfo.of(error))
        finally:
            if self._stop_timer is not None:
                self._stop_timer.cancel()
        await self._store(message)
        await self._context.on_ended(message)

    async def _stream(self) -> Message:
        """Take in events until the request ends; the final message."""
        if self._events is None:
            refusal = await self._load_adapters()
            if refusal is not None:
                return self._fail(refusal)
        events = self._events = self._events or self._context.client.generate(self.request)
        self._is_reading = True
        async with contextlib.aclosing(events):
            async for event in events:
                match event:
                    case Finished():
                        return replace(self._end(event.finish_reason), stats=event.stats)
                    case Failed():
                        return self._fail(event.error)
                    case _:
                        self._take(event)
        return self._fail(ErrorInfo.of(EngineStopped("the engine ended the reply without a word")))

    async def _load_adapters(self) -> ErrorInfo | None:
        """Wait for the adapters of the mix; the reason if there is one that cannot be used."""
        uses = self._context.transcript.get(self._message_id).adapters
        num_missing = self._context.adapters.num_not_loaded(uses)
        if num_missing:
            self._enter(SessionState.QUEUED, adapters_text(num_missing))
        return await self._context.adapters.refusal_of(uses)

    def _take(self, event: Event) -> None:
        match event:
            case TextDelta():
                if event.text:
                    self._append(event.text)
                before, num_accepted = self._journal.token_ids, event.num_accepted_drafts
                self._context.traces.add(self._message_id, before, event.logprobs, num_accepted)
                self._journal.add(event.token_ids)
                self._enter(SessionState.DECODE, "")
            case Queued():
                self._enter(SessionState.QUEUED, queued_text(event))
            case Parked():
                self._context.thinking.end(self._message_id)
                self._enter(SessionState.PARKED, parked_text())
            case Started():
                self.num_prompt_tokens = event.num_prompt_tokens
                self._num_cached_tokens = event.num_cached_tokens
                self._take_committed(event.committed_text)
                self._read(event.num_cached_tokens)
            case PromptProgress():
                self.num_prompt_tokens = event.num_prompt_tokens
                self._read(event.num_computed_tokens)
            case _:
                logger.warning("unexpected event %s of a request", type(event).__name__)

    def _take_committed(self, text: str) -> None:
        """Show the text of tokens that the request began with, unless the reply has it already."""
        if text and not self._context.transcript.get(self._message_id).content:
            cleaned = clean_text(text)
            self._context.thinking.begin(self._message_id, cleaned)
            self._context.transcript.append_text(self._message_id, cleaned)

    def _append(self, text: str) -> None:
        cleaned = clean_text(text)
        self._context.thinking.add(self._message_id, cleaned)
        self._context.transcript.append_text(self._message_id, cleaned)

    def _read(self, num_computed_tokens: int) -> None:
        progress = num_computed_tokens / max(1, self.num_prompt_tokens)
        words = reading_text(self.num_prompt_tokens, self._num_cached_tokens, progress)
        self._enter(SessionState.PREFILL, words, progress)

    def _enter(self, state: SessionState, words: str, progress: float | None = None) -> None:
        """Change the state and tell the session, unless a stop is under way or nothing changed."""
        shown = (state, words, progress)
        if self.state is SessionState.STOPPING or shown == (
            self.state,
            self.status_text,
            self.prompt_progress,
        ):
            return
        self.state, self.status_text, self.prompt_progress = shown
        self._context.on_changed()

    def _end(self, finish_reason: FinishReason) -> Message:
        message = self._context.transcript.get(self._message_id)
        origin = origin_of(self.request)
        if self.request.committed_token_ids and message.origin != origin:
            # Begun with another prompt, or nobody knows with which: neither would make it again.
            origin = MIXED
        return replace(
            message, state=MessageState.COMPLETE, finish_reason=finish_reason, origin=origin
        )

    def _fail(self, error: ErrorInfo) -> Message:
        message = self._context.transcript.get(self._message_id)
        return replace(message, state=MessageState.FAILED, error=error)

    async def _store(self, message: Message) -> None:
        """Show the final message, then store it; journals that are still to be written are not."""
        self._context.thinking.end(self._message_id)
        self._context.transcript.replace(message)
        self._journal.close()
        await self._context.saver.save(message, tuple(self._journal.token_ids))

    def _give_up(self) -> None:
        logger.warning("request %s: the engine did not confirm the stop", self.request.request_id)
        self._cancel()

    def _cancel(self) -> None:
        """End the reply without the engine's word."""
        self._has_given_up = True
        self._task.cancel()
