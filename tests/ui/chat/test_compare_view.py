"""The lanes of a comparison as they are seen and used, over a real session and store."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from realm_desktop.chat.lanes import MAX_LANES, LaneSettings
from realm_desktop.errors import StoreError
from realm_desktop.events import ErrorInfo, Failed
from realm_desktop.protocol import Abort
from realm_desktop.ui.chat.blocks import SpanStyle, TextBlock
from realm_desktop.ui.chat.compare_lane import CompareLane
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.theme import Theme
from tests.support.comparisons import Lanes, open_lanes, until
from tests.support.widgets import click, press

BROKEN = ErrorInfo("OutOfMemory", "the reply needs 9.8 GB, free are 7.1 GB", "Use less context.")
LONG = "Some words about the tide.\n\n" * 60

pytestmark = pytest.mark.asyncio_qt


def _texts(lanes: Lanes) -> list[str]:
    return [lane.model.message(0).content for lane in lanes.widgets]


def _diff(lane: CompareLane) -> tuple[TextBlock, ...] | None:
    return lane.model.state(0).blocks


async def test_new_comparison_has_a_base_lane_and_an_adapter_lane(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        words = [lane.head.mix_button.words for lane in lanes.widgets]

        assert words == ["Base", "terse 1.00"]
        assert not lanes.tab.view.isVisible()
        assert not lanes.view.prompt.isVisible()
        assert lanes.tab.composer.edit.placeholderText() == "One prompt for all lanes"


async def test_one_composer_asks_every_lane(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask("Why?")
        lanes.stream(0, "base")
        lanes.stream(1, "terse")
        await until(lambda: _texts(lanes) == ["base", "terse"])

        assert [r.adapters != () for r in lanes.client.requests] == [False, True]
        assert lanes.view.prompt_model.message(0).content == "Why?"
        assert lanes.tab.composer.text == ""


async def test_refused_prompt_stays_in_the_composer(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme, has_model=False) as lanes:
        lanes.tab.composer.set_text("Why?")
        press(lanes.tab.composer.edit, Qt.Key.Key_Return)
        await until(lambda: lanes.tab.composer.notice)

        assert "No model is loaded." in lanes.tab.composer.notice
        assert lanes.tab.composer.text == "Why?"


async def test_lanes_are_added_until_there_are_six(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        for _ in range(MAX_LANES - 2):
            click(lanes.view.bar.lane_button)

        assert len(lanes.widgets) == MAX_LANES
        assert not lanes.view.bar.lane_button.isEnabled()
        assert len({lane.settings.key for lane in lanes.comparison.lanes}) == MAX_LANES


async def test_diff_is_switched_while_lanes_come_and_go(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        for _ in range(2):
            lanes.comparison.add_lane()
            lanes.comparison.remove_lane(lanes.comparison.lanes[0].lane_id)
            lanes.view.bar.diff_switch.toggle()

        assert len(lanes.widgets) == 2


async def test_lane_is_duplicated_and_removed_by_its_menu(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lanes.widgets[1].head.duplicate_requested.emit()
        words = [lane.head.mix_button.words for lane in lanes.widgets]
        lanes.widgets[0].head.remove_requested.emit()

        assert words == ["Base", "terse 1.00", "terse 1.00"]
        assert [lane.accessibleName() for lane in lanes.widgets] == ["Lane 1", "Lane 2"]


async def test_stats_and_seed_stand_below_each_reply(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        writing = lanes.widgets[0].stats.text()
        await lanes.answer("one", "two")
        seed = lanes.client.requests[0].sampling.seed

        assert writing == f"Waiting · seed {seed}"
        assert lanes.widgets[0].stats.text() == f"1 token · seed {seed}"


async def test_replies_end_on_one_line(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lanes.tab.resize(480, 600)
        first, second = lanes.widgets
        first.stats.setText("short")
        second.stats.setText("many figures · " * 20)
        lanes.view._align_feet()

        tall = [first.stats.minimumHeight(), second.stats.minimumHeight()]
        second.stats.setText("short")
        lanes.view._align_feet()

        assert tall[0] == tall[1] > 40
        assert first.stats.minimumHeight() == 2 * theme.line_height("label")


async def test_kept_lane_is_the_branch_of_the_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        assert lanes.widgets[1].keep_button.text() == "Keep when finished"
        assert not lanes.widgets[1].keep_button.isEnabled()
        await lanes.answer("one", "two")
        click(lanes.widgets[1].keep_button)
        await until(lambda: lanes.comparison.kept_id is not None)

        assert lanes.widgets[1].keep_button.text() == "Kept"
        assert lanes.session.transcript.messages[-1].content == "two"


async def test_stop_ends_all_lanes(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        press(lanes.tab.composer.edit, Qt.Key.Key_Escape)
        await until(lambda: not lanes.session.is_busy)

        aborted = [c for c in lanes.client.commands if isinstance(c, Abort)]
        assert aborted == [Abort(request.request_id) for request in lanes.client.requests]


async def test_failure_is_told_in_its_lane_alone(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        lanes.client.emit(Failed(lanes.client.requests[1].request_id, BROKEN))
        lanes.stream(0, "fine")
        await until(lambda: lanes.comparison.running(lanes.comparison.lanes[1]) is None)
        fine, failed = lanes.widgets

        assert (fine.model.state(0).error, failed.model.state(0).error) == (None, BROKEN)
        assert failed.head.glyph.accessibleName() == "failed"
        assert not failed.keep_button.isEnabled()


async def test_disk_that_takes_no_reply_is_told_once(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise StoreError("the disk is full", advice="Make room.")

    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        monkeypatch.setattr(lanes.library._store, "update_message", refuse)
        told: list[ErrorInfo] = []
        lanes.view.failed.connect(told.append)
        await lanes.answer("one", "two")
        lanes.view.refresh()
        monkeypatch.undo()

        assert [error.message for error in told] == ["the disk is full"]
        assert lanes.tab.composer.notice == "The disk is full. Make room."


async def test_failed_lane_answers_again(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        lanes.client.emit(Failed(lanes.client.requests[1].request_id, BROKEN))
        await until(lambda: lanes.comparison.running(lanes.comparison.lanes[1]) is None)
        lanes.widgets[1].view.action_requested.emit(MessageAction.REGENERATE, "")
        await until(lambda: len(lanes.client.requests) == 3)

        assert lanes.client.requests[2].sampling == lanes.client.requests[1].sampling


async def test_diff_marks_words_against_the_first_lane(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("the tide rose", "the tide fell")
        lanes.view.bar.diff_switch.setChecked(True)
        await until(lambda: _diff(lanes.widgets[1]) is not None)
        (block,) = _diff(lanes.widgets[1]) or ()
        marks = [span.style for span in block.spans]
        lanes.view.bar.diff_switch.setChecked(False)

        assert (block.text, marks) == ("the tide rose fell", [SpanStyle.REMOVED, SpanStyle.ADDED])
        assert [_diff(lane) for lane in lanes.widgets] == [None, None]


async def test_diff_follows_text_that_streams_in(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lanes.view.bar.diff_switch.setChecked(True)
        await lanes.ask()
        lanes.stream(0, "one two three")
        lanes.stream(1, "one")
        await until(lambda: _diff(lanes.widgets[1]))
        assert [block.text for block in _diff(lanes.widgets[1]) or ()] == ["one"]
        await lanes.answer("", "")
        await until(lambda: len((_diff(lanes.widgets[1]) or ())[0].spans) == 1)

        assert [block.text for block in _diff(lanes.widgets[1]) or ()] == ["one two three"]


async def test_lanes_scroll_together_by_share(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer(LONG, LONG * 2)
        first, second = (lane.view for lane in lanes.widgets)
        await until(lambda: first.verticalScrollBar().maximum() > 0 < second.content_height)
        bar = first.verticalScrollBar()
        bar.setValue(bar.maximum() // 2)

        assert second.share == pytest.approx(first.share, abs=0.02)


async def test_changed_lane_runs_again_beside_the_others(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("one", "two")
        assert not lanes.view.bar.run_button.isEnabled()
        lanes.widgets[1].head.temperature.setValue(1.5)
        assert lanes.widgets[1].stats.text() == "Not asked yet"
        click(lanes.view.bar.run_button)
        await until(lambda: len(lanes.client.requests) == 3)

        assert lanes.client.requests[2].sampling.temperature == 1.5


async def test_alt_and_arrows_go_from_lane_to_lane(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("one", "two")
        first, second = (lane.view for lane in lanes.widgets)
        lanes.tab.activateWindow()
        first.setFocus()
        press(first, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)

        assert lanes.tab.focusWidget() is second


async def test_copy_takes_the_reply_and_not_its_diff(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lanes.view.bar.diff_switch.setChecked(True)
        await lanes.ask()
        await lanes.answer("the tide rose", "the tide fell")
        await until(lambda: _diff(lanes.widgets[1]) is not None)
        lanes.widgets[1].head.copy_requested.emit()

        assert QGuiApplication.clipboard().text() == "the tide fell"


async def test_left_comparison_shows_the_first_lane_with_its_versions(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("one", "two")
        click(lanes.view.bar.close_button)
        state = lanes.tab.model.state(1)

        assert lanes.tab.compare is None
        assert lanes.tab.view.isVisible()
        assert (state.message.content, state.num_versions) == ("one", 2)


async def test_message_that_is_looked_for_is_shown_in_the_chat(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        await lanes.answer("one", "two")
        prompt_id = lanes.session.transcript.messages[0].message_id
        second = lanes.session.transcript.versions(prompt_id)[1]
        await lanes.tab.show_message(second.message_id)

        assert lanes.tab.compare is None
        assert lanes.session.transcript.messages[1].content == "two"


async def test_compare_on_a_message_shows_its_versions(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask("first")
        await lanes.answer("one", "two")
        await lanes.ask("second")
        await lanes.answer("three", "four")
        lanes.tab.leave_compare()
        message_id = lanes.session.transcript.messages[0].message_id
        lanes.tab.view.action_requested.emit(MessageAction.COMPARE, message_id)

        assert (_texts(lanes), lanes.view.prompt_model.message_id) == (["one", "two"], message_id)


async def test_wanted_adapter_gets_a_lane(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        hot = LaneSettings(temperature=1.5)
        lanes.tab.enter_compare(wanted=hot)

        assert [lane.settings for lane in lanes.comparison.lanes] == [LaneSettings(), hot]


async def test_narrow_pane_scrolls_sideways_and_keeps_its_switches(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lanes.tab.resize(360, 600)
        await until(lambda: lanes.view.area.horizontalScrollBar().maximum() > 0)

        assert lanes.tab.width() == 360
        assert all(lane.width() >= 240 for lane in lanes.widgets)
        assert lanes.view.bar.run_button.text() == ""
        assert lanes.view.bar.diff_switch.isVisible()


async def test_every_part_has_a_name(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        lane, bar = lanes.widgets[1], lanes.view.bar
        head = lane.head
        parts = (lane, lane.view, lane.keep_button, head.mix_button, head.temperature, head.seed,
                 head.more_button, bar.diff_switch, bar.seed_switch, bar.run_button,
                 bar.lane_button, bar.close_button, lanes.view.prompt)  # fmt: skip

        assert all(part.accessibleName() for part in parts)
        assert "lane 2" in head.temperature.accessibleName()


async def test_left_lanes_go_on_writing(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask()
        lanes.tab.leave_compare()
        for number in range(2):
            lanes.stream(number, "still there")
        prompt_id = lanes.session.transcript.messages[0].message_id

        def texts() -> list[str]:
            return [message.content for message in lanes.session.transcript.versions(prompt_id)]

        await until(lambda: texts() == ["still there"] * 2)
        await lanes.session.stop()
        await until(lambda: not lanes.session.is_busy)


async def test_low_window_reaches_the_buttons_of_lanes(tmp_path: Path, theme: Theme) -> None:
    async with open_lanes(tmp_path, theme) as lanes:
        await lanes.ask("Why? " * 100)
        await lanes.answer("one", "two")
        lanes.tab.resize(620, 300)
        bar = lanes.view.area.verticalScrollBar()
        await until(lambda: bar.maximum() > 0)
        lane = lanes.widgets[0]
        lanes.view.area.ensureWidgetVisible(lane.keep_button)

        assert lane.keep_button.visibleRegion().boundingRect().height() >= 24
        assert lanes.view.prompt.height() <= lanes.view.height() // 4
        assert lane.view.height() >= theme.px(90)
