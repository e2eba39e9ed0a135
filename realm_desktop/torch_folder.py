"""A build of torch beside the program's own: tried in a process of its own, then put before it.

The CUDA build lies in a folder of the user's data. Only the engine process takes it, and only after
another process could import it: what went wrong half way through an import cannot be undone, as its
libraries stay loaded. Standard library only; knows nothing of downloads.
"""

from __future__ import annotations

import importlib
import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from realm_desktop import __version__
from realm_desktop.components import version_of
from realm_desktop.errors import EngineStopped
from realm_desktop.own_program import own_program

logger = logging.getLogger(__name__)

CHECK_TORCH_FLAG: Final = "--check-torch"
"""As in `cli.arguments`, which stands on a floor above."""

CHECK_LIMIT_S: Final = 180.0
"""Three gigabytes of libraries are read from the disk for the first time."""

_STATE: Final = "checked.json"
_MAX_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class TorchState:
    """What is known of the torch in a folder.

    Attributes:
        torch: Its version, such as "2.13.0+cu130"; "" if it could not be imported.
        cuda: The CUDA it was built for.
        devices: Names of the cards it found.
        program: The version of this program that tried it; another one tries again.
        fault: Why it is not used; "" if it is.
    """

    torch: str = ""
    cuda: str = ""
    devices: tuple[str, ...] = ()
    program: str = __version__
    fault: str = ""

    @property
    def why_not(self) -> str:
        """Why the engine does not take it; "" if it does."""
        if not self.fault and self.program != __version__:
            return "another version of this program tried it"
        return self.fault


def own_torch() -> str:
    """The version of the torch that this program came with, without its build, such as "2.13.0".

    Asked before a folder is put in front: afterwards the answer would be that of the folder.
    """
    return _base(version_of("torch") or "")


def try_torch(folder: Path, command: Sequence[str] | None = None) -> TorchState:
    """Import the torch of a folder in another process, and keep what came of it in the folder.

    Args:
        folder: Holds the packages.
        command: What tries it; None is this program with its flag.
    """
    try:
        said = _ask([*(command or [*own_program(), CHECK_TORCH_FLAG]), str(folder)])
        state = TorchState(str(said["torch"]), str(said["cuda"]), tuple(map(str, said["devices"])))
        fault = _fault(state, own_torch(), Path(said["file"]), folder)
    except (ValueError, KeyError, TypeError) as error:
        state, fault = TorchState(), f"it does not work here: {error}"
    state = replace(state, fault=fault)
    write_state(folder, state)
    return state


def tell_torch(folder: Path) -> None:
    """Have the torch of a folder compute on each card, and write what it says of itself.

    Runs in the process that tries it.
    """
    sys.path.insert(0, str(folder))
    torch: Any = importlib.import_module("torch")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for index in range(count):
        # A card that is too old for this CUDA is found all the same; only a kernel fails on it.
        (torch.ones(1, device=f"cuda:{index}") + 1).item()
    said = {
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "devices": [torch.cuda.get_device_name(index) for index in range(count)],
        "file": torch.__file__,
    }
    sys.stdout.write(json.dumps(said) + "\n")


def read_state(folder: Path) -> TorchState | None:
    """What is kept of the torch in a folder; None if it was never tried, or nothing can be read."""
    try:
        kept = json.loads((folder / _STATE).read_bytes())
        return TorchState(**{**kept, "devices": tuple(kept["devices"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_state(folder: Path, state: TorchState) -> None:
    """Keep it; a disk that refuses leaves the folder untried, and so unused."""
    try:
        (folder / _STATE).write_text(json.dumps(asdict(state)), encoding="utf-8")
    except OSError as error:
        logger.warning("the state of %s was not kept: %s", folder, error)


def take_torch(folder: Path) -> bool:
    """Put the torch of a folder before the program's own and import it; engine process, at its start.

    Returns:
        Whether it is in use; otherwise nothing was changed.

    Raises:
        EngineStopped: It was sound when it was tried and cannot be imported now. The process has to
            end, since its libraries may be loaded in part; the next one takes the program's own.
    """
    state = read_state(folder)
    if state is None:
        return False
    wanted = own_torch()
    why_not = state.why_not or ("" if _base(state.torch) == wanted else f"{wanted} is wanted")
    if why_not:
        logger.warning("torch in %s is not used: %s", folder, why_not)
        return False
    sys.path.insert(0, str(folder))
    try:
        torch: Any = importlib.import_module("torch")
    except (ImportError, OSError, RuntimeError) as error:
        fault = f"it does not work here: {error}"
        write_state(folder, replace(state, fault=fault))
        raise EngineStopped(f"torch in {folder}: {fault}") from error
    logger.info("torch %s of %s is in use", torch.__version__, folder)
    return True


def _fault(state: TorchState, wanted: str, file: Path, folder: Path) -> str:
    """Why a torch that can be imported is not used; "" if it is."""
    if not file.resolve().is_relative_to(folder.resolve()):
        return "another torch was imported in its place"
    if _base(state.torch) != wanted:
        return f"it is version {state.torch}; this program was made with {wanted}"
    if not state.devices:
        return "it finds no card: the NVIDIA driver may be too old for it"
    return ""


def _base(version: str) -> str:
    """A version without the name of its build."""
    return version.partition("+")[0]


def _ask(command: Sequence[str]) -> dict[str, Any]:
    """What the process that tries a torch says of it.

    Raises:
        ValueError: It says nothing; its last words instead.
    """
    try:
        done = subprocess.run(command, capture_output=True, timeout=CHECK_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ValueError(str(error)[:_MAX_REASON]) from error
    try:
        return dict(json.loads(done.stdout))
    except ValueError as error:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit status {done.returncode}"
        raise ValueError(reason[:_MAX_REASON]) from error
