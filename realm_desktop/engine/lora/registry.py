"""The adapters of a loaded model: ids, generations, their rank ranges, and who still uses them.

Loading an adapter again makes a new generation; requests keep the one they started with until they
end. An adapter that nobody uses may lose its ranks to another one; it keeps its generation and comes
back at its next use. Owned by the engine thread; ends with the model.
"""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.adapter_file import Adapter
from realm_desktop.engine.lora.description import describe
from realm_desktop.engine.lora.passes import RangeUse
from realm_desktop.engine.lora.placement import Placement
from realm_desktop.engine.lora.reading import AdapterRead, StampedAdapter
from realm_desktop.engine.lora.saved_matrices import PlaceSaved, SavedUse, refuse_saved
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.slab_ranks import SlabRanks, no_room
from realm_desktop.engine.lora.targets import Target
from realm_desktop.engine.lora.warm_copies import FileStamp, WarmCopies, file_stamp
from realm_desktop.engine.sequence import AdapterKey
from realm_desktop.engine_stats import AdapterState, AdapterStats
from realm_desktop.errors import AdapterError, RequestError
from realm_desktop.events import AdapterInfo
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
class _Known:
    """An adapter that requests may name.

    Attributes:
        generation: What new requests get; it has ranks or comes back with them.
        last_use: Counts loads and uses; the smallest was not used for longest.
    """

    info: AdapterInfo
    path: Path
    stamp: FileStamp
    generation: int
    last_use: int


@dataclass(frozen=True, slots=True)
class AdapterLimits:
    """Bytes that the slabs, and the copies in host memory, may take."""

    slab_bytes: int
    warm_bytes: int


class AdapterRegistry:
    """Loads adapters into the slabs of one network and says who uses which ranks.

    Args:
        spec: Of the network.
        slabs: By target; filled here alone.
        dtype: Of the network's computation.
        limits: Memory that adapters may take.
        model_names: What the model is called, the name to show first.
        place_saved: Makes an adapter's own embedding or output matrix ready for use.
    """

    def __init__(
        self,
        spec: ModelSpec,
        slabs: Mapping[Target, AdapterSlab],
        dtype: torch.dtype,
        limits: AdapterLimits,
        model_names: Sequence[str] = ("",),
        place_saved: PlaceSaved = refuse_saved,
    ) -> None:
        self._spec = spec
        self._dtype = dtype
        self._model_names = model_names
        self._ranks = SlabRanks(slabs, limits.slab_bytes, place_saved)
        self._copies = WarmCopies(limits.warm_bytes)
        self._known: dict[AdapterId, _Known] = {}
        self._pinned: frozenset[AdapterId] = frozenset()
        self._generations = count(1)
        self._uses = count(1)

    @property
    def num_bytes(self) -> int:
        """Memory of all slabs."""
        return self._ranks.num_bytes

    @property
    def warm_bytes(self) -> int:
        """Memory of the copies in host memory."""
        return self._copies.num_bytes

    @property
    def num_active_ranks(self) -> int:
        """Ranks of the adapters that open requests use."""
        return self._ranks.num_active

    def load(self, command: LoadAdapter) -> AdapterInfo:
        """Read an adapter and place it at once; replaces the one with this id for new requests.

        A refused adapter changes nothing. Costs one read of the file and two copies per target.

        Raises:
            AdapterError: The file cannot be used with this model, or there are too many.
            ModelFileError: The file is damaged or cannot be read.
            OutOfMemory: It alone needs more room than adapters may take.
        """
        self.check_number(command.adapter_id)
        known = self.change_flag(command)
        if known is not None:
            return known
        stamped = self.copy_of(Path(command.path)) or self.reading(Path(command.path))()
        placement = self.begin(stamped.adapter)
        if placement is not None:
            self._advance_to_the_end(placement)
        return self.finish_load(command, stamped, is_placed=placement is not None, swap_ms=0.0)

    def check_number(self, adapter_id: AdapterId) -> None:
        """Refuse one adapter too many.

        Raises:
            AdapterError: There are as many as can be.
        """
        if adapter_id not in self._known and len(self._known) >= MAX_ADAPTERS:
            raise AdapterError(
                f"{len(self._known)} adapters are loaded; at most {MAX_ADAPTERS} can be.",
                advice="Unload one that is not needed.",
            )

    def change_flag(self, command: LoadAdapter) -> AdapterInfo | None:
        """What is known if this very file is loaded under this id; takes over `keep_warm`.

        Raises:
            ModelFileError: The file is gone.
        """
        known = self._known.get(command.adapter_id)
        path = Path(command.path)
        if known is None or known.path != path or known.stamp != file_stamp(path):
            return None
        known.info = replace(known.info, keep_warm=command.keep_warm, state=self._state(known))
        return known.info

    def copy_of(self, path: Path) -> StampedAdapter | None:
        """The prepared copy of a file that has not changed since; None if there is none.

        Raises:
            ModelFileError: The file is gone.
        """
        stamp = file_stamp(path)
        adapter = self._copies.get(stamp)
        return None if adapter is None else StampedAdapter(stamp, adapter)

    def reading(self, path: Path) -> AdapterRead:
        """What reads and checks a file, in any thread: it touches nothing of the registry."""
        return AdapterRead(path, self._spec, self._dtype)

    def begin(self, adapter: Adapter) -> Placement | None:
        """Start placing an adapter; ranks of adapters that nobody uses are given up for it.

        Returns:
            The placement, to be advanced and finished or cancelled before the next one begins;
            None while requests use what would have to go.

        Raises:
            OutOfMemory: It alone needs more room than adapters may take.
        """
        return self._ranks.begin(adapter, self._least_recently_used)

    def cancel(self) -> None:
        """Give up the placement that was begun."""
        self._ranks.cancel()

    def finish_load(
        self,
        command: LoadAdapter,
        stamped: StampedAdapter,
        *,
        is_placed: bool,
        swap_ms: float,
    ) -> AdapterInfo:
        """Make an adapter the one that new requests get under this id.

        Args:
            command: What asked for it.
            stamped: What was read.
            is_placed: Whether the placement begun for it is complete; else it waits for room
                until its first use.
            swap_ms: From the command until now.
        """
        # Not before: a refused adapter leaves the earlier generation to new requests.
        self.unload(command.adapter_id)
        generation = next(self._generations)
        if is_placed:
            self._ranks.settle(generation)
        self._copies.put(*stamped)
        known = _Known(
            self._info(command, stamped, swap_ms),
            Path(command.path),
            stamped.stamp,
            generation,
            next(self._uses),
        )
        self._known[command.adapter_id] = known
        known.info = replace(known.info, state=self._state(known))
        logger.info("adapter %s: %s", command.adapter_id, known.info.verdict)
        return known.info

    def finish_return(
        self,
        adapter_id: AdapterId,
        stamped: StampedAdapter,
        *,
        swap_ms: float,
    ) -> None:
        """Give an adapter its ranks back; the same generation if its file is the same."""
        known = self._known.get(adapter_id)
        # It was unloaded on its way.
        if known is None:
            self.cancel()
            return
        if stamped.stamp != known.stamp:
            known.generation, known.stamp = next(self._generations), stamped.stamp
            command = LoadAdapter(adapter_id, str(known.path), known.info.keep_warm)
            known.info = self._info(command, stamped, swap_ms)
        self._ranks.settle(known.generation)
        self._copies.put(*stamped)
        known.last_use = next(self._uses)
        known.info = replace(known.info, swap_ms=swap_ms)

    def unload(self, adapter_id: AdapterId) -> None:
        """Take an adapter from new requests; its ranks are free once its last request ends."""
        known = self._known.pop(adapter_id, None)
        if known is not None:
            self._ranks.retire(known.generation)

    def absent(self, uses: Iterable[AdapterUse]) -> dict[AdapterId, Path]:
        """The adapters of a mix that have no ranks now, and their files."""
        known = {use.adapter_id: self._known.get(use.adapter_id) for use in uses if use.weight}
        return {
            adapter_id: each.path
            for adapter_id, each in known.items()
            if each is not None and each.generation not in self._ranks
        }

    def pin(self, adapter_ids: Iterable[AdapterId]) -> None:
        """Let these, and no others, keep their ranks although no request uses them yet."""
        self._pinned = frozenset(adapter_ids)

    def hold(self, uses: Iterable[AdapterUse]) -> AdapterKey:
        """The mix of a new request, which holds its generations until `release`.

        Weight 0 is left out: it is the base model bit for bit. Adapters without ranks are brought
        back at once; the service does that beforehand, beside the steps.

        Raises:
            RequestError: An adapter is unknown, changed or named twice, or a weight out of range.
            RealmError: An adapter cannot be brought back.
        """
        uses = tuple(uses)
        key: list[tuple[AdapterId, float]] = []
        for use in uses:
            adapter_id = self._checked_id(use)
            if any(adapter_id == other for other, _ in key):
                raise _refused(f"the adapter {quote(use.adapter_id)} is named twice in one request")
            key.append((adapter_id, float(use.weight)))
        mix = tuple((adapter_id, weight) for adapter_id, weight in key if weight)
        if len(mix) > MAX_MIX:
            raise _refused(f"a request names {len(mix)} adapters; at most {MAX_MIX} can be mixed")
        self._bring_back(uses)
        for use in uses:
            self._checked_id(use)  # again: an adapter comes back as its file is by then
        for adapter_id, _ in mix:
            known = self._known[adapter_id]
            known.last_use = next(self._uses)
            self._ranks.hold(known.generation)
        return tuple((self._known[adapter_id].generation, weight) for adapter_id, weight in mix)

    def release(self, key: AdapterKey) -> None:
        """End the use of a mix."""
        for generation, _ in key:
            self._ranks.release(generation)

    @property
    def has_saved(self) -> bool:
        """Whether any adapter with ranks brings matrices along whole."""
        return self._ranks.has_saved

    def saved_uses(self, key: AdapterKey, part: Part) -> tuple[SavedUse, ...]:
        """Those of a held mix that bring the matrix of `part` along, in the order of the request."""
        found = ((self._ranks.saved(generation).get(part), weight) for generation, weight in key)
        return tuple(SavedUse(lookup, weight) for lookup, weight in found if lookup is not None)

    def range_uses(self, key: AdapterKey) -> tuple[RangeUse, ...]:
        """Where the adapters of a held mix lie, in the order of the request."""
        return tuple(RangeUse(self._ranks.ranks(generation), weight) for generation, weight in key)

    def stats(self) -> tuple[AdapterStats, ...]:
        """One row per adapter, in the order of loading."""
        return tuple(
            AdapterStats(
                adapter_id,
                self._state(known),
                self._ranks.num_users(known.generation),
                known.info.num_bytes,
                known.info.swap_ms,
                known.info.keep_warm,
            )
            for adapter_id, known in self._known.items()
        )

    def _info(self, command: LoadAdapter, stamped: StampedAdapter, swap_ms: float) -> AdapterInfo:
        num_targets = self._ranks.num_targets
        info = describe(command, stamped.adapter, self._model_names, num_targets, swap_ms)
        return replace(info, version=stamped.stamp.version)

    def _state(self, known: _Known) -> AdapterState:
        is_warm = known.generation in self._ranks or known.stamp in self._copies
        return AdapterState.WARM if is_warm else AdapterState.ON_DISK

    def _advance_to_the_end(self, placement: Placement) -> None:
        try:
            placement.advance(sys.maxsize)
        except BaseException:  # whatever the fault: the next adapter shall not stand behind it
            self.cancel()
            raise

    def _bring_back(self, uses: tuple[AdapterUse, ...]) -> None:
        """Place every adapter of a mix that lost its ranks, here and now."""
        pinned = self._pinned
        self.pin({*pinned, *(use.adapter_id for use in uses)})
        try:
            for adapter_id, path in self.absent(uses).items():
                stamped = self.copy_of(path) or self.reading(path)()
                placement = self.begin(stamped.adapter)
                if placement is None:
                    raise no_room(stamped.adapter.name)
                self._advance_to_the_end(placement)
                self.finish_return(adapter_id, stamped, swap_ms=0.0)
        finally:
            self._pinned = pinned

    def _checked_id(self, use: AdapterUse) -> AdapterId:
        if not (math.isfinite(use.weight) and abs(use.weight) <= MAX_WEIGHT):
            raise _refused(
                f"the weight of adapter {quote(use.adapter_id)} is {use.weight}; it must be "
                f"between {-MAX_WEIGHT:g} and {MAX_WEIGHT:g}"
            )
        if use.adapter_id not in self._known:
            raise _refused(
                f"no adapter {quote(use.adapter_id)} is loaded", "Load the adapter again."
            )
        if use.version not in ("", self._known[use.adapter_id].stamp.version):
            raise _refused(
                f"the file of adapter {quote(use.adapter_id)} was changed since this reply began",
                "Regenerate the reply to write all of it with the file as it is now.",
            )
        return use.adapter_id

    def _least_recently_used(self) -> int | None:
        """The generation of an adapter that may lose its ranks."""
        candidates = (
            known
            for adapter_id, known in self._known.items()
            if known.generation in self._ranks
            and not self._ranks.num_users(known.generation)
            and not known.info.keep_warm
            and adapter_id not in self._pinned
        )
        victim = min(candidates, key=lambda known: known.last_use, default=None)
        if victim is None:
            return None
        logger.debug("adapter %s leaves its ranks", victim.info.adapter_id)
        return victim.generation


def _refused(message: str, advice: str = "") -> RequestError:
    return RequestError(message, advice=advice, field="adapters")
