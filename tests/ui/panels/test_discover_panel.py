"""Discover: search, repositories, files."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.library.hub_values import FoundRepository
from realm_desktop.ui.panels.discover_panel import DiscoverPanel
from realm_desktop.ui.theme import Theme
from tests.support.downloads import make_offer
from tests.support.widgets import click, press

FOUND = (FoundRepository("org/one", 5, licence="mit"), FoundRepository("org/two", is_gated=True))


@pytest.fixture
def panel(theme: Theme, qtbot: QtBot) -> DiscoverPanel:
    panel = DiscoverPanel(theme, "model")
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    return panel


def _keys(panel: DiscoverPanel) -> list[str]:
    return [row.key for row in panel.repositories.rows.rows]


def test_nothing_is_asked_before_enter(panel: DiscoverPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.searched):
        panel.field.setText("llama")
    with qtbot.waitSignal(panel.searched) as told:
        press(panel.field, Qt.Key.Key_Return)

    assert told.args == ["llama"]


def test_found_repositories_are_listed_and_none_is_chosen(
    panel: DiscoverPanel, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(panel.repository_chosen):
        panel.show_found(FOUND)

    assert _keys(panel) == ["org/one", "org/two"]
    assert panel.download_button.isHidden()


def test_a_chosen_repository_is_asked_for(panel: DiscoverPanel, qtbot: QtBot) -> None:
    panel.show_found(FOUND)

    with qtbot.waitSignal(panel.repository_chosen) as told:
        panel.repositories.choose("org/two")

    assert told.args == ["org/two"]


def test_the_recommended_files_are_chosen_and_the_licence_stands_above(
    panel: DiscoverPanel, qtbot: QtBot
) -> None:
    panel.show_found(FOUND)
    with qtbot.assertNotEmitted(panel.repository_chosen):
        panel.show_offer(make_offer("Q4_K_M", "Q8_0", repository="org/one"))

    assert panel.choices.current_key == "0"
    assert panel.choices.rows.rows[0].mark == "recommended"
    assert panel.licence.text() == "Licence, as its author states it: mit"
    assert "Q4_K_M is recommended" in panel.hint.text()


def test_download_names_the_files_of_the_choice(panel: DiscoverPanel, qtbot: QtBot) -> None:
    panel.show_offer(make_offer("Q4_K_M", "Q8_0"))
    panel.choices.choose("1")

    with qtbot.waitSignal(panel.download_requested) as told:
        click(panel.download_button)

    assert told.args is not None
    assert (told.args[0].label, told.args[0].files[0].path) == ("Q8_0", "Q8_0.gguf")


def test_a_pasted_repository_is_listed_alone(panel: DiscoverPanel) -> None:
    panel.show_found(FOUND)
    panel.show_offer(make_offer("Q4_0", repository="me/pasted"))

    assert _keys(panel) == ["me/pasted"]
    assert panel.repositories.current_key == "me/pasted"


def test_a_repository_without_usable_files_says_why(panel: DiscoverPanel) -> None:
    panel.show_offer(make_offer(refusal="It holds only pickle files."))

    assert panel.hint.text() == "It holds only pickle files."
    assert panel.download_button.isHidden()


def test_a_repository_without_licence_says_so(panel: DiscoverPanel) -> None:
    panel.show_offer(make_offer("Q4_0", licence=""))

    assert panel.licence.text() == "Its author states no licence."


def test_offline_is_shown_with_its_reason_and_the_way_out(
    panel: DiscoverPanel, qtbot: QtBot
) -> None:
    panel.show_found(FOUND)
    panel.set_offline(is_offline=True)
    panel.show_failure("An answer that came too late.")

    assert panel.body.currentWidget() is panel.offline
    assert not panel.field.isEnabled()
    with qtbot.waitSignal(panel.network_requested):
        click(panel.offline.button)


def test_online_again_the_search_is_back(panel: DiscoverPanel) -> None:
    panel.set_offline(is_offline=True)
    panel.set_offline(is_offline=False)

    assert panel.field.isEnabled()
    assert panel.body.currentWidget() is panel.empty


def test_a_failure_offers_to_try_again(panel: DiscoverPanel, qtbot: QtBot) -> None:
    panel.show_failure("The hub is busy. Try again in a minute.")

    assert panel.fault.sentence.text() == "The hub is busy. Try again in a minute."
    with qtbot.waitSignal(panel.retried):
        click(panel.fault.button)


def test_no_hit_says_what_to_do(panel: DiscoverPanel) -> None:
    panel.show_found([])

    assert panel.fault.title.text() == "Nothing was found"
    assert panel.fault.button.isHidden()


def test_hostile_names_lose_their_invisible_signs(panel: DiscoverPanel) -> None:
    panel.show_offer(make_offer("Q4_0", repository="org/a\u202eb"))

    assert "\u202e" not in panel.title.text


def test_rows_speak_all_they_show(panel: DiscoverPanel) -> None:
    panel.show_found(FOUND)
    index = panel.repositories.rows.index(1, 0)

    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "org/two, on request, 0 downloads a month"
    assert panel.repositories.accessibleName() == "Repositories"


def test_the_focus_alone_asks_for_nothing(panel: DiscoverPanel, qtbot: QtBot) -> None:
    panel.show_found(FOUND)

    with qtbot.assertNotEmitted(panel.repository_chosen):
        panel.repositories.setFocus()

    assert panel.repositories.current_key == ""
