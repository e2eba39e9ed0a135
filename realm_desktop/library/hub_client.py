"""Asks the hub for searches and lists of files, through huggingface_hub and the gate.

Synchronous; runs in a thread of its own. Imported with the first question: 0.2 s and 21 MB that no
start of the app should pay. Everything that comes back was written by strangers and is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import httpx2
import huggingface_hub
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from realm_desktop.errors import DownloadError
from realm_desktop.formats.corruption import quote
from realm_desktop.library.download_values import DownloadKind, RemoteFile
from realm_desktop.library.http_client import metadata_client
from realm_desktop.library.hub_values import FoundRepository
from realm_desktop.library.network import NetworkGate

MAX_RESULTS: Final = 50
MAX_FILES: Final = 10_000

_FILTERS: Final[dict[DownloadKind, tuple[str, ...]]] = {
    "model": ("gguf", "safetensors"),
    "adapter": ("peft", "lora"),
}
_EXPAND: Final[Any] = [
    "downloads",
    "likes",
    "lastModified",
    "tags",
    "gated",
    "gguf",
    "safetensors",
    "cardData",
]

# What its parsing raises for answers of another shape than the hub's.
_NONSENSE: Final = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)


class HubClient:
    """One endpoint of the hub.

    Args:
        gate: Every connection passes it.
        endpoint: Address of the hub or of a mirror.
        token: Of the user at this endpoint; "" asks without one.
    """

    def __init__(self, gate: NetworkGate, endpoint: str, token: str) -> None:
        # Otherwise it reads the environment for programs that it knows, by a list it downloads.
        constants.HF_HUB_DISABLE_TELEMETRY = True
        # Its session is one for the whole process; from now on it has no way but through the gate.
        huggingface_hub.set_client_factory(partial(metadata_client, gate))
        # False, because None would take a token that another program left on this machine.
        self._api = huggingface_hub.HfApi(endpoint=endpoint, token=token or False)

    def search(self, words: str, kind: DownloadKind) -> list[FoundRepository]:
        """Repositories for these words, the most downloaded first, at most 50.

        Raises:
            DownloadError: The hub cannot be asked or answers nonsense.
        """
        found: dict[str, FoundRepository] = {}
        for tag in _FILTERS[kind]:
            for info in self._ask(partial(self._list, words, tag)):
                repository = _repository(info)
                if repository is not None:
                    found.setdefault(repository.repository, repository)
        ranked = sorted(found.values(), key=lambda repository: -repository.num_downloads)
        return ranked[:MAX_RESULTS]

    def files(self, repository: str, revision: str) -> tuple[FoundRepository, str, list[Any]]:
        """A repository, the commit that `revision` is now, and its files as the hub lists them.

        Raises:
            DownloadError: It does not exist, may not be seen, or the hub cannot be asked.
        """
        ask = partial(
            self._api.model_info, repository, revision=revision or None, files_metadata=True
        )
        info = self._ask(ask, repository)
        found, commit = _repository(info), getattr(info, "sha", None)
        if found is None or not isinstance(commit, str) or not commit.isalnum():
            raise DownloadError(f"the hub's answer about {quote(repository)} has no commit")
        siblings = getattr(info, "siblings", None) or []
        return found, commit, list(siblings)[:MAX_FILES]

    def _list(self, words: str, tag: str) -> list[Any]:
        found = self._api.list_models(
            search=words or None, filter=tag, sort="downloads", limit=MAX_RESULTS, expand=_EXPAND
        )
        return list(found)

    def _ask(self, question: Any, name: str = "") -> Any:
        """The answer to one question; every failure as a sentence."""
        try:
            return question()
        except GatedRepoError as error:
            raise DownloadError(
                f"{quote(name)} may be seen only by users whom its author lets in",
                advice="Ask for access on its page, and enter your token in the network settings.",
                field="access",
            ) from error
        except (RepositoryNotFoundError, RevisionNotFoundError, HFValidationError) as error:
            raise DownloadError(
                f"the hub knows no repository {quote(name)}, or shows it to its owner only",
                advice="Check the name; a private repository needs your token.",
                field="gone",
            ) from error
        except HfHubHTTPError as error:
            status = error.response.status_code
            raise DownloadError(
                f"the hub answered HTTP {status}",
                advice="Check your token." if status in (401, 403) else "Try again later.",
                field="access" if status in (401, 403) else None,
            ) from error
        except DownloadError:
            raise
        except _NONSENSE as error:
            raise DownloadError(
                f"the hub's answer cannot be understood: {quote(str(error), 120)}",
                advice="A web page or an outdated mirror may be in between; try again later.",
            ) from error


def remote_files(siblings: list[Any]) -> Iterator[RemoteFile]:
    """The files that can be stored and verified; others are passed over."""
    for entry in siblings:
        lfs = getattr(entry, "lfs", None)
        sha256 = getattr(lfs, "sha256", None) or ""
        size = getattr(lfs, "size", None) or getattr(entry, "size", None)
        blob = "" if sha256 else getattr(entry, "blob_id", None) or ""
        name = getattr(entry, "rfilename", None)
        if not isinstance(name, str) or not isinstance(size, int):
            continue
        try:
            yield RemoteFile(name, size, str(sha256), str(blob))
        except DownloadError:
            # An odd name of one file must not hide the others.
            continue


def _repository(info: Any) -> FoundRepository | None:
    """A repository from an answer; None if it has no usable name."""
    name = getattr(info, "id", None)
    if not isinstance(name, str) or name.count("/") != 1:
        return None
    gguf, safetensors = getattr(info, "gguf", None), getattr(info, "safetensors", None)
    card = getattr(info, "card_data", None)
    updated = getattr(info, "last_modified", None)
    facts = gguf if isinstance(gguf, dict) else {}
    total = facts.get("total") or getattr(safetensors, "total", None)
    return FoundRepository(
        name,
        _whole(getattr(info, "downloads", None)),
        _whole(getattr(info, "likes", None)),
        f"{updated:%Y-%m-%d}" if updated is not None else "",
        _licence(card, getattr(info, "tags", None)),
        bool(getattr(info, "gated", False)),
        _text(facts.get("architecture")),
        _whole(total) or None,
    )


def _licence(card: Any, tags: Any) -> str:
    """As the card states it; its own name goes before "other"."""
    values = card.to_dict() if card is not None and hasattr(card, "to_dict") else {}
    own = _text(values.get("license_name"))
    stated = _text(values.get("license"))
    if own and stated in ("", "other"):
        return own
    if stated:
        return stated
    found = [tag for tag in tags or () if isinstance(tag, str) and tag.startswith("license:")]
    return found[0].removeprefix("license:")[:120] if found else ""


def _whole(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**63 else 0


def _text(value: object) -> str:
    return value[:120] if isinstance(value, str) else ""
