"""Which draft model belongs to a model: the one beside it that bears its name.

Only names are looked at; whether the pair fits, the engine finds out from the vocabularies. Asks the
disk, so not for the GUI thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

DRAFT_ENDING: Final = "-draft"
"""`starter-draft.gguf` drafts for `starter.gguf`, and `name-draft` for a folder `name`."""


def draft_companion(model: Path) -> Path | None:
    """The draft model beside a model file or folder; None if there is none."""
    # A folder may have a dot in its name that begins no ending: "Llama-3.2-1B".
    suffix = "" if model.is_dir() else model.suffix
    stem = model.name.removesuffix(suffix)
    if not stem or stem.endswith(DRAFT_ENDING):
        return None
    companion = model.with_name(f"{stem}{DRAFT_ENDING}{suffix}")
    try:
        return companion if companion.exists() else None
    except OSError:
        return None
