"""What the store keeps, as frozen values: workspaces, folders, conversations, messages, adapters.

Ids are `uuid4().hex`, times are Unix seconds. A conversation's messages form a tree by `parent_id`;
a path from the root to a leaf is a branch, siblings are versions.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any, NewType

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import StoreError
from realm_desktop.events import ErrorInfo, FinishReason
from realm_desktop.protocol import MAX_WORKSPACE_WEIGHT, AdapterId, Role, WorkspaceId
from realm_desktop.sampling_params import SamplingParams

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
FolderId = NewType("FolderId", str)

GENERAL_WORKSPACE_ID = WorkspaceId("general")
"""The workspace that exists from the start and cannot be deleted."""


NUM_COLOURS = 6
"""Colours a workspace can choose from, beside none."""


class WorkspacePriority(StrEnum):
    """How the replies of a workspace stand against those of others; the shown chat goes first."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class MessageState(StrEnum):
    """Where a message stands; only a reply is ever anything but complete."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant: its conversations share settings, adapters and a share of the engine.

    Attributes:
        position: Place in the sidebar, ascending.
        weight: Share of the engine against other workspaces, above 0 and at most 1000.
        adapters: Used by every reply from the next message on.
        settings: Its own values of settings, by key; those of the app hold for the others.
        colour: 1 to NUM_COLOURS; 0 is none.
        priority: Of its requests while their chat is not the shown one.
        model_path: Of the model that answers here, as the catalog has it; empty is whichever is loaded.
    """

    workspace_id: WorkspaceId
    name: str
    created_s: float
    updated_s: float
    position: int = 0
    weight: float = 1.0
    adapters: AdapterMix = field(default_factory=AdapterMix)
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    colour: int = 0
    priority: WorkspacePriority = WorkspacePriority.NORMAL
    model_path: str = ""

    def __post_init__(self) -> None:
        """Refuse a weight that the engine would refuse."""
        if not 0 < self.weight <= MAX_WORKSPACE_WEIGHT:
            raise StoreError(
                f"the weight of workspace {self.name!r} is {self.weight}; "
                f"it must be above 0 and at most {MAX_WORKSPACE_WEIGHT:g}",
                field="weight",
            )


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a workspace.

    Attributes:
        parent_id: The folder it lies in. None, or one that is not there, is the workspace itself.
    """

    folder_id: FolderId
    workspace_id: WorkspaceId
    name: str
    created_s: float
    parent_id: FolderId | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that goes with a message.

    Attributes:
        name: Of the file, without its folder; words of a stranger.
        text: All of it, decoded.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class UserTurn:
    """What a user says at once: a text, and files to read with it."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to answer."""
        return not self.text.strip() and not self.attachments


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation without its messages.

    Attributes:
        deleted_s: When it went to the trash; None if it is not there.
        leaf_id: Last message of the visible branch; None when there is no message.
        unsent_text: What stands in the composer.
        queued_texts: Sent while a reply ran; each becomes a user message when its turn comes.
        queued_attachments: Of each queued text; may be shorter, as most have none.
        is_unseen: A reply ended while no tab showed it.
        folder_id: None, or one that is not in its workspace, is the workspace itself.
        settings: Its own values of settings, by key; those of the workspace hold for the others.
    """

    conversation_id: ConversationId
    workspace_id: WorkspaceId
    title: str
    created_s: float
    updated_s: float
    is_pinned: bool = False
    deleted_s: float | None = None
    leaf_id: MessageId | None = None
    unsent_text: str = ""
    queued_texts: tuple[str, ...] = ()
    is_unseen: bool = False
    folder_id: FolderId | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    queued_attachments: tuple[tuple[Attachment, ...], ...] = ()

    @property
    def queue(self) -> tuple[UserTurn, ...]:
        """What waits for its turn, the next one first."""
        pairs = zip_longest(self.queued_texts, self.queued_attachments, fillvalue=())
        return tuple(UserTurn(str(text or ""), tuple(files)) for text, files in pairs)


def with_queue(conversation: Conversation, queue: Sequence[UserTurn]) -> Conversation:
    """The same conversation with other turns waiting."""
    has_files = any(turn.attachments for turn in queue)
    return replace(
        conversation,
        queued_texts=tuple(turn.text for turn in queue),
        queued_attachments=tuple(turn.attachments for turn in queue) if has_files else (),
    )


@dataclass(frozen=True, slots=True)
class KnownAdapter:
    """An adapter the user added; its file stays where it is.

    Attributes:
        path: A PEFT folder or file, or a GGUF adapter.
        name: As its file calls itself; words of a stranger.
        slot: Gives letter and colour, from 0; chosen when it is added and kept.
        is_kept_warm: Loaded with every model, whether a chat needs it or not.
    """

    adapter_id: AdapterId
    path: Path
    name: str
    added_s: float
    slot: int = 0
    is_kept_warm: bool = False


@dataclass(frozen=True, slots=True)
class UsedAdapter:
    """An adapter as a reply used it, named for the time after it is removed."""

    adapter_id: AdapterId
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Message:
    """One node of a conversation's tree.

    Attributes:
        parent_id: None for a first message.
        stats, error: Of a reply that finished or failed.
        model_name, seed, adapters, sampling: What made a reply, for a repetition. The seed counts, not
            that of `sampling`, which is None in replies of older versions of the app.
        is_edited: The user changed this reply's text.
        is_starred: The user chose it to learn from.
        attachments: Files that the user sent with it; the model reads them before the text.
        num_left_out: The oldest messages of its branch that a reply was made without.
        thinking: What the setting for thinking said when a reply was made; empty in replies of older
            versions of the app.
        origin: Marks of the prompt and the form that a reply was made with, as `chat.origin` makes them;
            empty where they are not known.
    """

    message_id: MessageId
    conversation_id: ConversationId
    parent_id: MessageId | None
    role: Role
    content: str
    state: MessageState
    created_s: float
    finish_reason: FinishReason | None = None
    stats: GenerationStats | None = None
    error: ErrorInfo | None = None
    model_name: str = ""
    seed: int | None = None
    is_edited: bool = False
    adapters: tuple[UsedAdapter, ...] = ()
    sampling: SamplingParams | None = None
    is_starred: bool = False
    attachments: tuple[Attachment, ...] = ()
    num_left_out: int = 0
    thinking: str = ""
    origin: str = ""


def new_workspace_id() -> WorkspaceId:
    """An id that no other workspace has."""
    return WorkspaceId(uuid.uuid4().hex)


def new_conversation_id() -> ConversationId:
    """An id that no other conversation has."""
    return ConversationId(uuid.uuid4().hex)


def new_folder_id() -> FolderId:
    """An id that no other folder has."""
    return FolderId(uuid.uuid4().hex)


def new_adapter_id() -> AdapterId:
    """An id that no other adapter has."""
    return AdapterId(uuid.uuid4().hex)


def new_message_id() -> MessageId:
    """An id that no other message has."""
    return MessageId(uuid.uuid4().hex)
