"""How models are loaded and which were: a part of the settings.

Plain values, checked when they are made; a bad one costs only itself, see `settings`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from realm_desktop.protocol import DeviceName, KVCacheDtype
from realm_desktop.setting_ranges import require_range

MAX_RECENT_MODELS = 12
MAX_RUNNING = 64
MAX_PACKED_GIGABYTES = 10_000


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the engine is asked to do.

    Attributes:
        num_threads: CPU threads, 1 to 1024; None takes the physical cores.
        context_length: Tokens; None takes the model's own, as far as memory allows.
        kv_cache_dtype: How keys and values are stored.
        max_running: Replies that are computed together at most, 1 to 64; None takes the engine's number.
        draft_path: A model that drafts for the one that is loaded; "" is none.
        is_draft_automatic: Without a `draft_path`, the one beside the model is taken.
        last_model_path: Loaded at the next start if `is_last_model_loaded`; "" is none.
        recent_model_paths: The latest first.
        model_folders: Scanned for models.
        packed_gigabytes: Disk space for packed weights, which make the next load short; 0 keeps none.
    """

    device: DeviceName = "auto"
    num_threads: int | None = None
    context_length: int | None = None
    last_model_path: str = ""
    is_last_model_loaded: bool = True
    recent_model_paths: tuple[str, ...] = ()
    model_folders: tuple[str, ...] = ()
    kv_cache_dtype: KVCacheDtype = "auto"
    draft_path: str = ""
    is_draft_automatic: bool = True
    max_running: int | None = None
    packed_gigabytes: int = 8

    def __post_init__(self) -> None:
        """Refuse values outside their range, by name."""
        if self.num_threads is not None:
            require_range("num_threads", self.num_threads, 1, 1024)
        if self.context_length is not None:
            require_range("context_length", self.context_length, 64, 2**24)
        if self.max_running is not None:
            require_range("max_running", self.max_running, 1, MAX_RUNNING)
        require_range("packed_gigabytes", self.packed_gigabytes, 0, MAX_PACKED_GIGABYTES)

    def with_model(self, path: str) -> EngineSettings:
        """These settings after `path` was loaded: last model, and first of the recent ones."""
        others = tuple(known for known in self.recent_model_paths if known != path)
        return replace(
            self, last_model_path=path, recent_model_paths=(path, *others)[:MAX_RECENT_MODELS]
        )
