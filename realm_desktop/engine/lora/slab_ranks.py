"""Which generation of an adapter has which ranks of the slabs, and how long it keeps them.

Knows generations, not ids or files. Owned by the engine thread; ends with the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.batch import Lookup
from realm_desktop.engine.lora.adapter_file import Adapter
from realm_desktop.engine.lora.passes import RankRange
from realm_desktop.engine.lora.placement import Placement
from realm_desktop.engine.lora.saved_matrices import PlaceSaved, refuse_saved
from realm_desktop.engine.lora.slab import AdapterSlab, round_up
from realm_desktop.engine.lora.targets import Target
from realm_desktop.errors import OutOfMemory


@dataclass(slots=True)
class _Generation:
    """One version of an adapter in the slabs.

    Attributes:
        ranks: Its place.
        saved: Matrices it brings along whole, by part, and the bytes they take.
        num_users: Open requests that started with it.
        is_current: Whether new requests get it.
    """

    ranks: RankRange
    saved: Mapping[Part, Lookup]
    saved_bytes: int
    num_users: int = 0
    is_current: bool = True


class SlabRanks:
    """The rank ranges of one network's slabs.

    Args:
        slabs: By target; filled here alone.
        max_bytes: Memory that all slabs, and matrices brought along whole, may take together.
        place_saved: Makes such a matrix ready for use.
    """

    def __init__(
        self,
        slabs: Mapping[Target, AdapterSlab],
        max_bytes: int,
        place_saved: PlaceSaved = refuse_saved,
    ) -> None:
        self._slabs = slabs
        self._place_saved = place_saved
        self._max_bytes = max_bytes
        self._generations: dict[int, _Generation] = {}
        self._placing: Placement | None = None

    def __contains__(self, generation: int) -> bool:
        return generation in self._generations

    @property
    def num_bytes(self) -> int:
        """Memory of all slabs and of matrices brought along whole."""
        slab_bytes = sum(slab.capacity * slab.bytes_per_rank for slab in self._slabs.values())
        return slab_bytes + self._saved_bytes

    @property
    def num_targets(self) -> int:
        """Linear layers that adapters may change."""
        return len(self._slabs)

    @property
    def num_active(self) -> int:
        """Ranks of the generations that open requests use."""
        used = (each.ranks for each in self._generations.values() if each.num_users)
        return sum(ranks.last - ranks.first for ranks in used)

    @property
    def has_saved(self) -> bool:
        """Whether any placed generation brings matrices along whole."""
        return any(each.saved for each in self._generations.values())

    def saved(self, generation: int) -> Mapping[Part, Lookup]:
        """The matrices that a placed generation brings along whole."""
        return self._generations[generation].saved

    def ranks(self, generation: int) -> RankRange:
        """Where a placed generation lies."""
        return self._generations[generation].ranks

    def num_users(self, generation: int) -> int:
        """Open requests that started with it; 0 for one without ranks."""
        return self._generations[generation].num_users if generation in self._generations else 0

    def hold(self, generation: int) -> None:
        """One more request uses a placed generation."""
        self._generations[generation].num_users += 1

    def release(self, generation: int) -> None:
        """One request less."""
        self._generations[generation].num_users -= 1
        self._drop_if_unused(generation)
        self._give_back_unused()

    def retire(self, generation: int) -> None:
        """No new request gets it; its ranks are free once its last request ends."""
        if generation in self._generations:
            self._generations[generation].is_current = False
            self._drop_if_unused(generation)
        self._give_back_unused()

    def begin(self, adapter: Adapter, choose_victim: Callable[[], int | None]) -> Placement | None:
        """Start placing an adapter; `choose_victim` names unused generations that may go for it.

        Returns:
            The placement, to be advanced and then settled or cancelled before the next one begins;
            None if nothing more may go and there is no room.

        Raises:
            OutOfMemory: It alone needs more room than adapters may take.
        """
        assert self._placing is None, "one adapter is placed at a time"
        bytes_per_rank = sum(self._slabs[target].bytes_per_rank for target in adapter.pairs)
        needed_bytes = round_up(adapter.rank) * bytes_per_rank + adapter.saved_bytes
        # Before anyone loses its ranks: for this one that would be in vain.
        if needed_bytes > self._max_bytes:
            raise OutOfMemory(
                f"{adapter.name} needs {_megabytes(needed_bytes)}; "
                f"{_megabytes(self._max_bytes)} are set aside for all adapters.",
                advice="Choose one of a lower rank, or a smaller model.",
            )
        while True:
            first = self._free_rank(adapter.rank)
            ranks = RankRange(first, first + adapter.rank)
            capacity = self._capacity_for(adapter, ranks.last)
            if capacity is not None:
                self._placing = Placement(adapter, ranks, self._slabs, capacity, self._place_saved)
                return self._placing
            victim = choose_victim()
            if victim is None:
                return None
            del self._generations[victim]
            self._give_back_unused()

    def settle(self, generation: int) -> None:
        """The placement is complete: it is this generation's."""
        assert self._placing is not None, "settled once"
        placed = self._placing
        self._generations[generation] = _Generation(
            placed.ranks, placed.saved, placed.adapter.saved_bytes
        )
        self._placing = None

    def cancel(self) -> None:
        """Give up the placement that was begun, if there is one."""
        self._placing = None
        self._give_back_unused()

    def _free_rank(self, rank: int) -> int:
        """The first gap of so many ranks."""
        first = 0
        for taken in sorted(generation.ranks for generation in self._generations.values()):
            if taken.first - first >= rank:
                break
            first = taken.last
        return first

    def _capacity_for(self, adapter: Adapter, needed: int) -> int | None:
        """Ranks every slab in use needs room for, some more if memory allows; None if too many."""
        used = [
            slab for target, slab in self._slabs.items() if slab.capacity or target in adapter.pairs
        ]
        bytes_per_rank = sum(slab.bytes_per_rank for slab in used)
        max_bytes = self._max_bytes - self._saved_bytes - adapter.saved_bytes
        present = max((slab.capacity for slab in used), default=0)
        needed = round_up(needed)
        capacity = max(present, needed)
        # To grow copies all matrices: by doubling, many small adapters do not copy them each time.
        if needed > present and 2 * present * bytes_per_rank <= max_bytes:
            capacity = max(needed, 2 * present)
        return capacity if capacity * bytes_per_rank <= max_bytes else None

    @property
    def _saved_bytes(self) -> int:
        return sum(each.saved_bytes for each in self._generations.values())

    def _drop_if_unused(self, generation: int) -> None:
        entry = self._generations[generation]
        if not entry.is_current and not entry.num_users:
            del self._generations[generation]

    def _give_back_unused(self) -> None:
        if not self._generations and self._placing is None:
            for slab in self._slabs.values():
                slab.give_back()


def no_room(name: str) -> OutOfMemory:
    """The error for an adapter whose ranks cannot be had beside those in use."""
    return OutOfMemory(
        f"There is no room for {name} beside the adapters in use or kept warm.",
        advice="Wait for a reply to end, or keep fewer adapters warm.",
    )


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.1f} MB"
