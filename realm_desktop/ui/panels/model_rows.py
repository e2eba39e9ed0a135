"""What the model picker lists, as plain rows under headings. Knows nothing of Qt's item models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from realm_desktop.library.model_files import Fit, FoundModel, fit_of
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text


@dataclass(frozen=True, slots=True)
class ModelSections:
    """The models on disk by where they come from.

    Attributes:
        starter: The model that ships with the app, if it is there.
        recent: Loaded before, the latest first.
        folders: Found in the user's folders.
        free_bytes: Memory for a model; of the loaded one too, because it makes room.
    """

    starter: FoundModel | None = None
    recent: tuple[FoundModel, ...] = ()
    folders: tuple[FoundModel, ...] = field(default=())
    free_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A heading (`path` is empty) or a model."""

    text: str
    path: str = ""
    size: str = ""
    fit: Fit = Fit.FITS
    is_loaded: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether the row only names what follows."""
        return not self.path


def model_rows(sections: ModelSections, name_filter: str, loaded_path: str) -> list[ModelRow]:
    """Rows of the picker: every model once, in the first section that has it."""
    seen: set[str] = set()
    rows: list[ModelRow] = []
    starter = () if sections.starter is None else (sections.starter,)
    for heading, models in (
        (_tr("Starter"), starter),
        (_tr("Recent"), sections.recent),
        (_tr("In your folders"), sections.folders),
    ):
        fresh = [model for model in models if model.path not in seen]
        seen.update(model.path for model in fresh)
        shown = [model for model in fresh if _matches(model, name_filter)]
        if shown:
            rows.append(ModelRow(heading))
            rows += _rows(shown, sections.free_bytes, loaded_path)
    return rows


def fit_text(fit: Fit) -> str:
    """A fit in words."""
    return {
        Fit.FITS: _tr("fits in memory"),
        Fit.TIGHT: _tr("tight"),
        Fit.TOO_LARGE: _tr("too large"),
    }[fit]


def _rows(models: Sequence[FoundModel], free_bytes: int, loaded: str) -> Iterable[ModelRow]:
    for model in models:
        is_loaded = model.path == loaded
        fit = Fit.FITS if is_loaded else fit_of(model.size_bytes, free_bytes)
        yield ModelRow(
            one_line(model.title), model.path, bytes_text(model.size_bytes), fit, is_loaded
        )


def _matches(model: FoundModel, name_filter: str) -> bool:
    return name_filter.strip().casefold() in model.title.casefold()


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelPicker", text)
