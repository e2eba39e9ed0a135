"""What the batch view says of the engine's requests and shares, as plain texts.

Functions over `EngineStats` and the chats; titles are made fit for one line. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.chat.adapter_library import AdapterLibrary
from realm_desktop.chat.running_reply import RunningReply
from realm_desktop.chat.session import ChatSession
from realm_desktop.engine_stats import EngineStats, SequenceState, SequenceStats
from realm_desktop.protocol import Priority, RequestId, WorkspaceId
from realm_desktop.store.records import ConversationId, Workspace
from realm_desktop.ui.one_line import one_line, unbroken
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.spoken import place_text, spoken
from realm_desktop.ui.widgets.adapter_chip import letter_of
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState

NONE_TEXT: Final = "\N{EN DASH}"

_ORDER: Final = (
    SequenceState.DECODE,
    SequenceState.PREFILL,
    SequenceState.PAUSED,
    SequenceState.WAITING,
    SequenceState.PARKED,
)


class RowChip(NamedTuple):
    """One adapter of a request; `slot` gives letter and colour, -1 where it was removed since."""

    slot: int
    weight: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One request of the engine, as the table shows it.

    Attributes:
        conversation_id: None for a request of no open chat.
        state: In words, with the place in line of one that waits.
        reason: Why it waits or is paused; else when its turn comes, unless that is as usual.
        prompt_share: Part of the prompt whose KV is there, 0 to 1.
        block_share: Part of the KV pool that it holds, 0 to 1.
        priority: None where it cannot be changed.
        is_parked: The user paused it.
        is_shown: Its chat is the shown one.
    """

    request_id: RequestId
    conversation_id: ConversationId | None
    title: str
    workspace: str
    glyph: GlyphState
    state: str
    speed: str
    prompt: str
    blocks: str
    adapters: str
    accepted: str
    reason: str
    prompt_share: float = 0.0
    block_share: float = 0.0
    chips: tuple[RowChip, ...] = ()
    priority: Priority | None = None
    is_parked: bool = False
    is_shown: bool = False


def batch_rows(
    stats: EngineStats,
    sessions: Mapping[ConversationId, ChatSession],
    workspaces: Iterable[Workspace],
    adapters: AdapterLibrary,
    shown: ChatSession | None,
) -> list[BatchRow]:
    """A row for every request: what computes, what gave way, the line, what the user paused."""
    names = {workspace.workspace_id: one_line(workspace.name) for workspace in workspaces}
    num_blocks = max(stats.blocks_used + stats.blocks_cached + stats.blocks_free, 1)
    # A stable sort: rows that jump could not be pointed at.
    ordered = sorted(stats.sequences, key=lambda s: (_ORDER.index(s.state), s.position))
    rows = []
    for sequence in ordered:
        found = find_reply(sessions.values(), sequence.request_id)
        session, reply = found if found is not None else (None, None)
        row = replace(
            _engine_row(sequence),
            workspace=names.get(sequence.workspace_id, NONE_TEXT),
            block_share=sequence.num_blocks / num_blocks,
            is_shown=session is not None and session is shown,
        )
        if session is not None and reply is not None:
            row = _with_reply(row, sequence, session, reply, adapters)
        rows.append(row)
    return rows


def find_reply(
    sessions: Iterable[ChatSession], request_id: RequestId
) -> tuple[ChatSession, RunningReply] | None:
    """The chat and the running reply of a request; None if no open chat asked for it."""
    for session in sessions:
        reply = session.replies.find(request_id)
        if reply is not None:
            return session, reply
    return None


def state_text(sequence: SequenceStats) -> str:
    """What the engine does with a request, in words."""
    if sequence.state is SequenceState.WAITING:
        place = sequence.position
        line = _tr("next in line") if place <= 1 else _tr("{} in line").format(place_text(place))
        return _tr("waiting, {}").format(line)
    names = {
        SequenceState.PREFILL: _tr("prefill"),
        SequenceState.DECODE: _tr("decode"),
        SequenceState.PAUSED: _tr("paused"),
        SequenceState.PARKED: _tr("paused by you"),
    }
    return names[sequence.state]


def accepted_text(sequence: SequenceStats) -> str:
    """How many of its draft tokens were accepted, and what that brought."""
    if not sequence.num_drafted_tokens:
        return NONE_TEXT
    text = _tr("{} %").format(round(100 * sequence.acceptance_rate))
    speedup = sequence.speculation_speedup
    return f"{text} · {_number(speedup)}\N{MULTIPLICATION SIGN}" if speedup else text


def counts_text(stats: EngineStats) -> str:
    """How many requests compute, are paused and wait, and whether memory is short, in a few words."""
    paused = (SequenceState.PAUSED, SequenceState.PARKED)
    num_paused = sum(sequence.state in paused for sequence in stats.sequences)
    num_waiting = sum(sequence.state is SequenceState.WAITING for sequence in stats.sequences)
    parts = [_tr("{} running").format(len(stats.sequences) - num_paused - num_waiting)]
    parts += [_tr("{} paused").format(num_paused)] if num_paused else []
    parts += [_tr("{} waiting").format(num_waiting)] if num_waiting else []
    parts += [_tr("memory is short: smaller steps")] if stats.is_memory_short else []
    return " · ".join(parts)


def share_texts(
    stats: EngineStats, workspaces: Iterable[Workspace]
) -> list[tuple[str, float, int]]:
    """Name, share from 0 to 1 and chosen colour (0 for none) of every workspace that computes."""
    known: dict[WorkspaceId, Workspace] = {w.workspace_id: w for w in workspaces}
    shares = []
    for share in stats.workspaces:
        workspace = known.get(share.workspace_id)
        name = NONE_TEXT if workspace is None else one_line(workspace.name)
        shares.append((name, share.share, 0 if workspace is None else workspace.colour))
    return shares


def _engine_row(sequence: SequenceStats) -> BatchRow:
    """What the engine alone knows of a request."""
    is_parked = sequence.state is SequenceState.PARKED
    reason = _tr("continues when you say so") if is_parked else unbroken(spoken(sequence.reason))
    # The engine counts the time since the first token; none is written now.
    has_speed = bool(sequence.tokens_per_s) and not is_parked
    return BatchRow(
        request_id=sequence.request_id,
        conversation_id=None,
        title=_tr("Request of no open chat"),
        workspace=NONE_TEXT,
        glyph=_glyph(sequence),
        state=state_text(sequence),
        speed=_number(sequence.tokens_per_s) if has_speed else NONE_TEXT,
        prompt=_prompt_text(sequence, 0),
        blocks=count_text(sequence.num_blocks),
        adapters=NONE_TEXT,
        accepted=accepted_text(sequence),
        reason=reason,
        is_parked=is_parked,
        prompt_share=_prompt_share(sequence),
    )


def _with_reply(
    row: BatchRow,
    sequence: SequenceStats,
    session: ChatSession,
    reply: RunningReply,
    adapters: AdapterLibrary,
) -> BatchRow:
    """The row with what the chat knows: title, length of the prompt, adapters, priority."""
    chips = _chips(reply, adapters)
    return replace(
        row,
        conversation_id=session.conversation.conversation_id,
        title=one_line(session.conversation.title) or _tr("New chat"),
        prompt=_prompt_text(sequence, reply.num_prompt_tokens),
        adapters=_adapters_text(chips),
        chips=chips,
        reason=row.reason or _turn_text(reply),
        priority=reply.request.priority,
    )


def _turn_text(reply: RunningReply) -> str:
    """When the turn of a reply comes in each step; "" for the usual one."""
    texts = {
        Priority.FOREGROUND: _tr("goes before the others"),
        Priority.BACKGROUND: _tr("goes behind the others"),
    }
    return texts.get(reply.request.priority, "")


def _glyph(sequence: SequenceStats) -> GlyphState:
    if sequence.state is SequenceState.WAITING:
        return GlyphState(Glyph.WAITING)
    glyphs = {
        SequenceState.PREFILL: Glyph.PREFILL,
        SequenceState.DECODE: Glyph.DECODE,
        SequenceState.PAUSED: Glyph.PAUSED,
        SequenceState.PARKED: Glyph.PAUSED,
    }
    return GlyphState(glyphs[sequence.state], share=_prompt_share(sequence))


def _prompt_share(sequence: SequenceStats) -> float:
    if sequence.state is SequenceState.DECODE:
        return 1.0
    return min(1.0, sequence.num_computed_tokens / max(sequence.num_tokens, 1))


def _prompt_text(sequence: SequenceStats, num_prompt_tokens: int) -> str:
    """Tokens read of all to be read; once a reply is written, how long its prompt was."""
    if sequence.state is SequenceState.DECODE:
        # The engine counts prompt and reply together; the chat was told of the prompt alone.
        return count_text(num_prompt_tokens) if num_prompt_tokens else NONE_TEXT
    total = count_text(sequence.num_tokens)
    return f"{count_text(sequence.num_computed_tokens)} / {total}"


def _chips(reply: RunningReply, adapters: AdapterLibrary) -> tuple[RowChip, ...]:
    chips = []
    for use in reply.request.adapters:
        shelf = adapters.shelf(use.adapter_id)
        slot = -1 if shelf is None else shelf.adapter.slot
        chips.append(RowChip(slot, QLocale().toString(use.weight, "f", 2)))
    return tuple(chips)


def _adapters_text(chips: tuple[RowChip, ...]) -> str:
    if not chips:
        return _tr("base")
    letters = ((letter_of(chip.slot) if chip.slot >= 0 else "?", chip.weight) for chip in chips)
    return ", ".join(f"{letter} {weight}" for letter, weight in letters)


def _number(value: float) -> str:
    return QLocale().toString(float(value), "f", 1)


def _tr(text: str) -> str:
    return QCoreApplication.translate("BatchRows", text)
