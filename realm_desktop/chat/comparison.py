"""Compares replies: one prompt goes to several lanes, each with its adapters, temperature and seed.

A lane's reply is a version of the answer to the prompt like any other, an ordinary request of the
same chat: it is journaled, stored, resumed after a death and kept when the comparison is left. The
lanes of a prompt that was answered before are its versions. Knows nothing of Qt. Belongs to the GUI
thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from realm_desktop.chat.lanes import (
    MAX_LANES,
    MIN_LANES,
    Lane,
    LaneSettings,
    new_lane_seed,
    next_settings,
    settings_of_replies,
)
from realm_desktop.chat.listeners import Listeners
from realm_desktop.chat.new_messages import ReplyRecipe, open_reply, user_message, user_turn
from realm_desktop.chat.running_reply import RunningReply
from realm_desktop.chat.session import ChatSession
from realm_desktop.errors import RequestError
from realm_desktop.events import ModelInfo
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.requests import fixed_seed, sampling_params
from realm_desktop.schema.table import THINKING_KEY
from realm_desktop.store.records import Attachment, Message, MessageId, MessageState

_RETRIED = (MessageState.FAILED, MessageState.INTERRUPTED)


class Comparison:
    """The lanes over one chat.

    Args:
        session: Its transcript gets the replies, its workspace gives what lanes do not set.
        prompt_id: The message that the lanes answer; None takes the last one of the visible branch.
        wanted: Settings that one of the lanes shall have.
        clock: Unix seconds.

    Attributes:
        has_same_seed: Lanes without a seed of their own share one in each round.
        kept_id: The reply that was kept in this round; None before.
    """

    def __init__(
        self,
        session: ChatSession,
        prompt_id: MessageId | None = None,
        *,
        wanted: LaneSettings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.has_same_seed = True
        self.kept_id: MessageId | None = None
        self._session = session
        self._prompt_id = prompt_id or _last_prompt(session)
        self._clock = clock
        self._num_made = 0
        self._lanes: list[Lane] = []
        self._listeners: Listeners[[]] = Listeners()
        self._show_versions()
        if wanted is not None:
            self._want(wanted)
        while len(self._lanes) < MIN_LANES:
            self._append(self._next_settings())
        self._unsubscribe = session.subscribe(self._listeners.notify)

    @property
    def lanes(self) -> Sequence[Lane]:
        """The lanes from left to right; the others are compared with the first."""
        return tuple(self._lanes)

    @property
    def prompt(self) -> Message | None:
        """The message that the lanes answer; None before the first."""
        return None if self._prompt_id is None else self._session.transcript.get(self._prompt_id)

    @property
    def model_name(self) -> str:
        """The model that all lanes ask: the workspace's own, or else the loaded one; empty for none."""
        return self._session.models.name_for(self._session)

    @property
    def can_add(self) -> bool:
        """Whether there is room for another lane."""
        return len(self._lanes) < MAX_LANES

    @property
    def can_remove(self) -> bool:
        """Whether enough lanes would be left."""
        return len(self._lanes) > MIN_LANES

    @property
    def can_run(self) -> bool:
        """Whether there is a prompt that a lane has not answered, and `run` would be heard."""
        is_asked = self._prompt_id is not None and bool(self.model_name)
        return is_asked and bool(self._unanswered) and self._is_free

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when lanes or their states changed; returns the way to stop."""
        return self._listeners.add(listener)

    def close(self) -> None:
        """Hear no more of the session; replies that run go on as its versions."""
        self._unsubscribe()

    def lane(self, lane_id: int) -> Lane | None:
        """The lane with this id; None once it was removed."""
        return next((lane for lane in self._lanes if lane.lane_id == lane_id), None)

    def reply(self, lane: Lane) -> Message | None:
        """What a lane has answered so far; None before it was asked."""
        return None if lane.reply_id is None else self._session.transcript.get(lane.reply_id)

    def running(self, lane: Lane) -> RunningReply | None:
        """The reply of a lane while it is generated."""
        return None if lane.reply_id is None else self._session.replies.get(lane.reply_id)

    def temperature(self, lane: Lane) -> float:
        """What a lane samples with."""
        return self._sampling(lane.settings).temperature

    def can_keep(self, lane: Lane) -> bool:
        """Whether a lane has a reply that is done and can be gone on from."""
        reply = self.reply(lane)
        states = (MessageState.COMPLETE, MessageState.INTERRUPTED)
        return reply is not None and reply.state in states and self.kept_id != lane.reply_id

    def add_lane(self, settings: LaneSettings | None = None) -> None:
        """One more lane at the end; without settings it gets some that no other lane has.

        Raises:
            RequestError: There are six already.
        """
        if not self.can_add:
            raise RequestError(
                f"there are {len(self._lanes)} lanes; at most {MAX_LANES} can be compared",
                advice="Remove a lane first.",
            )
        self._append(settings or self._next_settings())
        self._listeners.notify()

    def remove_lane(self, lane_id: int) -> None:
        """Take a lane away; its reply stays as a version, one that runs is stopped. Two always stay."""
        lane = self.lane(lane_id)
        if lane is None or not self.can_remove:
            return
        running = self.running(lane)
        if running is not None:
            running.stop()
        self._lanes.remove(lane)
        self._listeners.notify()

    def change_lane(self, lane_id: int, settings: LaneSettings) -> None:
        """Give a lane other settings for its next reply.

        A reply that was made with others stays as a version and leaves the lane; one that runs is
        stopped.
        """
        lane = self.lane(lane_id)
        if lane is None or lane.settings == settings:
            return
        running = self.running(lane)
        if running is not None:
            running.stop()
        # An adapter that is off, or back where it was, changes nothing about the reply.
        is_same = lane.settings.key == settings.key
        self._replace(Lane(lane_id, settings, lane.reply_id if is_same else None))
        self._listeners.notify()

    def set_same_seed(self, is_same: bool) -> None:  # a Qt slot is connected to it
        """Let lanes without a seed of their own share one, or draw one each."""
        self.has_same_seed = is_same
        self._listeners.notify()

    async def send(self, text: str, attachments: Sequence[Attachment] = ()) -> bool:
        """Save a prompt for all lanes, behind the kept reply or else the first lane's.

        Returns:
            Whether there was anything to send; `run` is next.

        Raises:
            RequestError: A reply runs, or there is no model to ask.
            StoreError: It could not be saved; nothing changed.
        """
        turn = user_turn(text, attachments)
        if turn.is_blank:
            return False
        async with self._session.saved.lock:
            self._require_model()
            if self._session.is_busy:
                raise RequestError(
                    "a prompt goes to the lanes when none of them writes",
                    advice="Stop them or wait for their end.",
                )
            conversation_id = self._session.conversation.conversation_id
            parent_id = self._next_parent()
            message = user_message(conversation_id, parent_id, turn, self._clock())
            await self._session.saved.add_locked(message)
            self._prompt_id, self.kept_id = message.message_id, None
            self._lanes = [Lane(lane.lane_id, lane.settings) for lane in self._lanes]
        self._listeners.notify()
        return True

    async def run(self) -> None:
        """Let every lane without a reply answer the prompt, all in one batch.

        Now, or when the model of the workspace is loaded.

        Raises:
            RequestError: Another reply of the chat runs, or there is no model to ask.
            StoreError: The replies could not be saved; nothing is generated.
        """
        async with self._session.saved.lock:
            if self._unanswered and self._prompt_id is not None:
                self._require_model()
                self._require_free()
                await self._session.begin_locked(self._answer_open)

    async def rerun(self, lane_id: int) -> None:
        """Let one lane answer again; its reply so far stays as a version.

        A reply that failed is repeated with its seed, any other gets a new one unless the lane has
        one of its own.

        Raises:
            RequestError: The lane still writes, or as for `run`.
            StoreError: As for `run`.
        """
        async with self._session.saved.lock:
            lane = self.lane(lane_id)
            if lane is None or self._prompt_id is None:
                return
            if self.running(lane) is not None:
                raise RequestError("the lane still writes", advice="Stop it or wait for its end.")
            reply = self.reply(lane)
            is_repeated = reply is not None and reply.state in _RETRIED
            seed = reply.seed if reply is not None and is_repeated else new_lane_seed()
            self._require_model()
            self._require_free()
            again = replace(lane, retry_seed=seed)
            await self._session.begin_locked(partial(self._answer, [again]))

    async def keep(self, lane_id: int) -> None:
        """Make a lane's reply the branch of the conversation; the others stay as its versions.

        Raises:
            StoreError: The choice could not be saved; it is shown all the same.
        """
        async with self._session.saved.lock:
            lane = self.lane(lane_id)
            if lane is None or lane.reply_id is None or not self.can_keep(lane):
                return
            self._session.transcript.show(lane.reply_id)
            self.kept_id = lane.reply_id
            record = self._session.conversation
            leaf_id = self._session.transcript.leaf_id
            await self._session.saved.save_locked(replace(record, leaf_id=leaf_id))

    @property
    def _is_free(self) -> bool:
        """Whether nothing else of the chat runs: lanes of one prompt may join each other."""
        return not self._session.is_busy or self._session.replies.parent_id == self._prompt_id

    @property
    def _unanswered(self) -> list[Lane]:
        return [lane for lane in self._lanes if lane.reply_id is None]

    async def _answer_open(self, model: ModelInfo) -> None:
        # Looked at only now: lanes may come, go and change while a model is loaded.
        await self._answer(self._unanswered, model)

    async def _answer(self, lanes: Sequence[Lane], model: ModelInfo) -> None:
        prompt_id = self._prompt_id
        if prompt_id is None:
            return
        conversation_id = self._session.conversation.conversation_id
        # One clock for all: a template may print the time, and lanes with one prefix share it.
        now_s, seed = self._clock(), self._round_seed()
        replies = [
            open_reply(conversation_id, prompt_id, model.name, now_s, self._recipe(lane, seed))
            for lane in lanes
        ]
        await self._session.saved.add_versions_locked(replies)
        for lane, reply in zip(lanes, replies, strict=True):
            known = self.lane(lane.lane_id)
            if known is not None:
                self._replace(Lane(known.lane_id, known.settings, reply.message_id))
            running = self._session.replies.start(self._session.basis, reply, ())
            # Removed or changed while it was saved: nobody waits for this reply.
            if known is None or known.settings != lane.settings:
                running.stop()
        self._listeners.notify()

    def _require_model(self) -> None:
        if not self.model_name:
            raise RequestError("no model is loaded", advice="Load a model to compare its replies.")

    def _require_free(self) -> None:
        if not self._is_free:
            raise RequestError(
                "another reply of this chat runs", advice="Stop it or wait for its end."
            )

    def _recipe(self, lane: Lane, round_seed: int) -> ReplyRecipe:
        seed = lane.settings.seed
        if seed is None:
            seed = round_seed if self.has_same_seed else new_lane_seed()
            seed = seed if lane.retry_seed is None else lane.retry_seed
        used = self._session.adapters.used(lane.settings.mix)
        thinking = self._session.settings[THINKING_KEY]
        return ReplyRecipe(used, self._sampling(lane.settings), seed, thinking=thinking)

    def _round_seed(self) -> int:
        """The seed that lanes share.

        That of the first reply there is, so that it can be compared, else that of the chat's settings.
        """
        replies = (self.reply(lane) for lane in self._lanes)
        seeds = [reply.seed for reply in replies if reply is not None]
        seeds.append(fixed_seed(self._session.settings))
        return next((seed for seed in seeds if seed is not None), new_lane_seed())

    def _sampling(self, settings: LaneSettings) -> SamplingParams:
        sampling = sampling_params(self._session.settings)
        if settings.temperature is None:
            return sampling
        return replace(sampling, temperature=settings.temperature)

    def _next_parent(self) -> MessageId | None:
        """What the next prompt follows: the visible reply to this one, else the visible leaf."""
        transcript = self._session.transcript
        place = None if self._prompt_id is None else transcript.index_of(self._prompt_id)
        behind = [] if place is None else transcript.messages[place + 1 : place + 2]
        return behind[0].message_id if behind else transcript.leaf_id

    def _show_versions(self) -> None:
        """Lanes of the replies that the prompt has: the latest, and the visible one."""
        if self._prompt_id is None:
            return
        transcript = self._session.transcript
        versions = [m for m in transcript.versions(self._prompt_id) if m.role == "assistant"]
        late = versions[-MAX_LANES:]
        seen = [m for m in versions if transcript.index_of(m.message_id) is not None]
        if seen and seen[0] not in late:
            late = [seen[0], *late[1:]]
        sampling = sampling_params(self._session.settings)
        for reply, settings in zip(late, settings_of_replies(late, sampling), strict=True):
            self._append(settings, reply.message_id)

    def _want(self, settings: LaneSettings) -> None:
        """Have a lane with these settings; in a full comparison it takes the last one's place."""
        if any(lane.settings.key == settings.key for lane in self._lanes):
            return
        if not self._lanes:
            # Something to compare with.
            self._append(LaneSettings())
        if not self.can_add:
            self._lanes.pop()
        self._append(settings)

    def _next_settings(self) -> LaneSettings:
        session = self._session
        usable = (s.adapter.adapter_id for s in session.adapters.shelves if s.refusal is None)
        taken = [lane.settings for lane in self._lanes]
        return next_settings(taken, session.workspace.adapters, usable)

    def _append(self, settings: LaneSettings, reply_id: MessageId | None = None) -> None:
        self._num_made += 1
        self._lanes.append(Lane(self._num_made, settings, reply_id))

    def _replace(self, lane: Lane) -> None:
        places = [place for place, old in enumerate(self._lanes) if old.lane_id == lane.lane_id]
        for place in places:
            self._lanes[place] = lane


def _last_prompt(session: ChatSession) -> MessageId | None:
    messages = reversed(session.transcript.messages)
    return next((message.message_id for message in messages if message.role == "user"), None)
