"""Loads the model of a workspace when one of its messages waits for it, or asks first.

One for all chats of a client: it alone knows whether another chat still needs the loaded model. Who
finds and loads models is told by `serve`; before that, and for chats without a window, the loaded
model answers. Knows nothing of Qt. Belongs to the GUI thread.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from realm_desktop.chat.background_tasks import BackgroundTasks
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.listeners import Listeners
from realm_desktop.chat.model_choice import ModelSituation, ModelStep, next_step
from realm_desktop.chat.running_replies import RunningReplies
from realm_desktop.events import EngineDown, ErrorInfo, Event, LoadFailed, ModelLoaded
from realm_desktop.store.records import Conversation, Workspace

logger = logging.getLogger(__name__)

ModelOffer = tuple[str, str]
"""A model that can be loaded: its path and its name."""


class Chat(Protocol):
    """What the switch needs of a session."""

    workspace: Workspace
    replies: RunningReplies

    @property
    def conversation(self) -> Conversation:
        """The record."""

    @property
    def is_waiting(self) -> bool:
        """Whether a saved message waits for a model."""

    def answer_waiting(self) -> None:
        """Look again whether the message can be answered."""


class ModelSwitch:
    """Decides for each waiting message, and loads.

    Invariant: while `_pending` names a model, no chat begins a reply.

    Args:
        engine: Which model is loaded.
        chats: Those that are open, or still generate.
    """

    def __init__(
        self, engine: EngineStatus, chats: Callable[[], Iterable[Chat]] = tuple[Chat]
    ) -> None:
        self._engine = engine
        self._chats = chats
        self._find: Callable[[str], Awaitable[bool]] | None = None
        self._load: Callable[[str], None] | None = None
        self._name: Callable[[str], str] = str
        self._offers: Callable[[], Awaitable[Sequence[ModelOffer]]] | None = None
        self._pending = ""
        self._gone: set[str] = set()
        self._refused: set[str] = set()
        self._accepted: set[str] = set()
        self._once: set[str] = set()
        self._wishes: dict[str, str] = {}
        self._patient: set[str] = set()
        self._tasks = BackgroundTasks(self._on_failed)
        self._listeners: Listeners[[]] = Listeners()
        self._unsubscribe = engine.subscribe(self._on_engine_event)

    def serve(
        self,
        find: Callable[[str], Awaitable[bool]],
        load: Callable[[str], None],
        name: Callable[[str], str],
        offers: Callable[[], Awaitable[Sequence[ModelOffer]]] | None = None,
    ) -> None:
        """Take in who tells whether a model is there, who loads it, and its name, by its path.

        `offers` looks for all that can be loaded.
        """
        self._find, self._load, self._name, self._offers = find, load, name, offers

    async def others(self, chat: Chat) -> list[ModelOffer]:
        """The models that a reply can be asked of, beside the one that answers in a chat."""
        found = () if self._offers is None else await self._offers()
        situation = self._situation(chat)
        used = situation.loaded if situation.is_loaded_right else situation.wanted
        return [offer for offer in found if offer[0] != used]

    def name_for(self, chat: Chat) -> str:
        """The model that the next message of a chat is for; empty without any."""
        situation, model = self._situation(chat), self._engine.model
        if situation.is_loaded_right:
            return "" if model is None else model.name
        return self._name(situation.wanted)

    def is_right(self, chat: Chat) -> bool:
        """Whether the loaded model, if any, is the one that answers in a chat."""
        return self._situation(chat).is_loaded_right

    def is_gone(self, chat: Chat) -> bool:
        """Whether the model that shall answer in a chat was not found, rather than refused."""
        return self._wanted(chat) in self._gone

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when a question came or went; returns the way to stop."""
        return self._listeners.add(listener)

    def step(self, chat: Chat) -> ModelStep:
        """What happens next with the message that waits in a chat."""
        situation = self._situation(chat, are_others_busy=self._are_others_busy(chat))
        return next_step(situation)

    def admits(self, chat: Chat) -> bool:
        """Whether a chat may begin its reply now; if not, what it waits for is under way or asked."""
        step = self.step(chat)
        if step is ModelStep.LOAD:
            self._begin(self._wanted(chat))
        return step is ModelStep.ANSWER

    def fault(self, chat: Chat) -> ErrorInfo | None:
        """Why the waiting message of a chat cannot be answered; None while there is a way."""
        # A load that failed is no end where another model answers, or the user is asked.
        return self._engine.error if self.step(chat) is ModelStep.WAIT else None

    def question(self, chat: Chat) -> ModelStep | None:
        """ASK or LOST if the user has to be asked about the waiting message of a chat, else None."""
        step = self.step(chat) if chat.is_waiting else ModelStep.WAIT
        if step is ModelStep.ASK and _key(chat) in self._patient:
            return None
        return step if step in (ModelStep.ASK, ModelStep.LOST) else None

    def look_again(self) -> None:
        """The list of models is new: what was gone may be back."""
        self._gone.clear()
        self.review()

    def use_loaded(self, chat: Chat) -> None:
        """Let the loaded model answer; for a model that is lost, the messages after it too."""
        # A model that was wished for one message says nothing about those after it.
        if self.question(chat) is ModelStep.LOST and not self.is_wished(chat):
            self._accepted.add(chat.workspace.model_path)
        self._once.add(_key(chat))
        self.review()

    def accept_loaded(self, chat: Chat) -> None:
        """Let the loaded model begin what only it can go on with."""
        self._once.add(_key(chat))

    def wish(self, chat: Chat, path: str) -> None:
        """Let another model than that of the workspace answer the message that is about to wait."""
        self._wishes[_key(chat)] = path
        # Asked for by hand, so what failed before is tried again.
        self._gone.discard(path)
        self._refused.discard(path)

    def is_wished(self, chat: Chat) -> bool:
        """Whether the waiting message of a chat was asked of a model by name."""
        return _key(chat) in self._wishes

    def wait_for_others(self, chat: Chat) -> None:
        """Ask no more about the waiting message: its model is loaded when the others are done."""
        self._patient.add(_key(chat))
        self._listeners.notify()

    def review(self) -> None:
        """Look at every waiting message again: a reply ended, a load too, a workspace changed."""
        waiting = [chat for chat in self._chats() if chat.is_waiting]
        # An answer holds for one message.
        keys = {_key(chat) for chat in waiting}
        self._once &= keys
        self._patient &= keys
        self._wishes = {key: path for key, path in self._wishes.items() if key in keys}
        for chat in waiting:
            if self.admits(chat):
                chat.answer_waiting()
        self._listeners.notify()

    async def close(self) -> None:
        """Hear no more of the engine."""
        self._unsubscribe()
        self._find = self._load = None
        await self._tasks.finish()

    def _situation(self, chat: Chat, *, are_others_busy: bool = False) -> ModelSituation:
        path, model = self._wanted(chat), self._engine.model
        return ModelSituation(
            path if self._load is not None else "",
            "" if model is None else model.path,
            is_switching=bool(self._pending),
            is_loading=self._engine.load_progress is not None or self._engine.is_down,
            is_lost=path in self._gone or path in self._refused,
            is_loaded_accepted=path in self._accepted or _key(chat) in self._once,
            are_others_busy=are_others_busy,
        )

    def _wanted(self, chat: Chat) -> str:
        return self._wishes.get(_key(chat), chat.workspace.model_path)

    def _are_others_busy(self, chat: Chat) -> bool:
        # One that is about to begin counts: else two waiting chats would load in turn, for ever.
        # So do lanes of the chat itself that were asked before its workspace named another model.
        return self._engine.model is not None and (
            bool(chat.replies)
            or any(
                bool(other.replies) or (other.is_waiting and self._situation(other).is_loaded_right)
                for other in self._chats()
                if other is not chat
            )
        )

    def _begin(self, path: str) -> None:
        self._pending = path
        self._tasks.start(self._find_and_load(path))

    async def _find_and_load(self, path: str) -> None:
        """Load a model if it is on the list of models: an imported workspace may name any file."""
        is_there = False
        try:
            is_there = self._find is not None and await self._find(path)
        finally:
            self._pending = ""
            (self._gone.discard if is_there else self._gone.add)(path)
        # While files were looked at, the message may be withdrawn or a reply continued elsewhere.
        wanted = [c for c in self._chats() if c.is_waiting and self._wanted(c) == path]
        if self._load is not None and any(self.step(chat) is ModelStep.LOAD for chat in wanted):
            self._pending = path
            self._load(path)
            self._listeners.notify()
        else:
            self.review()

    def _on_engine_event(self, event: Event) -> None:
        match event:
            case ModelLoaded(info):
                for lost in (self._gone, self._refused, self._accepted):
                    lost.discard(info.path)
                self._end(info.path)
            case LoadFailed(path):
                if path == self._pending:
                    # Also when the user stopped it: loading it again at once would be a fight.
                    self._refused.add(path)
                self._end(path)
            case EngineDown():
                self._pending = ""

    def _end(self, path: str) -> None:
        if path == self._pending:
            self._pending = ""

    def _on_failed(self, error: BaseException) -> None:
        logger.error("the model of a workspace could not be looked for", exc_info=error)
        self.review()


def _key(chat: Chat) -> str:
    return chat.conversation.conversation_id
