"""The language of the window: which one, its words, its numbers, its direction.

Every text of the code is English and passes a translation call; `resources/translations/` holds the
other languages. Set once at the start, before the first widget: widgets keep the words they were
made with. GUI thread.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from realm_desktop import assets
from realm_desktop.errors import RealmError
from realm_desktop.settings import AppearanceSettings

logger = logging.getLogger(__name__)

SOURCE_LANGUAGE = "en"
"""The language the code is written in; its file holds only the forms for one and for many."""

LANGUAGES = (SOURCE_LANGUAGE, "de")

_FOLDER = "translations"
_PARTS = {"qtbase": None, "realm": _FOLDER}
"""Files of a language, and where they lie: Qt's own words come with Qt."""

MARKS_BEFORE = "\u200f\u2066"
MARK_BEHIND = "\u2069"
"""In a mirrored window: a mark that turns the paragraph, and the words in it as they are read alone."""

_NAMES = frozenset(
    {
        ("App", "General"),
        ("TrainingSetupDialog", "My voice"),
        ("ShelfCommands", "{} (branch)"),
        ("ShelfCommands", "{} (copy)"),
        ("Composer", "Pasted text {0}.txt"),
    }
)
"""Contexts and texts that become names of things and files, which must not hold marks."""


class _MirroredWords(QTranslator):
    """The words of a language from left to right for a window from right to left.

    Qt aligns a label by its own text: without a mark at their beginning, labels would stay on the
    left of a mirrored window.
    """

    def __init__(
        self, app: QCoreApplication, parts: Sequence[QTranslator], index: QTranslator
    ) -> None:
        super().__init__(app)
        self._parts = parts
        # Tells which texts are ours: those of the code have no file of their own.
        self._index = index

    def isEmpty(self) -> bool:
        """Never: Qt would leave an empty translator out."""
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        """The words of the first part that has any, with a mark before those of the app."""
        key = (context, source, disambiguation or "", n)
        words = next(filter(None, (part.translate(*key) for part in self._parts)), source)
        # Qt's own words, such as the names of keys, stand in the middle of others. Those of other
        # contexts are asked for next; "" would count as words.
        is_own = bool(self._index.translate(*key)) and (context, source) not in _NAMES
        return f"{MARKS_BEFORE}{words}{MARK_BEHIND}" if is_own else words


def speak(app: QApplication, appearance: AppearanceSettings, system: QLocale) -> str:
    """Give the application its language, numbers and direction; returns the language.

    Args:
        app: Keeps the words.
        appearance: What the user chose.
        system: How this machine writes.
    """
    language = language_of(appearance.language, system.uiLanguages())
    for former in app.findChildren(QTranslator):
        app.removeTranslator(former)
        former.deleteLater()
    parts = [_words(app, f"{part}_{language}", folder) for part, folder in _PARTS.items()]
    for part in parts:
        app.installTranslator(part)
    QLocale.setDefault(locale_of(language, system, is_chosen=appearance.language != "system"))
    # Set even where it is the default: Qt would else take the direction that its own words name.
    direction = direction_of(appearance.layout_direction, language)
    app.setLayoutDirection(direction)
    if direction is not QLocale(language).textDirection():
        index = _words(app, f"realm_{LANGUAGES[-1]}", _FOLDER)
        app.installTranslator(_MirroredWords(app, parts, index))
    return language


def language_of(choice: str, wanted: Sequence[str]) -> str:
    """The language of the words: the chosen one, else the first of `wanted` that there is.

    Args:
        choice: A language, or "system".
        wanted: Languages of the machine, the dearest first, such as "de-AT" or "de".
    """
    if choice in LANGUAGES:
        return choice
    # uiLanguages() repeats each wish in shorter forms, so its order needs no further care.
    found = (name.partition("-")[0].lower() for name in wanted)
    return next((name for name in found if name in LANGUAGES), SOURCE_LANGUAGE)


def locale_of(language: str, system: QLocale, *, is_chosen: bool) -> QLocale:
    """How numbers, dates and sizes are written.

    The machine's own way, also where its language is none of ours. A chosen language brings its own
    way, unless the machine speaks it: Austria and Switzerland group digits unlike Germany.
    """
    if system.language() == QLocale.Language.C:  # it groups no digits
        return QLocale(language)
    is_same = QLocale.languageToCode(system.language()) == language
    return QLocale(language) if is_chosen and not is_same else system


def direction_of(choice: str, language: str) -> Qt.LayoutDirection:
    """Whether the window reads from the left or from the right."""
    if choice == "right_to_left":
        return Qt.LayoutDirection.RightToLeft
    return QLocale(language).textDirection()


def _words(app: QCoreApplication, name: str, folder: str | None) -> QTranslator:
    """One file of words; empty, with a line in the log, where it is missing."""
    translator = QTranslator(app)
    try:
        place = assets.resource(folder) if folder else None
    except RealmError as error:
        logger.warning("%s", error.message)
        return translator
    path = str(place) if place else QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # Qt has no file for English.
    if not translator.load(name, path) and name != f"qtbase_{SOURCE_LANGUAGE}":
        logger.warning("no words in %s of %s", name, path)
    return translator
