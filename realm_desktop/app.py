"""Starts the window and ends it: wires settings, store, engine client, library and main window.

The only place that knows all of them. Runs in the GUI process on the GUI thread; the engine is
another process. Order at the start: window painted, lists read, engine spawned, model loaded.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import PySide6
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop import assets
from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.compatibility import check_qt_binding
from realm_desktop.cores import physical_cores
from realm_desktop.errors import AlreadyOpen, RealmError, StoreError
from realm_desktop.garbage import GarbageCollector
from realm_desktop.launcher import (
    EngineSetup,
    Role,
    describe_exit,
    start_process,
    start_thread,
)
from realm_desktop.library.offline_guard import process_guard
from realm_desktop.library.sources import Sources, make_sources
from realm_desktop.log import start_logging, stop_logging
from realm_desktop.paths import Paths, data_folder_choice, find_paths
from realm_desktop.settings import SettingsFile, read_environment
from realm_desktop.store.backup import back_up_if_due
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.data_check import check_behind
from realm_desktop.store.database import Database
from realm_desktop.trainer import Trainer
from realm_desktop.ui.application import application, log_fault, log_uncaught
from realm_desktop.ui.chat_modules import import_chats
from realm_desktop.ui.cuda_notice import CudaNotice
from realm_desktop.ui.dialogs.message_window import MessageWindow
from realm_desktop.ui.event_loop import WindowEventLoop
from realm_desktop.ui.first_paint import show_painted
from realm_desktop.ui.language import speak
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.start_log import StartLog
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.update_notice import look_for_update
from realm_desktop.ui.window_call import WindowCall, call_window
from realm_desktop.worker import LocalEngineClient, StartEngine

logger = logging.getLogger(__name__)

STARTER: Final = ("starter", "starter.gguf")

PAINT_LIMIT_S: Final = 1.0
"""A window that starts minimized is never painted; the start goes on without."""

OPEN_PATIENCE_S: Final = 0.4
"""A store that takes longer to check gets a window that says so."""

ANSWER_PATIENCE_S: Final = 2.0
"""A window that is busy for longer is told to the user instead of waited for."""

STEP_LIMIT_S: Final = 3.0
"""Longest time for one step of the end."""

SWITCH_INTERVAL_S: Final = 0.001
"""How long another thread may keep the GUI thread waiting for the interpreter. While formulas were
drawn, the longest gap of the event loop was 41 ms with Python's 5 ms and 19 ms with this (median
of 6 runs on 2 busy cores)."""

_NUM_WORKERS = 4


@dataclass(frozen=True, slots=True)
class WindowFlags:
    """What the command line says about the window.

    Attributes:
        data_dir: The folder of all files; None takes the environment's or the platform's own.
        is_in_process: The engine runs in a thread of this process.
        is_debug: DEBUG lines in the logs.
        model: Loaded in place of the last one.
    """

    data_dir: Path | None = None
    is_in_process: bool = False
    is_debug: bool = False
    model: Path | None = None


def run(flags: WindowFlags) -> int:
    """Show the window until it is closed; returns the exit status: 0, or 1 if it could not open."""
    check_qt_binding(PySide6.__version_info__, sys.version_info[:3])
    app = application()
    environment = read_environment()
    paths = find_paths(flags.data_dir or environment.data_dir)
    is_debug = flags.is_debug or environment.is_debug
    versions = {"PySide6": PySide6.__version__}
    handler = start_logging(paths.logs_dir, "gui", is_debug=is_debug, versions=versions)
    # It logs every rule at every block, which would drown our own DEBUG lines.
    logging.getLogger("markdown_it").setLevel(logging.INFO)
    sys.excepthook = log_uncaught
    switch_interval_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        # The runner cancels what is left and closes the loop; an open one aborts the process.
        with asyncio.Runner(loop_factory=lambda: WindowEventLoop(app)) as runner:
            return runner.run(_App(app, paths, flags, is_debug=is_debug).main())
    finally:
        sys.setswitchinterval(switch_interval_s)
        sys.excepthook = sys.__excepthook__
        stop_logging(handler)


class _App:
    """One run of the window; owns everything that must be ended in order."""

    def __init__(
        self, app: QApplication, paths: Paths, flags: WindowFlags, *, is_debug: bool
    ) -> None:
        self._app = app
        self._paths = paths
        self._flags = flags
        self._is_debug = is_debug
        # One core stays with the engine and the window where there is more than one.
        self._num_training_threads = max(1, physical_cores() - 1)

    async def main(self) -> int:
        """The whole run; returns the exit status."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(log_fault)
        # qasync's own executor has threads without names.
        loop.set_default_executor(ThreadPoolExecutor(_NUM_WORKERS, "gui-work"))
        # Both stay from now on; damaged settings are set aside when they are read.
        kept = (self._paths.database_file, self._paths.settings_file)
        self._is_first_start = not any(file.exists() for file in kept)
        settings = SettingsFile(self._paths.settings_file)
        theme = self._make_theme(settings)
        try:
            self._paths.create()
            database = await self._open_database(theme)
        except RealmError as error:
            if isinstance(error, AlreadyOpen) and await self._call_first_window():
                return 0
            await self._tell(theme, error)
            return 1
        async with AsyncExitStack() as stack:
            collector = GarbageCollector(loop)
            collector.start()
            stack.callback(collector.stop)
            stack.push_async_callback(
                _end_step, "database", partial(asyncio.to_thread, database.close)
            )
            await self._run_window(stack, settings, theme, database)
        logger.info("the window was closed")
        return 0

    async def _run_window(
        self, stack: AsyncExitStack, settings: SettingsFile, theme: Theme, database: Database
    ) -> None:
        """Start in the order of the architecture, wait for the end; `stack` ends it backwards."""
        client = LocalEngineClient(self._start_engine(settings), asyncio.get_running_loop())
        store = ConversationStore(database)
        library = ChatLibrary(client, store, app_values=lambda: settings.current.defaults)
        sources = make_sources(self._paths, settings.current.network, read_environment())
        guard = process_guard()
        guard.gate = sources.gate
        stack.callback(setattr, guard, "gate", None)
        window = self._make_window(library, client, settings, theme, sources)
        trainer = self._make_trainer()
        window.closing.watch_training(trainer)
        closed = asyncio.Event()
        window.closed.connect(closed.set)
        for name, step in (
            ("settings", settings.write),
            ("engine", client.close),
            ("training", trainer.close),
            ("chats", library.close),
            ("downloads", sources.downloads.close),
            ("window", partial(window.finish_work, STEP_LIMIT_S / 3)),
        ):
            stack.push_async_callback(_end_step, name, step)
        self._obey_signals(window)
        CudaNotice(client, self._paths.torch_dir, window)
        call = WindowCall(self._paths.call_file, window)
        call.called.connect(window.show_in_front)
        call.called.connect(window.models.load_named)
        self._start_log = StartLog(client)
        await show_painted(window, PAINT_LIMIT_S)
        self._start_log.log_painted()
        self._add_commands(window, library, settings, theme, store, trainer)
        welcome = partial(self._welcome, window, settings, theme)
        window.tasks.start(self._fill(window, library, client, database, welcome))
        window.tasks.start(look_for_update(window, settings.current, sources.updates))
        for problem in settings.problems:
            window.show_notice(sentences(problem.message, problem.advice))
        for notice in database.notices:
            self._tell_of_data(window, notice)
        await closed.wait()

    def _make_window(
        self,
        library: ChatLibrary,
        client: LocalEngineClient,
        settings: SettingsFile,
        theme: Theme,
        sources: Sources,
    ) -> MainWindow:
        window = MainWindow(
            library,
            client,
            settings,
            theme,
            sources=sources,
            starter_path=_starter_path(),
            logs_dir=self._paths.logs_dir,
            presets_dir=self._paths.presets_dir,
        )
        window.model_state.keep_packed(self._paths.packed_dir)
        window.model_state.keep_self_tests(self._paths.self_test_dir)
        return window

    def _make_trainer(self) -> Trainer:
        """Training of adapters, in a process of its own that is started when it is asked for."""
        setup = EngineSetup(self._paths.logs_dir, self._is_debug, self._num_training_threads)
        return Trainer(
            partial(start_process, setup, role=Role.TRAINER),
            partial(describe_exit, role=Role.TRAINER),
            asyncio.get_running_loop(),
        )

    def _add_commands(
        self,
        window: MainWindow,
        library: ChatLibrary,
        settings: SettingsFile,
        theme: Theme,
        store: ConversationStore,
        trainer: Trainer,
    ) -> None:
        """Commands whose modules the first paint does not wait for: importing them takes 25 ms."""
        from realm_desktop.ui.exchange_commands import ExchangeCommands
        from realm_desktop.ui.palette_commands import PaletteCommands
        from realm_desktop.ui.storage_commands import StorageCommands
        from realm_desktop.ui.training_commands import TrainingCommands, TrainingPlaces

        paths = self._paths
        ExchangeCommands(library, store, theme, window)
        PaletteCommands(library, settings, theme, window)
        StorageCommands(library, store.database, paths, theme, window)
        places = TrainingPlaces(paths.adapters_dir, paths.training_dir, self._num_training_threads)
        commands = TrainingCommands(trainer, library, store, places, theme, window)
        window.closed.connect(commands.close)

    async def _fill(
        self,
        window: MainWindow,
        library: ChatLibrary,
        client: LocalEngineClient,
        database: Database,
        welcome: Callable[[], object],
    ) -> None:
        """What follows the first paint. The engine starts even if the lists cannot be read."""
        try:
            await library.load()
            self._start_log.log_listed()
            await import_chats()
            await window.open_last()
        finally:
            client.start()
        if self._is_first_start:
            welcome()
        await window.models.load_first(self._flags.model)
        await window.sources.downloads.load()
        # Last, because both read all of a large file and would keep the disk from the start.
        damage = await check_behind(database)
        if damage is not None:
            self._tell_of_data(window, damage)
            return  # there is nothing sound to copy
        await back_up_if_due(self._paths.database_file, self._paths.backups_dir)

    def _tell_of_data(self, window: MainWindow, notice: StoreError) -> None:
        window.show_notice(sentences(notice.message, notice.advice), _tr("Show backups"), "storage")

    def _welcome(self, window: MainWindow, settings: SettingsFile, theme: Theme) -> None:
        """Show the pages of the first start, over the chats; nothing waits for them."""
        # Once in the life of an installation.
        from realm_desktop.ui.first_run_commands import FirstRunCommands

        fixed = self._flags.data_dir or read_environment().data_dir
        FirstRunCommands(
            window,
            theme,
            self._paths.data_dir,
            data_folder_choice(),
            is_offline=settings.current.network.is_offline,
            is_folder_fixed=fixed is not None,
        )

    def _start_engine(self, settings: SettingsFile) -> StartEngine:
        setup = EngineSetup(
            log_folder=self._paths.logs_dir,
            is_debug=self._is_debug,
            num_threads=settings.current.engine.num_threads,
            torch_folder=self._paths.torch_dir,
        )
        return partial(start_thread if self._flags.is_in_process else start_process, setup)

    def _make_theme(self, settings: SettingsFile) -> Theme:
        appearance = settings.current.appearance
        speak(self._app, appearance, QLocale.system())
        theme = Theme(appearance.theme, appearance.zoom, self._app)
        theme.apply(self._app)
        # Connected first, so that widgets find the new style sheet when they hear of the change.
        theme.changed.connect(partial(theme.apply, self._app))
        self._app.screenAdded.connect(theme.draw_for)
        return theme

    async def _open_database(self, theme: Theme) -> Database:
        """Open the store on another thread; a check that takes long is shown."""
        path, backups = self._paths.database_file, self._paths.backups_dir
        opening = asyncio.ensure_future(
            asyncio.to_thread(Database.open, path, backups_dir=backups, general_name=_tr("General"))
        )
        done, _ = await asyncio.wait({opening}, timeout=OPEN_PATIENCE_S)
        if done:
            return opening.result()
        notice = MessageWindow(theme, _tr("Realm Desktop"), _tr("Checking your conversations…"))
        notice.show()
        try:
            return await opening
        finally:
            notice.close()

    async def _call_first_window(self) -> bool:
        """Whether the window that is open already shows itself."""
        call_file = self._paths.call_file
        has_answered = await call_window(call_file, ANSWER_PATIENCE_S, self._flags.model)
        if has_answered:
            logger.info("the window was open already and shows itself")
        return has_answered

    async def _tell(self, theme: Theme, error: RealmError) -> None:
        """Show why the window cannot open, until the user closes the message."""
        logger.error("%s: %s", error.kind, error)
        sentence = sentences(error.message, error.advice)
        sys.stderr.write(f"realm-desktop: {sentence}\n")
        window = MessageWindow(
            theme, _tr("Realm Desktop cannot open"), sentence, button=_tr("Quit")
        )
        closed = asyncio.Event()
        window.closed.connect(closed.set)
        self._obey_signals(window)
        window.show()
        await closed.wait()

    def _obey_signals(self, window: QWidget) -> None:
        """End as if the window was closed, where the platform has such signals."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError, AttributeError):
                loop.add_signal_handler(number, window.close)


async def _end_step(name: str, step: Callable[[], Awaitable[object]]) -> None:
    """One step of the end; what fails or takes too long must not hold up the others."""
    try:
        async with asyncio.timeout(STEP_LIMIT_S):
            await step()
    except TimeoutError:
        logger.warning("ending the %s took longer than %g s", name, STEP_LIMIT_S)
    except Exception:  # the border of the program: everything else must still be ended
        logger.exception("the %s could not be ended", name)


def _starter_path() -> Path | None:
    try:
        return assets.resource(*STARTER)
    except RealmError:
        logger.warning("this installation has no starter model")
        return None


def _tr(text: str) -> str:
    return QCoreApplication.translate("App", text)
