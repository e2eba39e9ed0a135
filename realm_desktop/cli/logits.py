"""`logits`: the logits of every position, for checks against a reference."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realm_desktop.cli.adapters import adapters_field
from realm_desktop.cli.input_lines import (
    ids_field,
    parse_object,
    read_lines,
    refuse_unknown_fields,
)
from realm_desktop.cli.model_path import model_path, packed_folder, self_test_folder
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.engine.engine import Engine
from realm_desktop.errors import UsageError
from realm_desktop.protocol import AdapterUse, LoadAdapter, LoadModel

_FIELDS = frozenset(["ids", "adapters"])


def logits(values: Namespace, output: Output) -> ExitStatus:
    """Write `arr_0`, `arr_1`, …: float32 [number of ids, vocabulary] per line of input."""
    # All lines are checked first: the number of an array is the number of its line.
    prompts = [_read_line(line) for line in read_lines()]
    engine = Engine()
    command = LoadModel(
        str(model_path(values.model)),
        values.device,
        values.threads,
        kv_cache_dtype=values.kv_cache_dtype,
        packed_folder=packed_folder(values),
        self_test_folder=self_test_folder(values),
        is_device_required=True,
    )
    engine.load(command, lambda phase, fraction: output.write_progress(f"{phase} {fraction:.0%}"))
    output.write_progress("")
    for adapter_id in dict.fromkeys(use.adapter_id for _, uses in prompts for use in uses):
        engine.load_adapter(LoadAdapter(adapter_id, adapter_id))
    arrays: list[NDArray[np.float32]] = []
    for ids, uses in prompts:
        rows = engine.prompt_logits(ids, uses)
        arrays.append(rows)
        output.write_result({"rows": int(rows.shape[0]), "vocabulary": int(rows.shape[1])})
    _save(Path(values.out), arrays)
    return ExitStatus.DONE


def _read_line(line: bytes) -> tuple[list[int], tuple[AdapterUse, ...]]:
    request = parse_object(line)
    refuse_unknown_fields(request, _FIELDS)
    return ids_field(request), adapters_field(request)


def _save(path: Path, arrays: list[NDArray[np.float32]]) -> None:
    try:
        # An open file keeps its name; numpy would append ".npz" to a path.
        with path.open("wb") as file:
            np.savez(file, *arrays)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}",
            advice="Choose another file with --out.",
            file=path,
            field="--out",
        ) from error
