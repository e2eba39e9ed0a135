"""The parts of the settings that say which other machines may be asked."""

from __future__ import annotations

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.network_settings import DEFAULT_HUB, NetworkSettings


def test_the_hub_is_asked_directly_unless_the_user_chose_otherwise() -> None:
    assert NetworkSettings() == NetworkSettings(False, "", DEFAULT_HUB)


@pytest.mark.parametrize("address", ["https://mirror.example", "http://127.0.0.1:8080"])
def test_a_mirror_is_taken_by_https_or_on_this_machine(address: str) -> None:
    assert NetworkSettings(hub_endpoint=address).hub_endpoint == address


@pytest.mark.parametrize(
    "address",
    [
        "http://mirror.example",
        "ftp://mirror.example",
        "mirror.example",
        "https://",
        "",
        "https://a b",
    ],
)
def test_a_mirror_that_cannot_be_asked_safely_is_refused_by_name(address: str) -> None:
    with pytest.raises(SettingsError, match="address of the hub is") as caught:
        NetworkSettings(hub_endpoint=address)

    assert caught.value.field == "hub_endpoint"
    assert caught.value.advice


@pytest.mark.parametrize("address", ["http://proxy:3128", "https://proxy.example:443"])
def test_a_proxy_is_an_http_address(address: str) -> None:
    assert NetworkSettings(proxy=address).proxy == address


@pytest.mark.parametrize("address", ["proxy:3128", "socks5://proxy:1080", "http://proxy:99999"])
def test_a_proxy_that_cannot_be_used_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="address of the proxy is"):
        NetworkSettings(proxy=address)
