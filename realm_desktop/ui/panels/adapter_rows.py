"""What the Adapters page and the mixer say of adapters, as plain texts.

Pure functions over shelves; names come from files and are made fit for one line. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.chat.adapter_shelf import AdapterStage, Shelf
from realm_desktop.formats.adapter_inspection import AdapterInspection
from realm_desktop.protocol import AdapterId
from realm_desktop.store.records import Workspace
from realm_desktop.ui.one_line import one_line, unbroken
from realm_desktop.ui.quantities import bytes_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.spoken import spoken

UNKNOWN: Final = "\u2013"
"""An en dash: the file does not say."""


@dataclass(frozen=True, slots=True)
class AdapterRow:
    """One adapter of the table.

    Attributes:
        slot: Gives letter and colour.
        base: What its file says it was made for.
        used_by: Workspaces that have it in their mix.
        state: The stage in words, with the time of the last load.
        verdict: Whether it fits the loaded model, or why it cannot be used.
        can_attach: Nothing speaks against it.
    """

    adapter_id: AdapterId
    slot: int
    name: str
    base: str
    rank: str
    targets: str
    size: str
    file_format: str
    used_by: str
    stage: AdapterStage
    state: str
    verdict: str
    path: str
    is_kept_warm: bool = False
    can_attach: bool = True
    has_warning: bool = False


def adapter_rows(
    shelves: Sequence[Shelf], workspaces: Iterable[Workspace], name_filter: str = ""
) -> list[AdapterRow]:
    """Rows of the table in the order the adapters were added.

    Args:
        shelves: Every known adapter.
        workspaces: In sidebar order.
        name_filter: Keeps adapters with this in name or base model.
    """
    wanted = name_filter.strip().casefold()
    rows = [adapter_row(shelf, workspaces) for shelf in shelves]
    return [row for row in rows if wanted in row.name.casefold() or wanted in row.base.casefold()]


def adapter_row(shelf: Shelf, workspaces: Iterable[Workspace]) -> AdapterRow:
    """One row of the table."""
    adapter, found = shelf.adapter, shelf.seen.inspection if shelf.seen else None
    users = [
        one_line(workspace.name)
        for workspace in workspaces
        if workspace.adapters.entry(adapter.adapter_id) is not None
    ]
    fit = shelf.seen.fit if shelf.seen else None
    return AdapterRow(
        adapter_id=adapter.adapter_id,
        slot=adapter.slot,
        name=one_line(adapter.name),
        base=UNKNOWN if found is None else _base(found),
        rank=UNKNOWN if found is None else f"{found.rank_text} / {_number(found.alpha)}",
        targets=UNKNOWN if found is None else _targets(shelf, found),
        size=UNKNOWN if found is None else bytes_text(found.size_bytes),
        file_format=UNKNOWN if found is None else _format(found),
        used_by=", ".join(users) or UNKNOWN,
        stage=shelf.stage,
        state=state_text(shelf),
        verdict=verdict_text(shelf),
        path=one_line(str(adapter.path)),
        is_kept_warm=adapter.is_kept_warm,
        can_attach=shelf.refusal is None,
        has_warning=fit is not None and bool(fit.warning),
    )


def state_text(shelf: Shelf) -> str:
    """The stage of an adapter in words."""
    stage = shelf.stage
    if stage is AdapterStage.WARM:
        return f"{_tr('warm')} · {swap_text(shelf)}" if swap_text(shelf) else _tr("warm")
    return {
        AdapterStage.ON_DISK: _tr("on disk"),
        AdapterStage.LOADING: _tr("loading"),
        AdapterStage.REFUSED: _tr("refused"),
    }[stage]


def mixer_state_text(shelf: Shelf) -> str:
    """The stage of an adapter in words, with what it means for the next message."""
    if shelf.stage is AdapterStage.WARM and swap_text(shelf):
        return _tr("warm · swap {}").format(swap_text(shelf))
    if shelf.stage is AdapterStage.ON_DISK:
        return _tr("on disk · loaded when needed")
    return state_text(shelf)


def swap_text(shelf: Shelf) -> str:
    """What it took the engine to bring it in last, such as "11 ms"; empty if it never did."""
    swap_ms = 0.0 if shelf.info is None else shelf.info.swap_ms
    return f"{QLocale().toString(max(1, round(swap_ms)))} ms" if swap_ms > 0 else ""


def facts_text(shelf: Shelf) -> str:
    """Rank, alpha and size, for the mixer."""
    found = shelf.seen.inspection if shelf.seen else None
    if found is None:
        return ""
    rank, alpha = found.rank_text, _number(found.alpha)
    return _tr("rank {} · \N{GREEK SMALL LETTER ALPHA} {} · {}").format(
        rank, alpha, bytes_text(found.size_bytes)
    )


def verdict_text(shelf: Shelf) -> str:
    """Whether an adapter can be used with the loaded model, as a sentence."""
    refusal = shelf.refusal
    if refusal is not None:
        return unbroken(sentences(refusal.message, refusal.advice))
    fit = shelf.seen.fit if shelf.seen else None
    name = one_line(shelf.adapter.name)
    if fit is not None:
        verdict = _tr("{0} {1}").format(name, spoken(fit.verdict))
        return unbroken(f"{verdict} · {spoken(fit.warning)}" if fit.warning else verdict)
    if shelf.stage is AdapterStage.WARM:
        return _tr("{} is loaded").format(name)
    return _tr("{}: load a model to see whether it fits").format(name)


def counts_text(shelves: Sequence[Shelf]) -> str:
    """How many adapters there are, how many are warm, and their memory."""
    warm = [shelf for shelf in shelves if shelf.stage is AdapterStage.WARM]
    total = len(shelves)
    parts = [_tr("%Ln adapters", total)]
    if warm:
        held = sum(shelf.info.num_bytes for shelf in warm if shelf.info is not None)
        parts += [_tr("{} warm").format(len(warm)), _tr("{} in memory").format(bytes_text(held))]
    return " · ".join(parts)


def _base(found: AdapterInspection) -> str:
    """The base model as the file names it; the name alone of a repository or path."""
    name = found.base_model_name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return one_line(name or found.architecture) or UNKNOWN


def _targets(shelf: Shelf, found: AdapterInspection) -> str:
    fit = shelf.seen.fit if shelf.seen else None
    return str(fit.num_targets if fit is not None and fit.fits else len(found.modules))


def _format(found: AdapterInspection) -> str:
    return "GGUF" if found.container == "gguf" else "safetensors"


def _number(value: float) -> str:
    return QLocale().toString(value, "g", 4)


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Adapters", text, "", count)
