"""The near end of an engine's loop, over both kinds of channel."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import Pipe
from typing import TypeVar

from realm_desktop.channel import (
    COMMAND_TYPES,
    EVENT_TYPES,
    Channel,
    PipeChannel,
    QueueChannel,
)
from realm_desktop.events import Event
from realm_desktop.protocol import Command

E = TypeVar("E")


class Client:
    """The near end: sends commands, reads events until one fits."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.seen: list[Event] = []

    def send(self, *commands: Command) -> None:
        self.channel.send(commands)

    def until(self, kind: type[E], fits: Callable[[E], bool] = lambda event: True) -> E:
        """The first event of this kind that fits; everything before it is kept in `seen`."""
        while True:
            assert self.channel.poll(20), f"no {kind.__name__} in 20 s, seen {self.seen[-3:]}"
            found = None
            for event in self.channel.receive():
                self.seen.append(event)  # type: ignore[arg-type]  # we are the client's end
                if found is None and isinstance(event, kind) and fits(event):
                    found = event
            if found is not None:
                return found


def queue_ends() -> tuple[Channel, Channel]:
    return QueueChannel.pair()


def pipe_ends() -> tuple[Channel, Channel]:
    near, far = Pipe()
    return (
        PipeChannel(near, EVENT_TYPES, is_buffered=True),
        PipeChannel(far, COMMAND_TYPES),
    )
