"""Tests of the words for what is under way when the window closes."""

from __future__ import annotations

import pytest

from realm_desktop.ui.running_work import RunningWork


def test_nothing_is_false_and_has_no_words() -> None:
    assert not RunningWork()
    assert RunningWork().summary == RunningWork().outlook == ""


@pytest.mark.parametrize(
    "work", [RunningWork(num_chats=1), RunningWork(0, 1), RunningWork(is_training=True)]
)
def test_each_kind_of_work_counts(work: RunningWork) -> None:
    assert work
    assert work.summary.startswith("1 ")
    assert work.outlook.count(".") == 1


def test_summary_names_all_kinds_with_their_numbers() -> None:
    work = RunningWork(num_chats=3, num_downloads=2, is_training=True)

    assert work.summary == (
        "3 chats are being answered · 2 downloads are running · 1 training is running"
    )


@pytest.mark.usefixtures("german")
def test_words_follow_the_language() -> None:
    assert RunningWork(2, 1).summary == "2 Unterhaltungen werden beantwortet · 1 Download läuft"
