"""The user's token for the hub on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.library.hub_token import read_token, write_token

HUB = "https://huggingface.co"


def test_a_token_is_for_one_endpoint_only(tmp_path: Path) -> None:
    write_token(tmp_path / "token", HUB + "/", " hf_abc ")

    assert read_token(tmp_path / "token", HUB) == "hf_abc"
    assert read_token(tmp_path / "token", "https://mirror.example") == ""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")
def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    write_token(tmp_path / "token", HUB, "hf_abc")

    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


def test_an_empty_token_removes_the_file(tmp_path: Path) -> None:
    write_token(tmp_path / "token", HUB, "hf_abc")
    write_token(tmp_path / "token", HUB, "")

    assert list(tmp_path.iterdir()) == []
    assert read_token(tmp_path / "token", HUB) == ""


@pytest.mark.parametrize("token", ["a b", "é", "a\nb", "x" * 401])
def test_what_is_no_token_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(SettingsError, match="no token has"):
        write_token(tmp_path / "token", HUB, token)


def test_a_damaged_file_is_no_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff{")

    assert read_token(tmp_path / "token", HUB) == ""
