"""The self-test of an accelerator: everything that may compute there, tried in a process of its own.

A driver or kernel that crashes or hangs ends that process and not the engine; the next one goes on with
what is left. Each step is in a journal, so that a test that was passed once is not run at the next load.
Called on the engine thread while a model loads; `main` is what the other process runs.
"""

from __future__ import annotations

import faulthandler
import logging
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from realm_desktop import assets
from realm_desktop.engine.accelerators import device_title, make_current
from realm_desktop.engine.attention.comparison import attention_checks
from realm_desktop.engine.attention.selection import attention_backends
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.decoder import Decoder, build_decoder
from realm_desktop.engine.device import choose_device
from realm_desktop.engine.graph_check import recorded_error
from realm_desktop.engine.graph_pass import GRAPHS, CudaRecorder
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.quant import device_checks
from realm_desktop.engine.self_test import (
    NOT_TESTED,
    CannotRun,
    Check,
    Journal,
    Place,
    Verdict,
    journal_key,
    relative_error,
    run_checks,
)
from realm_desktop.errors import RealmError, SettingsError
from realm_desktop.formats.model_file import open_model
from realm_desktop.kv_blocks import BLOCK_SIZE
from realm_desktop.own_program import own_program
from realm_desktop.protocol import DeviceName

logger = logging.getLogger(__name__)

CHECK_BACKENDS_FLAG: Final = "--check-backends"
"""Makes the program that process; as in `__main__`, which stands on a floor above."""

START_LIMIT_S: Final = 120.0
"""Until the first check: torch is imported, gigabytes of it from a cold disk, and the card woken."""

CHECK_LIMIT_S: Final = 60.0
"""For one check: Triton compiles for seconds, more on a slow processor."""

TOTAL_LIMIT_S: Final = 600.0
"""What is not reached by then is not used in this load; the next one goes on from there."""

NETWORK: Final = "network"
"""Name of the check of everything together."""

Tell = Callable[[float], None]
"""Told the part that is done, 0 to 1, at least every second; may raise to end the test."""

_POLL_S: Final = 0.2
_NETWORK_BOUND: Final = 8e-2  # bfloat16 on the CPU without kernels: 0.022, with them: 0.05
_NUM_NETWORK_ROWS: Final = 70
_FRUITLESS_STARTS: Final = 2
_GRACE_S: Final = 5.0  # the process ends itself, and leaves its stack in doing so


@dataclass(frozen=True, slots=True)
class SelfTestRun:
    """How the self-test is run.

    Attributes:
        command: What starts the process; None is this program with its flag.
        start_limit_s: Until its first check begins.
        check_limit_s: For one check.
        total_limit_s: For all of them.
    """

    command: Sequence[str] | None = None
    start_limit_s: float = START_LIMIT_S
    check_limit_s: float = CHECK_LIMIT_S
    total_limit_s: float = TOTAL_LIMIT_S


def part_checks() -> tuple[Check, ...]:
    """Every backend and product by itself; those of other devices say so."""
    return (*attention_checks(attention_backends()), *device_checks.checks())


def network_check(verdict: Verdict) -> Check:
    """The starter model from ids to logits, with what passed; against float64 on the CPU."""
    return Check(NETWORK, "", partial(_network_error, verdict), _NETWORK_BOUND)


def graphs_check(verdict: Verdict) -> Check:
    """Recorded steps of the starter model against its plain passes, with what passed."""
    return Check(GRAPHS, "", partial(_graphs_error, verdict))


def why_unusable(verdict: Verdict) -> str | None:
    """Why nothing should compute on a device, a clause; None if it may.

    The last attention backend serves every shape that no other does, so it has to be sound.
    """
    for name in (NETWORK, attention_backends()[-1].name):
        reason = verdict.why_not(name)
        if reason is not None and name not in verdict.missing:
            return f"{name}: {reason}"
    return None


def choose_place(
    name: DeviceName,
    folder: Path | None,
    tell: Tell,
    *,
    is_required: bool = True,
    run: SelfTestRun | None = None,
) -> Place:
    """Where to compute: a device that is there and passed its test, else the CPU.

    Args:
        name: Which device is asked for.
        folder: Of the journals; None keeps nothing.
        tell: Told how far the self-test is.
        is_required: Refuse if the device cannot be used, instead of taking the CPU with a note.
        run: Limits of the self-test.

    Raises:
        SettingsError: The device that is required is not there, or failed its test.
    """
    device, note = choose_device(name, is_required=is_required)
    verdict = try_device(device, folder, tell, run)
    reason = why_unusable(verdict)
    if reason is None:
        make_current(device)
        return Place(device, verdict, note)
    message = f"{device_title(device)} ({device}) failed its self-test: {reason}."
    if is_required and name != "auto":
        raise SettingsError(message, advice='Choose another device, or "auto".', field="device")
    logger.error("%s", message)
    # Without the verdict: what the CPU computes with is not for the device that was tested.
    return Place(torch.device("cpu"), note=f"It computes on the CPU. {message}")


def try_device(
    device: torch.device, folder: Path | None, tell: Tell, run: SelfTestRun | None = None
) -> Verdict:
    """Test a device, or read what was found before.

    Args:
        device: The CPU is not tested: the tests of this program cover its backends.
        folder: Of the journals; None keeps nothing.
        tell: Told how far it is.
        run: Limits.
    """
    if device.type == "cpu":
        return NOT_TESTED
    title = device_title(device)
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        verdict = _tested(
            device, folder / _file_name(device, title), title, tell, run or SelfTestRun()
        )
    for name, reason in verdict.faults.items():
        logger.warning("%s (%s) does not use %s: %s", device, title, name, reason)
    for name, reason in verdict.missing.items():
        logger.info("%s (%s) has no %s: %s", device, title, name, reason)
    return verdict


def main(device_name: str, journal_path: str, limit_s: float) -> None:
    """What the other process runs: every check that the journal does not know.

    Args:
        device_name: Such as "cuda:1".
        journal_path: Of the file.
        limit_s: Seconds for one check, after which the process ends.
    """
    device = torch.device(device_name)
    make_current(device)
    checks = part_checks()
    journal = Journal.open(Path(journal_path), journal_key(checks, device_title(device)))
    for check in checks:
        if not _run_one(device, check, journal, limit_s):
            return
    verdict = journal.verdict(checks)
    if _run_one(device, network_check(verdict), journal, limit_s):
        _run_one(device, graphs_check(verdict), journal, limit_s)


def _run_one(device: torch.device, check: Check, journal: Journal, limit_s: float) -> bool:
    """Run a check; whether this process may run another one."""
    # Native code that hangs leaves no other way; it also ends this process if its parent is gone.
    faulthandler.dump_traceback_later(limit_s, exit=True)
    try:
        run_checks(device, [check], journal)
        result = journal.results[check.title]
        # A kernel that reads where it must not leaves CUDA refusing everything in this process.
        return not result.fault or result.is_missing or _answers(device)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _answers(device: torch.device) -> bool:
    try:
        return bool((torch.ones(2, device=device) + 1).sum().item() == 4)
    except RuntimeError:
        return False


def _tested(device: torch.device, path: Path, title: str, tell: Tell, run: SelfTestRun) -> Verdict:
    """Start the process again until everything was tried, or time is over."""
    checks = part_checks()
    everything = (*checks, network_check(NOT_TESTED), graphs_check(NOT_TESTED))
    key = journal_key(checks, title)
    begin_s, num_fruitless = time.monotonic(), 0
    journal = Journal.open(path, key)
    while len(journal.results) < len(everything) and num_fruitless < _FRUITLESS_STARTS:
        left_s = run.total_limit_s - (time.monotonic() - begin_s)
        if left_s <= 0:
            break
        before = len(journal.results), journal.running
        logger.info("testing %s (%s): %d of %d known", device, title, before[0], len(everything))

        def told() -> None:
            tell(len(Journal.open(path, key).results) / len(everything))

        _run_process(device, path, told, left_s, run)
        journal = Journal.open(path, key)
        num_fruitless += (len(journal.results), journal.running) == before
    return journal.verdict(everything)


def _run_process(
    device: torch.device, path: Path, tell: Callable[[], None], left_s: float, run: SelfTestRun
) -> None:
    """One process, until it ends, one check takes too long, or all the time is over."""
    torch_folder = str(Path(torch.__file__).parents[1])
    command = run.command or (*own_program(), CHECK_BACKENDS_FLAG)
    try:
        process = subprocess.Popen(
            [*command, str(device), str(path), torch_folder, str(run.check_limit_s)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        logger.warning("the self-test cannot be started: %s", error)
        return
    begin_s = changed_s = time.monotonic()
    first = seen = _state_of(path)
    try:
        while process.poll() is None:
            tell()
            time.sleep(_POLL_S)
            now_s = time.monotonic()
            if (state := _state_of(path)) != seen:
                seen, changed_s = state, now_s
            limit_s = run.start_limit_s if seen == first else run.check_limit_s + _GRACE_S
            if now_s - changed_s > limit_s or now_s - begin_s > left_s:
                return
    finally:
        process.kill()
        process.wait()


def _state_of(path: Path) -> int:
    """Changes with every entry of the journal."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _file_name(device: torch.device, title: str) -> str:
    return f"{device.type}-{re.sub(r'[^A-Za-z0-9]+', '-', title)[:60].strip('-')}.json"


def _network_error(verdict: Verdict, device: torch.device) -> float:
    """The largest error of a row of logits: a prompt in two steps, then one row.

    Raises:
        CannotRun: There is no starter model.
    """
    path = _starter()
    # The kernels of the CPU do not compute float64: no 8-bit activations in the reference.
    reference = _logits(path, Place(torch.device("cpu")), EngineOptions(compute_dtype="float64"))
    found = _logits(path, Place(device, verdict), EngineOptions())
    return relative_error(found, reference, is_by_row=True)


def _graphs_error(verdict: Verdict, device: torch.device) -> float:
    """See `recorded_error`."""
    if device.type != "cuda":
        raise CannotRun(f"{device.type} records no graphs")
    decoder = _decoder(_starter(), Place(device, verdict), EngineOptions())
    return recorded_error(decoder, CudaRecorder())


def _starter() -> Path:
    try:
        return assets.resource("starter", "starter.gguf")
    except RealmError as error:
        raise CannotRun(error.message) from error


def _decoder(path: Path, place: Place, options: EngineOptions) -> Decoder:
    with closing(open_model(path)) as model_file:
        return build_decoder(model_file, options, lambda _phase, _done: None, place=place)


def _logits(path: Path, place: Place, options: EngineOptions) -> Tensor:
    """[rows, vocabulary] on the CPU."""
    decoder = _decoder(path, place, options)
    kv_cache = KVCache(decoder.spec, 4, decoder.compute_dtype, decoder.device)
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(decoder.spec.vocabulary_size, (_NUM_NETWORK_ROWS,), generator=generator)
    cuts = (0, 50, _NUM_NETWORK_ROWS - 1, _NUM_NETWORK_ROWS)
    parts = [_step(decoder, kv_cache, ids, first, last) for first, last in pairwise(cuts)]
    return torch.cat(parts)


def _step(decoder: Decoder, kv_cache: KVCache, ids: Tensor, first: int, last: int) -> Tensor:
    device = decoder.device
    positions = torch.arange(first, last)
    slots = positions + BLOCK_SIZE  # block 0 is left out
    batch = Batch(
        ids[first:last].to(device),
        positions.to(device),
        slots.to(device),
        torch.arange(last - first, device=device),
        (Segment(0, last - first, first, (1, 2)),),
    )
    hidden = decoder.forward(batch, kv_cache)
    assert hidden is not None, "nobody asks to stop"
    return decoder.logits(hidden).cpu()
