"""What panels are told of an adapter that was loaded."""

from __future__ import annotations

from collections.abc import Sequence

from realm_desktop.engine.lora.adapter_file import Adapter
from realm_desktop.events import AdapterInfo
from realm_desktop.formats.adapter_fit import fit_in_words, name_warning
from realm_desktop.formats.adapter_inspection import ranks_in_words
from realm_desktop.formats.corruption import quote
from realm_desktop.protocol import LoadAdapter


def describe(
    command: LoadAdapter,
    adapter: Adapter,
    model_names: Sequence[str],
    num_model_targets: int,
    swap_ms: float,
) -> AdapterInfo:
    """The adapter beside its model.

    Args:
        command: What asked for it.
        adapter: Checked: it fits.
        model_names: What the model is called, the name to show first.
        num_model_targets: Linear layers that adapters may change.
        swap_ms: From the command until it could be used.
    """
    num_targets = len(adapter.pairs)
    rank_text = ranks_in_words(adapter.ranks)
    return AdapterInfo(
        command.adapter_id,
        adapter.name,
        adapter.rank,
        adapter.alpha,
        adapter.num_bytes,
        ranks=adapter.ranks,
        num_targets=num_targets,
        num_model_targets=num_model_targets,
        base_model_name=adapter.base_model_name,
        verdict=fit_in_words(
            quote(model_names[0]), rank_text, num_targets, num_model_targets, adapter.saved_names
        ),
        warning=name_warning(adapter.base_model_name, model_names),
        keep_warm=command.keep_warm,
        swap_ms=swap_ms,
    )
