"""What the model picker lists, as plain rows under headings. Knows nothing of Qt's item models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from realm_desktop.events import ErrorInfo
from realm_desktop.formats.inspection import Inspection
from realm_desktop.library.catalog import KnownModel, ModelSource
from realm_desktop.library.fit import Fit, fit_of
from realm_desktop.ui.one_line import one_line, unbroken
from realm_desktop.ui.quantities import bytes_text, context_text, parameters_text
from realm_desktop.ui.spoken import spoken

PLAIN_TYPES = ("F32", "F64")
"""Norms and biases are kept so even in a quantized model; they do not name its quantization."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A heading (`path` is empty) or a model.

    Attributes:
        text: The heading, or the name of the model.
        facts: Architecture, context, file and place, or why it cannot be used.
        parameters, quantization, size: As its columns show them; empty where that is not known.
        fit: Whether it fits into memory; None if it cannot be used at all.
        error: Why it cannot be used.
    """

    text: str
    path: str = ""
    facts: str = ""
    parameters: str = ""
    quantization: str = ""
    size: str = ""
    fit: Fit | None = Fit.FITS
    is_loaded: bool = False
    error: ErrorInfo | None = None

    @property
    def is_heading(self) -> bool:
        """Whether the row only names what follows."""
        return not self.path


def model_rows(
    models: Sequence[KnownModel], free_bytes: int, name_filter: str = "", loaded_path: str = ""
) -> list[ModelRow]:
    """Rows of the Models page, a heading before each kind of source.

    Args:
        models: In the order of the catalog.
        free_bytes: Memory for a model; of the loaded one too, because it makes room.
        name_filter: Keeps what has this in its name or in the name of its file.
        loaded_path: The model that is marked as loaded.
    """
    rows: list[ModelRow] = []
    wanted = name_filter.strip().casefold()
    for source, heading in _headings().items():
        shown = [model for model in models if model.source is source and _matches(model, wanted)]
        if shown:
            rows.append(ModelRow(heading))
            rows += [_row(model, free_bytes, loaded_path) for model in shown]
    return rows


def picker_rows(
    models: Sequence[KnownModel], free_bytes: int, name_filter: str = "", loaded_path: str = ""
) -> list[ModelRow]:
    """Rows of the picker by use: the loaded model, those used lately, and all others.

    Args as those of `model_rows`.
    """
    wanted = name_filter.strip().casefold()
    parts: dict[str, list[ModelRow]] = {_tr("Loaded"): [], _tr("Recent"): [], _tr("All"): []}
    loaded, recent, others = parts.values()
    for model in models:
        if not _matches(model, wanted):
            continue
        is_recent = model.source is ModelSource.RECENT
        row = _row(model, free_bytes, loaded_path, with_place=not is_recent)
        (loaded if row.is_loaded else recent if is_recent else others).append(row)
    return [row for title, rows in parts.items() if rows for row in (ModelRow(title), *rows)]


def fit_text(fit: Fit | None) -> str:
    """A fit in words."""
    return {
        Fit.FITS: _tr("fits in memory"),
        Fit.TIGHT: _tr("tight"),
        Fit.TOO_LARGE: _tr("too large"),
        None: _tr("unusable"),
    }[fit]


def _headings() -> dict[ModelSource, str]:
    return {
        ModelSource.STARTER: _tr("Starter"),
        ModelSource.RECENT: _tr("Recent"),
        ModelSource.DOWNLOADED: _tr("Downloaded"),
        ModelSource.FOLDER: _tr("In your folders"),
        ModelSource.LM_STUDIO: _tr("LM Studio"),
        ModelSource.JAN: _tr("Jan"),
        ModelSource.OLLAMA: _tr("Ollama"),
        ModelSource.HUGGING_FACE: _tr("Hugging Face cache"),
    }


def _row(
    model: KnownModel, free_bytes: int, loaded_path: str, *, with_place: bool = False
) -> ModelRow:
    path = str(model.path)
    found, error = model.inspection, model.error
    if found is not None and found.kind != "model":
        error = _no_model(model, found)
    if found is None or error is not None:
        reason = "" if error is None else unbroken(spoken(error.message))
        size = "" if found is None else bytes_text(found.size_bytes)
        name = one_line(model.title or model.path.name)
        return ModelRow(name, path, reason, size=size, fit=None, error=error)
    is_loaded = path == loaded_path
    facts = [*_facts(model, found)]
    if with_place:
        facts.append(_headings()[model.source])
    return ModelRow(
        one_line(model.name),
        path,
        " · ".join(facts),
        parameters=parameters_text(found.parameters),
        quantization=_quantization(found),
        size=bytes_text(found.size_bytes),
        fit=Fit.FITS if is_loaded else fit_of(found, free_bytes),
        is_loaded=is_loaded,
    )


def _quantization(found: Inspection) -> str:
    """The type of most of its matrices; empty without tensors."""
    quantized = {name: n for name, n in found.tensor_types.items() if name not in PLAIN_TYPES}
    counts = quantized or found.tensor_types
    return max(counts, key=counts.__getitem__) if counts else ""


def _facts(model: KnownModel, found: Inspection) -> Iterator[str]:
    if found.architecture:
        yield one_line(found.architecture)
    if found.is_text_part:
        yield _tr("text only")
    if found.context_length is not None:
        yield _tr("{} context").format(context_text(found.context_length))
    # Two files may bear one name inside.
    if (
        model.source is not ModelSource.STARTER
        and not model.title
        and model.name != model.path.stem
    ):
        yield one_line(model.path.name)


def _no_model(model: KnownModel, found: Inspection) -> ErrorInfo:
    """Why something sound is nothing to chat with."""
    name = model.path.name
    if found.kind == "adapter":
        text = _tr("{} is an adapter, not a model.").format(name)
    else:
        text = _tr("{} holds a tokenizer and no weights.").format(name)
    return ErrorInfo("ModelFileError", text, _tr("Choose the file of a model."))


def _matches(model: KnownModel, wanted: str) -> bool:
    return wanted in model.name.casefold() or wanted in model.path.name.casefold()


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelPicker", text)
