"""Which language, numbers and direction the window gets."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtWidgets import QApplication

from realm_desktop.settings import AppearanceSettings, LanguageChoice
from realm_desktop.ui.language import LANGUAGES, direction_of, language_of, locale_of, speak

GERMAN = QLocale("de_AT")
FRENCH = QLocale("fr_FR")


@pytest.fixture
def app(qapp: QApplication) -> Generator[QApplication, None, None]:
    """The application, which speaks as before afterwards."""
    before = QLocale()
    yield qapp
    speak(qapp, AppearanceSettings(), QLocale.c())
    QLocale.setDefault(before)


def test_language_of_the_machine_is_taken_where_there_is_one() -> None:
    assert language_of("system", ["de-AT", "de", "en"]) == "de"


def test_next_wish_of_the_machine_is_taken_where_the_first_is_missing() -> None:
    assert language_of("system", ["fr-FR", "fr", "de-Latn-DE"]) == "de"


def test_machine_of_another_language_gets_english() -> None:
    assert language_of("system", ["fr", "C", ""]) == "en"


def test_chosen_language_goes_before_that_of_the_machine() -> None:
    assert language_of("en", ["de"]) == "en"


def test_digits_are_grouped_under_the_c_locale() -> None:
    assert locale_of("en", QLocale.c(), is_chosen=False).toString(12_345) == "12,345"


def test_numbers_of_the_machine_stay_beside_foreign_words() -> None:
    assert locale_of("en", FRENCH, is_chosen=False) == FRENCH


def test_chosen_language_brings_its_numbers() -> None:
    assert locale_of("de", FRENCH, is_chosen=True).toString(12_345) == "12.345"


def test_numbers_of_the_country_stay_where_the_language_is_the_same() -> None:
    assert locale_of("de", GERMAN, is_chosen=True) == GERMAN


@pytest.mark.parametrize("language", LANGUAGES)
def test_direction_can_be_turned_in_every_language(language: str) -> None:
    assert direction_of("language", language) is Qt.LayoutDirection.LeftToRight
    assert direction_of("right_to_left", language) is Qt.LayoutDirection.RightToLeft


def test_application_speaks_german_with_qts_own_words(app: QApplication) -> None:
    assert speak(app, AppearanceSettings(language="de"), QLocale.c()) == "de"

    assert QCoreApplication.translate("Sidebar", "New folder") == "Neuer Ordner"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    assert QLocale().language() is QLocale.Language.German


def test_english_tells_one_from_many(app: QApplication) -> None:
    speak(app, AppearanceSettings(language="en"), GERMAN)

    texts = [QCoreApplication.translate("CodeBox", "Show all %n lines", "", n) for n in (1, 2)]

    assert texts == ["Show 1 line", "Show all 2 lines"]


def test_words_of_a_former_language_go(app: QApplication) -> None:
    speak(app, AppearanceSettings(language="de"), QLocale.c())
    speak(app, AppearanceSettings(language="en"), QLocale.c())

    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_window_is_turned_round(app: QApplication) -> None:
    speak(app, AppearanceSettings(layout_direction="right_to_left"), QLocale.c())

    assert app.layoutDirection() is Qt.LayoutDirection.RightToLeft


@pytest.mark.parametrize(("language", "words"), [("de", "Neuer Ordner"), ("en", "New folder")])
def test_words_of_a_window_turned_round_turn_their_labels(
    app: QApplication, language: LanguageChoice, words: str
) -> None:
    appearance = AppearanceSettings(language=language, layout_direction="right_to_left")
    speak(app, appearance, QLocale.c())

    translate = QCoreApplication.translate
    assert translate("Sidebar", "New folder") == f"\u200f\u2066{words}\u2069"
    assert translate("Elsewhere", "New folder") == "New folder"


def test_names_of_things_hold_no_marks(app: QApplication) -> None:
    speak(app, AppearanceSettings(layout_direction="right_to_left"), QLocale.c())

    translate = QCoreApplication.translate
    assert translate("App", "General") == "General"
    assert translate("Settings", "General") == "\u200f\u2066General\u2069"
