"""The hub as the window asks it: searches, files of a repository, nothing by itself.

Belongs to the event loop; each question runs in a thread of its own, one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from realm_desktop.errors import DownloadError, Offline
from realm_desktop.library.daemon_thread import run_in_thread
from realm_desktop.library.download_values import DownloadKind
from realm_desktop.library.hub_choices import choices_of, refusal_of
from realm_desktop.library.hub_reference import HubReference, parse_reference
from realm_desktop.library.hub_values import FoundRepository, RepositoryFiles
from realm_desktop.library.network import OFFLINE_ADVICE, NetworkGate, host_of, is_loopback


class Hub:
    """Questions to the hub or to the mirror that the settings name.

    Args:
        gate: Every connection passes it; its settings name the endpoint.
        token: The user's token for an endpoint; "" without one.
        free_memory: Bytes that a model could take now.
    """

    def __init__(
        self, gate: NetworkGate, token: Callable[[str], str], free_memory: Callable[[], int]
    ) -> None:
        self._gate = gate
        self._token = token
        self._free_memory = free_memory
        self._turn = asyncio.Lock()

    def parse(self, text: str) -> HubReference | None:
        """The place that `text` names; None if it is words to search for.

        Raises:
            DownloadError: An address that leads elsewhere.
        """
        return parse_reference(text, self._endpoint)

    async def search(self, words: str, kind: DownloadKind) -> list[FoundRepository]:
        """Repositories for these words.

        Raises:
            DownloadError: The hub cannot be asked; `Offline` if it may not.
        """
        endpoint = self._checked_endpoint()

        def ask() -> list[FoundRepository]:
            from realm_desktop.library.hub_client import HubClient

            return HubClient(self._gate, endpoint, self._token(endpoint)).search(words, kind)

        async with self._turn:
            return await run_in_thread(ask, "hub-search")

    async def files(self, reference: HubReference, kind: DownloadKind) -> RepositoryFiles:
        """What a repository offers; of a reference to a file only what that file belongs to.

        Raises:
            DownloadError: The hub cannot be asked, or knows nothing of it.
        """
        endpoint = self._checked_endpoint()

        def ask() -> RepositoryFiles:
            from realm_desktop.library.hub_client import HubClient, remote_files

            client = HubClient(self._gate, endpoint, self._token(endpoint))
            found, commit, listed = client.files(reference.repository, reference.revision)
            files = tuple(remote_files(listed))
            choices = choices_of(kind, files, self._free_memory())
            names = [str(getattr(entry, "rfilename", "")) for entry in listed]
            refusal = "" if choices else refusal_of(kind, names)
            return RepositoryFiles(kind, found, commit, choices, refusal)

        async with self._turn:
            offer = await run_in_thread(ask, "hub-files")
        return _narrowed(offer, reference)

    @property
    def _endpoint(self) -> str:
        return self._gate.settings.hub_endpoint.rstrip("/")

    def _checked_endpoint(self) -> str:
        """The endpoint; told before a thread starts that nothing may be asked."""
        host = host_of(self._endpoint)
        if self._gate.is_offline and not is_loopback(host):
            self._gate.refused.append(host)
            raise Offline(f"Offline is on: {host} was not asked", advice=OFFLINE_ADVICE)
        return self._endpoint


def _narrowed(offer: RepositoryFiles, reference: HubReference) -> RepositoryFiles:
    """Only the choice that the user named, if they named one.

    Raises:
        DownloadError: The repository has no such file or quantization.
    """
    wanted = offer.choices
    if reference.path:
        wanted = tuple(c for c in wanted if reference.path in {f.path for f in c.files})
    elif reference.label:
        label = reference.label.upper()
        wanted = tuple(c for c in wanted if c.label == label)
    if offer.choices and not wanted:
        named = reference.path or reference.label
        raise DownloadError(
            f"{reference.repository} offers nothing that can be used under the name {named}",
            advice=f"Look at all it offers: enter {reference.repository}.",
            field="gone",
        )
    return replace(offer, choices=wanted)
