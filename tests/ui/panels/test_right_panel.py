"""Tests of the right panel's frame."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.schema.setting import Scope
from realm_desktop.ui.panels.panel_pages import (
    ModelSettingsPage,
    SettingsPage,
    SpeculationPage,
    SystemPage,
)
from realm_desktop.ui.panels.right_panel import PanelPage, RightPanel, page_of
from realm_desktop.ui.theme import Theme
from tests.support.panels import shown_page
from tests.support.setting_rows import defaults
from tests.support.widgets import child, click, press


@pytest.fixture
def panel(theme: Theme, qtbot: QtBot) -> RightPanel:
    panel = RightPanel(theme)
    qtbot.addWidget(panel)
    for name in ("model", "sampling", "speculation", "system", "tokens", "adapters"):
        panel.show_page(name)
    for page in panel.settings_pages:
        page.show_values(defaults(), {}, Scope.CONVERSATION)
    panel.show()
    return panel


@pytest.mark.parametrize("page", ["model", "sampling", "adapters", "speculation", "system"])
def test_tab_shows_its_page_under_its_name(panel: RightPanel, page: PanelPage) -> None:
    click(panel.buttons[page])

    assert panel.page == page
    assert panel.title.text() == panel.buttons[page].accessibleName()
    assert panel.pages[page].isVisible()


def test_tabs_are_reached_and_pressed_by_keyboard(panel: RightPanel) -> None:
    panel.buttons["system"].setFocus(Qt.FocusReason.TabFocusReason)
    press(panel.buttons["system"], Qt.Key.Key_Space)

    assert panel.page == "system"


def test_page_is_made_once_and_only_when_it_is_shown(theme: Theme, qtbot: QtBot) -> None:
    panel = RightPanel(theme)
    qtbot.addWidget(panel)
    panel.show()
    before = list(panel.pages)
    with qtbot.waitSignal(panel.page_made):
        panel.show_page("system")
    with qtbot.assertNotEmitted(panel.page_made):
        panel.show_page("adapters")
        panel.show_page("system")

    assert before == ["adapters"]
    assert list(panel.pages) == ["adapters", "system"]


def test_restored_page_is_made_when_the_panel_is_seen(theme: Theme, qtbot: QtBot) -> None:
    panel = RightPanel(theme)
    qtbot.addWidget(panel)
    panel.restore_page("speculation")
    before = (panel.page, list(panel.pages))
    panel.show()

    assert before == ("speculation", ["adapters"])
    assert panel.pages["speculation"].isVisible()
    assert panel.page == "speculation"


def test_every_row_is_found_on_its_page(panel: RightPanel) -> None:
    found = {key: name for name, page in panel.pages.items() for key in _keys(page)}

    assert {key: page_of(key) for key in found} == found
    assert page_of("appearance.theme") is None


def _keys(page: QWidget) -> tuple[str, ...]:
    return page.form.keys if isinstance(page, SettingsPage) else ()


def test_no_page_needs_more_than_the_panel_s_width(panel: RightPanel, theme: Theme) -> None:
    panel.resize(theme.px(320), theme.px(800))
    for page in panel.settings_pages:
        page.form.more_button.setChecked(True)

        assert page.form.minimumSizeHint().width() <= theme.px(320 - 2 * 16 - 8)


def test_changes_of_the_chat_are_counted_and_listed(panel: RightPanel, qtbot: QtBot) -> None:
    panel.show_page("sampling")
    panel.show_changed(("sampling.top_p", "system.prompt"))
    text = panel.changed_button.text()
    click(panel.changed_button)
    menu = child(panel, QMenu, "")
    menus = [found for found in panel.findChildren(QMenu) if found.actions() and found.isVisible()]
    names = [action.text() for action in menus[0].actions() if action.text()]
    with qtbot.waitSignal(panel.reset_all_requested):
        menus[0].actions()[-1].trigger()
    menus[0].close()

    assert menu is not None
    assert text == "Changed from workspace (2)"
    assert names == ["Top p", "System prompt", "Reset to workspace"]


def test_listed_change_leads_to_its_row(panel: RightPanel) -> None:
    panel.reveal("system.prompt")

    assert panel.page == "system"
    assert (
        panel.focusWidget()
        is shown_page(panel, SystemPage).form.rows["system.prompt"].editor.control
    )


def test_without_a_chat_there_is_no_scope_of_a_chat(panel: RightPanel) -> None:
    panel.show_scopes("Research", Scope.WORKSPACE, has_chat=False)
    offered = [panel.scope_box.itemData(place) for place in range(panel.scope_box.count())]

    assert offered == ["workspace", "app"]
    assert "Research" in panel.scope_box.currentText()


def test_reload_is_offered_only_while_values_differ(panel: RightPanel, qtbot: QtBot) -> None:
    panel.show_page("model")
    shown_page(panel, ModelSettingsPage).show_reload(is_needed=False, has_model=True)
    is_hidden = shown_page(panel, ModelSettingsPage).reload_button.isHidden()
    shown_page(panel, ModelSettingsPage).show_reload(is_needed=True, has_model=True)

    assert is_hidden
    with qtbot.waitSignal(shown_page(panel, ModelSettingsPage).reload_requested):
        click(shown_page(panel, ModelSettingsPage).reload_button)


def test_refused_draft_says_why_and_offers_ngrams(panel: RightPanel, qtbot: QtBot) -> None:
    panel.show_page("speculation")
    shown_page(panel, SpeculationPage).show_refusal("vocabulary differs at id 139")

    assert "139" in shown_page(panel, SpeculationPage).refusal.text()
    with qtbot.waitSignal(shown_page(panel, SpeculationPage).ngram_requested):
        click(shown_page(panel, SpeculationPage).ngram_button)


def test_check_of_the_form_is_said_in_its_colour(panel: RightPanel) -> None:
    panel.show_page("system")
    shown_page(panel, SystemPage).show_check("uses not at /not", "danger")

    assert shown_page(panel, SystemPage).check.isVisible()
    assert shown_page(panel, SystemPage).check.property("tone") == "danger"


def test_presets_are_offered_with_what_can_be_done(panel: RightPanel) -> None:
    bar = panel.presets
    bar.show_presets(("Careful", "<b>Wild"), "Careful", is_changed=True)

    assert bar.box.currentText() == "Careful (changed)"
    assert (bar.save_action.isEnabled(), bar.discard_action.isEnabled()) == (True, True)
    bar.show_presets(("Careful",), "gone", is_changed=False)
    assert (bar.box.value, bar.save_action.isEnabled()) == ("", False)
