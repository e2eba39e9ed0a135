"""What is said when the memory for weights cannot be had."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from realm_desktop.engine.device import is_out_of_memory
from realm_desktop.errors import OutOfMemory
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile


@contextmanager
def told_of_memory(model_file: ModelFile, num_bytes: int) -> Iterator[None]:
    """Say in words that memory is short, and how much the weights need.

    Raises:
        OutOfMemory: torch or Python said so.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        needed = num_bytes / 2**30
        raise OutOfMemory(
            f"The weights of {quote(model_file.path.name)} need {needed:.1f} GiB of memory, "
            "which could not be had.",
            advice="Close other programs, or choose a smaller model.",
            file=model_file.path,
        ) from error
