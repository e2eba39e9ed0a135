"""Every page and state of the window: brings each about and has its picture taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

from realm_desktop import assets
from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.cli import random_adapters
from realm_desktop.store.records import Attachment
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.palette import Palette
from realm_desktop.ui.panels.right_panel import PanelPage
from realm_desktop.ui.settings.setting_pages import SettingsPage
from tests.screenshots.stage import Stage
from tests.screenshots.stored_chats import RICH
from tests.support.every_page import close_dialogs
from tests.support.loopback_hub import Fault, LoopbackHub, make_request, payload
from tests.support.running_app import until

STORY: Final = "Tell me a story about a fox in the forest."
QUESTIONS: Final = (
    STORY,
    "Are my chats private?",
    "What is a GGUF file?",
    "Tell me a story about a lighthouse.",
    "What can you do?",
)
SETTINGS: Final = {
    "sampling.seed": 7,
    "sampling.temperature": 0.7,
    "sampling.max_tokens": 180,
    "sampling.logprobs": 5,
}
MB: Final = 10**6


async def take_all(stage: Stage, folder: Path, hub: LoopbackHub) -> None:
    """Take the pictures of a used installation.

    Args:
        stage: Its app has a model and the stored chats.
        folder: For adapters; empty.
        hub: Answers the app.
    """
    await _prepare(stage, folder)
    for scene in _SCENES:
        await scene(stage)
        close_dialogs(stage.window)
    await _hub_pages(stage, hub)
    stage.save_sheets()


async def _prepare(stage: Stage, folder: Path) -> None:
    library = stage.window._library
    await until(lambda: library.workspaces and stage.app.has_model)
    for workspace in tuple(library.workspaces):
        await library.update_workspace(replace(workspace, settings=SETTINGS))
    random_adapters._DEVIATION = 0.05  # the default changes no text
    starter = assets.resource("starter", "starter.gguf")
    made = random_adapters.write_random_adapters(starter, 2, folder)
    paths = [path.rename(folder / name) for path, name in zip(made, ("warm", "terse"), strict=True)]
    await library.adapters.add(paths)


async def _chat(stage: Stage) -> None:
    """Three tabs, the rich one in front."""
    for question in QUESTIONS[:2]:
        await _ask(stage, question)
    stage.window.chats.open(RICH)
    await until(lambda: stage.window.parts.tabs.current_session is not None)
    await until(lambda: stage.app.tab.session.conversation.conversation_id == RICH)
    # A formula is drawn in a thread of its own, and written as it is until then.
    await stage.settle(2.0)
    await stage.take("chat", is_large=True)
    tab = stage.app.tab
    tab.view.scrollToTop()
    tab.composer.set_text("And for a file of a million lines?")
    tab.composer.set_attachments((Attachment("more.csv", "request,ms\n1,20\n"),))
    await stage.take("chat-attachments")
    tab.composer.clear()
    tab.composer.set_attachments(())


async def _ask(stage: Stage, question: str, *, is_awaited: bool = True) -> None:
    await stage.app.new_chat()
    session = await stage.app.say(question)
    if is_awaited:
        await until(lambda: not session.is_busy and len(session.transcript.messages) == 2)


async def _find(stage: Stage) -> None:
    _trigger(stage, "find-in-chat")
    stage.app.tab.finder.bar.field.setText("file")
    await stage.take("find-in-chat")
    stage.app.tab.finder.close()


async def _search(stage: Stage) -> None:
    field = stage.window.parts.sidebar.filter_field
    field.setText("lantern")
    await stage.settle()
    await stage.take("sidebar-search")
    field.clear()


async def _panels(stage: Stage) -> None:
    """The pages of the right panel, beside a reply with tokens that two adapters changed."""
    library = stage.window._library
    entries = tuple(
        MixEntry(shelf.adapter.adapter_id, weight)
        for shelf, weight in zip(library.adapters.shelves, (0.8, 0.35), strict=True)
    )
    await stage.app.new_chat()
    workspace_id = stage.app.tab.session.conversation.workspace_id
    (mixed,) = (one for one in library.workspaces if one.workspace_id == workspace_id)
    await library.update_workspace(replace(mixed, adapters=AdapterMix(entries)))
    session = await stage.app.say(STORY)
    await until(lambda: not session.is_busy)
    stage.window.commands.set_panel_visible(is_visible=True)
    for page in get_args(PanelPage):
        stage.window.parts.panel.show_page(page)
        await stage.take(f"panel-{page}", is_large=page == "sampling")
    stage.window.commands.set_panel_visible(is_visible=False)
    await library.update_workspace(mixed)


async def _error(stage: Stage) -> None:
    """A file that is too long for the model."""
    session = await stage.app.new_chat()
    tab = stage.app.tab
    await session.send("Sum this up.", (Attachment("novel.txt", "The fox went on. " * 4000),))
    await until(lambda: not session.is_busy)
    tab.view.scrollToBottom()
    await stage.take("error-card", is_large=True)


async def _lanes(stage: Stage) -> None:
    await stage.app.new_chat()
    tab = stage.app.tab
    tab.enter_compare()
    view = tab.compare
    assert view is not None
    comparison = view.comparison
    shelves = stage.window._library.adapters.shelves
    mixes = [AdapterMix((MixEntry(shelf.adapter.adapter_id),)) for shelf in shelves]
    comparison.add_lane()
    for lane, mix in zip(comparison.lanes, (AdapterMix(), *mixes), strict=True):
        comparison.change_lane(lane.lane_id, LaneSettings(mix))
    session = await stage.app.say(STORY)
    await until(lambda: not session.is_busy and all(map(comparison.reply, comparison.lanes)))
    view.refresh()
    view.bar.diff_switch.setChecked(True)
    await stage.settle(1.0)
    await stage.take("compare-lanes", is_large=True)
    tab.leave_compare()


async def _streams(stage: Stage) -> None:
    """Replies that stream: shown alone, then above the batch view and the performance page."""
    library = stage.window._library
    # Long enough for the picture on a fast machine: a story of the starter ends within half a second.
    endless = {**SETTINGS, "sampling.ignore_end": True, "sampling.max_tokens": 900}
    for workspace in tuple(library.workspaces):
        await library.update_workspace(replace(workspace, settings=endless))
    for question in QUESTIONS[1:]:
        await _ask(stage, question)
    stage.window.commands.actions["previous-tab"].trigger()  # the story about a lighthouse

    async def stream() -> None:
        for session in stage.app.sessions[-len(QUESTIONS[1:]) :]:
            await until(lambda: not session.is_busy)  # noqa: B023  # awaited within this turn
            await session.regenerate(session.transcript.messages[-1].message_id)
        await stage.settle(0.6)

    await stage.take("streaming", prepare=stream)
    stage.window.dock.show_page("batch")
    await stage.take("batch-view", is_large=True, prepare=stream)
    stage.window.dock.show_page("performance")
    await stage.take("performance", prepare=stream)
    stage.window.dock.set_visible(is_visible=False)
    for session in tuple(library.sessions.values()):
        await session.stop()
    for workspace in tuple(library.workspaces):
        await library.update_workspace(replace(workspace, settings=SETTINGS))


async def _panes(stage: Stage) -> None:
    stage.window.chats.open(RICH)
    await stage.settle()
    _trigger(stage, "split-right")
    await _ask(stage, STORY)
    _trigger(stage, "split-down")
    await _ask(stage, QUESTIONS[2])
    await stage.take("split-panes", is_large=True)
    while len(stage.window.parts.tabs.panes) > 1:
        _trigger(stage, "close-tab")
        await stage.settle(0.1)


async def _models(stage: Stage) -> None:
    _trigger(stage, "choose-model")
    await stage.take("model-picker")
    close_dialogs(stage.window)
    _trigger(stage, "load-options")
    loader = stage.window.loader
    await until(lambda: loader.plan is not None)
    await stage.take("loader", is_large=True)
    close_dialogs(stage.window)
    _trigger(stage, "show-models")
    await stage.settle(1.0)
    await stage.take("models", is_large=True)


async def _adapters(stage: Stage) -> None:
    _trigger(stage, "show-adapters")
    page = stage.window.parts.adapters_page
    await until(lambda: page.model.rows)
    page.choose(page.model.rows[0].adapter_id)
    await stage.take("adapters", is_large=True)
    page.train_requested.emit()
    await stage.settle(1.0)
    await stage.take("training-dialog")
    close_dialogs(stage.window)
    _trigger(stage, "show-chats")


async def _dialogs(stage: Stage) -> None:
    _trigger(stage, "palette")
    palette = stage.window.findChildren(Palette)[0]
    palette.field.setText("mo")
    await stage.take("palette", is_large=True)
    palette.hide()
    dialog = stage.window.commands.show_settings()
    for page in get_args(SettingsPage):
        dialog.show_page(page)
        await stage.take(f"settings-{page}", is_large=page == "shortcuts")
    close_dialogs(stage.window)
    names: tuple[ActionName, ...] = ("workspace-settings", "network", "storage")
    for name in names:
        _trigger(stage, name)
        await stage.settle(0.6)
        await stage.take(name)
        close_dialogs(stage.window)


async def _high_contrast(stage: Stage) -> None:
    stage.window.chats.open(RICH)
    await stage.settle()
    stage.window.commands.set_panel_visible(is_visible=True)
    await stage.take("high-contrast", looks=("high_contrast",))
    stage.window.commands.set_panel_visible(is_visible=False)


async def _hub_pages(stage: Stage, hub: LoopbackHub) -> None:
    """Discover with a repository, then downloads in several states."""
    files = [hub.add(f"org/tales-GGUF/tales-{label}.gguf", payload(size * MB // 10), fault)
             for label, size, fault in (
                 ("Q4_K_M", 40, Fault(hold_after=2 * MB)),
                 ("Q8_0", 70, Fault()),
                 ("F16", 99, Fault(body=payload(99 * MB // 10, seed=1))))]  # fmt: skip
    hub.cards["org/tales-GGUF"] = {"downloads": 4210, "likes": 37, "tags": ["gguf", "license:mit"]}
    hub.add("org/verses-GGUF/verses-Q4_K_M.gguf", payload(MB))
    _trigger(stage, "discover-models")
    panel = stage.window.parts.models_page.discover
    panel.field.setText("GGUF")
    panel.search_button.click()
    await stage.settle(1.5)
    panel.repositories.setCurrentIndex(panel.repositories.model().index(0, 0))
    panel.repository_chosen.emit("org/tales-GGUF")
    await stage.settle(1.5)
    await stage.take("discover", is_large=True)
    downloads = stage.window.sources._sources.downloads
    for file in files:
        downloads.start(make_request(file, repository="org/tales-GGUF", label=file.path))
    _trigger(stage, "show-downloads")
    await stage.settle(3.0)
    await stage.take("downloads", is_large=True)
    hub.release.set()
    _trigger(stage, "show-chats")


def _trigger(stage: Stage, name: ActionName) -> None:
    stage.window.commands.actions[name].trigger()


_SCENES: Final[tuple[Callable[[Stage], Awaitable[None]], ...]] = (
    _chat,
    _find,
    _search,
    _panels,
    _error,
    _lanes,
    _panes,
    _models,
    _adapters,
    _dialogs,
    _high_contrast,
    _streams,
)
