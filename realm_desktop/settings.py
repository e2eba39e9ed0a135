"""The user's choices as one typed tree, kept in one JSON file; the only reader of the environment.

`Settings` and its parts are frozen values with defaults. `SettingsFile` reads and writes them:
atomically (temporary file, fsync, rename), with a version and ordered upgrades, and without losing
fields that this version does not know. Belongs to the GUI process; `SettingsFile` to its GUI thread.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from realm_desktop.engine_settings import EngineSettings
from realm_desktop.errors import SettingsError
from realm_desktop.keyboard_settings import KeyboardSettings
from realm_desktop.network_settings import LibrarySettings, NetworkSettings
from realm_desktop.schema.resolution import problems_of
from realm_desktop.setting_ranges import require_range
from realm_desktop.window_settings import WindowSettings

logger = logging.getLogger(__name__)

ThemeChoice = Literal["system", "light", "dark", "high_contrast"]
Density = Literal["comfortable", "compact"]
LanguageChoice = Literal["system", "en", "de"]
LayoutDirection = Literal["language", "right_to_left"]
SendKey = Literal["enter", "ctrl_enter"]
ClosingChoice = Literal["ask", "background", "stop"]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

MIN_ZOOM, MAX_ZOOM = 0.8, 2.0
MAX_FILE_BYTES = 4 * 1024 * 1024

UPGRADES: tuple[Upgrade, ...] = ()
"""Function n turns a file of version n + 1 into one of version n + 2."""

# A rename is durable only when its folder is synced; Windows has no such call.
_CAN_SYNC_FOLDERS = os.name == "posix"

_DataclassT = TypeVar("_DataclassT")


@dataclass(frozen=True, slots=True)
class AppearanceSettings:
    """How the app looks; `zoom` is 0.8 to 2.0.

    Attributes:
        density: How close rows and messages stand.
        is_column_wide: Messages take the whole width of their pane.
    """

    theme: ThemeChoice = "system"
    zoom: float = 1.0
    is_motion_reduced: bool = False
    language: LanguageChoice = "system"
    layout_direction: LayoutDirection = "language"
    density: Density = "comfortable"
    is_column_wide: bool = False

    def __post_init__(self) -> None:
        """Refuse a zoom that cannot be read or drawn."""
        require_range("zoom", self.zoom, MIN_ZOOM, MAX_ZOOM)


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """How chats behave; `when_closed` is what becomes of their work when the window closes."""

    send_key: SendKey = "enter"
    expand_thinking: bool = False
    when_closed: ClosingChoice = "ask"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user chose.

    Attributes:
        windows: One entry per window, the main one first.
        defaults: Values of settings that workspaces and conversations may replace, by their key;
            one that is missing has the default of the schema.
    """

    windows: tuple[WindowSettings, ...] = field(default_factory=lambda: (WindowSettings(),))
    appearance: AppearanceSettings = field(default_factory=AppearanceSettings)
    chat: ChatSettings = field(default_factory=ChatSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    library: LibrarySettings = field(default_factory=LibrarySettings)
    keyboard: KeyboardSettings = field(default_factory=KeyboardSettings)
    defaults: dict[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """There is always a main window."""
        require_range("number of windows", len(self.windows), 1, 64, name="windows")


@dataclass(frozen=True, slots=True)
class Environment:
    """What environment variables choose; a command-line flag goes before each.

    Attributes:
        data_dir: REALM_DATA_DIR, the folder of all files the app writes.
        is_debug: REALM_DEBUG is set and not "0": DEBUG lines in the logs.
        ollama_dir: OLLAMA_MODELS, where Ollama keeps its models.
        hugging_face_dir: HF_HUB_CACHE, or the folder "hub" in HF_HOME: Hugging Face's cache.
    """

    data_dir: Path | None = None
    is_debug: bool = False
    ollama_dir: Path | None = None
    hugging_face_dir: Path | None = None


def app_value(settings: Settings, key: str) -> Any:
    """The app's own value of a setting of the schema; None if only the schema's default holds."""
    part, _, name = key.partition(".")
    owner = getattr(settings, part, None)
    return settings.defaults.get(key) if owner is None else getattr(owner, name)


def with_app_value(settings: Settings, key: str, value: Any) -> Settings:
    """The settings with another value for the app; it was checked against the schema."""
    part, _, name = key.partition(".")
    owner = getattr(settings, part, None)
    if owner is None:
        return replace(settings, defaults={**settings.defaults, key: value})
    changed: Any = {part: replace(owner, **{name: value})}
    return replace(settings, **changed)


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """The app's environment variables; `variables` replaces the process's own."""
    found = os.environ if variables is None else variables
    cache, home = _folder(found, "HF_HUB_CACHE"), _folder(found, "HF_HOME")
    return Environment(
        data_dir=_folder(found, "REALM_DATA_DIR"),
        is_debug=found.get("REALM_DEBUG", "") not in ("", "0"),
        ollama_dir=_folder(found, "OLLAMA_MODELS"),
        hugging_face_dir=cache or (None if home is None else home / "hub"),
    )


def _folder(variables: Mapping[str, str], name: str) -> Path | None:
    text = variables.get(name, "")
    return Path(text) if text else None


class SettingsFile:
    """Owner of the current settings and of their file.

    Belongs to the GUI thread; `write` hands the disk work to another thread. `current` changes at
    once in memory, listeners hear of it, and the file follows with the next write.

    Attributes:
        path: The JSON file.
        current: The settings in force.
        problems: What could not be read, as sentences for the user; empty when all is well.
    """

    def __init__(self, path: Path, *, upgrades: Sequence[Upgrade] = UPGRADES) -> None:
        """Read the file; a missing one means defaults, a damaged one is set aside."""
        self.path = path
        self.current = Settings()
        self.problems: list[SettingsError] = []
        self._upgrades = upgrades
        self._document: dict[str, Any] = {}
        self._listeners: list[Callable[[Settings], None]] = []
        self._write_lock = asyncio.Lock()
        self._is_unread = False
        self._had_folder = path.parent.is_dir()
        self._load()

    def subscribe(self, listener: Callable[[Settings], None]) -> Callable[[], None]:
        """Call `listener` after every change; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def put(self, settings: Settings) -> None:
        """Make `settings` the current ones, in memory."""
        if settings == self.current:
            return
        self.current = settings
        for listener in tuple(self._listeners):
            listener(settings)

    async def write(self) -> None:
        """Write the current settings in another thread; writes never overlap.

        Raises:
            SettingsError: The file cannot be written; the settings stay in memory.
        """
        async with self._write_lock:
            await asyncio.to_thread(self.write_now)

    def write_now(self) -> None:
        """Write the current settings and wait for the disk; for the end of the program.

        Raises:
            SettingsError: The file cannot be written.
        """
        document = _merge(self._document, msgspec.to_builtins(self.current))
        # Resetting a value removes its key, which merging would bring back.
        document["defaults"] = self.current.defaults
        document["keyboard"]["shortcuts"] = self.current.keyboard.shortcuts
        document["version"] = max(self._own_version, _version_of(document) or 0)
        # ASCII escapes keep file names that are no valid UTF-8 (lone surrogates) intact.
        data = json.dumps(document, indent=1).encode("ascii")
        try:
            if self._had_folder and not self.path.parent.is_dir():
                # Made again it would hide that everything else in it is gone.
                raise FileNotFoundError(errno.ENOENT, "its folder is gone")
            if self._is_unread:
                # Nobody could look into it; it may hold all that the user chose.
                self._move_aside()
            write_atomically(self.path, data)
        except OSError as error:
            raise SettingsError(
                f"the settings could not be saved in {self.path}: {error.strerror or error}",
                advice="Free some space or choose another folder with --data-dir.",
                file=self.path,
            ) from error
        self._document = document

    @property
    def _own_version(self) -> int:
        return len(self._upgrades) + 1

    def _load(self) -> None:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            self._is_unread = True
            self._note(
                f"the settings in {self.path} cannot be read: {error.strerror or error}",
                "Default settings are used; the file is kept under another name.",
            )
            return
        try:
            document = _decode(data)
            for upgrade in self._upgrades[(_version_of(document) or 1) - 1 :]:
                document = upgrade(document)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._set_aside(error)
            return
        self._document = document
        self.current = self._read(Settings(), document, "")
        for problem in problems_of(self.current.defaults):
            message = f"{self.path.name}: {problem.message}"
            self._note(message, "Its default is used instead.", problem.field)

    def _set_aside(self, cause: Exception) -> None:
        """Rename a damaged file, so that its content is kept and a new one can be written."""
        try:
            kept = self._move_aside()
        except OSError:
            kept = self.path
        self._note(
            f"the settings file {self.path} is damaged ({cause}); default settings are used",
            f"The damaged file is kept as {kept.name}.",
        )

    def _move_aside(self) -> Path:
        """Give the file another name, which is returned."""
        kept = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        with suppress(FileNotFoundError):
            self.path.rename(kept)
        self._is_unread = False
        return kept

    def _read(self, default: _DataclassT, values: Mapping[str, Any], where: str) -> _DataclassT:
        """`default` with every usable value of `values`; a bad value costs only itself."""
        result = default
        hints = get_type_hints(type(default))
        for name in (entry.name for entry in fields(default)):  # type: ignore[arg-type]  # all parts are dataclasses
            if name not in values:
                continue
            try:
                value = self._value(hints[name], getattr(default, name), values[name], where + name)
                result = replace(result, **{name: value})  # type: ignore[type-var]  # as above
            except (SettingsError, msgspec.ValidationError, UnicodeEncodeError) as error:
                self._note(
                    f"{self.path.name}: {where}{name} cannot be used: {error}",
                    "Its default is used instead.",
                    where + name,
                )
        return result

    def _value(self, hint: Any, default: object, value: object, where: str) -> object:
        """`value` as the type `hint`: a part of the tree, a tuple of parts, or a plain value."""
        if is_dataclass(hint):
            return self._read(default, msgspec.convert(value, dict[str, Any]), f"{where}.")
        parts = get_args(hint)
        if get_origin(hint) is tuple and is_dataclass(parts[0]):
            rows = msgspec.convert(value, list[dict[str, Any]])
            part: Any = parts[0]
            return tuple(self._read(part(), row, f"{where}[{i}].") for i, row in enumerate(rows))
        return msgspec.convert(value, hint)

    def _note(self, message: str, advice: str, name: str | None = None) -> None:
        logger.warning("%s", message)
        self.problems.append(SettingsError(message, advice=advice, file=self.path, field=name))


def _decode(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`.

    Raises:
        ValueError: It is too long, no JSON, no object, or a number is not finite.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"{len(data)} bytes; at most {MAX_FILE_BYTES} are read")
    document = json.loads(data, parse_constant=_refuse_constant, parse_float=_finite_float)
    if not isinstance(document, dict):
        raise ValueError(f"it holds a {type(document).__name__}, not an object")  # noqa: TRY004  # one class for all damage
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value


def _version_of(document: Mapping[str, Any]) -> int | None:
    """The version a document names, if it is a positive integer."""
    version = document.get("version")
    return version if type(version) is int and version > 0 else None


def _merge(old: object, new: object) -> Any:
    """`new`, plus the fields that only `old` has, at every level; lists are matched by position."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: _merge(old.get(key), value) for key, value in new.items()}
    if isinstance(old, list) and isinstance(new, list | tuple):
        padded = [*old, *[None] * len(new)]
        return [_merge(before, value) for before, value in zip(padded, new, strict=False)]
    return new


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: a crash leaves the old file or the new one, nothing between."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        # Best effort: on a full disk the unfinished copy should not take space too.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    if _CAN_SYNC_FOLDERS:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
