"""The reading thread: adapter files into host memory, beside the steps.

Runs no torch operation that computes. Hand-over by queues, as in `intake`.
"""

from __future__ import annotations

import logging
import queue
import threading
from pathlib import Path
from typing import NamedTuple

import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.lora.adapter_file import Adapter, read_adapter
from realm_desktop.engine.lora.warm_copies import FileStamp, file_stamp
from realm_desktop.errors import contained
from realm_desktop.protocol import AdapterId

logger = logging.getLogger(__name__)


class StampedAdapter(NamedTuple):
    """A checked adapter, and the state of its files before they were read."""

    stamp: FileStamp
    adapter: Adapter


class AdapterRead(NamedTuple):
    """One read that was not made yet."""

    path: Path
    spec: ModelSpec
    dtype: torch.dtype

    def __call__(self) -> StampedAdapter:
        """Read and check the file.

        Raises:
            AdapterError, ModelFileError: See `read_adapter`.
        """
        stamp = file_stamp(self.path)
        return StampedAdapter(stamp, read_adapter(self.path, self.spec, self.dtype))


class ReadResult(NamedTuple):
    """What came of one read: the adapter, or why not."""

    adapter_id: AdapterId
    found: StampedAdapter | Exception


class AdapterReader:
    """The reading thread and its two queues. Owned by the engine thread."""

    def __init__(self) -> None:
        self._reads: queue.SimpleQueue[tuple[AdapterId, AdapterRead] | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[ReadResult] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="adapters", daemon=True)
        self._thread.start()

    def submit(self, adapter_id: AdapterId, read: AdapterRead) -> None:
        """Queue a read."""
        self._reads.put((adapter_id, read))

    def results(self) -> list[ReadResult]:
        """What was read or refused since the last call, in order."""
        done: list[ReadResult] = []
        while not self._results.empty():
            done.append(self._results.get())
        return done

    def close(self) -> None:
        """End the thread; files not yet read are dropped."""
        self._reads.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._reads.get()) is not None:
            adapter_id, read = job
            try:
                self._results.put(ReadResult(adapter_id, read()))
            except BaseException as error:  # noqa: BLE001  (file border: one file, one refusal)
                logger.info("adapter %s refused: %s", adapter_id, type(error).__name__)
                self._results.put(ReadResult(adapter_id, contained(error)))
