"""Everything that is to be known of a GPU in one call of under 8 minutes: parity first, then ratios.

Usage: python -m tests.benchmarks.gpu [--device cuda] [--limit-s 450]
       python -m tests.benchmarks.gpu --device cpu --small    (proves that every row runs, no more)

Needs torch, triton, transformers, numpy, safetensors and tokenizers, and what those bring along. What
failed its check in the first part is not used by the second. Models have random weights of real shapes;
prompts are random. A row says what was measured in this run, the goal, and whether it was met; one that
could not be run says why. Ratios are of things measured in turn on the same device.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.gpu_stand_ins import replace_missing

MISSING = replace_missing()

import torch  # noqa: E402  # the stand-ins come before whatever imports those packages

from realm_desktop.engine.accelerators import device_title, make_current  # noqa: E402
from realm_desktop.engine.backend_checks import graphs_check, network_check, part_checks  # noqa: E402
from realm_desktop.engine.self_test import Check, Journal, Place, Verdict, run_checks  # noqa: E402
from tests.benchmarks import gpu_attention, gpu_engine  # noqa: E402
from tests.benchmarks.gpu_row import Bench, Row  # noqa: E402

_PARITY_S = 150.0
_FIRST_TYPES = ("Q4_K", "Q6_K", "Q8_0", "Q4_0", "Q5_K", "MXFP4", "Q2_K", "Q3_K")


class Section(NamedTuple):
    """Rows that belong together.

    Attributes:
        least_s: Not begun with less time left.
    """

    title: str
    rows: Callable[[Bench], Iterator[Row]]
    least_s: float


def _transformers_rows(bench: Bench) -> Iterator[Row]:
    # Late: it takes seconds, and may be what is missing.
    from tests.benchmarks import gpu_transformers

    yield from gpu_transformers.rows(bench)


SECTIONS = (
    Section("engine", gpu_engine.parity_rows, 20.0),
    Section("attention", gpu_attention.rows, 30.0),
    Section("decode", gpu_engine.decode_rows, 60.0),
    Section("adapters", gpu_engine.adapter_rows, 20.0),
    Section("speculation", gpu_engine.speculation_rows, 20.0),
    Section("transformers", _transformers_rows, 20.0),
)


def main(argv: list[str] | None = None) -> int:
    """Run all sections; 1 if a check failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="tiny shapes")
    parser.add_argument("--limit-s", type=float, default=450.0)
    titles = [section.title for section in SECTIONS]
    parser.add_argument("--only", nargs="+", choices=titles, default=titles, metavar="SECTION")
    values = parser.parse_args(argv)
    bench = Bench(torch.device(values.device), values.small, time.monotonic() + values.limit_s)
    make_current(bench.device)
    _print_head(bench)
    verdict = _parity(bench)
    bench.place = Place(bench.device, verdict)
    for section in SECTIONS:
        if section.title in values.only:
            _print_section(section, bench)
    print(f"\nwhole run: {values.limit_s - bench.left_s:.0f} s of {values.limit_s:.0f} s")
    return 1 if verdict.faults else 0


def _print_head(bench: Bench) -> None:
    print(f"device {bench.device} ({device_title(bench.device)}) · torch {torch.__version__}")
    if MISSING:
        print(f"stand-ins for {', '.join(MISSING)}: what needs more of them fails below")
    if bench.is_small:
        print("SMALL SHAPES: this run proves that the rows run, and nothing of speed")


def _print_section(section: Section, bench: Bench) -> None:
    print(f"\n{section.title}")
    if bench.left_s < section.least_s and not bench.is_small:
        print(f"  not run: {bench.left_s:.0f} s were left")
        return
    begin_s = time.monotonic()
    try:
        for row in section.rows(bench):
            print(row.text(is_judged=not bench.is_small), flush=True)
    except Exception as error:  # noqa: BLE001  # border: the other sections are worth having
        print(f"  FAILED: {type(error).__name__}: {str(error)[:200]}")
    print(f"  ({time.monotonic() - begin_s:.0f} s)")


def _parity(bench: Bench) -> Verdict:
    """Run the checks of the self-test, those that the other sections need first."""
    print("\nparity with float64 on the CPU")
    checks = sorted(part_checks(), key=_urgency)
    if bench.is_small:
        checks = [check for check in checks if _urgency(check) < 2]
    journal = Journal(Path("unused"), {}, is_kept=False)
    end_s = time.monotonic() + _PARITY_S
    for index, check in enumerate(checks):
        if time.monotonic() > end_s:
            print(f"  not run: {len(checks) - index} of {len(checks)} checks, out of time")
            break
        run_checks(bench.device, [check], journal)
    parts = journal.verdict(checks)
    run_checks(bench.device, [network_check(parts), graphs_check(parts)], journal)
    verdict = Verdict(tuple(journal.results.values()))
    _print_verdict(verdict)
    return verdict


def _print_verdict(verdict: Verdict) -> None:
    for name, fault in verdict.faults.items():
        print(f"  {name:<34} WRONG: {fault}")
    kinds: dict[str, list[float]] = {}
    for name, error in verdict.largest_errors.items():
        if name not in verdict.faults:
            kinds.setdefault(name if name[-1].islower() else name.split()[0], []).append(error)
    for kind, errors in kinds.items():
        print(f"  {kind:<34} {len(errors):>3} sound, largest error {max(errors):.4f}")
    absent = sorted({f"{name.split()[0]}: {why}" for name, why in verdict.missing.items()})
    for reason in absent:
        print(f"  not for this device: {reason}")


def _urgency(check: Check) -> int:
    """Attention first, then types of blocks by how often they are met."""
    words = check.name.split()
    if words[0] not in ("triton", "metal", "torch") or len(words) < 2:
        return -1
    return _FIRST_TYPES.index(words[1]) if words[1] in _FIRST_TYPES else len(_FIRST_TYPES)


if __name__ == "__main__":
    sys.exit(main())
