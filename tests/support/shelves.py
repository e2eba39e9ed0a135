"""Adapters in every state, made without files or an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.events import AdapterInfo, ErrorInfo
from realm_desktop.formats.adapter_fit import AdapterFit
from realm_desktop.formats.adapter_inspection import AdapterInspection, AdapterModule
from realm_desktop.library.adapter_catalog import SeenAdapter
from realm_desktop.protocol import AdapterId, WorkspaceId
from realm_desktop.store.records import KnownAdapter, Workspace

FITS = AdapterFit(True, "fits Tiny · rank 8 · 4 of 4 targets", num_targets=4, num_model_targets=4)
MISFIT = AdapterFit(False, "made for hidden size 16, this model has 8", target="q_proj")
REFUSED = ErrorInfo("AdapterMismatch", "terse: q_proj is 9 wide, 8 expected", "Choose another.")


def make_shelf(
    name: str = "terse",
    slot: int = 0,
    *,
    fit: AdapterFit | None = FITS,
    swap_ms: float | None = None,
    error: ErrorInfo | None = None,
    is_loading: bool = False,
    **fields: Any,
) -> Shelf:
    """An adapter with the id "a<slot>"; warm if `swap_ms` is given.

    Args:
        name: Of the file.
        slot: Gives the letter.
        fit: The verdict against the loaded model.
        swap_ms: Time of its load.
        error: Why the engine refused it.
        is_loading: The engine owes an answer.
        fields: Of the inspection, such as `base_model_name`.
    """
    path = Path("/adapters") / name
    adapter_id = AdapterId(f"a{slot}")
    values: dict[str, Any] = {
        "container": "safetensors",
        "architecture": "",
        "ranks": (8,),
        "alpha": 16.0,
        "is_rank_stabilized": False,
        "modules": (AdapterModule("model.layers.0.self_attn.q_proj", 8, 8, 8),) * 4,
        "base_model_name": "realm/Tiny",
        "parameters": 512,
        "tensor_types": {"F32": 8},
        "size_bytes": 84_000_000,
        **fields,
    }
    inspection = AdapterInspection(path=str(path), name=name, **values)
    shelf = Shelf(KnownAdapter(adapter_id, path, name, 10.0, slot))
    shelf.seen = SeenAdapter((), inspection, fit=fit)
    shelf.error = error
    if swap_ms is not None:
        shelf.info = AdapterInfo(adapter_id, name, 8, 16.0, 2_000_000, swap_ms=swap_ms)
    if not is_loading:
        shelf.settled.set()
    return shelf


def make_user(
    workspace_id: str = "research", *entries: MixEntry, name: str = "", is_bypassed: bool = False
) -> Workspace:
    """A workspace with this mix."""
    mix = AdapterMix(entries, is_bypassed=is_bypassed)
    title = name or workspace_id.title()
    return Workspace(WorkspaceId(workspace_id), title, 1.0, 1.0, adapters=mix)


def entry(slot: int = 0, weight: float = 1.0, *, is_on: bool = True) -> MixEntry:
    """The entry of the adapter of a slot."""
    return MixEntry(AdapterId(f"a{slot}"), weight, is_on)
