"""Which other machines may be asked, and which folders are looked through: parts of the settings.

Knows nothing of connections. Plain values, checked when they are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from realm_desktop.errors import SettingsError

DEFAULT_HUB: Final = "https://huggingface.co"

_WORDS: Final = {"proxy": "proxy", "hub_endpoint": "hub"}


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Which other machines may be asked, and through what.

    Attributes:
        is_offline: Only this machine may be reached.
        proxy: Address of an HTTP proxy; "" connects directly.
        hub_endpoint: The hub or a mirror of it, by https; http only on this machine.
        is_update_checked: Newer versions of the program are looked for, once a day.
    """

    is_offline: bool = False
    proxy: str = ""
    hub_endpoint: str = DEFAULT_HUB
    is_update_checked: bool = False

    def __post_init__(self) -> None:
        """Refuse addresses that no connection can use, by name."""
        if self.proxy:
            _require_address("proxy", self.proxy, ("http", "https"))
        scheme = _require_address("hub_endpoint", self.hub_endpoint, ("https", "http"))
        host = urlsplit(self.hub_endpoint).hostname
        if scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
            raise SettingsError(
                f"the address of the hub is {self.hub_endpoint}; other machines are asked by https only",
                advice="Use an address that begins with https://.",
                field="hub_endpoint",
            )


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """Where models are looked for beside `EngineSettings.model_folders`.

    Attributes:
        is_other_apps_scanned: Models of LM Studio, Jan, Ollama and Hugging Face are listed too.
    """

    is_other_apps_scanned: bool = True


def _require_address(name: str, address: str, schemes: tuple[str, ...]) -> str:
    """The scheme of an address; SettingsError unless it is one of these and a host follows."""
    try:
        parts = urlsplit(address)
        # Reading the port checks it.
        is_sound = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or not address.isprintable() or " " in address:
        raise SettingsError(
            f"the address of the {_WORDS[name]} is {address!r}; one such as "
            f"{schemes[0]}://name:port is expected",
            advice="Write the address in full.",
            field=name,
        )
    return urlsplit(address).scheme
