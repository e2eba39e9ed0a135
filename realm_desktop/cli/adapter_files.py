"""`adapter inspect` and `adapter convert`; reach `formats` and nothing else."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from realm_desktop.cli.model_path import model_path
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.errors import UsageError
from realm_desktop.formats.adapter_conversion import convert_to_gguf, convert_to_peft
from realm_desktop.formats.adapter_fit import fit, inspect_base
from realm_desktop.formats.adapter_inspection import inspect_adapter
from realm_desktop.formats.corruption import quote


def adapter(values: Namespace, output: Output) -> ExitStatus:
    """Run the action that was asked for."""
    if values.action == "inspect":
        return _inspect(values, output)
    return _convert(values, output)


def _inspect(values: Namespace, output: Output) -> ExitStatus:
    """Write what the adapter is and, with a base, whether it fits."""
    inspection = inspect_adapter(Path(values.file))
    found = inspection.as_dict()
    if values.base is not None:
        verdict = fit(inspection, inspect_base(model_path(values.base)))
        found |= {
            "fits": verdict.fits,
            "verdict": verdict.verdict,
            "warning": verdict.warning,
            "num_targets": verdict.num_targets,
            "num_model_targets": verdict.num_model_targets,
        }
    if not output.is_json:
        found = {name: quote(v) if isinstance(v, str) else v for name, v in found.items()}
    output.write_result(found)
    return ExitStatus.DONE


def _convert(values: Namespace, output: Output) -> ExitStatus:
    """Write the adapter in the other format."""
    source, out = Path(values.source), Path(values.out)
    base = None if values.base is None else model_path(values.base)
    if values.to == "peft":
        done = convert_to_peft(source, base, out)
    elif base is None:
        # First what is wrong with the file itself: a missing one needs no base.
        inspect_adapter(source)
        raise UsageError(
            "adapter convert: a PEFT adapter names neither architecture nor heads, which GGUF needs",
            advice="Give the model it was made for with --base MODEL.",
        )
    else:
        done = convert_to_gguf(source, base, out)
    output.write_result(
        {
            "out": str(out),
            "pairs": done.num_pairs,
            "scaled_pairs": done.num_scaled,
            "size_bytes": done.num_bytes,
        }
    )
    return ExitStatus.DONE
