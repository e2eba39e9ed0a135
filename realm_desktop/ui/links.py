"""The one way to open a link.

Only http, https and mailto, and only after the user has seen the whole address and, for names in
other scripts, the host as the network will look it up. GUI thread.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls

ALLOWED_SCHEMES = ("http", "https", "mailto")
MAX_ADDRESS = 2_000


class CheckedLink(NamedTuple):
    """What the rules say of an address.

    Attributes:
        url: What would be opened; empty if refused.
        host: As the network looks it up; empty for mailto.
        refusal: Why it is refused, as a sentence; empty if it may be opened.
        warning: What is unusual about it, as a sentence; may be empty.
    """

    url: str
    host: str = ""
    refusal: str = ""
    warning: str = ""


def open_link(parent: QWidget, address: str) -> QMessageBox:
    """Ask whether to open an address, or say why it is refused; returns the dialog, which is open.

    Nothing is opened before the user agrees, and the call does not wait for that.
    """
    link = check_link(address)
    dialog = QMessageBox(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setTextFormat(Qt.TextFormat.PlainText)
    dialog.setWindowTitle(_tr("Open link"))
    shown = shown_address(address)
    if link.refusal:
        dialog.setIcon(QMessageBox.Icon.Warning)
        dialog.setText(_tr("This link is not opened."))
        dialog.setInformativeText(f"{link.refusal}\n\n{shown}")
        dialog.setStandardButtons(QMessageBox.StandardButton.Close)
    else:
        dialog.setIcon(QMessageBox.Icon.Question)
        dialog.setText(_tr("Open this address outside of Realm Desktop?"))
        lines = [shown, _tr("Host: %1").replace("%1", link.host) if link.host else "", link.warning]
        dialog.setInformativeText("\n\n".join(line for line in lines if line))
        button = dialog.addButton(_tr("Open"), QMessageBox.ButtonRole.AcceptRole)
        dialog.setDefaultButton(dialog.addButton(QMessageBox.StandardButton.Cancel))
        url = link.url
        button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(url)))
    dialog.open()
    return dialog


def check_link(address: str) -> CheckedLink:
    """Decide about an address without opening anything."""
    refusal = _refusal_of_text(address)
    if refusal:
        return CheckedLink("", refusal=refusal)
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        has_port = parts.port is not None
    except ValueError:
        return CheckedLink("", refusal=_tr("It is not a valid address."))
    scheme = parts.scheme.lower()
    if scheme not in ALLOWED_SCHEMES:
        found = shown_address(scheme) or _tr("none")
        sentence = _tr("Only http, https and mailto links are opened; this one has the scheme %1.")
        return CheckedLink("", refusal=sentence.replace("%1", found))
    if scheme == "mailto":
        return CheckedLink(address)
    return _checked_web_link(address, parts, host, has_port=has_port)


def shown_address(address: str) -> str:
    """An address as it may be shown: nothing hidden, of bounded length."""
    shown = with_visible_controls(safe_text(address)).replace("\n", "\u2424")
    if len(shown) <= MAX_ADDRESS:
        return shown
    return f"{shown[:MAX_ADDRESS]}…"


def _refusal_of_text(address: str) -> str:
    if len(address) > MAX_ADDRESS:
        sentence = _tr("It is %1 characters long; at most %2 are opened.")
        return sentence.replace("%1", str(len(address))).replace("%2", str(MAX_ADDRESS))
    if with_visible_controls(safe_text(address)) != address or any(c in address for c in "\t\n\\"):
        return _tr("It holds characters that hide where it leads.")
    return ""


def _checked_web_link(
    address: str, parts: SplitResult, host: str, *, has_port: bool
) -> CheckedLink:
    """The rules for http and https."""
    if not host:
        return CheckedLink("", refusal=_tr("It names no host."))
    if parts.username is not None or parts.password is not None:
        # A name before "@" looks like the host and is not.
        return CheckedLink("", refusal=_tr("It holds a user name, which hides the real host."))
    try:
        network_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return CheckedLink("", refusal=_tr("Its host is not a valid name."))
    warning = ""
    if network_host.startswith("xn--") or ".xn--" in network_host:
        warning = _tr("The host holds letters that can look like others.")
    port = f":{parts.port}" if has_port else ""
    return CheckedLink(address, f"{network_host}{port}", warning=warning)


def _tr(text: str) -> str:
    return QCoreApplication.translate("links", text)
