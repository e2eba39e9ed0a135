"""The one gate through which every connection of the app goes, and the Offline switch that shuts it.

Knows no HTTP: `http_client` asks here before each request and each redirect. Any thread may ask; the
settings are put in by the GUI thread.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from realm_desktop.errors import DownloadError, Offline
from realm_desktop.network_settings import NetworkSettings

OFFLINE_ADVICE: Final = "Switch Offline off in the network settings, then try again."


class NetworkGate:
    """Decides about every connection before it is opened, and counts them.

    Attributes:
        settings: In force from the next request on.
        opened: Hosts outside this machine that were let through, one entry for each attempt.
        refused: Hosts that the Offline switch kept away, one entry for each attempt.
    """

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        self.settings = settings or NetworkSettings()
        # Appending to a list is atomic, so counting needs no lock between the threads.
        self.opened: list[str] = []
        self.refused: list[str] = []
        self._listeners: list[Callable[[], None]] = []

    @property
    def is_offline(self) -> bool:
        """Whether only this machine may be reached."""
        return self.settings.is_offline

    def apply(self, settings: NetworkSettings) -> None:
        """Put other settings in force; listeners hear of a change."""
        if settings == self.settings:
            return
        self.settings = settings
        for listener in tuple(self._listeners):
            listener()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change of the settings; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def admit(self, scheme: str, host: str) -> None:
        """Let one connection through, or refuse it.

        Raises:
            Offline: The host is another machine and the Offline switch is on.
            DownloadError: Another machine would be asked without encryption.
        """
        if is_loopback(host):
            return
        if self.is_offline:
            self.refused.append(host)
            raise Offline(
                f"Offline is on: the connection to {host} was refused", advice=OFFLINE_ADVICE
            )
        if scheme != "https":
            raise DownloadError(
                f"{host} would be asked over {scheme}; only https is used with other machines",
                advice="Use an address that begins with https://.",
            )
        self.opened.append(host)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, told from its name alone: a look-up would be a connection."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_of(address: str) -> str:
    """The host in an address; "" without one."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
