"""Takes the pictures of every page and state for the documents.

Usage: python -m tests.screenshots.take [--out resources/screenshots]

The real window, store and engine with the starter model, offscreen, in a data folder that is thrown away.
Replies, dates and measured times differ from run to run. Each file shows light and dark side
by side at 100 %; `at-200-percent-*` has the main pages at 200 %. Takes 3 to 10 minutes; the folder's
old pictures are replaced at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import gc
import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from realm_desktop.network_settings import NetworkSettings
from realm_desktop.paths import find_paths
from realm_desktop.settings import AppearanceSettings, SettingsFile
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.first_run import FirstRun
from tests.screenshots.scenes import take_all
from tests.screenshots.stage import Stage
from tests.screenshots.stored_chats import RICH, store_chats
from tests.support.loopback_hub import loopback_hub
from tests.support.qt_loop import run_on_qt_loop
from tests.support.running_app import running_app, until

LIMIT_S: Final = 2400.0
"""Four minutes on a machine with nothing else to do; more than fifteen were seen on a busy one."""
SCREEN: Final = {"screens": [{"name": "screen", "x": 0, "y": 0, "width": 1680, "height": 1050}]}
"""The offscreen platform's own screen is 800 wide, and dialogs would be moved into it."""


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("resources/screenshots"))
    out: Path = parser.parse_args().out
    # Two runs of many ended in Shiboken's `releaseWrapper`, without a word.
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="realm-") as name:
        folder = Path(name)
        _set_up(folder)
        gc.disable()  # the app collects in its own thread, see `garbage`
        made = folder / "pictures"
        made.mkdir()
        for part in (_take_used, _take_first_run, _take_german, _take_mirrored):
            run_on_qt_loop(partial(part, folder, made), LIMIT_S)
        _replace(made, out)
    total = sum(path.stat().st_size for path in out.iterdir())
    print(f"{len(list(out.iterdir()))} files, {total / 1e6:.2f} MB in {out}")


def _replace(made: Path, out: Path) -> None:
    """Put the pictures where the old ones are: all of them, or none if the run was cut short."""
    out.mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("*.webp"), *out.glob("*.png")):
        old.unlink()
    for picture in made.iterdir():
        shutil.move(picture, out)


def _set_up(folder: Path) -> None:
    """A screen of its own, and no models of this machine's user in the lists."""
    screen = folder / "screen.json"
    screen.write_text(json.dumps(SCREEN), encoding="utf-8")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    os.environ["LC_ALL"] = "C.UTF-8"
    (folder / "home").mkdir()
    os.environ["HOME"] = os.environ["USERPROFILE"] = str(folder / "home")


async def _settle_settings(data_dir: Path, appearance: AppearanceSettings, hub: str = "") -> None:
    """Write what the app finds at its start."""
    paths = find_paths(data_dir)
    paths.create()
    # The loop's own executor has QThreads, which nobody ends once the app brings its own.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    settings = SettingsFile(paths.settings_file)
    network = NetworkSettings(hub_endpoint=hub) if hub else settings.current.network
    settings.put(replace(settings.current, appearance=appearance, network=network))
    await settings.write()
    await store_chats(paths.database_file, paths.backups_dir)


async def _take_used(folder: Path, out: Path) -> None:
    """The app as someone uses it."""
    (folder / "adapters").mkdir()
    appearance = AppearanceSettings(theme="light", language="en", is_motion_reduced=True)
    with loopback_hub() as hub:
        await _settle_settings(folder / "used", appearance, hub.address)
        async with running_app(folder / "used") as app:
            await take_all(Stage(app, out), folder / "adapters", hub)


async def _take_first_run(folder: Path, out: Path) -> None:
    """The first start, and the pages while they are empty."""
    async with running_app(folder / "new") as app:
        stage = Stage(app, out)
        await until(lambda: app.has_model)
        pages = app.window.parts.centre.currentWidget()
        assert isinstance(pages, FirstRun)
        await stage.settle(1.0)
        await stage.take("first-run-machine", is_large=True)
        pages.next_button.click()
        await stage.take("first-run-model", is_large=True)
        pages.skip_button.click()
        names: tuple[ActionName, ...] = ("show-chats", "show-adapters", "show-downloads")
        for name in names:
            app.window.commands.actions[name].trigger()
            await stage.settle()
            await stage.take(f"empty-{name.removeprefix('show-')}")


async def _take_german(folder: Path, out: Path) -> None:
    """The window in German."""
    await _take_chat(folder / "de", out, "german", AppearanceSettings(theme="light", language="de"))


async def _take_mirrored(folder: Path, out: Path) -> None:
    """The window for languages that begin on the right."""
    appearance = AppearanceSettings(theme="light", language="en", layout_direction="right_to_left")
    await _take_chat(folder / "mirrored", out, "mirrored", appearance)


async def _take_chat(data_dir: Path, out: Path, name: str, appearance: AppearanceSettings) -> None:
    await _settle_settings(data_dir, appearance)
    async with running_app(data_dir) as app:
        await until(lambda: app.window._library.workspaces and app.has_model)
        app.window.chats.open(RICH)
        await until(lambda: app.window.parts.tabs.current_session is not None)
        app.window.commands.set_panel_visible(is_visible=True)
        stage = Stage(app, out)
        await stage.settle(2.0)  # formulas are drawn in a thread of their own
        await stage.take(name)


if __name__ == "__main__":
    main()
