"""Starts the engine: as a process of its own, or as a thread for tests and the command line.

The trainer of adapters is started likewise, as a third process. `engine_main` is the first thing that
runs in either. It prepares the process and then imports the engine; nothing else here may import it,
because torch takes seconds. `spawn` is used on every platform: `fork` is unsafe beside the threads of
Qt. Knows nothing of Qt or of requests.
"""

from __future__ import annotations

import faulthandler
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Literal, Protocol

import psutil

from realm_desktop.channel import (
    COMMAND_TYPES,
    EVENT_TYPES,
    TRAINING_COMMAND_TYPES,
    TRAINING_EVENT_TYPES,
    Channel,
    PipeChannel,
    QueueChannel,
    RunningProcess,
)
from realm_desktop.cores import physical_cores
from realm_desktop.errors import EngineStopped
from realm_desktop.log import start_logging
from realm_desktop.torch_folder import take_torch

logger = logging.getLogger(__name__)

ENGINE_NICENESS = 10
"""Measured on 2 cores: a 5 ms timer of the window is then late by 7 ms at most, at no loss of speed."""

TRAINER_NICENESS = 19
"""The lowest priority: an engine that computes gets seven times as much of a core that both want."""

ORPHAN_GRACE_S = 1.0
"""How long the engine may take to stop by itself once the window's process is gone."""

Serve = Callable[[Channel], None]


class Role(StrEnum):
    """What a process is started for."""

    ENGINE = "engine"
    TRAINER = "trainer"

    @property
    def log_name(self) -> Literal["engine", "trainer"]:
        """The name of its log."""
        return "trainer" if self is Role.TRAINER else "engine"

    @property
    def niceness(self) -> int:
        """What it adds to the window's own."""
        return TRAINER_NICENESS if self is Role.TRAINER else ENGINE_NICENESS

    @property
    def accepts(self) -> tuple[type, ...]:
        """Commands it is sent."""
        return TRAINING_COMMAND_TYPES if self is Role.TRAINER else COMMAND_TYPES

    @property
    def says(self) -> tuple[type, ...]:
        """Events it sends."""
        return TRAINING_EVENT_TYPES if self is Role.TRAINER else EVENT_TYPES


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """What the engine process needs to know before it imports anything heavy.

    Attributes:
        log_folder: Where `engine.log` goes; None logs to standard error.
        is_debug: Log DEBUG lines too.
        num_threads: Threads of OpenMP; None takes the physical cores.
        torch_folder: Another build of torch, taken if it was found sound; None takes the program's.
    """

    log_folder: Path | None = None
    is_debug: bool = False
    num_threads: int | None = None
    torch_folder: Path | None = None


class EngineHandle(RunningProcess, Protocol):
    """A running engine, owned by whoever started it."""

    def is_alive(self) -> bool:
        """Whether it still runs."""
        ...


class ProcessHandle:
    """An engine in a process of its own."""

    def __init__(self, process: SpawnProcess, channel: Channel) -> None:
        self._process = process
        self._channel = channel

    @property
    def channel(self) -> Channel:
        """See `RunningProcess`."""
        return self._channel

    @property
    def sentinel(self) -> int | None:
        """See `RunningProcess`."""
        return self._process.sentinel

    @property
    def process_id(self) -> int | None:
        """The id the system knows it by."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """See `RunningProcess`."""
        return self._process.exitcode

    def is_alive(self) -> bool:
        """See `EngineHandle`."""
        return self._process.is_alive()

    def kill(self) -> None:
        """See `RunningProcess`."""
        self._process.kill()

    def join(self, timeout_s: float) -> bool:
        """See `RunningProcess`."""
        self._process.join(timeout_s)
        return not self._process.is_alive()


class ThreadHandle:
    """An engine in a thread of this process."""

    sentinel: int | None = None

    def __init__(self, thread: threading.Thread, channel: Channel) -> None:
        self._thread = thread
        self._channel = channel

    @property
    def channel(self) -> Channel:
        """See `RunningProcess`."""
        return self._channel

    @property
    def exit_code(self) -> int | None:
        """See `RunningProcess`."""
        return None if self._thread.is_alive() else 0

    def is_alive(self) -> bool:
        """See `EngineHandle`."""
        return self._thread.is_alive()

    def kill(self) -> None:
        """See `RunningProcess`."""
        self._channel.close()

    def join(self, timeout_s: float) -> bool:
        """See `RunningProcess`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()


def start_process(
    setup: EngineSetup | None = None, *, serve: Serve | None = None, role: Role = Role.ENGINE
) -> ProcessHandle:
    """Start the engine, or the trainer, in a new process; returns before it is up.

    Args:
        setup: What the process is told; None takes the defaults.
        serve: Runs in place of the engine; a function at the top level of a module.
        role: Which of both.

    Raises:
        EngineStopped: The system refuses another process.
    """
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe(duplex=True)
    process = context.Process(
        target=engine_main,
        args=(far, setup or EngineSetup(), serve, role),
        name=f"realm-{role}",
        daemon=True,  # a window that ends without a word takes the engine along
    )
    try:
        process.start()
    except OSError as error:
        near.close()
        raise EngineStopped(
            f"The {role} process cannot be started: {error}.",
            advice=f"Close other programs and start the {role} again.",
        ) from error
    finally:
        far.close()  # the child's alone now, so that its death is the end of the connection
    return ProcessHandle(process, PipeChannel(near, role.says, is_buffered=True))


def start_thread(setup: EngineSetup | None = None, *, serve: Serve | None = None) -> ThreadHandle:
    """Start the engine in a thread of this process. Logging and priority stay the process's own."""
    _set_thread_counts(setup or EngineSetup())
    near, far = QueueChannel.pair()
    thread = threading.Thread(
        target=_serve_until_end, args=(far, serve, Role.ENGINE), name="realm-engine", daemon=True
    )
    thread.start()
    return ThreadHandle(thread, near)


def engine_main(
    connection: Connection, setup: EngineSetup, serve: Serve | None, role: Role = Role.ENGINE
) -> None:
    """What the new process runs: prepare, import the engine, serve until the connection ends."""
    # Ctrl+C in a terminal reaches the whole group; the window decides and sends Shutdown.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _start_engine_log(setup, role)
    _lower_priority(role)
    _set_thread_counts(setup)
    threading.Thread(target=_exit_with_parent, name="parent-watch", daemon=True).start()
    channel = PipeChannel(connection, role.accepts)
    is_sound = _has_torch(setup) and _serve_until_end(channel, serve, role)
    logging.shutdown()
    # Not sys.exit: tearing down torch can take as long as the window is willing to wait.
    os._exit(0 if is_sound else 1)


def describe_exit(exit_code: int, role: Role = Role.ENGINE) -> str:
    """A sentence for how a process ended; negative codes are signals."""
    if exit_code == -9:
        return f"The {role} was killed by the system, most often because memory ran out."
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        return f"The {role} crashed ({name})."
    return f"The {role} stopped with exit code {exit_code}."


def _serve_until_end(channel: Channel, serve: Serve | None, role: Role) -> bool:
    """Serve; False if the engine failed instead of being told to stop."""
    try:
        (serve or _import_serve(role))(channel)
    except EngineStopped:
        logger.info("the window hung up")
    except Exception:  # the border of the engine's process or thread
        logger.exception("the engine failed")
        return False
    finally:
        channel.close()
    return True


def _import_serve(role: Role) -> Serve:
    """The loop of a role. The one lazy import of the design: only here may torch come in."""
    if role is Role.TRAINER:
        from realm_desktop.engine.training.service import serve as serve_trainer

        return serve_trainer
    from realm_desktop.engine.service import serve as serve_engine

    return serve_engine


def _has_torch(setup: EngineSetup) -> bool:
    """Choose the build of torch; False if this process cannot go on with either."""
    if setup.torch_folder is None:
        return True
    try:
        take_torch(setup.torch_folder)
    except EngineStopped as error:
        # The worker starts the next process, which takes the program's own.
        logger.error("%s", error)  # noqa: TRY400  # its cause is in the sentence
        return False
    return True


def _lower_priority(role: Role) -> None:
    """Let the window go first while all cores compute, and the engine before the trainer."""
    try:
        if sys.platform == "win32":
            lowest, lower = psutil.IDLE_PRIORITY_CLASS, psutil.BELOW_NORMAL_PRIORITY_CLASS
            psutil.Process().nice(lowest if role is Role.TRAINER else lower)
        else:
            os.nice(role.niceness)
    except (OSError, psutil.Error) as error:
        logger.warning("the %s keeps its normal priority: %s", role, error)


def _set_thread_counts(setup: EngineSetup) -> None:
    """Tell OpenMP before torch loads it; torch reads these once."""
    num_threads = str(setup.num_threads or physical_cores())
    os.environ["OMP_NUM_THREADS"] = num_threads
    os.environ["MKL_NUM_THREADS"] = num_threads
    # Idle OpenMP threads otherwise spin on the cores that the window needs.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


def _start_engine_log(setup: EngineSetup, role: Role) -> None:
    """Own file for the engine; a native crash leaves its stack there too."""
    if setup.log_folder is None:
        return
    start_logging(setup.log_folder, role.log_name, is_debug=setup.is_debug)
    try:
        # A file of its own: the log rotates, and the handler of signals keeps its descriptor.
        faulthandler.enable((setup.log_folder / f"{role}-crash.log").open("a", encoding="utf-8"))
    except OSError as error:
        logger.warning("native crashes will leave no stack: %s", error)


def _exit_with_parent() -> None:
    """Thread of the engine process: never outlive the window, even from inside native code."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    threading.Event().wait(ORPHAN_GRACE_S)
    os._exit(1)
