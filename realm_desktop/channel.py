"""The connection between an engine and its client: commands one way, events the other.

`PipeChannel` carries msgpack frames between two processes, `QueueChannel` the values themselves
between two threads. What stands at the other end of a pipe is not trusted: frames are length-capped,
decoded by type and checked for range, and nothing in them can name code. Knows nothing of engines,
requests or Qt. Each end belongs to one thread; `send` may be called from several.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic, Protocol, TypeVar, get_args

import msgspec

from realm_desktop.errors import EngineStopped, RealmError, RequestError
from realm_desktop.events import EngineDown, EngineRestarted, Event, LoadProgress, TokenLogprob
from realm_desktop.protocol import Command
from realm_desktop.sampling_params import MAX_SEED
from realm_desktop.training_protocol import TrainingCommand, TrainingEvent, TrainingPreparing

logger = logging.getLogger(__name__)

MAX_FRAME_BYTES = 64 * 2**20
"""Longest frame: a prompt of 16 million tokens as ids, or 60 million characters."""

MAX_TOKEN_ID = 2**31 - 1

Message = Command | Event | TrainingCommand | TrainingEvent
Decoder = Callable[[bytes | msgspec.Raw], Message]
Item = TypeVar("Item")

COMMAND_TYPES: tuple[type, ...] = get_args(Command)
EVENT_TYPES: tuple[type, ...] = tuple(
    event for event in get_args(Event) if event not in (EngineRestarted, EngineDown)
)
"""What an engine may say; restarts are the worker's own words."""

TRAINING_COMMAND_TYPES: tuple[type, ...] = get_args(TrainingCommand)
TRAINING_EVENT_TYPES: tuple[type, ...] = get_args(TrainingEvent)

_FRAME_DECODER = msgspec.msgpack.Decoder(list[tuple[str, msgspec.Raw]])


class Channel(Protocol):
    """One end of a connection."""

    @property
    def waitable(self) -> Connection:
        """For `multiprocessing.connection.wait`: ready when `poll(0)` is true."""
        ...

    def send(self, messages: Sequence[Message]) -> None:
        """Send messages as one frame.

        Raises:
            EngineStopped: The other end is gone.
            RequestError: The messages cannot be encoded or are too long together.
        """
        ...

    def poll(self, timeout_s: float | None) -> bool:
        """Whether a frame, or the end of the connection, is there; None waits without limit."""
        ...

    def receive(self) -> list[Message]:
        """The messages of the next frame; waits for it.

        Raises:
            EngineStopped: The connection ended, or its data makes no sense.
        """
        ...

    def close(self) -> None:
        """Hang up; the other end reads what was sent, then the end. May be called twice."""
        ...


class Mailbox(Generic[Item]):
    """A queue between threads that can be waited for together with pipes and process sentinels.

    A byte lies in the pipe exactly while there is something to take or the box is closed.
    """

    def __init__(self) -> None:
        self._reader, self._writer = Pipe(duplex=False)
        self._lock = threading.Lock()
        self._items: deque[Item] = deque()
        self._is_signalled = False
        self._is_closed = False

    @property
    def waitable(self) -> Connection:
        """For `multiprocessing.connection.wait`."""
        return self._reader

    def put(self, item: Item) -> bool:
        """Append an item; False, and no effect, when the box is closed."""
        with self._lock:
            if self._is_closed:
                return False
            self._items.append(item)
            self._signal()
            return True

    def poll(self, timeout_s: float | None) -> bool:
        """Whether `take` would return an item, or None because the box is closed."""
        return self._reader.poll(timeout_s)

    def take(self) -> Item | None:
        """The oldest item, or None when there is none."""
        with self._lock:
            item = self._items.popleft() if self._items else None
            if not self._items and self._is_signalled and not self._is_closed:
                self._reader.recv_bytes()
                self._is_signalled = False
            return item

    def close(self) -> None:
        """Refuse further items; those inside can still be taken."""
        with self._lock:
            self._is_closed = True
            self._signal()

    def _signal(self) -> None:
        if not self._is_signalled:
            self._is_signalled = True
            self._writer.send_bytes(b"!")


class QueueChannel:
    """One end of a connection between two threads of one process."""

    def __init__(self, incoming: Mailbox[list[Message]], outgoing: Mailbox[list[Message]]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    @classmethod
    def pair(cls) -> tuple[QueueChannel, QueueChannel]:
        """Both ends: `(near, far)`."""
        to_near: Mailbox[list[Message]] = Mailbox()
        to_far: Mailbox[list[Message]] = Mailbox()
        return cls(to_near, to_far), cls(to_far, to_near)

    @property
    def waitable(self) -> Connection:
        """See `Channel`."""
        return self._incoming.waitable

    def send(self, messages: Sequence[Message]) -> None:
        """See `Channel`."""
        if not self._outgoing.put(list(messages)):
            raise _ended()

    def poll(self, timeout_s: float | None) -> bool:
        """See `Channel`."""
        return self._incoming.poll(timeout_s)

    def receive(self) -> list[Message]:
        """See `Channel`."""
        self._incoming.poll(None)
        messages = self._incoming.take()
        if messages is None:
            raise _ended()
        return messages

    def close(self) -> None:
        """See `Channel`."""
        self._incoming.close()
        self._outgoing.close()


class RunningProcess(Protocol):
    """What stands at the other end and ends with its connection: an engine or a trainer."""

    @property
    def channel(self) -> Channel:
        """The near end of the connection."""
        ...

    @property
    def sentinel(self) -> int | None:
        """For `multiprocessing.connection.wait`: ready when the process ended; None for a thread."""
        ...

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for a signal; 0 for a thread that ended."""
        ...

    def kill(self) -> None:
        """End a process now, whatever it does; a thread can only be hung up on."""
        ...

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; True if it ended in time."""
        ...


class PipeChannel:
    """One end of a connection between two processes.

    Args:
        connection: A multiprocessing connection; this end owns and closes it.
        accepts: The types the other end may send.
        is_buffered: Let a thread of its own do the writing. The near end needs it: a prompt larger
            than the pipe would otherwise hold the worker for as long as the engine loads a model,
            and the worker could not read the heartbeats meanwhile.
    """

    def __init__(
        self, connection: Connection, accepts: Sequence[type], *, is_buffered: bool = False
    ) -> None:
        self._connection = connection
        self._decoders = frame_decoders(tuple(accepts))
        self._lock = threading.Lock()
        self._is_closed = False
        self._outgoing: queue.SimpleQueue[bytes | None] | None = None
        if is_buffered:
            self._outgoing = queue.SimpleQueue()
            threading.Thread(
                target=_write_frames,
                args=(connection, self._outgoing),
                name="engine-writer",
                daemon=True,
            ).start()

    @property
    def waitable(self) -> Connection:
        """See `Channel`."""
        return self._connection

    def send(self, messages: Sequence[Message]) -> None:
        """See `Channel`. A buffered end notices that the other is gone when it reads."""
        frame = encode_frame(messages)
        if self._is_closed:
            raise _ended()
        if self._outgoing is not None:
            self._outgoing.put(frame)
            return
        try:
            with self._lock:
                self._connection.send_bytes(frame)
        except OSError as error:
            raise _ended() from error

    def poll(self, timeout_s: float | None) -> bool:
        """See `Channel`."""
        if self._is_closed:
            return True  # `receive` says so
        try:
            return self._connection.poll(timeout_s)
        except OSError:
            return True

    def receive(self) -> list[Message]:
        """See `Channel`."""
        if self._is_closed:
            raise _ended()
        try:
            frame = self._connection.recv_bytes(MAX_FRAME_BYTES)
        except (EOFError, OSError) as error:
            raise _ended() from error
        return decode_frame(frame, self._decoders)

    def close(self) -> None:
        """See `Channel`."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._outgoing is None:
            self._connection.close()
        else:
            self._outgoing.put(
                None
            )  # the writer closes: its descriptor must not be reused under it


def encode_frame(messages: Sequence[Message]) -> bytes:
    """One frame: a msgpack list of [type name, payload].

    Raises:
        RequestError: A text is not valid Unicode, or the frame is longer than `MAX_FRAME_BYTES`.
    """
    try:
        frame = msgspec.msgpack.encode([(type(message).__name__, message) for message in messages])
    except (UnicodeEncodeError, OverflowError) as error:
        raise RequestError(
            f"a text or number cannot be sent to the engine: {error}",
            advice="Remove the broken character and send again.",
        ) from error
    if len(frame) > MAX_FRAME_BYTES:
        raise RequestError(
            f"a message has {len(frame)} bytes; at most {MAX_FRAME_BYTES} can be sent at once",
            advice="Shorten the prompt.",
        )
    return frame


def decode_frame(frame: bytes, decoders: Mapping[str, Decoder]) -> list[Message]:
    """The messages of a frame, each of an accepted type and in range.

    Raises:
        EngineStopped: The frame makes no sense; whoever sent it cannot be trusted further.
    """
    try:
        messages: list[Message] = []
        for name, payload in _FRAME_DECODER.decode(frame):
            if name not in decoders:
                raise EngineStopped(f"the other end sent a {name[:40]!r}, which is not its to send")
            message = decoders[name](payload)
            _check_ranges(message)
            messages.append(message)
    # RealmError too: values that have ranges check themselves when they are made.
    except (msgspec.MsgspecError, ValueError, RecursionError, RealmError) as error:
        logger.warning("refused a frame of %d bytes: %s", len(frame), error)
        raise EngineStopped(
            f"The connection carried {len(frame)} bytes that make no sense: {error}"
        ) from error
    return messages


@cache
def frame_decoders(accepts: tuple[type, ...]) -> Mapping[str, Decoder]:
    """What decodes a payload of each accepted type, by its name."""
    return {accepted.__name__: msgspec.msgpack.Decoder(accepted).decode for accepted in accepts}


def _check_ranges(value: object) -> None:
    """Raise ValueError for a number that a window could not draw or a list could not be indexed by."""
    if isinstance(value, TokenLogprob):
        _check_logprobs(value)
    elif isinstance(value, (LoadProgress, TrainingPreparing)) and not 0.0 <= value.fraction <= 1.0:
        raise ValueError(f"fraction is {value.fraction}; it must be between 0 and 1")
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _check_ranges(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            _check_ranges(item)
    elif isinstance(value, int):
        _check_count(value, MAX_SEED)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a number is {value}; it must be finite")


def _check_logprobs(value: TokenLogprob) -> None:
    for token_id, logprob in ((value.token_id, value.logprob), *value.top):
        _check_count(token_id, MAX_TOKEN_ID)
        if math.isnan(logprob):
            raise ValueError("a log-probability is not a number")


def _check_count(value: int, high: int) -> None:
    if not 0 <= value <= high:
        raise ValueError(f"a count is {value}; it must be between 0 and {high}")


def _write_frames(connection: Connection, frames: queue.SimpleQueue[bytes | None]) -> None:
    """Thread of a buffered end: write what comes, close at None."""
    while (frame := frames.get()) is not None:
        # After an error go on to None: the other thread may still read what the engine said last.
        with contextlib.suppress(OSError):
            connection.send_bytes(frame)
    connection.close()


def _ended() -> EngineStopped:
    return EngineStopped(
        "The connection to the engine ended.",
        advice="Start the engine again and repeat the request.",
    )
