"""Tests of what computes on a device, before it may: the protocol of checks, and the record of their ends.

A check compares one backend or product with the same computation in float32 or wider on the CPU, on
small shapes. What is wrong, or cannot compute there, is dropped by name and never asked again. Each
step is written down before it is taken, so that a check that ends its process is known by that.
Runs in a process of its own for everything but the CPU, see `backend_checks`.
"""

from __future__ import annotations

import json
import logging
import math
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from realm_desktop import __version__

logger = logging.getLogger(__name__)

BOUND: Final = 2e-2
"""Of checks in bfloat16: its rounding stays below a hundredth; a wrong mask, layout or code does not."""

_ENDED: Final = "its test ended the process, or took too long"
_MAX_REASON: Final = 300


class CannotRun(Exception):
    """A check's subject is not for this device; the text is a clause that says why. It is no fault."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a backend or product with what it should compute.

    Attributes:
        name: What is dropped if it fails: the `name` of a backend, or of a product. Several checks may
            have the same name; one that fails is enough.
        case: What is special about this one, such as "window, odd length"; "" if it is the only one.
        run: Computes on a device and gives the largest relative error, see `relative_error`. Raises
            `CannotRun` where the subject is not for the device; any other exception is a failure.
        bound: The largest error that is rounding.
    """

    name: str
    case: str
    run: Callable[[torch.device], float]
    bound: float = BOUND

    @property
    def title(self) -> str:
        """Name and case, which together stand for one check alone."""
        return f"{self.name}: {self.case}" if self.case else self.name


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How a check ended.

    Attributes:
        name, case: As of the check.
        error: The largest relative error; None if nothing was computed.
        fault: Why what was checked is dropped, a clause; "" if it is sound.
        is_missing: Whether it is dropped because it is not for this device, which is no fault.
    """

    name: str
    case: str = ""
    error: float | None = None
    fault: str = ""
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which backends and products may be used on a device.

    Attributes:
        results: Of every check, in order; empty where nothing was tested.
    """

    results: tuple[CheckResult, ...] = ()

    def why_not(self, name: str) -> str | None:
        """Why a backend or product is dropped, a clause; None if it may be used."""
        faults = (result.fault for result in self.results if result.name == name)
        return next((fault for fault in faults if fault), None)

    @property
    def faults(self) -> dict[str, str]:
        """What failed its test, and why; without what is not for this device."""
        return self._dropped(is_missing=False)

    @property
    def missing(self) -> dict[str, str]:
        """What is not for this device, and why."""
        return {
            name: reason
            for name, reason in self._dropped(is_missing=True).items()
            if name not in self.faults
        }

    @property
    def largest_errors(self) -> dict[str, float]:
        """Of everything that computed, in the order of the checks."""
        found: dict[str, float] = {}
        for result in self.results:
            if result.error is not None:
                found[result.name] = max(result.error, found.get(result.name, 0.0))
        return found

    def _dropped(self, *, is_missing: bool) -> dict[str, str]:
        found: dict[str, str] = {}
        for result in self.results:
            if result.fault and result.is_missing == is_missing:
                found.setdefault(result.name, result.fault)
        return found


NOT_TESTED: Final = Verdict()
"""Nothing is known, so nothing is dropped: for the CPU, whose backends the tests of the program cover."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network computes, and with what.

    Attributes:
        verdict: Of the device's self-test.
        note: What the user should know of the choice, sentences; "" if there is nothing to say.
    """

    device: torch.device
    verdict: Verdict = NOT_TESTED
    note: str = ""


def relative_error(found: Tensor, expected: Tensor, *, is_by_row: bool = False) -> float:
    """Largest difference, divided by the largest expected value; infinite if shapes or NaN differ.

    Args:
        found: On any device, of any type.
        expected: On the CPU, float32 or float64, finite, not empty.
        is_by_row: Divide by the largest value of each row: where rows have sizes of their own, those
            with large values would hide what is wrong in the others.
    """
    if found.shape != expected.shape:
        return math.inf
    computed, wanted = found.detach().cpu().double(), expected.double()
    if not bool(computed.isfinite().all()):
        return math.inf
    sizes = wanted.abs()
    scale = sizes.amax(-1, keepdim=True) if is_by_row else sizes.max()
    return ((computed - wanted).abs() / scale.clamp_min(1e-30)).max().item()


@dataclass(slots=True)
class Journal:
    """What is known of the checks of one device, kept in a file while they run.

    Attributes:
        key: What the results hold for: another torch, device or program tests anew.
        results: By title of the check.
        running: Title of the check that was begun last and has not ended.
        is_kept: Whether there is a file at all.
    """

    path: Path
    key: Mapping[str, str]
    results: dict[str, CheckResult] = field(default_factory=dict)
    running: str = ""
    is_kept: bool = True

    @classmethod
    def open(cls, path: Path, key: Mapping[str, str]) -> Journal:
        """What a file holds for the key; empty where it is missing, damaged or of another key."""
        try:
            kept: Any = json.loads(path.read_text(encoding="utf-8"))
            if kept["key"] != dict(key):
                return cls(path, key)
            results = {str(title): _read_result(entry) for title, entry in kept["results"].items()}
            return cls(path, key, results, str(kept["running"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls(path, key)

    def begin(self, check: Check) -> None:
        """A check is about to run."""
        self.running = check.title
        self._write()

    def end(self, check: Check, result: CheckResult) -> None:
        """It has ended."""
        self.results[check.title] = result
        self.running = ""
        self._write()

    def verdict(self, checks: Iterable[Check]) -> Verdict:
        """Of all checks; one that was never reached drops its subject too."""
        never = "its test was not reached"
        return Verdict(
            tuple(
                self.results.get(check.title) or CheckResult(check.name, check.case, fault=never)
                for check in checks
            )
        )

    def _write(self) -> None:
        if not self.is_kept:
            return
        results = {title: asdict(result) for title, result in self.results.items()}
        kept = {"key": dict(self.key), "running": self.running, "results": results}
        whole = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            whole.write_text(json.dumps(kept, indent=1), encoding="utf-8")
            whole.replace(self.path)
        except OSError as error:
            logger.warning("results of the self-test are not kept: %s", error)


def run_checks(device: torch.device, checks: Iterable[Check], journal: Journal) -> None:
    """Run every check that the journal does not know, each noted before it begins.

    One that was begun and never ended has failed.
    """
    for check in checks:
        if check.title in journal.results:
            continue
        if check.title == journal.running:
            journal.end(check, CheckResult(check.name, check.case, fault=_ENDED))
            continue
        journal.begin(check)
        journal.end(check, _result(check, device))


def journal_key(checks: Iterable[Check], device_name: str) -> dict[str, str]:
    """What results hold for. A system that was updated may have another driver."""
    return {
        "torch": str(torch.__version__),
        "device": device_name,
        "program": __version__,
        "system": platform.platform(),
        "checks": ", ".join(f"{check.title} {check.bound:g}" for check in checks),
    }


def kept_results(folder: Path) -> list[dict[str, object]]:
    """What the journals of a folder hold, for a report: of each device what was tested, and what failed."""
    found: list[dict[str, object]] = []
    for path in sorted(folder.glob("*.json")):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            results = tuple(map(_read_result, kept["results"].values()))
            key = {name: str(kept["key"][name]) for name in ("device", "torch", "program")}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            found.append({"file": path.name, "is_damaged": True})
            continue
        faults = Verdict(results).faults
        found.append({**key, "num_tested": len(results), "not_used": faults})
    return found


def told(verdict: Verdict) -> Iterator[str]:
    """A clause for everything that failed its test."""
    for name, fault in verdict.faults.items():
        yield f"{name}: {fault}"


def _result(check: Check, device: torch.device) -> CheckResult:
    try:
        with torch.inference_mode():
            error = check.run(device)
    except CannotRun as reason:
        return CheckResult(check.name, check.case, fault=str(reason), is_missing=True)
    except Exception as failure:  # noqa: BLE001  # border: whatever a driver or compiler throws, it is not used
        fault = f"{type(failure).__name__}: {failure}".partition("\n")[0][:_MAX_REASON]
        return CheckResult(check.name, check.case, fault=fault)
    # Not `error > bound`: NaN must fail.
    is_sound = error <= check.bound
    where = f" ({check.case})" if check.case else ""
    fault = "" if is_sound else f"its result is wrong by {error:.2g}{where}"
    return CheckResult(check.name, check.case, error if math.isfinite(error) else None, fault)


def _read_result(entry: Mapping[str, Any]) -> CheckResult:
    """A kept result.

    Raises:
        TypeError, ValueError, KeyError: It is damaged.
    """
    error = entry["error"]
    return CheckResult(
        str(entry["name"]),
        str(entry["case"]),
        None if error is None else float(error),
        str(entry["fault"]),
        bool(entry["is_missing"]),
    )
