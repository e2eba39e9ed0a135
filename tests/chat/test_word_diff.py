"""Which words differ: pieces, open ends, bounds."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.chat import word_diff as module
from realm_desktop.chat.word_diff import DiffKind, DiffPiece, WordDiff, word_diff

SAME, ADDED, REMOVED = DiffKind.SAME, DiffKind.ADDED, DiffKind.REMOVED


def _text(pieces: tuple[DiffPiece, ...], left_out: DiffKind) -> str:
    return "".join(piece.text for piece in pieces if piece.kind is not left_out)


def test_changed_words_are_removed_and_added() -> None:
    pieces = word_diff("the water rose by 62 cm.", "the water fell by 62 cm.")

    assert pieces == (
        (SAME, "the water"),
        (REMOVED, " rose"),
        (ADDED, " fell"),
        (SAME, " by 62 cm."),
    )


def test_equal_texts_are_one_piece() -> None:
    assert word_diff("as it was", "as it was") == ((SAME, "as it was"),)


def test_no_text_has_no_pieces() -> None:
    assert word_diff("", "") == ()


def test_other_white_space_is_no_other_word() -> None:
    assert word_diff("one two", "one\n\ntwo ") == ((SAME, "one\n\ntwo"), (ADDED, " "))


def test_punctuation_is_a_word_of_its_own() -> None:
    assert word_diff("yes", "yes!") == ((SAME, "yes"), (ADDED, "!"))


def test_rest_of_the_base_is_not_removed_while_the_text_grows() -> None:
    assert word_diff("one two three", "one two", is_text_open=True) == ((SAME, "one two"),)


def test_rest_of_the_text_is_not_added_while_the_base_grows() -> None:
    assert word_diff("one", "one two", is_base_open=True) == ((SAME, "one two"),)


def test_change_inside_is_shown_while_both_grow() -> None:
    pieces = word_diff("a b c d", "a x c", is_base_open=True, is_text_open=True)

    assert pieces == ((SAME, "a"), (REMOVED, " b"), (ADDED, " x"), (SAME, " c"))


def test_word_before_the_open_end_is_kept() -> None:
    pieces = word_diff("a b c d e f g h", "a x c", is_text_open=True)

    assert pieces == ((SAME, "a"), (REMOVED, " b"), (ADDED, " x"), (SAME, " c"))


def test_stray_word_between_long_changes_is_part_of_them() -> None:
    pieces = word_diff("one two the three four five", "six seven the eight nine ten")

    assert pieces == (
        (REMOVED, "one two the three four five"),
        (ADDED, "six seven the eight nine ten"),
    )


def test_kept_words_between_short_changes_stay() -> None:
    pieces = word_diff("one the tide three", "two the tide four")

    assert (SAME, " the tide") in pieces


@given(st.text("ab \n.ü", max_size=60), st.text("ab \n.ü", max_size=60))
def test_pieces_give_the_shown_text_back(base: str, text: str) -> None:
    pieces = word_diff(base, text)

    assert _text(pieces, left_out=REMOVED) == text
    shown = "".join(_text(pieces, left_out=ADDED).split())
    assert shown == "".join(base.split())


@pytest.mark.parametrize("num_words", [1_500, 50_000])
def test_text_that_repeats_itself_does_not_take_long(num_words: int) -> None:
    base, text = "a b " * (num_words // 2), "b b a " * (num_words // 3)
    start_s = time.thread_time()
    pieces = word_diff(base, text)

    # Without the bound the shorter one takes 17 s.
    assert time.thread_time() - start_s < 5.0
    assert _text(pieces, left_out=REMOVED) == text


LONG = [f"word{number}" for number in range(1_200)]


def _text_of(words: Sequence[str]) -> str:
    return " ".join(words)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many words of the base each step compared."""
    counts: list[int] = []
    plain = module._opcodes

    def record(old: Sequence[str], new: Sequence[str], same: int) -> Iterator[module._Opcode]:
        counts.append(len(old) - same)
        return plain(old, new, same)

    monkeypatch.setattr(module, "_opcodes", record)
    return counts


def test_long_texts_are_compared_in_windows(compared: list[int]) -> None:
    changed = [f"x{n}" if n % 40 == 0 else word for n, word in enumerate(LONG)]
    pieces = word_diff(_text_of(LONG), _text_of(changed))

    assert max(compared) <= 160
    assert len(compared) > 1_200 / 160
    assert sum(piece.kind is ADDED for piece in pieces) == 30


def test_text_that_grows_is_compared_from_its_last_anchor_on(compared: list[int]) -> None:
    changed = [f"x{n}" if n % 40 == 0 else word for n, word in enumerate(LONG)]
    diff = WordDiff()
    for end in range(100, 1_201, 100):
        diff.take(_text_of(LONG[:end]), _text_of(changed[:end]))
        while diff.step():
            pass

    assert sum(compared) < 3 * 1_200
    assert diff.pieces() == word_diff(_text_of(LONG), _text_of(changed))


def test_other_beginning_is_compared_anew() -> None:
    diff = WordDiff()
    diff.take(_text_of(LONG), _text_of(LONG[:600] + LONG[590:]))
    while diff.step():
        pass
    diff.take("one two", "one three")
    while diff.step():
        pass

    assert diff.pieces() == word_diff("one two", "one three")


def test_words_moved_further_than_a_window_are_found() -> None:
    # Nothing of the first window stands in the other text before its third.
    pieces = word_diff(_text_of(LONG), _text_of(["new"] * 400 + LONG))

    assert [piece.kind for piece in pieces] == [ADDED, SAME]


@given(
    st.lists(st.sampled_from("abcd"), max_size=40), st.lists(st.sampled_from("abcd"), max_size=40)
)
def test_growing_texts_give_the_shown_text_back(base: list[str], text: list[str]) -> None:
    long_base, long_text = (
        [*LONG[:200], *base, *LONG[200:400]],
        [*LONG[:200], *text, *LONG[200:400]],
    )
    diff = WordDiff()
    for end in (150, 260, 500):
        diff.take(_text_of(long_base[:end]), _text_of(long_text[:end]), is_text_open=True)
        while diff.step():
            pass

    assert _text(diff.pieces(), left_out=REMOVED) == _text_of(long_text)
