"""Finding shipped files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from realm_desktop import assets
from realm_desktop.errors import RealmError


def test_resources_folder_of_the_checkout_is_found() -> None:
    assert assets.resource().name == "resources"
    assert assets.resource("starter").is_dir()


def test_missing_resource_is_named_with_advice() -> None:
    with pytest.raises(RealmError, match=r"resources/icons/nothing\.svg") as caught:
        assets.resource("icons", "nothing.svg")

    assert caught.value.advice


def test_frozen_program_reads_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resources" / "icons").mkdir(parents=True)
    (tmp_path / "resources" / "icons" / "only-here.svg").touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "realm"))

    found = assets.resource("icons", "only-here.svg")

    assert found.samefile(tmp_path / "resources" / "icons" / "only-here.svg")
