"""Real files that lie beside the checkout, for tests that are skipped where they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def shared_data(name: str) -> Path:
    """The file `name` of the shared data; skips the test if it is not there."""
    path = _FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not in the shared data folder")
    return path
