"""What the command palette lists, as plain values: actions, pages, settings, chats and models.

Knows no widget and looks nothing up; who does is `palette_commands`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QCoreApplication

from realm_desktop.protocol import WorkspaceId
from realm_desktop.schema.table import SETTINGS
from realm_desktop.store.records import Conversation, Workspace
from realm_desktop.ui.actions import SPECS, ActionName, action_text, menu_title
from realm_desktop.ui.one_line import one_line, unbroken
from realm_desktop.ui.palette_match import FIT_STEP, NO_FIT, fit
from realm_desktop.ui.panels.model_rows import ModelRow
from realm_desktop.ui.panels.right_panel import PanelPage
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.spoken import spoken

# Nobody reads further than a few rows; without words everything would be listed.
MAX_SHOWN: Final = 200

_PAGE_ACTIONS: Final[tuple[ActionName, ...]] = (
    "show-chats",
    "show-models",
    "show-adapters",
    "show-downloads",
    "show-performance",
    "show-log-page",
)


class EntryKind(StrEnum):
    """What an entry leads to."""

    ACTION = "action"
    PAGE = "page"
    PANEL = "panel"
    SETTING = "setting"
    CHAT = "chat"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing that can be chosen; all texts are plain and in the user's language.

    Attributes:
        kind: What it leads to.
        target: The action, page, setting, chat or model by the name it has in the code.
        text: Its name.
        context: Where else it is found; also searched.
        keys: Its shortcut as the user's desktop writes it.
        reason: Why it cannot be chosen now; "" if it can.
    """

    kind: EntryKind
    target: str
    text: str
    context: str = ""
    keys: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """Names the entry among all, also in the settings."""
        return f"{self.kind}:{self.target}"

    @property
    def spoken(self) -> str:
        """The whole entry for a screen reader."""
        return ", ".join(part for part in (self.text, self.context, self.keys, self.reason) if part)


def best(entries: Iterable[PaletteEntry], query: str, recent: Sequence[str]) -> list[PaletteEntry]:
    """The entries that fit a query, the best first; without a query all fit.

    Of those that are found alike (by beginnings, inside, in the context) the ones that can be chosen
    come first, then those whose name begins with the query, then those that were chosen lately.

    Args:
        entries: In the order of equally good finds.
        query: As it was typed.
        recent: Keys of entries, the latest first.
    """
    places = {key: place for place, key in enumerate(recent)}

    def rank(found: tuple[int, PaletteEntry]) -> tuple[int, bool, int, int]:
        how_well, entry = found
        place = places.get(entry.key, len(places))
        return how_well // FIT_STEP, bool(entry.reason), how_well, place

    fits = ((fit(query, entry.text, entry.context), entry) for entry in entries)
    found = sorted((pair for pair in fits if pair[0] < NO_FIT), key=rank)
    return [entry for _, entry in found[:MAX_SHOWN]]


def action_entries(
    keys: Mapping[ActionName, str], reasons: Mapping[ActionName, str]
) -> list[PaletteEntry]:
    """Every action but the palette itself; those that show a page count as pages.

    Args:
        keys: Shortcuts as they are shown.
        reasons: Why an action cannot be done now; one that is missing can.
    """
    return [
        PaletteEntry(
            EntryKind.PAGE if spec.name in _PAGE_ACTIONS else EntryKind.ACTION,
            spec.name,
            action_text(spec.text),
            menu_title(spec.name),
            keys.get(spec.name, ""),
            reasons.get(spec.name, ""),
        )
        for spec in SPECS
        if spec.name != "palette"
    ]


def panel_entries(titles: Mapping[PanelPage, str]) -> list[PaletteEntry]:
    """The pages of the right panel."""
    panel = _tr("Right panel")
    return [PaletteEntry(EntryKind.PANEL, page, title, panel) for page, title in titles.items()]


def setting_entries() -> list[PaletteEntry]:
    """Every setting of the schema, under the heading it stands under."""
    settings = _tr("Settings")
    return [
        PaletteEntry(
            EntryKind.SETTING, one.key, words(one.label), f"{settings} · {words(one.group)}"
        )
        for one in SETTINGS
    ]


def chat_entries(
    chats: Iterable[Conversation], workspaces: Mapping[WorkspaceId, Workspace]
) -> list[PaletteEntry]:
    """Chats by their title, with their workspace."""
    entries = []
    for chat in chats:
        workspace = workspaces.get(chat.workspace_id)
        name = "" if workspace is None else one_line(workspace.name)
        title = one_line(chat.title) or _tr("New chat")
        context = _tr("Chat · {}").format(name)
        entries.append(PaletteEntry(EntryKind.CHAT, chat.conversation_id, title, context))
    return entries


def model_entries(rows: Iterable[ModelRow]) -> list[PaletteEntry]:
    """Models that can be loaded; one that cannot says why."""
    return [
        PaletteEntry(
            EntryKind.MODEL,
            row.path,
            row.text,
            _tr("Load model · {}").format(row.facts) if row.error is None else _tr("Model"),
            reason=_model_reason(row),
        )
        for row in rows
        if not row.is_heading
    ]


def _model_reason(row: ModelRow) -> str:
    if row.is_loaded:
        return _tr("This model is loaded.")
    return "" if row.error is None else unbroken(spoken(row.error.message))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Palette", text)
