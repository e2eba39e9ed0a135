"""`adapter merge`: a GGUF model with adapters in its weights."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import cast

from realm_desktop.cli.adapters import adapters_field, adapters_of_flags
from realm_desktop.cli.model_path import model_path
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.engine.export.merge import AdapterWeight, merge_adapters
from realm_desktop.formats.tensor_types import TensorType


def merge(values: Namespace, output: Output) -> ExitStatus:
    """Write the merged model."""
    uses = adapters_field({"adapters": adapters_of_flags(values.adapter)})
    shown = -1

    def report(fraction: float) -> None:
        nonlocal shown
        percent = int(100 * fraction)
        if percent > shown:
            shown = percent
            output.write_progress(f"merging {percent} %")

    done = merge_adapters(
        model_path(values.model),
        [AdapterWeight(Path(use.adapter_id), use.weight) for use in uses],
        Path(values.out),
        TensorType(cast("str", values.type)),
        report,
    )
    output.write_progress("")
    output.write_result(
        {
            "out": values.out,
            "tensors": done.num_tensors,
            "changed_tensors": done.num_changed,
            "tensor_types": done.tensor_types,
            "size_bytes": done.num_bytes,
        }
    )
    return ExitStatus.DONE
