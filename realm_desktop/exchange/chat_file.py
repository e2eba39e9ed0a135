"""Opens a file of chats and tells which kind it is."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from realm_desktop.errors import ImportFailed
from realm_desktop.exchange.archive_reader import read_archive
from realm_desktop.exchange.chatgpt_reader import read_chatgpt
from realm_desktop.exchange.imported import Found
from realm_desktop.exchange.json_stream import JsonStream
from realm_desktop.formats.corruption import quote
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, Folder, new_folder_id

CHATGPT_FOLDER = "ChatGPT"


def read_chat_file(
    path: Path, now_s: float, on_read: Callable[[int, int], None] = lambda _done, _all: None
) -> Generator[Found, None, None]:
    """Everything in a file: workspaces and folders first, then the chats.

    Takes as long as the file is large; any thread but the GUI's, each step may be on another one.

    Args:
        path: JSON of ours, or `conversations.json` of ChatGPT.
        now_s: Time of what has none.
        on_read: Called after every piece with the bytes read and the size of the file.

    Raises:
        ImportFailed: The file cannot be opened, or read on from some place.
    """
    try:
        # A pipe or a device would be waited for without end.
        if not path.is_file():
            raise _unreadable(path, "it is no file")
        size = path.stat().st_size
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    with file:
        stream = JsonStream(file, path)
        for found in _pieces(stream, now_s):
            on_read(stream.num_bytes_read, size)
            yield found


def _pieces(stream: JsonStream, now_s: float) -> Iterator[Found]:
    if not stream.is_list():
        yield from read_archive(stream)
        return
    folder = Folder(new_folder_id(), GENERAL_WORKSPACE_ID, CHATGPT_FOLDER, now_s)
    yield folder
    yield from read_chatgpt(stream, folder.folder_id, now_s)


def _unreadable(path: Path, why: str) -> ImportFailed:
    return ImportFailed(
        f"{quote(path.name)} cannot be opened: {why}",
        advice="Choose another file, or check its permissions.",
        file=path,
    )
