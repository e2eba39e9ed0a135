"""Taking an adapter out of the mixes of workspaces, and back in. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from realm_desktop.protocol import AdapterId, WorkspaceId
from realm_desktop.store.records import KnownAdapter, Workspace


@dataclass(frozen=True, slots=True)
class RemovedAdapter:
    """An adapter that was removed, and the workspaces that had it, as they were."""

    adapter: KnownAdapter
    users: tuple[Workspace, ...]


def users_of(workspaces: Iterable[Workspace], adapter_id: AdapterId) -> tuple[Workspace, ...]:
    """The workspaces whose mix has the adapter, on or off."""
    return tuple(w for w in workspaces if w.adapters.entry(adapter_id) is not None)


def without_adapter(workspace: Workspace, adapter_id: AdapterId) -> Workspace:
    """The workspace with the adapter taken out of its mix."""
    return replace(workspace, adapters=workspace.adapters.without(adapter_id))


def restored(removed: RemovedAdapter, known: Mapping[WorkspaceId, Workspace]) -> list[Workspace]:
    """The workspaces that get a removed adapter back; one that is gone since stays gone."""
    adapter_id = removed.adapter.adapter_id
    return [
        with_adapter_again(known[before.workspace_id], before, adapter_id)
        for before in removed.users
        if before.workspace_id in known
    ]


def with_adapter_again(now: Workspace, before: Workspace, adapter_id: AdapterId) -> Workspace:
    """The workspace with the adapter back in its mix.

    Args:
        now: As it is after the removal.
        before: As it was; a mix that did not change since comes back whole, in its old order,
            because the order of a mix belongs to its text.
        adapter_id: Of the removed adapter.
    """
    entry = before.adapters.entry(adapter_id)
    if entry is None or now.adapters == before.adapters.without(adapter_id):
        return replace(now, adapters=before.adapters)
    return replace(now, adapters=now.adapters.with_entry(entry))
