"""The licence of a model, as its author states it: in the metadata, or in the model card."""

from __future__ import annotations

import re
from typing import Final

from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile

MAX_CHARACTERS: Final = 200

_CARD = "README.md"
_MAX_FRONT_BYTES = 65_536
_KEYS = ("general.license", "general.license.name")
# The model card opens with YAML between two lines of dashes; only one plain line of it is wanted.
_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LINE = re.compile(
    r"^(license|license_name):[ \t]*['\"]?([^\r\n'\"#]+?)['\"]?[ \t]*(?:#.*)?\r?$", re.M
)


def read_licence(model_file: ModelFile) -> str | None:
    """The name of the licence; None if the file does not state one.

    Raises:
        CorruptFile: The metadata name something that is no text.
    """
    metadata = MetadataReader(model_file.path, model_file.metadata)
    named = [metadata.get_str(key, default="") for key in _KEYS]
    stated, other = named if any(named) else _card_licence(model_file)
    # "other" on the hub means: it has a name of its own.
    found = other if other and stated in ("", "other") else stated
    return found[:MAX_CHARACTERS] or None


def _card_licence(model_file: ModelFile) -> list[str]:
    data = model_file.text_file(_CARD) if model_file.container == "safetensors" else None
    front = _FRONT.match((data or b"")[:_MAX_FRONT_BYTES].decode("utf-8", "replace"))
    lines = dict(_LINE.findall(front[1])) if front else {}
    return [lines.get("license", ""), lines.get("license_name", "")]
