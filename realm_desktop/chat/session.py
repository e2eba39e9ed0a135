"""One conversation in progress: send, stop, regenerate, edit, continue, switch versions.

The user's message is on disk before anything is generated. The reply streams into the transcript,
is journaled while it runs and stored when it ends. Knows nothing of Qt, nor where the engine runs.
Belongs to the GUI thread; every method that saves is awaited there and never blocks it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from realm_desktop.chat.adapter_library import AdapterLibrary
from realm_desktop.chat.background_tasks import BackgroundTasks
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.listeners import Listeners
from realm_desktop.chat.model_switch import ModelSwitch
from realm_desktop.chat.new_messages import (
    ReplyRecipe,
    edited_version,
    open_reply,
    user_message,
    user_turn,
)
from realm_desktop.chat.reply_saver import ReplySaver
from realm_desktop.chat.request_builder import RequestBasis, priority_of
from realm_desktop.chat.running_replies import RunningReplies
from realm_desktop.chat.running_reply import ReplyContext
from realm_desktop.chat.saved_conversation import SavedConversation
from realm_desktop.chat.session_state import SessionState as SessionState
from realm_desktop.chat.session_state import resting_text, state_of_leaf
from realm_desktop.chat.transcript import Transcript
from realm_desktop.client import EngineClient
from realm_desktop.errors import RealmError, RequestError
from realm_desktop.events import (
    EngineDown,
    EngineRestarted,
    ErrorInfo,
    Event,
    LoadFailed,
    LoadProgress,
    ModelInfo,
    ModelLoaded,
    ModelUnloaded,
)
from realm_desktop.protocol import Priority
from realm_desktop.schema.requests import fixed_seed, sampling_params, speculation
from realm_desktop.schema.resolution import Resolved, resolve
from realm_desktop.schema.setting import Values
from realm_desktop.schema.table import THINKING_KEY
from realm_desktop.store.adapters import AdapterStore
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import (
    Attachment,
    Conversation,
    Message,
    MessageId,
    MessageState,
    UserTurn,
    Workspace,
    with_queue,
)

logger = logging.getLogger(__name__)

Start = Callable[[ModelInfo], Awaitable[None]]
"""Stores replies and asks the loaded model for them; called with the chat's lock held."""


class ChatSession:
    """A conversation, its transcript and its running reply; several in a comparison.

    Invariant: `replies` has the replies whose messages are STREAMING, at most one of them unless a
    `Comparison` started them; while replies wait for a model, `_waiting` begins them.

    Args:
        client: Reaches the engine.
        store: Keeps everything.
        conversation: As stored; `saved.load` reads its messages.
        workspace: Its settings, mix and share.
        engine: Shared by all sessions of a client; None makes one that knows of no model yet.
        adapters: Shared too; None makes one that knows no adapter.
        models: Shared too; None makes one that loads nothing.
        clock: Unix seconds.
        app_values: The app's own values of settings, as they are now.

    Attributes:
        saved: The conversation as last saved; edits that concern no reply go through it.
        replies: Those that run.
        traces: How likely the tokens of replies were, where that was asked for.
        engine, adapters, models, clock: What was given, or made.
        workspace: Used for the next request; the running one keeps its own.
        error: Why the state is FAILED, or why the reply could not be saved; else None.
    """

    def __init__(
        self,
        client: EngineClient,
        store: ConversationStore,
        conversation: Conversation,
        workspace: Workspace,
        *,
        engine: EngineStatus | None = None,
        adapters: AdapterLibrary | None = None,
        models: ModelSwitch | None = None,
        clock: Callable[[], float] = time.time,
        app_values: Callable[[], Values] = dict,
    ) -> None:
        self.workspace = workspace
        self._app_values = app_values
        self.error: ErrorInfo | None = None
        self.engine = engine or EngineStatus(client)
        kept = AdapterStore(store.database)
        self.adapters = adapters or AdapterLibrary(client, kept, self.engine)
        self.models = models or ModelSwitch(self.engine)
        self.clock = clock
        self._waiting: Start | None = None
        self._is_focused = False
        self._listeners: Listeners[[]] = Listeners()
        self.saved = SavedConversation(store, conversation, self._listeners.notify)
        self._saver = ReplySaver(store, self._on_saver_changed)
        self.replies = RunningReplies(
            ReplyContext(
                client,
                store,
                self._saver,
                self.transcript,
                self.adapters,
                self._listeners.notify,
                self._on_reply_ended,
            )
        )
        self.traces = self.replies.traces
        self._tasks = BackgroundTasks(self._on_task_failed)
        self._unsubscribe = self.engine.subscribe(self._on_engine_event)

    @property
    def conversation(self) -> Conversation:
        """The record as last saved."""
        return self.saved.record

    @property
    def transcript(self) -> Transcript:
        """The messages; has its own listeners."""
        return self.saved.transcript

    @property
    def settings(self) -> Resolved:
        """The settings that hold for the next request."""
        return resolve(self._app_values(), self.workspace.settings, self.conversation.settings)

    @property
    def basis(self) -> RequestBasis:
        """What this chat gives its next request."""
        return RequestBasis(self.workspace.workspace_id, self.settings, self.priority)

    @property
    def state(self) -> SessionState:
        """What this chat does right now."""
        running = self.replies.furthest
        if running is not None:
            return running.state
        if self.error is not None:
            return SessionState.FAILED
        if self._waiting is not None:
            is_here = self.engine.model is not None and self.engine.load_progress is None
            return SessionState.QUEUED if is_here else SessionState.WAITING_FOR_MODEL
        messages = self.transcript.messages
        return state_of_leaf(messages[-1].state if messages else MessageState.COMPLETE)

    @property
    def is_busy(self) -> bool:
        """Whether a message waits for its reply or a reply runs; sending then queues."""
        return self.state.is_busy

    @property
    def is_waiting(self) -> bool:
        """Whether replies wait for a model, and nothing went wrong with it."""
        return self._waiting is not None and self.error is None

    @property
    def status_text(self) -> str:
        """The state in words; empty when there is nothing to say."""
        running = self.replies.furthest
        if running is not None:
            return running.status_text
        messages = self.transcript.messages
        error = self.error or (messages[-1].error if messages else None)
        return resting_text(self.state, self.engine.load_progress, error)

    @property
    def prompt_progress(self) -> float | None:
        """How much of the prompt is computed, 0 to 1; None outside prefill."""
        running = self.replies.furthest
        return None if running is None else running.prompt_progress

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when state, status or conversation changed; returns the way to stop."""
        return self._listeners.add(listener)

    async def send(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Save a user message, then have it answered; while a reply runs it is queued instead.

        Text of white space only is ignored, unless there are attachments.

        Raises:
            StoreError: It could not be saved; nothing changed and nothing is generated.
        """
        turn = user_turn(text, attachments)
        if turn.is_blank:
            return
        async with self.saved.lock:
            queue = (*self.conversation.queue, turn)
            if self.is_busy:
                await self.saved.save_locked(with_queue(self.conversation, queue))
            else:
                # Turns left in the queue by a failure go first: the order stays as it was sent.
                await self._send_locked(queue[0], self.transcript.leaf_id, queue[1:])

    async def stop(self) -> None:
        """End what runs, and withdraw what waits for a model.

        The text so far is kept. Returns at once; the state is STOPPING until the engine confirms.
        """
        if self._waiting is not None:
            self._waiting = None
            self._listeners.notify()
        self.replies.stop()

    async def regenerate(self, message_id: MessageId) -> None:
        """Answer again: a new version of a reply with a new seed, or a reply to a user message.

        Raises:
            RequestError: A reply runs.
            StoreError: The new reply could not be saved.
        """
        async with self.saved.lock:
            self.refuse_when_busy("regenerated")
            message = self.transcript.get(message_id)
            parent = message.parent_id if message.role == "assistant" else message_id
            if parent is not None:
                await self.begin_locked(partial(self._answer, parent))

    async def edit(
        self, message_id: MessageId, text: str, attachments: Sequence[Attachment] | None = None
    ) -> None:
        """Make a new version: of a user message with a reply, of others without; files may stay.

        Raises:
            RequestError: A reply runs.
            StoreError: The version could not be saved; nothing changed.
        """
        async with self.saved.lock:
            self.refuse_when_busy("edited")
            message = self.transcript.get(message_id)
            turn = user_turn(text, message.attachments if attachments is None else attachments)
            if message.role == "user":
                await self._send_locked(turn, message.parent_id)
                return
            await self.saved.add_locked(edited_version(message, turn.text, self.clock()))
            self.error = None
            self._listeners.notify()

    def set_focused(self, is_focused: bool) -> None:
        """Tell whether the user looks at this chat: its request goes first, its reply is seen."""
        self._is_focused = is_focused
        self.replies.set_priority(self.priority)
        if is_focused and self.conversation.is_unseen:
            self._tasks.start(self.saved.change(lambda old: replace(old, is_unseen=False)))

    def apply_speculation(self) -> None:
        """Let what runs draft as the settings say now."""
        self.replies.set_speculation(speculation(self.settings))

    async def close(self) -> None:
        """End the session; a reply that runs is stored as interrupted."""
        self._unsubscribe()
        self._waiting = None
        await self.replies.interrupt()
        await self._tasks.finish()
        await self._saver.close()

    @property
    def priority(self) -> Priority:
        """The class of the next request."""
        return priority_of(self.workspace, is_focused=self._is_focused)

    def recipe(self) -> ReplyRecipe:
        """What makes the next reply, as the chat is set now."""
        settings = self.settings
        used = self.adapters.used(self.workspace.adapters)
        sampling, seed = sampling_params(settings), fixed_seed(settings)
        return ReplyRecipe(used, sampling, seed, thinking=settings[THINKING_KEY])

    def refuse_when_busy(self, what: str) -> None:
        """Refuse a change that a running reply would contradict.

        Raises:
            RequestError: A reply runs.
        """
        if self.is_busy:
            raise RequestError(
                f"nothing can be {what} while a reply runs", advice="Stop it or wait for its end."
            )

    async def begin_locked(self, start: Start) -> None:
        """Start replies, now or when the model that answers in this chat is loaded.

        Raises:
            RealmError: What `start` raised, if the model is there; nothing waits any more.
        """
        self.error, self._waiting = None, start
        self._listeners.notify()
        model = self.engine.model
        if not self.models.admits(self) or model is None:
            return
        try:
            await start(model)
        finally:
            is_withdrawn, self._waiting = self._waiting is None, None
        if is_withdrawn:
            self.replies.stop()

    def waits_for(self, start: Start) -> bool:
        """Whether this is what waits for a model."""
        return self._waiting is start

    async def _send_locked(
        self, turn: UserTurn, parent_id: MessageId | None, queue: Sequence[UserTurn] | None = None
    ) -> None:
        """Save a user message and the queue, then start its reply; only the first can raise."""
        message = user_message(self.conversation.conversation_id, parent_id, turn, self.clock())
        await self.saved.add_locked(message, queue)
        await self._try_to_begin_locked(partial(self._answer, message.message_id))

    async def _try_to_begin_locked(self, start: Start) -> None:
        """Answer a message that is safe: raising would leave its text in the composer."""
        try:
            await self.begin_locked(start)
        except RealmError as error:
            self.error = ErrorInfo.of(error)
        self._listeners.notify()

    async def _answer(self, parent_id: MessageId, model: ModelInfo) -> None:
        conversation_id = self.conversation.conversation_id
        reply = open_reply(conversation_id, parent_id, model.name, self.clock(), self.recipe())
        await self.saved.add_locked(reply)
        self.replies.start(self.basis, reply, ())

    async def _on_reply_ended(self, message: Message) -> None:
        """Mark the chat as unseen if nobody looks, and send what waits."""
        async with self.saved.lock:
            self.replies.forget(message.message_id)
            if self.replies:
                # Another lane still runs: the chat is done when the last of them is.
                self._listeners.notify()
                return
            try:
                if not self._is_focused:
                    await self.saved.save_locked(replace(self.conversation, is_unseen=True))
                queue = self.conversation.queue
                if queue and message.state is MessageState.COMPLETE:
                    await self._send_locked(queue[0], self.transcript.leaf_id, queue[1:])
            except RealmError as error:
                self.error = ErrorInfo.of(error)
            self._listeners.notify()

    def answer_waiting(self) -> None:
        """Answer the message that waits for a model, unless it has to wait on."""
        self._tasks.start(self._answer_waiting())

    async def _answer_waiting(self) -> None:
        async with self.saved.lock:
            if self._waiting is not None:
                await self._try_to_begin_locked(self._waiting)

    def _on_engine_event(self, event: Event) -> None:
        if isinstance(event, EngineRestarted):
            self.replies.mark_restarting(event.num_restarts)
        if self._waiting is None:
            return
        if isinstance(event, ModelLoaded):
            self.answer_waiting()
        elif isinstance(event, LoadProgress | ModelUnloaded | LoadFailed | EngineDown):
            self.error = self.models.fault(self)
            self._listeners.notify()

    def _on_saver_changed(self) -> None:
        self.error = ErrorInfo.of(self._saver.error) if self._saver.error else None
        self._listeners.notify()

    def _on_task_failed(self, error: BaseException) -> None:
        logger.error("a chat could not be saved", exc_info=error)
        self.error = ErrorInfo.of(error)
        self._listeners.notify()
