"""Trees of messages for exports and imports, and what a file of them gives back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import ErrorInfo, FinishReason
from realm_desktop.exchange.chat_file import read_chat_file
from realm_desktop.exchange.imported import Found
from realm_desktop.protocol import AdapterId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    MessageState,
    UsedAdapter,
)
from realm_desktop.store.trees import StoredMessage, Tree
from tests.support.fake_client import FakeEngineClient

NOW_S = 1_800_000_000.0

# What the store keeps as it is: no lone surrogate, no NUL.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
TIMES = st.floats(0, 4e9)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
_STATES = st.sampled_from([state for state in MessageState if state is not MessageState.STREAMING])
_OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "finish_reason": st.none() | st.sampled_from(FinishReason),
    "stats": st.none()
    | st.builds(GenerationStats, num_prompt_tokens=st.integers(0, 10**6), ttft_s=st.floats(0, 99)),
    "error": st.none() | st.builds(ErrorInfo, TEXTS, TEXTS),
    "seed": st.none() | st.integers(0, 2**63 - 1),
    "adapters": st.lists(
        st.builds(UsedAdapter, st.just(AdapterId("a1")), TEXTS, st.floats(0, 2)), max_size=2
    ).map(tuple),
    "sampling": st.none() | st.builds(SamplingParams, temperature=st.floats(0, 100)),
}


_FILES = st.lists(st.builds(Attachment, TEXTS, TEXTS), max_size=2).map(tuple)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A conversation with any tree of messages."""
    count = draw(st.integers(0, 8))
    messages: list[StoredMessage] = []
    for number in range(count):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        message = Message(
            message_id=MessageId(f"m{number}"),
            conversation_id=ConversationId("c1"),
            parent_id=None if parent is None else MessageId(f"m{parent}"),
            role=draw(st.sampled_from(["system", "user", "assistant", "tool"])),
            content=draw(TEXTS),
            state=draw(_STATES),
            created_s=draw(TIMES),
            model_name=draw(TEXTS),
            is_edited=draw(st.booleans()),
            is_starred=draw(st.booleans()),
            attachments=draw(_FILES),
            **{name: draw(strategy) for name, strategy in _OPTIONAL.items()},
        )
        token_ids = draw(st.lists(st.integers(0, 2**32 - 1), max_size=4))
        messages.append(StoredMessage(message, tuple(token_ids)))
    return Tree(draw(_conversations(count)), tuple(messages), draw(TEXTS))


@st.composite
def _conversations(draw: st.DrawFn, num_messages: int) -> Conversation:
    leaf = draw(st.integers(0, num_messages - 1)) if num_messages else None
    return Conversation(
        conversation_id=ConversationId("c1"),
        workspace_id=GENERAL_WORKSPACE_ID,
        title=draw(TEXTS),
        created_s=draw(TIMES),
        updated_s=draw(TIMES),
        is_pinned=draw(st.booleans()),
        leaf_id=None if leaf is None else MessageId(f"m{leaf}"),
        unsent_text=draw(TEXTS),
        queued_texts=tuple(draw(st.lists(TEXTS, max_size=2))),
        settings=draw(st.dictionaries(TEXTS, _VALUES, max_size=3)),
        queued_attachments=tuple(draw(st.lists(_FILES, max_size=2))),
    )


def write_json(path: Path, value: object) -> Path:
    """A JSON file with this value."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def pieces_of(path: Path) -> list[Found]:
    """Everything that the reader finds in a file."""
    return list(read_chat_file(path, NOW_S))


async def loaded_library(store: ConversationStore) -> ChatLibrary:
    """A library over a store, with its lists read."""
    library = ChatLibrary(FakeEngineClient(), store)
    await library.load()
    return library
