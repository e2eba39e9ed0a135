"""Every setting once, complete, with a default that it takes itself."""

from __future__ import annotations

import dataclasses

import pytest

from realm_desktop.protocol import SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.requests import sampling_params
from realm_desktop.schema.resolution import resolve
from realm_desktop.schema.sampling import SAMPLING
from realm_desktop.schema.setting import Kind, Scope, Setting
from realm_desktop.schema.table import BY_KEY, SCOPED, SETTINGS, of_parts
from realm_desktop.settings import Settings, app_value


def test_schema_has_every_field_of_sampling_and_no_other() -> None:
    fields = {f"sampling.{field.name}" for field in dataclasses.fields(SamplingParams)}

    assert {setting.key for setting in SAMPLING if setting.part == "sampling"} == fields


def test_defaults_of_sampling_are_those_of_the_engine() -> None:
    assert sampling_params(resolve({}, {})) == SamplingParams()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_default_is_a_value_of_the_setting(setting: Setting) -> None:
    assert setting.checked(setting.default) == setting.default


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_setting_has_words_and_only_what_its_kind_needs(setting: Setting) -> None:
    assert setting.group
    assert setting.label
    assert setting.description
    assert "\n" not in setting.description
    assert bool(setting.choices) == (setting.kind in (Kind.CHOICE, Kind.ORDER))
    numbers = (Kind.NUMBER, Kind.WHOLE, Kind.PERCENT, Kind.SEED)
    assert (setting.low < setting.high) == (setting.kind in numbers)


@pytest.mark.parametrize("setting", SAMPLING, ids=lambda setting: setting.key)
def test_ends_of_a_range_are_values_of_the_engine(setting: Setting) -> None:
    if setting.low < setting.high:
        for value in (setting.low, setting.high):
            setting.checked(int(value) if setting.kind in (Kind.WHOLE, Kind.SEED) else value)


def test_keys_are_unique() -> None:
    assert len(BY_KEY) == len(SETTINGS)


def test_settings_of_the_app_alone_are_fields_of_its_settings() -> None:
    for setting in SETTINGS:
        if setting.scopes == (Scope.APP,):
            assert app_value(Settings(), setting.key) == setting.default


def test_every_other_setting_has_every_scope() -> None:
    assert {setting.scopes for setting in SCOPED} == {tuple(Scope)}


def test_modes_of_speculation_are_those_of_the_protocol() -> None:
    choices = [value for value, _ in BY_KEY["speculation.mode"].choices]

    assert choices == [mode.value for mode in SpeculationMode]


def test_parts_are_found_in_order() -> None:
    keys = [setting.key for setting in of_parts("chat", "appearance")]

    assert keys[0] == "appearance.language"
    assert keys[-2:] == ["chat.send_key", "chat.expand_thinking"]
