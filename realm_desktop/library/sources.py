"""Everything that brings models and adapters to this machine, made once for the window.

Asks nobody anything when it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from realm_desktop.library.cuda_support import CudaSupport
from realm_desktop.library.download_values import DownloadKind
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.fit import free_memory
from realm_desktop.library.hub import Hub
from realm_desktop.library.hub_token import read_token
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.other_apps import Places, default_places
from realm_desktop.library.updates import Updates
from realm_desktop.network_settings import NetworkSettings
from realm_desktop.paths import Paths
from realm_desktop.settings import Environment


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The gate, what goes through it, and the folders.

    Attributes:
        models_dir: Downloaded models; scanned like any other folder.
        adapters_dir: Downloaded adapters.
        places: Where other programs keep models.
        token_file: The user's token for the hub.
        updates: Newer versions of the program.
        cuda: The CUDA build of torch.
    """

    gate: NetworkGate
    hub: Hub
    downloads: Downloads
    models_dir: Path
    adapters_dir: Path
    places: Places
    token_file: Path
    updates: Updates
    cuda: CudaSupport


def make_sources(
    paths: Paths,
    settings: NetworkSettings,
    environment: Environment,
    *,
    home: Path | None = None,
    memory: Callable[[], int] = free_memory,
) -> Sources:
    """The sources of one user.

    Args:
        paths: Where downloads go, and where the token is.
        settings: Of the network, as they are at the start.
        environment: May name other places for models of other programs.
        home: Where those programs keep them otherwise; None takes the user's own home.
        memory: Bytes that a model could take now.
    """
    gate = NetworkGate(settings)

    def token(endpoint: str) -> str:
        return read_token(paths.hub_token_file, endpoint)

    downloads = Downloads(gate, _roots(paths), token)
    home = home or _home()
    places = default_places(home, environment.ollama_dir, environment.hugging_face_dir)
    return Sources(
        gate,
        Hub(gate, token, memory),
        downloads,
        paths.models_dir,
        paths.adapters_dir,
        places,
        paths.hub_token_file,
        Updates(gate, downloads, paths.update_memory_file),
        CudaSupport(downloads, paths.torch_dir),
    )


def _roots(paths: Paths) -> dict[DownloadKind, Path]:
    """Where each kind of download becomes visible."""
    return {
        "model": paths.models_dir,
        "adapter": paths.adapters_dir,
        "update": paths.updates_dir,
        "component": paths.cuda_dir,
    }


def _home() -> Path:
    """The user's home; a place that does not exist for a user who has none, as in some containers."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")
