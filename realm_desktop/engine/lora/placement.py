"""Places one adapter in the slabs, a bounded piece at a time.

A piece is one slab, which may have to grow and then copies what is in it, or one whole matrix. Steps
run between the pieces; nobody uses the ranks before the last one. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.batch import Lookup
from realm_desktop.engine.device import is_out_of_memory
from realm_desktop.engine.lora.adapter_file import Adapter
from realm_desktop.engine.lora.passes import RankRange
from realm_desktop.engine.lora.saved_matrices import PlaceSaved, refuse_saved
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.targets import Target
from realm_desktop.errors import OutOfMemory


class Placement:
    """One adapter on its way into its ranks.

    Args:
        adapter: In host memory.
        ranks: Where it goes; nobody else's.
        slabs: By target.
        capacity: Ranks that every slab in use must have room for.
        place_saved: Makes a matrix that the adapter brings along whole ready for use.

    Attributes:
        adapter: What is placed.
        ranks: Where.
        saved: Its own matrices that are ready, by part.
    """

    def __init__(
        self,
        adapter: Adapter,
        ranks: RankRange,
        slabs: Mapping[Target, AdapterSlab],
        capacity: int,
        place_saved: PlaceSaved = refuse_saved,
    ) -> None:
        self.adapter = adapter
        self.ranks = ranks
        self.saved: dict[Part, Lookup] = {}
        self._capacity = capacity
        self._place_saved = place_saved
        self._pieces = self._place(slabs)

    def advance(self, max_bytes: int) -> bool:
        """Place pieces until about `max_bytes` were written; whether all are placed.

        Raises:
            OutOfMemory: A slab cannot grow; give the ranks up.
        """
        written = 0
        try:
            while written < max_bytes:
                piece = next(self._pieces, None)
                if piece is None:
                    return True
                written += piece
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"The memory for {self.adapter.name} could not be had.",
                advice="Close other programs, or unload another adapter.",
            ) from error
        return False

    def _place(self, slabs: Mapping[Target, AdapterSlab]) -> Iterator[int]:
        """Bytes written by each piece."""
        first, last = self.ranks
        for target, slab in slabs.items():
            pair = self.adapter.pairs.get(target)
            if pair is None and not slab.capacity:
                continue
            grown = max(0, self._capacity - slab.capacity)
            slab.reserve(self._capacity)
            slab.clear(first, last)  # ranks are reused, and not every target is written
            if pair is not None:
                slab.write(first, pair, last - first)
            copied = self._capacity if grown else last - first
            yield copied * slab.bytes_per_rank
        for part, matrix in self.adapter.saved.items():
            self.saved[part] = self._place_saved(part, matrix)
            yield matrix.nbytes
