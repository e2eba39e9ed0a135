"""Where a MODEL argument points, and where packed weights of models are."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from realm_desktop import assets
from realm_desktop.paths import Paths, find_paths

STARTER = "starter"


def model_path(name: str) -> Path:
    """The path of a MODEL argument; `starter` is the embedded model.

    Raises:
        RealmError: The installation lacks the embedded model.
    """
    return assets.resource("starter", "starter.gguf") if name == STARTER else Path(name)


def draft_path(name: str | None) -> str | None:
    """The path of a draft model, or None; `starter` is the embedded one.

    Raises:
        RealmError: The installation lacks the embedded model.
    """
    if name is None:
        return None
    return str(assets.resource("starter", "starter-draft.gguf")) if name == STARTER else name


def packed_folder(values: Namespace) -> str:
    """Where the window keeps packed weights; a command takes what is there and adds nothing.

    It ends long before anything would be written.
    """
    return str(_paths(values).packed_dir)


def self_test_folder(values: Namespace) -> str:
    """Where the window keeps what passed the self-test of a device."""
    return str(_paths(values).self_test_dir)


def _paths(values: Namespace) -> Paths:
    return find_paths(None if values.data_dir is None else Path(values.data_dir))
