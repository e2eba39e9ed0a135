"""Finding the texts of the program, and the files of its languages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from installer.translations import (
    Reader,
    Text,
    compile_to,
    document,
    known_translations,
    speaking_functions,
    unfinished,
)

PLAIN = Text("Panel", "Open", "", has_count=False)
COUNTED = Text("Panel", "%Ln chats", "", has_count=True)


def _found(source: str, contexts: dict[str, str] | None = None) -> set[Text]:
    return Reader("app.panel", ast.parse(source), contexts or {}).found


def test_text_of_a_class_has_its_name_as_context() -> None:
    source = "class Panel:\n    def show(self):\n        return self.tr('Open')"

    assert _found(source) == {PLAIN}


def test_text_of_a_nested_class_belongs_to_it() -> None:
    source = "class Outer:\n    class Panel:\n        def show(self): self.tr('Open')"

    assert _found(source) == {PLAIN}


def test_call_that_names_its_context_is_found() -> None:
    assert _found("QCoreApplication.translate('Panel', 'Open')") == {PLAIN}


@pytest.mark.parametrize("call", ["self.tr", "QCoreApplication.translate"])
def test_call_under_another_name_is_found(call: str) -> None:
    context = "" if call == "self.tr" else "'Panel', "
    source = f"class Panel:\n    def show(self):\n        tr = {call}\n        tr({context}'Open')"

    assert _found(source) == {PLAIN}


def test_function_that_names_a_context_once_is_known() -> None:
    source = (
        "def _tr(text, count=-1):\n    return QCoreApplication.translate('Panel', text, '', count)"
    )

    assert list(speaking_functions(ast.parse(source))) == [("_tr", "Panel")]


def test_call_of_such_a_function_is_found() -> None:
    assert _found("_tr('Open')", {"app.panel._tr": "Panel"}) == {PLAIN}


def test_function_of_another_module_is_found_where_it_is_imported() -> None:
    source = "from app.words import say\nsay('Open')"

    assert _found(source, {"app.words.say": "Panel"}) == {PLAIN}


def test_both_sides_of_a_choice_are_found() -> None:
    texts = _found("_tr('On' if is_on else 'Off')", {"app.panel._tr": "Panel"})

    assert {text.source for text in texts} == {"On", "Off"}


def test_text_with_a_count_is_marked() -> None:
    assert _found("_tr('%Ln chats', 3)", {"app.panel._tr": "Panel"}) == {COUNTED}


def test_phrase_of_a_room_without_qt_is_found() -> None:
    assert _found("Phrase('{} left', 3)") == {Text("Phrases", "{} left", "", has_count=False)}


def test_error_without_values_is_found_and_one_with_values_is_not() -> None:
    source = (
        "raise StoreError(f'{name} is cut', advice='Try again.')\nraise StoreError('it is cut')"
    )

    assert {text.source for text in _found(source)} == {"Try again.", "it is cut"}


def test_error_of_the_language_is_no_text() -> None:
    assert _found("raise ValueError('not for users')") == set()


def test_call_without_a_literal_is_told() -> None:
    reader = Reader("app.panel", ast.parse("_tr(text)"), {"app.panel._tr": "Panel"})

    assert reader.untold == ["app.panel:1: _tr(text)"]


def test_new_text_is_unfinished() -> None:
    assert unfinished(document([PLAIN], {}, "de_DE")) == ["Open"]


def test_known_text_keeps_its_words_and_a_lost_one_goes(tmp_path: Path) -> None:
    path = tmp_path / "realm_de.ts"
    text = document([PLAIN, COUNTED], {}, "de_DE")
    path.write_text(
        text.replace('<translation type="unfinished" />', "<translation>Auf</translation>")
    )

    kept = document([PLAIN], known_translations(path), "de_DE")

    assert "<translation>Auf</translation>" in kept
    assert "%Ln" not in kept


def test_file_is_compiled(tmp_path: Path) -> None:
    source = tmp_path / "realm_de.ts"
    source.write_text(document([COUNTED], {}, "de_DE"), encoding="utf-8")

    compile_to(tmp_path / "realm_de.qm", source)

    assert (tmp_path / "realm_de.qm").stat().st_size > 0


def test_message_and_advice_of_an_error_value_are_found() -> None:
    texts = _found("ErrorInfo('NoModel', 'no model', 'Load a model first.')")

    assert {text.source for text in texts} == {"no model", "Load a model first."}
