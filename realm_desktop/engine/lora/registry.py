"""The adapters of a loaded model: ids, generations, their rank ranges, and who still uses them.

Loading an adapter again makes a new generation; requests keep the one they started with until they
end. Owned by the engine thread; ends with the model.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.device import is_out_of_memory
from realm_desktop.engine.lora.adapter_file import Adapter, read_adapter
from realm_desktop.engine.lora.passes import MAX_HULL, RangeUse, RankRange
from realm_desktop.engine.lora.slab import RANK_MULTIPLE, AdapterSlab, round_up
from realm_desktop.engine.lora.targets import Target
from realm_desktop.engine.sequence import AdapterKey
from realm_desktop.errors import AdapterError, OutOfMemory, RequestError
from realm_desktop.events import AdapterInfo
from realm_desktop.formats.adapter_fit import fit_in_words, name_warning
from realm_desktop.formats.adapter_inspection import ranks_in_words
from realm_desktop.formats.corruption import quote
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter

logger = logging.getLogger(__name__)

MAX_ADAPTERS = 256
"""Adapters that can be loaded at a time."""

MAX_MIX = 8
"""Adapters of one request."""

MAX_WEIGHT = 100.0
"""Largest adapter weight of a request, either sign."""


@dataclass(slots=True)
class _Generation:
    """One version of an adapter in the slabs.

    Attributes:
        ranks: Its place.
        num_users: Open requests that started with it.
        is_current: Whether new requests get it.
    """

    ranks: RankRange
    num_users: int = 0
    is_current: bool = True


class AdapterRegistry:
    """Loads adapters into the slabs of one network and says who uses which ranks.

    Args:
        spec: Of the network.
        slabs: By target; filled here alone.
        dtype: Of the network's computation.
        max_bytes: Memory that all slabs together may take.
        model_names: What the model is called, the name to show first.
    """

    def __init__(
        self,
        spec: ModelSpec,
        slabs: Mapping[Target, AdapterSlab],
        dtype: torch.dtype,
        max_bytes: int,
        model_names: Sequence[str] = ("",),
    ) -> None:
        self._spec = spec
        self._slabs = slabs
        self._dtype = dtype
        self._max_bytes = max_bytes
        self._model_names = model_names
        self._generations: dict[int, _Generation] = {}
        self._current: dict[AdapterId, int] = {}
        self._last_generation = 0

    @property
    def num_bytes(self) -> int:
        """Memory of all slabs."""
        return sum(slab.capacity * slab.bytes_per_rank for slab in self._slabs.values())

    @property
    def num_active_ranks(self) -> int:
        """Ranks of the adapters that open requests use."""
        used = (each.ranks for each in self._generations.values() if each.num_users)
        return sum(ranks.last - ranks.first for ranks in used)

    def load(self, command: LoadAdapter) -> AdapterInfo:
        """Read an adapter and place it; replaces the one with this id for new requests.

        A refused adapter changes nothing. Costs one read of the file and two copies per target.

        Raises:
            AdapterError: The file cannot be used with this model, or there are too many.
            ModelFileError: The file is damaged or cannot be read.
            OutOfMemory: No room beside the other adapters.
        """
        if command.adapter_id not in self._current and len(self._current) >= MAX_ADAPTERS:
            raise AdapterError(
                f"{len(self._current)} adapters are loaded; at most {MAX_ADAPTERS} can be.",
                advice="Unload one that is not needed.",
            )
        adapter = read_adapter(Path(command.path), self._spec, self._dtype)
        ranks = self._place(adapter)
        self._retire(command.adapter_id)
        self._last_generation += 1
        self._generations[self._last_generation] = _Generation(ranks)
        self._current[command.adapter_id] = self._last_generation
        logger.info("adapter %s: %s, rank %d", command.adapter_id, adapter.name, adapter.rank)
        return self._info(command.adapter_id, adapter)

    def unload(self, adapter_id: AdapterId) -> None:
        """Take an adapter from new requests; its ranks are free once its last request ends."""
        self._retire(adapter_id)
        self._give_back_unused()

    def hold(self, uses: Iterable[AdapterUse]) -> AdapterKey:
        """The mix of a new request, which holds its generations until `release`.

        Weight 0 is left out: it is the base model bit for bit.

        Raises:
            RequestError: An adapter is unknown or named twice, or a weight is out of range.
        """
        key: list[tuple[int, float]] = []
        for use in uses:
            generation = self._generation_of(use)
            if any(generation == other for other, _ in key):
                raise _refused(f"the adapter {quote(use.adapter_id)} is named twice in one request")
            key.append((generation, float(use.weight)))
        mix = tuple((generation, weight) for generation, weight in key if weight)
        if len(mix) > MAX_MIX:
            raise _refused(f"a request names {len(mix)} adapters; at most {MAX_MIX} can be mixed")
        for generation, _ in mix:
            self._generations[generation].num_users += 1
        return mix

    def release(self, key: AdapterKey) -> None:
        """End the use of a mix."""
        for generation, _ in key:
            self._generations[generation].num_users -= 1
            self._drop_if_unused(generation)
        self._give_back_unused()

    def range_uses(self, key: AdapterKey) -> tuple[RangeUse, ...]:
        """Where the adapters of a held mix lie, in the order of the request."""
        return tuple(
            RangeUse(self._generations[generation].ranks, weight) for generation, weight in key
        )

    def _info(self, adapter_id: AdapterId, adapter: Adapter) -> AdapterInfo:
        names = self._model_names
        return AdapterInfo(
            adapter_id,
            adapter.name,
            adapter.rank,
            adapter.alpha,
            adapter.num_bytes,
            ranks=adapter.ranks,
            num_targets=len(adapter.pairs),
            num_model_targets=len(self._slabs),
            base_model_name=adapter.base_model_name,
            verdict=fit_in_words(
                quote(names[0]),
                ranks_in_words(adapter.ranks),
                len(adapter.pairs),
                len(self._slabs),
            ),
            warning=name_warning(adapter.base_model_name, names),
        )

    def _generation_of(self, use: AdapterUse) -> int:
        if not (math.isfinite(use.weight) and abs(use.weight) <= MAX_WEIGHT):
            raise _refused(
                f"the weight of adapter {quote(use.adapter_id)} is {use.weight}; it must be "
                f"between {-MAX_WEIGHT:g} and {MAX_WEIGHT:g}"
            )
        generation = self._current.get(use.adapter_id)
        if generation is None:
            raise _refused(
                f"no adapter {quote(use.adapter_id)} is loaded", "Load the adapter again."
            )
        return generation

    def _place(self, adapter: Adapter) -> RankRange:
        first = self._free_rank(adapter.rank)
        ranks = RankRange(first, first + adapter.rank)
        self._reserve(adapter, ranks.last)
        for slab in self._slabs.values():
            slab.clear(ranks.first, ranks.last)  # ranks are reused; not every target is written
        for target, pair in adapter.pairs.items():
            self._slabs[target].write(ranks.first, pair)
        return ranks

    def _free_rank(self, rank: int) -> int:
        """The first gap of so many ranks.

        A range that fills a product begins at a whole multiple, so that its hull is no wider.
        """
        is_wide = rank + RANK_MULTIPLE > MAX_HULL
        first = 0
        for taken in sorted(generation.ranks for generation in self._generations.values()):
            if taken.first - first >= rank:
                break
            first = round_up(taken.last) if is_wide else taken.last
        return first

    def _reserve(self, adapter: Adapter, needed: int) -> None:
        """Give every slab in use room for `needed` ranks, and some more if memory allows."""
        used = [
            slab for target, slab in self._slabs.items() if slab.capacity or target in adapter.pairs
        ]
        bytes_per_rank = sum(slab.bytes_per_rank for slab in used)
        present = max((slab.capacity for slab in used), default=0)
        needed = round_up(needed)
        capacity = max(present, needed)
        if needed > present and 2 * present * bytes_per_rank <= self._max_bytes:
            capacity = max(needed, 2 * present)
        if capacity * bytes_per_rank > self._max_bytes:
            raise OutOfMemory(
                f"{adapter.name} needs {_megabytes(capacity * bytes_per_rank)} for all adapters; "
                f"{_megabytes(self._max_bytes)} are set aside for them.",
                advice="Unload another adapter, or choose one of a lower rank.",
            )
        try:
            for slab in used:
                slab.reserve(capacity)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"The memory for {adapter.name} could not be had.",
                advice="Close other programs, or unload another adapter.",
            ) from error

    def _retire(self, adapter_id: AdapterId) -> None:
        generation = self._current.pop(adapter_id, None)
        if generation is not None:
            self._generations[generation].is_current = False
            self._drop_if_unused(generation)

    def _drop_if_unused(self, generation: int) -> None:
        entry = self._generations[generation]
        if not entry.is_current and not entry.num_users:
            del self._generations[generation]

    def _give_back_unused(self) -> None:
        if not self._generations:
            for slab in self._slabs.values():
                slab.give_back()


def _refused(message: str, advice: str = "") -> RequestError:
    return RequestError(message, advice=advice, field="adapters")


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.1f} MB"
