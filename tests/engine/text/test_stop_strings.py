"""Stop strings across every border between pieces."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.engine.text.stop_strings import StopStrings


def stream(stops: tuple[str, ...], pieces: list[str]) -> tuple[str, bool]:
    """What is shown of the pieces, and whether a stop string ended them."""
    strings, shown = StopStrings(stops), ""
    for piece in pieces:
        text, is_stopped = strings.push(piece)
        shown += text
        if is_stopped:
            return shown, True
    return shown + strings.flush(), False


def test_text_before_the_stop_string_is_shown() -> None:
    assert stream(("END",), ["abcENDdef"]) == ("abc", True)


def test_a_stop_string_across_pieces_is_found() -> None:
    assert stream(("END",), ["abE", "N", "Dcd"]) == ("ab", True)


def test_a_beginning_that_goes_on_otherwise_is_shown_later() -> None:
    strings = StopStrings(("END",))

    assert strings.push("xEN") == ("x", False)
    assert strings.push("x") == ("ENx", False)


def test_only_the_longest_suffix_that_begins_a_stop_is_held() -> None:
    strings = StopStrings(("aab",))

    assert strings.push("aaa") == ("a", False)


def test_the_stop_that_completes_first_wins() -> None:
    assert stream(("abcd", "bc"), ["abcd"]) == ("a", True)


def test_of_two_that_complete_together_the_longer_wins() -> None:
    assert stream(("b", "ab"), ["xab"]) == ("x", True)


def test_held_text_is_shown_at_the_end() -> None:
    assert stream(("END",), ["abEN"]) == ("abEN", False)


def test_nothing_is_shown_after_the_stop() -> None:
    strings = StopStrings(("x",))
    strings.push("ax")

    assert strings.push("more") == ("", True)
    assert strings.flush() == ""


def test_without_stop_strings_everything_passes() -> None:
    assert StopStrings(()).push("any text") == ("any text", False)


@given(
    text=st.text(alphabet="ab", max_size=30),
    stops=st.lists(st.text(alphabet="ab", min_size=1, max_size=4), max_size=3),
    cuts=st.lists(st.integers(0, 30)),
)
def test_the_result_does_not_depend_on_the_pieces(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(places)]

    assert stream(tuple(stops), pieces) == stream(tuple(stops), list(text))


@given(
    text=st.text(alphabet="abc", max_size=30),
    stops=st.lists(st.text(alphabet="abc", min_size=1, max_size=4), min_size=1, max_size=3),
)
def test_shown_text_holds_no_stop_string(text: str, stops: list[str]) -> None:
    shown, is_stopped = stream(tuple(stops), list(text))

    assert not any(stop in shown for stop in stops)
    assert is_stopped or shown == text
