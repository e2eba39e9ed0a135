"""File names from the network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.errors import DownloadError
from realm_desktop.library.safe_names import safe_name, safe_path


@pytest.mark.parametrize("name", ["model.gguf", "Q4_K_M/model-00001-of-00002.gguf", "模型.gguf"])
def test_usual_names_are_taken_as_they_are(name: str) -> None:
    assert str(safe_path(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "C:\\x", "C:x", "\\\\host\\share",
        "a\\b", "a/./b", "con", "NUL.gguf", "com1.txt", "a/aux", "x.", "x ", " x", "a:stream", "a\0b",
        "a\nb", "a\u202eb", "\ud800", "a*b", "x" * 201, "a/b/c/d/e", "COM¹",
    ],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(DownloadError, match="is refused"):
        safe_path(name)


def test_a_single_name_holds_no_slash() -> None:
    assert safe_name("org") == "org"
    with pytest.raises(DownloadError, match="slash"):
        safe_name("org/name")


@given(st.text(max_size=40))
def test_whatever_is_taken_stays_below_its_folder(text: str) -> None:
    try:
        path = safe_path(text)
    except DownloadError:
        return

    assert not path.is_absolute()
    assert ".." not in path.parts
    assert "\\" not in text
