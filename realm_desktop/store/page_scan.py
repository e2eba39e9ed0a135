"""Rows of a damaged database file that no tree leads to any more, read page by page.

SQLite reads a table from its root down: one damaged page near the root hides thousands of sound ones.
Here every page that looks like a leaf of a table is read by itself, as the `.recover` command of
SQLite's shell does. The file is hostile: every count and offset is checked against the bytes that are
there. Any thread; reads through a memory map. SQLite file format, sections 1.5, 1.6 and 2.1.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import apsw

from realm_desktop.store.clean_text import clean_text

PAGE_BYTES: Final = 4096
"""Of every database of ours; the header that would tell may be what is damaged."""

MAX_ROW_BYTES: Final = 64 * 2**20
"""A chain of overflow pages that claims more is taken for damage."""

_HEADER_BYTES: Final = 100
_TABLE_LEAF: Final = 0x0D
_LEAF_HEADER_BYTES: Final = 8
_MAX_LOCAL: Final = PAGE_BYTES - 35
_MIN_LOCAL: Final = (PAGE_BYTES - 12) * 32 // 255 - 23
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_CONSTANTS: Final[dict[int, apsw.SQLiteValue]] = {0: None, 8: 0, 9: 1}

SHAPES: Final = {
    "conversations": "_sssnnn",
    "messages": "_ss?sssn",
}
"""How rows of a table begin, to tell them from those of others: `_` null, `s` text, `n` number, `?` any.

The small tables are left out: each is a leaf and its own root, and lost with it."""


def scanned_rows(
    path: Path, table: str, columns: Sequence[str]
) -> Iterator[tuple[int, dict[str, apsw.SQLiteValue]]]:
    """Row numbers and rows of a table in the order of the pages; texts cleaned as if stored now.

    Free pages are passed over as far as their list can be read: they hold what was deleted.

    Args:
        path: The database file.
        table: One of `SHAPES`.
        columns: All of the table, in the order they were made; the first is the row number. A row
            written before a column was added ends earlier.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        if path.stat().st_size < PAGE_BYTES:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            free = _free_pages(data)
            # Of the page that a cut went through, the rows that are whole count too.
            for number in range(1, -(-len(data) // PAGE_BYTES) + 1):
                for rowid, payload in () if number in free else _cells(data, number):
                    values = _values(payload, len(columns))
                    if _has_shape(values, SHAPES[table]):
                        yield rowid, dict(zip(columns[1:], values[1:], strict=False))


def _free_pages(data: mmap.mmap) -> set[int]:
    """Pages on the list of free ones, trunks and leaves (section 1.5)."""
    found: set[int] = set()
    num_pages = len(data) // PAGE_BYTES
    (trunk,) = struct.unpack_from(">I", data, 32)
    while 1 < trunk <= num_pages and trunk not in found:
        found.add(trunk)
        begin = (trunk - 1) * PAGE_BYTES
        trunk, count = struct.unpack_from(">II", data, begin)
        count = min(count, PAGE_BYTES // 4 - 2)
        found.update(struct.unpack_from(f">{count}I", data, begin + 8))
    return found


def _cells(data: mmap.mmap, number: int) -> Iterator[tuple[int, bytes]]:
    """Row numbers and payloads of the cells of a page, with what overflowed into others."""
    begin = (number - 1) * PAGE_BYTES
    page = data[begin : begin + PAGE_BYTES]
    head = _HEADER_BYTES if number == 1 else 0
    first = head + _LEAF_HEADER_BYTES
    if len(page) < first or page[head] != _TABLE_LEAF:
        return
    (count,) = struct.unpack_from(">H", page, head + 3)
    count = min(count, (len(page) - first) // 2)
    for offset in struct.unpack_from(f">{count}H", page, first):
        size, at = _varint(page, offset)
        rowid, at = _varint(page, at)
        payload = _payload(data, page, at, size) if size <= MAX_ROW_BYTES else None
        if payload is not None:
            yield rowid, payload


def _payload(data: mmap.mmap, page: bytes, at: int, size: int) -> bytes | None:
    """The payload of so many bytes that begins in a page; None if it leaves the page or its chain."""
    local = size
    if size > _MAX_LOCAL:
        local = _MIN_LOCAL + (size - _MIN_LOCAL) % (PAGE_BYTES - 4)
        local = local if local <= _MAX_LOCAL else _MIN_LOCAL
    if at + local + (4 if local < size else 0) > len(page):
        return None
    pieces = [page[at : at + local]]
    following = int.from_bytes(page[at + local : at + local + 4], "big") if local < size else 0
    missing = size - local
    # A chain that runs in a circle ends with the bytes that are missing.
    while missing > 0:
        begin = (following - 1) * PAGE_BYTES
        if following < 1 or begin + PAGE_BYTES > len(data):
            return None
        piece = data[begin + 4 : begin + min(PAGE_BYTES, 4 + missing)]
        following = int.from_bytes(data[begin : begin + 4], "big")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _values(record: bytes, max_values: int) -> list[apsw.SQLiteValue]:
    """The values of a record; empty if it is none with so many values at most."""
    header_bytes, at = _varint(record, 0)
    values: list[apsw.SQLiteValue] = []
    body = header_bytes
    if header_bytes > len(record):
        return []
    while at < header_bytes:
        kind, at = _varint(record, at)
        size = (kind - 12) // 2 if kind >= 12 else 8 if kind == 7 else _INTEGER_BYTES.get(kind, 0)
        if body + size > len(record) or kind in (10, 11) or len(values) == max_values:
            return []
        values.append(_value(kind, record[body : body + size]))
        body += size
    return values if body == len(record) and at == header_bytes else []


def _value(kind: int, data: bytes) -> apsw.SQLiteValue:
    """A value by its serial type (section 2.1)."""
    if kind in _CONSTANTS:
        return _CONSTANTS[kind]
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind < 12:
        return int.from_bytes(data, "big", signed=True)
    return clean_text(data.decode("utf-8", "replace")) if kind % 2 else data


def _has_shape(values: Sequence[apsw.SQLiteValue], shape: str) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "_": (type(None),),
        "s": (str,),
        "n": (int, float),
        "?": (object,),
    }
    return len(values) >= len(shape) and all(
        isinstance(value, kinds[letter]) for value, letter in zip(values, shape, strict=False)
    )


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next one begins; 0 beyond the end."""
    value = 0
    for byte in data[at : at + 8]:
        at += 1
        value = (value << 7) | (byte & 0x7F)
        if not byte & 0x80:
            return value, at
    last = data[at] if at < len(data) else 0
    return (value << 8) | last, at + 1
