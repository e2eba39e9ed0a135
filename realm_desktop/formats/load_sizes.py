"""What the memory plan needs to know of a model, from its header alone and without torch.

Counts values, not bytes: how many bytes a value takes is up to the machine that computes. The engine
holds the same tensors in `engine/weights`; the benchmark `tests/benchmarks/memory_plan.py` compares.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from realm_desktop.formats.hyper_parameters import (
    EMBEDDING_NAMES,
    MAX_CONTEXT_LENGTH,
    HyperParameters,
    read_hyper_parameters,
)
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from realm_desktop.kv_blocks import BLOCK_SIZE, SlidingWindow, kv_row_bytes
from realm_desktop.memory_plan import BlockBytes

STEP_ROWS: Final = 256
"""Rows of one step at most, as the engine runs by default."""

LOGIT_ROWS: Final = 32
"""Rows of one step that ask for logits, by default at most: one for each reply that runs."""

PACKED_BITS: Final = MappingProxyType(
    {
        TensorType.Q4_0: 4.5,
        TensorType.Q4_1: 5.0,
        TensorType.Q5_0: 5.5,
        TensorType.Q5_1: 6.0,
        TensorType.Q8_0: 8.5,
        TensorType.Q2_K: 2.625,
        TensorType.Q3_K: 3.625,
        TensorType.Q4_K: 4.625,
        TensorType.Q5_K: 5.625,
        TensorType.Q6_K: 6.625,
        TensorType.IQ4_NL: 4.5,
        TensorType.IQ4_XS: 4.375,
        TensorType.MXFP4: 4.25,
        TensorType.NVFP4: 5.0,
        TensorType.IQ1_S: 3.625,
        TensorType.IQ1_M: 3.625,
        TensorType.IQ2_XXS: 3.625,
        TensorType.IQ2_XS: 3.625,
        TensorType.IQ2_S: 3.625,
        TensorType.IQ3_XXS: 4.375,
        TensorType.IQ3_S: 4.375,
        TensorType.TQ1_0: 2.625,
        TensorType.TQ2_0: 2.625,
    }
)
"""Bits a value takes in the layout of the CPU kernels, which compute with these types as they are.

Larger than in the file for IQ1 to IQ3 and TQ, of whose grids every value is written out.
"""

_WIDE_TYPES: Final = frozenset({TensorType.F32, TensorType.F64})
_EMBEDDING_NAMES: Final = frozenset(EMBEDDING_NAMES)
# Of networks that see pictures the text part alone is loaded.
PICTURE_PARTS: Final = tuple(
    f"{prefix}{name}."
    for prefix in ("", "model.")
    for name in (
        "vision_tower",
        "vision_model",
        "visual",
        "multi_modal_projector",
        "audio_tower",
        "embed_vision",
        "embed_audio",
    )
)
"""What the names of tensors begin with that see pictures or hear; the engine leaves them in the file."""

# Divisors of RoPE's frequencies are no weights.
_FACTOR_NAMES: Final = frozenset(
    {"rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight"}
)
# Files have them too for layers that read the keys and values of others.
_KEY_NAME: Final = re.compile(
    r"(?:blk|[\w.]*layers)\.(?P<layer>\d{1,4})\."
    r"(?:attn_k|attn_v|attn_k_norm|self_attn\.(?:k_proj|v_proj|k_norm))\.\w+"
)
_HEAD_NAMES: Final = ("output.weight", "lm_head.weight", "language_model.lm_head.weight")
_TURNED_NAME: Final = "attn_k_b.weight"
_LOGIT_BYTES: Final = 4
_WIDE_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class LoadSizes:
    """Sizes of one model; of the network None or 0 where the file does not tell.

    Attributes:
        packed_bytes, packed_values: Of the matrices that the CPU kernels take without dequantizing them.
        expert_bytes, expert_values: Of those among them that stay as they are without kernels too, in
            the file's layout: experts.
        plain_values: Of all other tensors.
        twice_values: Of a plain matrix that is embedding and output matrix in one: the product wants
            it in another layout than the lookup.
        is_wide: All matrices are float32 or wider, so the engine computes in float32.
        network: Hyper-parameters.
    """

    packed_bytes: int
    packed_values: int
    plain_values: int
    twice_values: int
    is_wide: bool
    network: HyperParameters
    expert_bytes: int = 0
    expert_values: int = 0

    def value_bytes(self, usual_bytes: int) -> int:
        """Bytes of a computed value where files that are not float32 take `usual_bytes`."""
        return _WIDE_BYTES if self.is_wide else usual_bytes

    def weights_bytes(self, value_bytes: int, *, has_kernels: bool) -> int:
        """Memory of the weights, of a computing type of so many bytes."""
        plain = (self.plain_values + self.twice_values) * value_bytes
        if has_kernels:
            return plain + self.packed_bytes
        return plain + self.expert_bytes + (self.packed_values - self.expert_values) * value_bytes

    def working_bytes(self, value_bytes: int, logit_rows: int = LOGIT_ROWS) -> int | None:
        """Intermediate results and logits of the largest step, with logits for so many rows."""
        network = self.network
        if network.row_values is None or network.vocabulary_size is None:
            return None
        logits_bytes = logit_rows * network.vocabulary_size * _LOGIT_BYTES
        return STEP_ROWS * network.row_values * value_bytes + logits_bytes

    def block_bytes(self, value_bytes: int, *, is_int8: bool = False) -> BlockBytes:
        """What a KV block costs, with a pool of its own for layers with a sliding window."""
        network = self.network
        # One row of one head after the other; a file without sizes costs nothing.
        row_bytes = kv_row_bytes(network.head_dim or 1, value_bytes, is_int8=is_int8)
        per_value = BLOCK_SIZE * row_bytes / (network.head_dim or 1)
        windowed = network.window_kv_values_per_token
        full = (network.kv_values_per_token or 0) - windowed
        window = SlidingWindow(network.window, STEP_ROWS) if network.window else None
        return BlockBytes(round(full * per_value), round(windowed * per_value), window)

    @property
    def window_tokens(self) -> int:
        """Positions in the blocks that a window and the rows of a step can lie in; 0 without one."""
        if not self.network.window:
            return 0
        window = SlidingWindow(self.network.window, STEP_ROWS)
        return window.num_blocks(MAX_CONTEXT_LENGTH) * BLOCK_SIZE


def read_load_sizes(path: Path) -> LoadSizes:
    """The sizes of a model file or folder. Reads its header, so not for the GUI thread.

    Raises:
        ModelFileError: It cannot be opened, or a value of the header is no sound one.
    """
    with closing(open_model(path)) as model_file:
        return load_sizes(model_file)


def load_sizes(model_file: ModelFile) -> LoadSizes:
    """The sizes of an open model.

    Raises:
        CorruptFile: A value of the header has another type or is out of range.
    """
    network = read_hyper_parameters(model_file, architecture_of(model_file))
    entries = [
        entry
        for name, entry in model_file.tensors.items()
        if not name.startswith(PICTURE_PARTS) and not _is_idle(name, network)
    ]
    matrices = [entry for entry in entries if len(entry.shape) > 1]
    packed = [entry for entry in entries if _is_packed(entry)]
    codes = [entry for entry in entries if _has_codes(entry)]
    experts = [entry for entry in packed if len(entry.shape) > 2]
    code_values = 2 * sum(entry.num_values for entry in codes)
    packed_values = sum(entry.num_values for entry in packed)
    scales = sum(entry.num_values for entry in entries if _has_scales(entry))
    return LoadSizes(
        packed_bytes=sum(
            round(entry.num_values * PACKED_BITS[entry.tensor_type] / 8) for entry in packed
        )
        + round(code_values * PACKED_BITS[TensorType.MXFP4] / 8),
        packed_values=packed_values + code_values,
        plain_values=sum(entry.num_values for entry in entries)
        - packed_values
        - code_values // 2
        - scales,
        twice_values=_twice_values(model_file),
        is_wide=bool(matrices) and all(entry.tensor_type in _WIDE_TYPES for entry in matrices),
        network=network,
        expert_bytes=sum(entry.num_bytes for entry in (*experts, *codes)) + scales,
        expert_values=sum(entry.num_values for entry in experts) + code_values,
    )


def architecture_of(model_file: ModelFile) -> str:
    """Name of the network's family; empty if a configuration does not say.

    Raises:
        CorruptFile: A GGUF file does not say, or the name is no text.
    """
    if model_file.container == "gguf":
        return MetadataReader(model_file.path, model_file.metadata).get_str(
            "general.architecture", max_characters=256
        )
    return MetadataReader(model_file.path, model_file.config).get_str("model_type", default="")


def stored_type(entry: TensorEntry) -> TensorType:
    """What the values of a tensor are, which for MXFP4 in safetensors is more than bytes."""
    return TensorType.MXFP4 if _has_codes(entry) else entry.tensor_type


def _is_idle(name: str, network: HyperParameters) -> bool:
    """Whether a tensor makes keys or values that no layer reads, or holds no weights."""
    if name in _FACTOR_NAMES:
        return True
    match = _KEY_NAME.fullmatch(name) if network.num_shared_layers else None
    first_shared = network.num_layers - network.num_shared_layers
    return match is not None and int(match["layer"]) >= first_shared


def _twice_values(model_file: ModelFile) -> int:
    if any(name in model_file.tensors for name in _HEAD_NAMES):
        return 0
    return sum(
        entry.num_values
        for name, entry in model_file.tensors.items()
        if name in _EMBEDDING_NAMES and not _is_packed(entry)
    )


def _is_packed(entry: TensorEntry) -> bool:
    # Three dimensions are those of experts; what makes keys of latents lies the wrong way round.
    is_matrix = len(entry.shape) == 2 or (
        len(entry.shape) == 3 and not entry.name.endswith(_TURNED_NAME)
    )
    return is_matrix and entry.tensor_type in PACKED_BITS


def _has_codes(entry: TensorEntry) -> bool:
    """Whether a tensor is one of MXFP4 codes in a safetensors file, two in a byte."""
    return entry.tensor_type is TensorType.U8 and entry.name.endswith("_blocks")


def _has_scales(entry: TensorEntry) -> bool:
    return entry.tensor_type is TensorType.U8 and entry.name.endswith("_scales")
