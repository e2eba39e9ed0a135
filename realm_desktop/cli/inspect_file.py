"""`inspect`: what a file is, from its header alone; reaches `formats` and nothing else."""

from __future__ import annotations

from argparse import Namespace

from realm_desktop.cli.model_path import model_path
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.inspection import inspect


def inspect_file(values: Namespace, output: Output) -> ExitStatus:
    """Write what the file is."""
    found = inspect(model_path(values.file)).as_dict()
    if output.is_json:
        output.write_json(found)
    else:
        output.write_table(
            {name: quote(item) if isinstance(item, str) else item for name, item in found.items()}
        )
    return ExitStatus.DONE
