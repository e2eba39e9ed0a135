"""What the window says of a memory plan, as plain texts and parts of a bar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.events import LoadProgress
from realm_desktop.library.load_plan import LoadPlan, MemoryUse, Program
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.widgets.segment_bar import Segment


def plan_segments(plan: LoadPlan) -> tuple[Segment, ...]:
    """The parts of the bar in the order in which they stand, with what is free behind them."""
    named = (
        (plan.weights_bytes, _tr("weights"), "plan-weights"),
        (plan.kv_bytes, _tr("KV cache"), "plan-kv"),
        (plan.adapter_bytes, _tr("adapters"), "plan-adapters"),
        (plan.draft_bytes, _tr("draft model"), "plan-draft"),
        (plan.working_bytes, _tr("working memory"), "plan-working"),
        (plan.window_bytes, _tr("this window"), "plan-other"),
        (plan.other_bytes, _tr("other programs"), "plan-other"),
    )
    parts = tuple(
        Segment(num_bytes, f"{name} {bytes_text(num_bytes)}", token)
        for num_bytes, name, token in named
        if num_bytes
    )
    if plan.free_bytes < 0:
        text = _tr("missing {}").format(bytes_text(-plan.free_bytes))
        return (*parts, Segment(0, text, ""))
    text = _tr("free after load {} of {}")
    text = text.format(bytes_text(plan.free_bytes), bytes_text(plan.total_bytes))
    return (*parts, Segment(plan.free_bytes, text, ""))


def plan_sentence(plan: LoadPlan) -> str:
    """What the load would come to, in one sentence."""
    if plan.problem:
        return _tr("Too large for this machine: {}.").format(plan.problem)
    if plan.free_bytes < 0:
        return _tr("Too large for this machine: {} more would be needed.").format(
            bytes_text(-plan.free_bytes)
        )
    return _tr("Conversations of up to {} tokens, {} tokens of all together.").format(
        count_text(plan.context_length), count_text(plan.kv_pool_tokens)
    )


def programs_sentence(programs: Sequence[Program]) -> str:
    """Who else uses memory; empty if nobody is known."""
    if not programs:
        return ""
    names = (f"{one_line(program.name)} {bytes_text(program.num_bytes)}" for program in programs)
    return _tr("Most memory beside this program: {}").format(" · ".join(names))


def users_sentence(use: MemoryUse) -> str:
    """Who uses the memory: this program, the largest others, and the rest."""
    parts = [_tr("Used by: this program with its model {}").format(bytes_text(use.own_bytes))]
    parts += [f"{one_line(name)} {bytes_text(num_bytes)}" for name, num_bytes in use.programs]
    if use.other_bytes:
        parts.append(_tr("others {}").format(bytes_text(use.other_bytes)))
    return " · ".join(parts)


def error_sentence(planned_bytes: int, measured_bytes: int) -> str:
    """What the last load was planned to take beside what it took."""
    percent = QLocale().toString(100 * (planned_bytes / max(measured_bytes, 1) - 1), "f", 1)
    text = _tr("Planned {} · measured {} · {} % off")
    return text.format(bytes_text(planned_bytes), bytes_text(measured_bytes), percent)


def phase_text(progress: LoadProgress) -> str:
    """What a load does now, and how far it is."""
    percent = round(100 * progress.fraction)
    return _tr("{}, {} %").format(spoken(progress.phase), percent)


def _tr(text: str) -> str:
    return QCoreApplication.translate("LoadPlan", text)
