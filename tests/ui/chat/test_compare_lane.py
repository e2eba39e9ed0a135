"""One lane as a widget: figures, chips, and what it tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.events import LoadProgress
from realm_desktop.ui.chat.lane_mix import LaneMixPopup
from realm_desktop.ui.theme import Theme
from tests.support.comparisons import open_lanes, until
from tests.support.model_switches import QWEN, Shop
from tests.support.widgets import child, click, press

pytestmark = pytest.mark.asyncio_qt


async def test_lane_that_waits_for_its_model_says_so(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        shop = Shop()
        lanes.library.models.serve(shop.find, shop.loads.append, lambda path: Path(path).stem)
        research = replace(lanes.session.workspace, model_path=QWEN)
        await lanes.library.update_workspace(research)
        lanes.tab.composer.set_text("Why?")
        press(lanes.tab.composer.edit, Qt.Key.Key_Return)
        await until(lambda: shop.loads == [QWEN])
        lanes.client.emit(LoadProgress(QWEN, "reading", 0.43))
        lane = lanes.widgets[0]

        assert "43" in lane.stats.text()
        assert lane.head.model.text == "qwen"


async def test_lane_that_was_not_asked_says_so(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lane = lanes.widgets[0]

        assert lane.stats.text() == "Not asked yet"
        assert lane.head.model.text == "Tiny"
        assert not lane.keep_button.isEnabled()
        assert lane.model.rowCount() == 0


async def test_figures_are_speed_length_wait_reuse_and_seed(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("one", "two")

        texts = [lane.stats.text() for lane in lanes.widgets]
        assert all("token" in text and "seed" in text for text in texts)
        # They stand in the foot, so the reply itself does not repeat them.
        item = lanes.widgets[0].view.item(0)
        assert item is not None
        assert item.state.is_lane


async def test_mix_is_chosen_in_the_popup(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lane = lanes.widgets[1]
        click(lane.head.mix_button)
        popup = child(lane, LaneMixPopup)
        popup.mixed.rows[lanes.adapter.adapter_id].weight.field.setValue(0.4)
        popup.close()

        mix = AdapterMix((MixEntry(lanes.adapter.adapter_id, 0.4),))
        assert lanes.comparison.lanes[1].settings == LaneSettings(mix)
        assert lanes.widgets[1].head.mix_button.words == "terse 0.40"


async def test_adapter_that_was_removed_keeps_its_name(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("one", "two")
        await lanes.library.remove_adapter(lanes.adapter.adapter_id)

        assert lanes.widgets[1].head.mix_button.words == "terse 1.00"


async def test_reply_of_a_lane_is_a_named_list_for_screen_readers(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("one", "two")
        await until(lambda: lanes.widgets[1].model.rowCount())

        assert lanes.widgets[1].view.accessibleName() == "Reply of lane 2"
