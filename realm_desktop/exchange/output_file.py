"""A file that is written beside the event loop and is there whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from realm_desktop.formats.whole_file import whole_file


@asynccontextmanager
async def output_file(path: Path, num_bytes: int = 0) -> AsyncIterator[BinaryIO]:
    """A file in place of what is at `path`, which stays until the block ended well.

    Opening, syncing and renaming are done in another thread; so should be every write.

    Raises:
        ExportError: The disk is too full, or the system refuses.
    """
    manager = whole_file(path, num_bytes, may_replace=True)

    async def leave(
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return await asyncio.to_thread(manager.__exit__, kind, error, traceback)

    async with AsyncExitStack() as stack:
        file = await asyncio.to_thread(manager.__enter__)
        stack.push_async_exit(leave)
        yield file


async def write_data(path: Path, data: bytes) -> None:
    """Write a whole file.

    Raises:
        ExportError: The disk is too full, or the system refuses.
    """
    async with output_file(path, len(data)) as file:
        await asyncio.to_thread(file.write, data)
