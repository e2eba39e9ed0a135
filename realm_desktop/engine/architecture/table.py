"""The architectures the decoder knows, one entry each, and the way from a file to a `ModelSpec`.

Metadata is untrusted: every value is read with a type and a range here, and the loader compares
the shapes that follow from it with the tensors before anything is allocated.
"""

from __future__ import annotations

from types import MappingProxyType

from realm_desktop.engine.architecture.config_spec import config_architecture, config_spec
from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.gguf_spec import gguf_architecture, gguf_spec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.errors import UnsupportedArchitecture
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile

ARCHITECTURES = MappingProxyType(
    {
        # llama.cpp writes Mistral files as "llama" too, and their window with them.
        "llama": ArchitectureEntry(windowed="all", is_interleaved_in_gguf=True),
        "mistral": ArchitectureEntry(windowed="all"),
        "qwen2": ArchitectureEntry(needs_qkv_bias=True, windowed="upper"),
        "qwen3": ArchitectureEntry(head_norm="shared", windowed="upper"),
    }
)


def model_spec(model_file: ModelFile) -> ModelSpec:
    """The hyper-parameters of the network in a file.

    Raises:
        UnsupportedArchitecture: It is none of the table's, or uses a feature the decoder lacks.
        CorruptFile: A hyper-parameter is missing, of another type or out of range.
    """
    is_gguf = model_file.container == "gguf"
    name = gguf_architecture(model_file) if is_gguf else config_architecture(model_file)
    entry = ARCHITECTURES.get(name)
    if entry is None:
        raise UnsupportedArchitecture(
            f"{quote(model_file.path.name)} has the architecture {quote(name)}; supported are "
            f"{', '.join(sorted(ARCHITECTURES))}.",
            advice="Choose a model of a supported architecture.",
            file=model_file.path,
            field="architecture",
        )
    return gguf_spec(model_file, name, entry) if is_gguf else config_spec(model_file, name, entry)
