"""Bars E1 and E5: names that want to harm, in every place of the window that shows one.

Titles, workspaces, folders, models, adapters, files, error texts: nothing reads them as markup, which would
load files, and no invisible sign of direction or width gets through. What users typed is copied as it was.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtGui import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QMessageBox,
    QTextBrowser,
    QTextEdit,
    QWidget,
)

from realm_desktop.events import (
    AdapterInfo,
    AdapterLoaded,
    EngineReady,
    ErrorInfo,
    Failed,
    LoadFailed,
    ModelLoaded,
)
from realm_desktop.protocol import AdapterId
from realm_desktop.store.adapters import AdapterStore
from realm_desktop.store.folders import FolderStore
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Folder,
    FolderId,
    KnownAdapter,
)
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.chat.message_scroller import MessageScroller
from realm_desktop.ui.theme import Theme
from tests.support.audit import recorded_access
from tests.support.fake_client import make_model_info
from tests.support.stores import make_conversation, open_store
from tests.support.windows import OpenWindow, open_window, until

NAMES = {
    "image": "<img src='file:///etc/passwd'><b>x</b>",
    "link": "<a href='javascript:alert(1)'>click</a>",
    "entity": "&lt;b&gt;&amp;&#x202e;<qt>",
    "bidi": "invoice\u202egpj.exe \u2066a\u2069",
    "zero width": "a\u200bb\u200dc\u2060d\ufeffe",
    "lines": "first\nsecond\u2028third\rfourth\tfifth",
    "places": "{} {0} %1 %n %s {name} &File && \\n",
    "long": "long " * 2_000,
    "unpaired": "a\ud800b\0c\x1b[31m",
}
INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\0]")
SHOWN: tuple[ActionName, ...] = (
    *("show-models", "show-downloads", "show-adapters", "show-chats", "toggle-panel"),
    *("show-log-page", "show-performance", "choose-model", "palette", "workspace-settings"),
    *("settings", "network", "shortcuts", "about", "rename-chat", "compare"),
)
"""Actions that show something without asking the system for a file."""

READY = EngineReady("0.1.0", "2.13.0", "cpu", 4, 17)
MAX_COLUMNS = 8
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.StatusTipRole)


def _texts(widget: QWidget) -> Iterator[tuple[str, bool]]:
    """Texts that a widget shows, and whether it might read them as markup."""
    yield widget.windowTitle(), False
    yield widget.toolTip(), True
    if isinstance(widget, QLabel):
        yield widget.text(), widget.textFormat() != Qt.TextFormat.PlainText
    elif isinstance(widget, QMessageBox):
        yield widget.text(), widget.textFormat() != Qt.TextFormat.PlainText
        yield widget.informativeText(), widget.textFormat() != Qt.TextFormat.PlainText
    elif isinstance(widget, QAbstractButton):
        yield widget.text(), False
    elif isinstance(widget, MessageScroller):
        pass  # its model speaks to screen readers; what is painted is in test_hostile_text.py
    elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from _model_texts(widget.model())
    for action in widget.actions():
        yield action.text(), False
        yield action.toolTip(), True


def _model_texts(model: QAbstractItemModel) -> Iterator[tuple[str, bool]]:
    for row in range(model.rowCount()):
        for column in range(MAX_COLUMNS):
            for role in ROLES:
                text = model.index(row, column).data(role)
                if isinstance(text, str):
                    yield text, role == Qt.ItemDataRole.ToolTipRole


def _is_markup(text: str) -> bool:
    """Whether Qt would read a text as markup with tags of its own inside."""
    inner = text.removeprefix("<qt>").removesuffix("</qt>")
    return Qt.mightBeRichText(text) and "<" in re.sub(
        r"</?(p|b|br|span|table|tr|td)\b[^<>]*>", "", inner
    )


def faults() -> list[str]:
    """What is wrong with texts that any open window shows."""
    found = []
    for widget in QApplication.allWidgets():
        if isinstance(widget, QTextBrowser | QTextEdit):
            found.append(f"{type(widget).__name__} loads what its text names")
        for text, can_be_markup in _texts(widget):
            kind = (
                f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()[:30]!r}"
            )
            if can_be_markup and _is_markup(text):
                found.append(f"{kind} reads markup: {text[:80]!r}")
            if INVISIBLE.search(text):
                found.append(f"{kind} hides a sign: {text[:80]!r}")
    return sorted(set(found))


async def _fill(folder: Path, name: str) -> None:
    async with open_store(folder) as store:
        adapter = KnownAdapter(AdapterId("a1"), folder / "adapter.gguf", name, 1.0)
        await AdapterStore(store.database).save(adapter)
        await FolderStore(store.database).save(
            Folder(FolderId("f1"), GENERAL_WORKSPACE_ID, name, 1.0)
        )


async def _show_names(opened: OpenWindow, name: str) -> None:
    """Let the name stand in every place that can have it."""
    window, client = opened.window, opened.client
    info = replace(make_model_info(), name=name)
    client.emit(READY, ModelLoaded(info))
    client.emit(AdapterLoaded(AdapterInfo(AdapterId("a1"), name, 2, 4.0, 512)))
    workspace = await opened.library.new_workspace(name)
    await opened.library.update_workspace(
        replace(workspace, settings={"system.prompt": name}, name=name)
    )
    window.chats.ask(name)
    await until(lambda: bool(client.requests))
    error = ErrorInfo("EngineStopped", name, advice=name)
    client.emit(Failed(client.requests[-1].request_id, error))
    await until(lambda: not window.parts.tabs.sessions[-1].is_busy)
    client.emit(LoadFailed(name, error, is_unloaded=False))


async def _show_everything(opened: OpenWindow) -> None:
    """Open every page and dialog that shows names."""
    window = opened.window
    window.chats.open("c1")
    await until(lambda: len(window.parts.tabs.sessions) == 2)
    for name in SHOWN:
        window.commands.actions[name].trigger()
        await asyncio.sleep(0)
    window.chats.delete_workspace(opened.library.workspaces[-1].workspace_id)
    window.parts.sidebar.filter_field.setText("e")
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.asyncio_qt(limit_s=30)
async def test_hostile_name_is_plain_and_visible_everywhere(
    tmp_path: Path, theme: Theme, kind: str
) -> None:
    name = NAMES[kind]
    await _fill(tmp_path, name)
    chat = make_conversation("c1", name, unsent_text=name)
    with recorded_access() as audit:
        async with open_window(tmp_path, theme, chat) as opened:
            await _show_names(opened, name)
            await _show_everything(opened)
            found = faults()
            num_labels = len(opened.window.findChildren(QLabel))

    assert found == []
    # What psutil reads of the system, and the loaded model.
    own = ("open /proc/", f"open {make_model_info().path}")
    assert [line for line in audit.foreign if not line.startswith(own)] == []
    assert num_labels > 20
