"""Where a MODEL argument points."""

from __future__ import annotations

from pathlib import Path

from realm_desktop import assets

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
