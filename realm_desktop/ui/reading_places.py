"""What was read in a chat, as the settings keep it. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from realm_desktop.window_settings import Place

if TYPE_CHECKING:
    from realm_desktop.ui.chat.chat_tab import ChatTab


def place_of(page: ChatTab) -> Place | None:
    """What is read in a chat; None is the end."""
    anchor = page.view.place
    if anchor is None:
        return None
    if anchor.in_thought:
        # Folded when the chat opens again: its reply begins there.
        return anchor.row, -1, 0.0
    return anchor.row, anchor.box, round(anchor.distance, 1)


def return_to(page: ChatTab, place: Place | None) -> None:
    """Show what was read in a chat; None is the end, where it opens anyway."""
    # As late as the page itself, which is there by now.
    from realm_desktop.ui.chat.transcript_layout import Anchor

    if place is not None:
        page.view.return_to(Anchor(*place))
