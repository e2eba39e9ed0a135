"""The library is found, checked and chosen from; without it there is a reason in words."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from realm_desktop.engine.kernels.call_list import Call, DraftCall, StepCall
from realm_desktop.engine.kernels.formats import FORMATS
from realm_desktop.engine.kernels.library import (
    ABI_VERSION,
    SWITCH,
    CpuKernels,
    KernelLibrary,
    KernelsMissing,
    Product,
    choose_kernels,
    describe_kernels,
    find_kernels,
    load_library,
)
from realm_desktop.errors import SettingsError

BAD_ARGUMENT = 1


def library_with(library: KernelLibrary, *names: str) -> KernelLibrary:
    return KernelLibrary(library.functions, dict.fromkeys(names, 0))


def test_missing_file_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KernelsMissing, match="was not built"):
        load_library(tmp_path / "nothing.so")


def test_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.so"
    path.write_text("no library")

    with pytest.raises(KernelsMissing, match="cannot be loaded"):
        load_library(path)


def test_library_without_the_functions_is_refused(library: KernelLibrary) -> None:
    foreign = Path(ctypes.__file__).parent.parent  # any other extension module will do
    found = next(iter(sorted(foreign.glob("lib-dynload/_json*.so"))), None)
    if found is None:
        pytest.skip("this Python has no extension modules as files")

    with pytest.raises(KernelsMissing, match="cannot be loaded"):
        load_library(found)


def test_library_of_another_version_is_refused(
    library: KernelLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realm_desktop.engine.kernels.library.ABI_VERSION", 99)

    with pytest.raises(KernelsMissing, match=f"version {ABI_VERSION}, expected is 99"):
        load_library(Path(library.functions._name))


def test_version_is_told_before_a_function_that_is_missing(
    library: KernelLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lack(_functions: ctypes.CDLL) -> None:
        raise AttributeError("undefined symbol: realm_step")

    monkeypatch.setattr("realm_desktop.engine.kernels.library._declare", lack)
    path = Path(library.functions._name)
    with pytest.raises(KernelsMissing, match="undefined symbol"):
        load_library(path)

    monkeypatch.setattr("realm_desktop.engine.kernels.library.ABI_VERSION", 99)
    with pytest.raises(KernelsMissing, match="expected is 99"):
        load_library(path)


def test_fastest_instruction_set_comes_first(library: KernelLibrary) -> None:
    names = list(library.instruction_sets)

    assert names[-1] == "portable"
    assert choose_kernels(library_with(library, "avx2", "portable"), "").name == "avx2"


def test_portable_code_is_taken_by_name_only(library: KernelLibrary) -> None:
    only = library_with(library, "portable")

    assert choose_kernels(only, "portable") == CpuKernels(only, "portable")
    with pytest.raises(KernelsMissing, match="none of the instruction sets"):
        choose_kernels(only, "")


def test_unknown_instruction_set_names_those_there_are(library: KernelLibrary) -> None:
    with pytest.raises(SettingsError, match="'sse9'; this processor takes avx2, portable, off"):
        choose_kernels(library_with(library, "avx2", "portable"), "sse9")


def test_switch_turns_the_kernels_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")

    with pytest.raises(KernelsMissing, match="is 'off'"):
        find_kernels()
    assert describe_kernels() == (None, "REALM_CPU_KERNELS is 'off'")


@pytest.mark.usefixtures("library")
def test_switch_names_an_instruction_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "portable")

    assert find_kernels().name == "portable"
    assert describe_kernels() == ("portable", "")


@pytest.mark.usefixtures("library")
def test_wrong_switch_is_told_and_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "fast")

    with pytest.raises(SettingsError):
        find_kernels()
    assert "'fast'" in describe_kernels()[1]


def test_library_looks_at_its_arguments_itself(library: KernelLibrary) -> None:
    functions = library.functions

    assert functions.realm_multiply(None) == BAD_ARGUMENT
    assert functions.realm_multiply(ctypes.byref(Product())) == BAD_ARGUMENT
    assert functions.realm_packed_bytes(len(FORMATS), 16, 256) == -1
    assert functions.realm_packed_bytes(2, 16, 128) == -1
    assert functions.realm_pack(0, None, None, 0, 16, 32, None, 0, 1, None, 1) == BAD_ARGUMENT
    assert functions.realm_quantize(99, None, 1, 32, None, None) == BAD_ARGUMENT
    assert functions.realm_set_name(-1) is None
    assert functions.realm_set_works(99) == 0


@pytest.mark.parametrize("function", [-1, 0, 1, 2, 3, 4, 5])
def test_call_of_nothing_is_refused(library: KernelLibrary, function: int) -> None:
    calls = (Call * 1)(Call(None, function, 0))

    assert library.functions.realm_run_calls(calls, 1) == BAD_ARGUMENT


def test_missing_list_of_calls_is_refused(library: KernelLibrary) -> None:
    assert library.functions.realm_run_calls(None, 0) == BAD_ARGUMENT


def test_draft_of_nothing_is_refused(library: KernelLibrary) -> None:
    assert library.functions.realm_draft(None) == BAD_ARGUMENT
    assert library.functions.realm_draft(DraftCall()) == BAD_ARGUMENT


def test_step_of_nothing_is_refused(library: KernelLibrary) -> None:
    assert library.functions.realm_step(None) == BAD_ARGUMENT
    assert library.functions.realm_step(StepCall()) == BAD_ARGUMENT
