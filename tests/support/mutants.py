"""Hostile variants of a valid file, and the only two ways they may end: opened or refused.

Boundary values find what random changes do not (hangs, huge allocations), and the other way round,
so there is a generator of each kind. Both are seeded and repeat themselves exactly.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from realm_desktop.errors import RealmError
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.model_file import open_model
from tests.support.gguf_files import EncodedGguf, HeaderField

BOUNDARY_VALUES = (0, 1, -1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
MAX_CPU_S = 1.0


def boundary_mutants(encoded: EncodedGguf) -> Iterator[tuple[str, bytes]]:
    """Each number of the header set to each boundary value and to one more and less than it is."""
    for header_field in encoded.fields:
        start, stop = header_field.offset, header_field.offset + header_field.num_bytes
        original = int.from_bytes(encoded.data[start:stop], "little")
        values = {*BOUNDARY_VALUES, original + 1, original - 1, len(encoded.data)}
        for value in sorted(values):
            mutant = _with_number(encoded.data, header_field, value)
            if mutant != encoded.data:
                yield f"{header_field.name} = {value}", mutant


def random_mutants(data: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` variants with one to four random flips, insertions, deletions or splices."""
    source = random.Random(seed)
    for number in range(count):
        mutant = bytearray(data)
        for _ in range(source.randint(1, 4)):
            source.choice((_flip, _insert, _delete, _splice))(mutant, source)
        yield f"seed {seed}, mutant {number}", bytes(mutant)


def header_mutants(data: bytes, end: int, count: int, seed: int) -> Iterator[bytes]:
    """`count` variants with one to three numbers or bytes before `end` replaced; the length stays.

    So most of them keep their structure, and what breaks is what a value means.
    """
    source = random.Random(seed)
    for _ in range(count):
        mutant = bytearray(data)
        for _ in range(source.randint(1, 3)):
            num_bytes = source.choice((1, 1, 4, 8))
            place = source.randrange(end - num_bytes)
            value = source.choice((*BOUNDARY_VALUES, 3, 7, source.getrandbits(64)))
            number = value % 2 ** (8 * num_bytes)
            mutant[place : place + num_bytes] = number.to_bytes(num_bytes, "little")
        yield bytes(mutant)


def truncations(data: bytes, parts: int = 64) -> Iterator[tuple[str, bytes]]:
    """The file cut at every 1/`parts` of its length."""
    for part in range(parts):
        yield f"cut at {part}/{parts}", data[: len(data) * part // parts]


def is_accepted(path: Path, data: bytes) -> bool:
    """Whether `data`, written to `path`, opens and can be read to the last value.

    Anything but an acceptance or a `RealmError` propagates, and so fails the test.
    """
    path.write_bytes(data)
    started_s = time.thread_time()
    refusal = _refusal(path)
    assert time.thread_time() - started_s < MAX_CPU_S
    if refusal is None:
        return True
    assert path.name in refusal.message, refusal.message
    assert refusal.message.isprintable(), refusal.message
    return False


def _refusal(path: Path) -> RealmError | None:
    try:
        inspect(path)
        _read_everything(path)
    except RealmError as error:
        return error
    return None


def _read_everything(path: Path) -> None:
    model_file = open_model(path)
    assert all(value is not None for value in dict(model_file.metadata).values())
    for name, entry in model_file.tensors.items():
        assert len(model_file.tensor_bytes(name)) == entry.num_bytes
    model_file.close()


def _with_number(data: bytearray, header_field: HeaderField, value: int) -> bytes:
    wrapped = value % 2 ** (8 * header_field.num_bytes)
    mutant = bytearray(data)
    start = header_field.offset
    mutant[start : start + header_field.num_bytes] = wrapped.to_bytes(
        header_field.num_bytes, "little"
    )
    return bytes(mutant)


def _flip(data: bytearray, source: random.Random) -> None:
    if data:
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def _insert(data: bytearray, source: random.Random) -> None:
    place = source.randint(0, len(data))
    data[place:place] = source.randbytes(source.randint(1, 16))


def _delete(data: bytearray, source: random.Random) -> None:
    place = source.randint(0, len(data))
    del data[place : place + source.randint(1, 16)]


def _splice(data: bytearray, source: random.Random) -> None:
    """Copies one stretch of the file over another."""
    length = source.randint(1, 32)
    origin, target = source.randint(0, len(data)), source.randint(0, len(data))
    data[target : target + length] = data[origin : origin + length]
