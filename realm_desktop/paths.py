"""Where the app keeps its files: one data folder, one cache folder, and the names inside them.

Knows nothing of settings or environment variables: the caller passes the folder that a flag or a
variable chose. Creates nothing by itself except through `Paths.create`. Used in both processes.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from realm_desktop.errors import SettingsError

APP_NAME = "realm-desktop"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one user; every file the app writes is below one of them.

    Attributes:
        data_dir: What must survive: database, settings, backups, models, logs.
        cache_dir: What can be computed again.
    """

    data_dir: Path
    cache_dir: Path

    @property
    def settings_file(self) -> Path:
        """The settings as JSON."""
        return self.data_dir / "settings.json"

    @property
    def database_file(self) -> Path:
        """Workspaces, conversations and messages."""
        return self.data_dir / "realm.sqlite3"

    @property
    def call_file(self) -> Path:
        """What a second start writes to, so that the first one shows its window."""
        return self.data_dir / "show-window"

    @property
    def backups_dir(self) -> Path:
        """Copies of the database."""
        return self.data_dir / "backups"

    @property
    def models_dir(self) -> Path:
        """Model files that the app put there itself; scanned like any other folder."""
        return self.data_dir / "models"

    @property
    def adapters_dir(self) -> Path:
        """Adapter files that the app put there itself."""
        return self.data_dir / "adapters"

    @property
    def hub_token_file(self) -> Path:
        """The user's token for the hub, readable by this user only."""
        return self.data_dir / "hub-token.json"

    @property
    def cuda_dir(self) -> Path:
        """Where the CUDA build of torch is downloaded to."""
        return self.data_dir / "cuda"

    @property
    def torch_dir(self) -> Path:
        """The packages of the CUDA build, where the user had it installed."""
        return self.cuda_dir / "torch"

    @property
    def updates_dir(self) -> Path:
        """Packages of newer versions; each can be downloaded again."""
        return self.cache_dir / "updates"

    @property
    def update_memory_file(self) -> Path:
        """What earlier checks for updates were told."""
        return self.data_dir / "updates.json"

    @property
    def presets_dir(self) -> Path:
        """Presets of settings, one JSON file each."""
        return self.data_dir / "presets"

    @property
    def training_dir(self) -> Path:
        """Examples made from messages, until an adapter has learned them."""
        return self.data_dir / "training"

    @property
    def packed_dir(self) -> Path:
        """Weights in the form that the processor computes with, for the next load."""
        return self.cache_dir / "packed"

    @property
    def self_test_dir(self) -> Path:
        """What passed the self-test of each device."""
        return self.data_dir / "self-test"

    @property
    def logs_dir(self) -> Path:
        """Log files of both processes."""
        return self.data_dir / "logs"

    def create(self) -> None:
        """Create the data and cache folders, readable by this user only.

        Raises:
            SettingsError: A folder cannot be created.
        """
        for folder in (self.data_dir, self.cache_dir):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise SettingsError(
                    f"the folder {folder} cannot be created: {error.strerror or error}",
                    advice="Choose another folder with --data-dir.",
                    file=folder,
                ) from error


@dataclass(frozen=True, slots=True)
class DataFolderChoice:
    """The data folder that the user chose at the first start, kept where every start finds it.

    Attributes:
        file: Holds the folder's name alone; outside of any data folder.
    """

    file: Path

    def read(self) -> Path | None:
        """The chosen folder; None if none was chosen, or it is gone: a drive may be away."""
        try:
            folder = Path(self.file.read_text(encoding="utf-8").strip())
            return folder if folder.is_absolute() and folder.is_dir() else None
        except (OSError, ValueError):
            return None

    def write(self, folder: Path) -> None:
        """Take a folder from the next start on. Waits for the disk.

        Raises:
            SettingsError: Nothing can be written there, or the choice cannot be kept.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Tried, not asked: permissions say nothing of a disk that is full or read-only.
            with tempfile.TemporaryFile(dir=folder):
                pass
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file.write_text(f"{folder}\n", encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SettingsError(
                f"{folder} cannot be used: {reason or error}",
                advice="Choose a folder that you may write to.",
                file=folder,
            ) from error


def data_folder_choice() -> DataFolderChoice:
    """Where this user's choice is kept."""
    folder = platformdirs.user_config_dir(APP_NAME, appauthor=False)
    return DataFolderChoice(Path(folder) / "data-folder")


def find_paths(data_dir: Path | None = None) -> Paths:
    """The folders to use.

    Args:
        data_dir: The folder that a flag or a variable names; its cache lies inside it. None takes
            the one chosen at the first start, or the platform's own places.
    """
    if data_dir is None:
        data_dir = data_folder_choice().read()
    if data_dir is not None:
        chosen = data_dir.expanduser().absolute()
        return Paths(chosen, chosen / "cache")
    return Paths(
        Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)),
        Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)),
    )
