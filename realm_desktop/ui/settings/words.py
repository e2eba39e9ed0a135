"""The texts of the settings schema as the user reads them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.schema.setting import Kind, Scope, Setting

_PERCENT = 100


def words(text: str) -> str:
    """A text of the schema in the user's language."""
    return QCoreApplication.translate("Settings", text)


def scope_word(scope: Scope | None) -> str:
    """What a badge says; a default counts as the app's."""
    names = {Scope.WORKSPACE: words("workspace"), Scope.CONVERSATION: words("chat")}
    return names.get(scope or Scope.APP, words("app"))


def range_text(setting: Setting) -> str:
    """The values a number may have, in words; empty for what is no number."""
    if setting.low >= setting.high:
        return ""
    factor = _PERCENT if setting.kind is Kind.PERCENT else 1
    low, high = number_text(setting.low * factor), number_text(setting.high * factor)
    unit = " %" if setting.kind is Kind.PERCENT else f" {words(setting.unit)}"
    return words("{} to {}").format(low, high) + unit.rstrip()


def number_text(value: float) -> str:
    """A number in the user's locale, without needless zeros."""
    if float(value).is_integer():
        return QLocale().toString(int(value))
    return QLocale().toString(value, "g", 6)


def tip_text(setting: Setting) -> str:
    """What a longer look at a setting tells: how it works, its range."""
    parts = (words(setting.info) if setting.info else "", range_text(setting))
    return "\n".join(part for part in parts if part)


def has_words(setting: Setting, text: str) -> bool:
    """Whether every word of `text` is among the words of a setting."""
    parts = (setting.group, setting.label, setting.description, setting.info)
    content = " ".join(words(part) for part in parts if part) + setting.key
    return all(word in content.casefold() for word in text.casefold().split())
