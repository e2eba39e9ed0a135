"""Rows of the catalog, made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from realm_desktop.events import ErrorInfo
from realm_desktop.formats.inspection import Inspection, MemoryEstimate
from realm_desktop.library.catalog import KnownModel, ModelSource

BROKEN = ErrorInfo("CorruptFile", "bad.gguf ends early.", "Download it again.")


def make_inspection(name: str = "Llama", num_bytes: int = 10, **changes: object) -> Inspection:
    """A model of 8 billion parameters that needs `num_bytes` on disk and in memory."""
    found = Inspection(
        kind="model",
        architecture="llama",
        name=name,
        parameters=8_030_000_000,
        tensor_types={"F32": 65, "Q4_K": 193, "Q6_K": 33},
        size_bytes=num_bytes,
        context_length=131_072,
        chat_template=None,
        licence=None,
        memory=MemoryEstimate(num_bytes, None, None),
    )
    return replace(found, **changes)  # type: ignore[arg-type]  # the names are those of the fields


def make_known(
    name: str = "Llama",
    source: ModelSource = ModelSource.RECENT,
    num_bytes: int = 10,
    **changes: object,
) -> KnownModel:
    """A model that can be used, in /models."""
    path = Path(f"/models/{name}.gguf")
    return KnownModel(path, source, make_inspection(name, num_bytes, **changes))


def make_unusable(name: str = "bad", source: ModelSource = ModelSource.FOLDER) -> KnownModel:
    """A file that cannot be used."""
    return KnownModel(Path(f"/models/{name}.gguf"), source, error=BROKEN)
