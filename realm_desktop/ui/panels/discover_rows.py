"""What Discover says of repositories and their files, as plain texts. Knows nothing of widgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QCoreApplication

from realm_desktop.library.fit import Fit
from realm_desktop.library.hub_values import FileChoice, FoundRepository, RepositoryFiles
from realm_desktop.ui.icons import IconName
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.download_texts import time_text
from realm_desktop.ui.panels.model_rows import fit_text
from realm_desktop.ui.quantities import bytes_text, parameters_text
from realm_desktop.ui.widgets.two_line_list import TwoLineRow

_FIT_LOOKS: dict[Fit, tuple[IconName, str]] = {
    Fit.FITS: ("check", "success"),
    Fit.TIGHT: ("warning", "warning"),
    Fit.TOO_LARGE: ("close", "danger"),
}


def repository_rows(found: Sequence[FoundRepository]) -> list[TwoLineRow]:
    """Rows of a search: name, and what tells one from the other."""
    return [
        TwoLineRow(
            row.repository,
            one_line(row.repository),
            " · ".join(_facts(row)),
            badge=("lock", "warning", _tr("on request")) if row.is_gated else None,
        )
        for row in found
    ]


def choice_rows(offer: RepositoryFiles, bytes_per_s: float = 0.0) -> list[TwoLineRow]:
    """Rows of what a repository offers; the key is the place in `offer.choices`.

    Args:
        offer: The repository.
        bytes_per_s: Of an earlier download, to say how long each would take; 0 without one.
    """
    places = enumerate(offer.choices)
    return [_choice_row(str(place), choice, bytes_per_s) for place, choice in places]


def licence_text(offer: RepositoryFiles) -> str:
    """The licence as its author states it, for the line before the download."""
    if offer.found.licence:
        return _tr("Licence, as its author states it: {}").format(one_line(offer.found.licence))
    return _tr("Its author states no licence.")


def recommendation_text(offer: RepositoryFiles) -> str:
    """Why one choice is recommended, or why none is; "" for adapters."""
    if offer.kind == "adapter" or not offer.choices:
        return ""
    best = next((choice for choice in offer.choices if choice.is_recommended), None)
    if best is None:
        return _tr("None of these fits into this machine's free memory.")
    return _tr(
        "{} is recommended: the best balance of quality and size that fits into the free memory."
    ).format(best.label)


def _choice_row(key: str, choice: FileChoice, bytes_per_s: float) -> TwoLineRow:
    badge = None if choice.fit is None else (*_FIT_LOOKS[choice.fit], fit_text(choice.fit))
    count = len(choice.files)
    files = "" if count == 1 else _tr("%Ln files", count)
    name = one_line(choice.name)
    seconds = choice.num_bytes / bytes_per_s if bytes_per_s > 0 else 0.0
    time = _tr("about {}").format(time_text(seconds)) if seconds else ""
    facts = " · ".join(filter(None, (name, files, time)))
    mark = _tr("recommended") if choice.is_recommended else ""
    return TwoLineRow(key, choice.label, facts, bytes_text(choice.num_bytes), badge, mark)


def _facts(row: FoundRepository) -> Iterator[str]:
    if row.num_parameters is not None:
        yield parameters_text(row.num_parameters)
    if row.architecture:
        yield one_line(row.architecture)
    yield _tr("%Ln downloads a month", row.num_downloads)
    if row.updated:
        yield row.updated
    if row.licence:
        yield one_line(row.licence)


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Discover", text, "", count)
