"""Turns a branch of a conversation into what an engine is asked. Pure functions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from realm_desktop.protocol import (
    MAX_DRAFT_CHARACTERS,
    MAX_DRAFT_TEXTS,
    AdapterUse,
    ChatMessage,
    GenerateRequest,
    Priority,
    RequestId,
    WorkspaceId,
)
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.requests import (
    output_format,
    sampling_params,
    speculation,
    thinking,
    thinking_of,
)
from realm_desktop.schema.resolution import Resolved
from realm_desktop.store.records import (
    Attachment,
    Message,
    UserTurn,
    Workspace,
    WorkspacePriority,
)
from realm_desktop.thinking import answer_of, split_thinking

MAX_TITLE_CHARACTERS = 48

_FENCE_RUN = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)

_PRIORITIES = {
    WorkspacePriority.HIGH: Priority.FOREGROUND,
    WorkspacePriority.NORMAL: Priority.NORMAL,
    WorkspacePriority.LOW: Priority.BACKGROUND,
}


@dataclass(frozen=True, slots=True)
class RequestBasis:
    """What a chat gives all its requests.

    Attributes:
        settings: As they hold for its conversation now.
        priority: The class a request starts with.
    """

    workspace_id: WorkspaceId
    settings: Resolved
    priority: Priority = Priority.NORMAL


def build_request(
    basis: RequestBasis,
    branch: Sequence[Message],
    reply: Message,
    committed_token_ids: tuple[int, ...],
    versions: Iterable[Message] = (),
) -> GenerateRequest:
    """The request for a reply.

    Args:
        basis: Gives system prompt, speculation and the form of the reply, and to replies that do not
            tell them sampling and thinking.
        branch: From the root to the message that is answered.
        reply: Gives sampling, seed, clock, thinking, adapters and how many of the oldest messages are
            left out, so that a continuation renders and samples alike.
        committed_token_ids: The reply's tokens so far.
        versions: Other versions of the reply, the likeliest to be repeated first.
    """
    settings = basis.settings
    form = output_format(settings)
    return GenerateRequest(
        request_id=RequestId(uuid.uuid4().hex),
        workspace_id=basis.workspace_id,
        messages=chat_messages(settings["system.prompt"], newest(branch, reply.num_left_out)),
        sampling=_sampling(
            reply.sampling or sampling_params(settings), reply, len(committed_token_ids)
        ),
        adapters=tuple(AdapterUse(used.adapter_id, used.weight) for used in reply.adapters),
        speculation=speculation(settings),
        json_schema=form.get("json_schema"),
        regex=form.get("regex"),
        grammar=form.get("grammar"),
        priority=basis.priority,
        committed_token_ids=committed_token_ids,
        clock_s=reply.created_s,
        draft_corpus=draft_corpus(version.content for version in versions),
        is_thinking=_is_thinking(settings, reply, is_continued=bool(committed_token_ids)),
    )


def priority_of(workspace: Workspace, *, is_focused: bool) -> Priority:
    """The class of a request: the shown chat goes first, the others as their workspace says."""
    return Priority.FOREGROUND if is_focused else _PRIORITIES[workspace.priority]


def draft_corpus(texts: Iterable[str]) -> tuple[str, ...]:
    """As many of the texts as a request takes; the last one is cut where the limit is."""
    num_left = MAX_DRAFT_CHARACTERS
    corpus: list[str] = []
    for text in texts:
        if text and num_left and len(corpus) < MAX_DRAFT_TEXTS:
            corpus.append(text[:num_left])
            num_left -= len(corpus[-1])
    return tuple(corpus)


def newest(branch: Sequence[Message], num_left_out: int) -> Sequence[Message]:
    """A branch without its oldest messages; what is answered stays, whatever was deleted since."""
    return branch[min(num_left_out, max(len(branch) - 1, 0)) :]


def chat_messages(system_prompt: str, branch: Iterable[Message]) -> tuple[ChatMessage, ...]:
    """The turns for the chat template.

    Replies without text (they failed) are left out, and messages of one role in a row become one
    turn: many templates refuse roles that do not alternate. What replies thought is left out too,
    as templates of models that think do it; the built-in ones do not, and it fills the context.
    """
    turns: list[ChatMessage] = []
    if system_prompt.strip():
        turns.append(ChatMessage("system", system_prompt))
    for message in branch:
        is_reply = message.role == "assistant"
        text = answer_of(prompt_text(message)) if is_reply else prompt_text(message)
        if not text and is_reply:
            continue
        if turns and turns[-1].role == message.role:
            turns[-1] = ChatMessage(message.role, f"{turns[-1].content}\n\n{text}")
        else:
            turns.append(ChatMessage(message.role, text))
    return tuple(turns)


def prompt_text(message: Message | UserTurn) -> str:
    """What a model reads of a message: its attachments, each fenced below its name, then its text."""
    text = message.content if isinstance(message, Message) else message.text
    parts = [fenced(attachment) for attachment in message.attachments]
    return "\n\n".join(part for part in (*parts, text) if part)


def fenced(attachment: Attachment) -> str:
    """A file as Markdown: its name, then its text in a fence that no line of it can close."""
    runs = _FENCE_RUN.findall(attachment.text)
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    language = PurePath(attachment.name).suffix.removeprefix(".")
    info = language if language.isascii() and language.isalnum() else ""
    end = "" if attachment.text.endswith("\n") or not attachment.text else "\n"
    name = " ".join(attachment.name.split())
    return f"{name}\n{fence}{info}\n{attachment.text}{end}{fence}"


def title_of(text: str) -> str:
    """A conversation's title from its first message: the start of its first line with text."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    words = " ".join(line.split())
    if len(words) <= MAX_TITLE_CHARACTERS:
        return words
    cut = words[: MAX_TITLE_CHARACTERS - 1]
    head, space, _ = cut.rpartition(" ")
    # Whole words, unless that would drop most of the line (or the script has no spaces).
    kept = head if space and len(head) > MAX_TITLE_CHARACTERS // 2 else cut
    return f"{kept.rstrip()}…"


def _is_thinking(settings: Resolved, reply: Message, *, is_continued: bool) -> bool | None:
    """As it was then; of a reply that does not tell, the settings say it, or that it thought."""
    if reply.thinking:
        return thinking_of(reply.thinking)
    if is_continued and split_thinking(reply.content).has_thought:
        return True
    return thinking(settings)


def _sampling(params: SamplingParams, reply: Message, num_committed: int) -> SamplingParams:
    """The sampling with the reply's own seed, and room behind committed tokens."""
    max_tokens = params.max_tokens
    if max_tokens is not None and max_tokens <= num_committed:
        # The engine counts committed tokens too: a reply that ended by length gets as much again.
        max_tokens += num_committed
    return replace(params, seed=reply.seed or 0, max_tokens=max_tokens)
