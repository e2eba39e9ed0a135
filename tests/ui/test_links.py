"""Tests of the one way to open a link."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.links import check_link, open_link, shown_address


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that were handed to the system."""
    urls: list[str] = []

    def open_url(url: QUrl) -> bool:
        urls.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return urls


def _buttons(dialog: QMessageBox) -> dict[str, QPushButton]:
    return {button.text(): button for button in dialog.findChildren(QPushButton)}


@pytest.mark.parametrize(
    "address",
    [
        "http://a.b",
        "https://a.b:8443/c?d=e#f",
        "HTTPS://A.B",
        "mailto:someone@example.org",
        "https://[::1]/x",
    ],
)
def test_web_and_mail_addresses_are_allowed(address: str) -> None:
    assert check_link(address).url == address


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "ms-settings:x",
        "deepchat://run?cmd=x",
        "//host/share",
        "\\\\host\\share",
        "C:\\Windows\\x.exe",
        "/etc/passwd",
        "relative/path",
        "",
        "http://",
        "https:///path",
        "http://user@evil.example/",
        "https://bank.example:x@evil.example/",
        "https://bank.example\\@evil.example/",
        "https://a.b/\u202egnp.exe",
        "https://a.b/\nHost: evil",
        " https://a.b\t",
        "https://a\u200b.b",
        "https://a.b:99999999/",
        "https://[::1/",
        "https://a.b/" + "x" * 5_000,
        "ht\ud800tp://a.b",
    ],
)
def test_everything_else_is_refused_with_a_reason(address: str) -> None:
    link = check_link(address)

    assert link.url == ""
    assert link.refusal.endswith(".")


def test_host_is_shown_as_the_network_looks_it_up() -> None:
    link = check_link("https://\u0430\u0440\u0440le.com/x")

    assert link.host.startswith("xn--")
    assert link.warning


def test_port_belongs_to_the_host() -> None:
    assert check_link("http://a.b:8080/").host == "a.b:8080"


def test_shown_address_hides_nothing_and_is_bounded() -> None:
    assert shown_address("a\u202eb\nc\x00") == "a\u21d0b\u2424c\u2400"
    assert len(shown_address("x" * 10**6)) < 3_000


def test_dialog_shows_the_whole_address(window: QWidget, opened: list[str]) -> None:
    dialog = open_link(window, "https://a.b/c?d=e")

    assert "https://a.b/c?d=e" in dialog.informativeText()
    assert "Host: a.b" in dialog.informativeText()
    assert dialog.textFormat() == Qt.TextFormat.PlainText
    assert opened == []


def test_open_hands_the_address_to_the_system(window: QWidget, opened: list[str]) -> None:
    dialog = open_link(window, "https://a.b/c")
    _buttons(dialog)["Open"].click()

    assert opened == ["https://a.b/c"]


def test_cancel_is_the_default_and_opens_nothing(window: QWidget, opened: list[str]) -> None:
    dialog = open_link(window, "https://a.b/c")
    default = dialog.defaultButton()
    default.click()

    assert default is not _buttons(dialog)["Open"]
    assert opened == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "//host/share"])
def test_refused_link_has_no_open_button(window: QWidget, opened: list[str], address: str) -> None:
    dialog = open_link(window, address)

    assert "Open" not in _buttons(dialog)
    assert address in dialog.informativeText()
