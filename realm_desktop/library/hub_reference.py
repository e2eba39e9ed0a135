"""What a user pasted or typed: a repository, a file of one, or words to search for.

Knows nothing of connections. Understands the forms that the hub, its mirrors and other programs show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from realm_desktop.errors import DownloadError
from realm_desktop.formats.corruption import quote
from realm_desktop.library.network import host_of
from realm_desktop.library.safe_names import safe_path

HUB_HOSTS: Final = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?"
_REPOSITORY = re.compile(rf"({_NAME}/{_NAME})(?::([A-Za-z0-9_.-]{{1,40}}))?")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,120}")
_OTHER_KINDS: Final = frozenset({"datasets", "spaces", "collections", "papers", "docs", "models"})
_FILE_WORDS: Final = frozenset({"resolve", "blob", "raw"})


@dataclass(frozen=True, slots=True)
class HubReference:
    """A place on the hub.

    Attributes:
        repository: Owner and name.
        revision: Branch, tag or commit; "" is the main branch.
        path: A file in it; "" is the whole repository.
        label: A quantization named with it, such as "Q4_K_M"; "" if none was.
    """

    repository: str
    revision: str = ""
    path: str = ""
    label: str = ""


def parse_reference(text: str, endpoint: str) -> HubReference | None:
    """The place that `text` names; None if it is words to search for.

    Args:
        text: `owner/name`, `owner/name:Q4_K_M`, or an address of the hub or of the mirror in use.
        endpoint: Address of the hub or mirror in use.

    Raises:
        DownloadError: An address that leads to no repository of models.
    """
    text = text.strip()
    plain = _REPOSITORY.fullmatch(text)
    if plain is not None and plain[1].partition("/")[0].lower() not in _OTHER_KINDS | HUB_HOSTS:
        return HubReference(plain[1], label=plain[2] or "")
    address = text if "://" in text else f"https://{text}"
    host = host_of(address)
    if "://" not in text and host not in HUB_HOSTS | {host_of(endpoint)}:
        return None
    if urlsplit(address).scheme not in ("http", "https"):
        raise _no_place(text, "only addresses that begin with https:// are understood")
    if host not in HUB_HOSTS | {host_of(endpoint)}:
        raise _no_place(text, "it leads to another server than the hub")
    return _of_path(text, [unquote(part) for part in urlsplit(address).path.split("/") if part])


def _of_path(text: str, parts: list[str]) -> HubReference:
    """The place that the path of an address names."""
    if parts and parts[0].lower() in _OTHER_KINDS:
        raise _no_place(text, f"it leads to {parts[0]}, not to a model")
    found = _REPOSITORY.fullmatch("/".join(parts[:2]))
    if found is None:
        raise _no_place(text, "owner and name of a repository are expected")
    repository, label, rest = found[1], found[2] or "", parts[2:]
    if not rest:
        return HubReference(repository, label=label)
    revision = rest[1] if len(rest) > 1 else ""
    if rest[0] not in _FILE_WORDS | {"tree"} or not _REVISION.fullmatch(revision):
        return HubReference(repository, label=label)
    path = "/".join(rest[2:]) if rest[0] in _FILE_WORDS else ""
    if path:
        safe_path(path)
    return HubReference(repository, "" if revision == "main" else revision, path, label)


def _no_place(text: str, fault: str) -> DownloadError:
    return DownloadError(
        f"{quote(text[:200])} is no repository: {fault}",
        advice="Paste the address of a model's page, or its name such as owner/model.",
        field="reference",
    )
