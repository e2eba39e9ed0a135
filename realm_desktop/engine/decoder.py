"""The network: token ids in, hidden states and logits out, for all rows of a step at once.

One class serves every architecture of the table; what differs between them is in `ModelSpec`. Knows
nothing of requests, sampling or text. Runs on the engine thread, under `torch.inference_mode`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.attention.backend import (
    AttentionPlan,
    StaticAttention,
    StaticAttentionPlan,
)
from realm_desktop.engine.attention.native import NativeAttention
from realm_desktop.engine.attention.selection import choose_attention
from realm_desktop.engine.batch import Batch, Lookup, SavedPass
from realm_desktop.engine.device import (
    choose_compute_dtype,
    choose_device,
    choose_draft_dtype,
)
from realm_desktop.engine.draft_loop import DraftLoop
from realm_desktop.engine.kernels.library import CpuKernels, KernelsMissing, find_kernels
from realm_desktop.engine.kernels.packed_matrix import FLOAT_TYPES
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.layers.decoder_layer import (
    DecoderLayer,
    LayerStep,
    build_layer,
    build_norm,
)
from realm_desktop.engine.layers.embedding import Embedding
from realm_desktop.engine.layers.linear import Linear, padded_rows
from realm_desktop.engine.layers.network_heads import NetworkHeads, attention_shape
from realm_desktop.engine.layers.side_inputs import SideInputs
from realm_desktop.engine.layers.streams import StreamEnds, StreamLayer, build_stream_layer
from realm_desktop.engine.lora.saved_matrices import add_differences
from realm_desktop.engine.lora.slab import AdapterSlab, choose_layout
from realm_desktop.engine.lora.targets import Target
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.recorded_pass import RecordedPass, RecordedPasses
from realm_desktop.engine.self_test import NOT_TESTED, Place, Verdict
from realm_desktop.engine.step_pass import StepPass
from realm_desktop.engine.weights.loader import Progress, WeightLoader, has_float32_weights
from realm_desktop.engine.weights.memory import told_of_memory
from realm_desktop.engine.weights.packed_file import KeptWeightsWrong
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.formats.model_file import ModelFile

logger = logging.getLogger(__name__)

# A long pass asks every few layers whether to stop; a pass of few rows is over soon anyway.
_LAYERS_PER_CHECK = 2
_MIN_ROWS_TO_CHECK = 32


class Decoder:
    """A loaded network.

    Invariant on the CPU: the bits of a row's result follow from its sequence alone, not from the
    other rows of the step nor from how the prompt was cut into chunks. A draft model gives that up
    for speed.

    Args:
        loader: Gives the weights; not kept.
        is_draft: Whether its results only serve as guesses.
        verdict: What may compute on the device.

    Attributes:
        spec: The network's hyper-parameters.
        compute_dtype: Of weights, activations and KV.
        device: Where it computes.
        weights_bytes: Bytes held for weights.
        mapped_bytes: Those of them that lie in a mapped file.
        num_parameters: Weights of the network, a tied matrix counted once.
        backend_name: The attention backend in use.
        adapter_slabs: Where adapters go, by target; empty until one is loaded.
        adapter_layout: How their matrices lie in the slabs.
    """

    def __init__(
        self, loader: WeightLoader, *, is_draft: bool = False, verdict: Verdict = NOT_TESTED
    ) -> None:
        spec = loader.spec
        self.spec = spec
        self.compute_dtype = loader.dtype
        self.device = loader.device
        self.num_parameters = loader.num_parameters
        self._shape = attention_shape(loader)
        self._kernels = loader.kernels
        self._attention = choose_attention(
            self._shape, self.device, self.compute_dtype, self._kernels, verdict
        )
        self.backend_name = self._attention.name
        table = loader.linear_weight((Part.EMBEDDING,))
        self._embedding = Embedding(table, self.compute_dtype)
        self.adapter_slabs: dict[Target, AdapterSlab] = {}
        self._side_inputs = None if spec.side_inputs is None else SideInputs(loader)
        self._streams = None if spec.streams is None else StreamEnds(loader)
        build = build_layer if self._streams is None else build_stream_layer
        self._layers: list[DecoderLayer | StreamLayer] = [
            build(loader, index, self.adapter_slabs, is_draft=is_draft)
            for index in range(spec.num_layers)
        ]
        self.adapter_layout = choose_layout(self.compute_dtype, self.device, self._kernels)
        self._heads = NetworkHeads(loader)
        self._norm = build_norm(loader, Part.FINAL_NORM)
        head = table if spec.is_embedding_tied else loader.linear_weight((Part.HEAD,))
        self._head = Linear(head, is_exact=not is_draft)
        linears = list(self._linears())
        self._takes_any_rows = all(linear.takes_any_rows for linear in linears)
        self._passes = self._recorded_passes()
        # A tied matrix is held twice where the head has a packed copy of a plain one.
        has_own_table = isinstance(table, Tensor) or not spec.is_embedding_tied
        self.weights_bytes = loader.shared_bytes
        self.weights_bytes += self._embedding.num_bytes if has_own_table else 0
        self.weights_bytes += sum(linear.num_bytes for linear in linears)
        self.weights_bytes += sum(layer.num_other_bytes for layer in self._layers)
        beside = (part for part in (self._side_inputs, self._streams) if part is not None)
        self.weights_bytes += sum(part.num_bytes for part in beside)
        self.mapped_bytes = loader.mapped_bytes

    def forward(
        self, batch: Batch, kv_cache: KVCache, should_stop: Callable[[], bool] | None = None
    ) -> Tensor | None:
        """Compute one step and write its keys and values.

        Args:
            batch: T rows on the decoder's device.
            kv_cache: The pool the batch's block ids point into; changed in place.
            should_stop: Asked between groups of layers when the step has 32 rows or more.

        Returns:
            [T, hidden_size] after the final norm; None when `should_stop` said so, in which case
            the KV of the step's rows is partly written and must not be used.
        """
        hidden = self._embed(batch)
        batch = self._heads.with_table_rows(batch)
        if self._passes is None or not self._passes.can_run(batch, kv_cache):
            return self._compute(hidden, batch, kv_cache, should_stop)
        cosines = self._heads.tables(_num_positions(batch))
        return self._passes.run(hidden, batch, kv_cache, cosines, self._compute)

    def _recorded_passes(self) -> RecordedPasses | None:
        """What repeats passes; None unless every part of a layer is a call of the kernels."""
        kernels, attention = self._kernels, self._attention
        if kernels is None or not self._takes_any_rows or not self.spec.has_kernel_layers:
            return None
        if not all(layer.has_kernels_only for layer in self._layers):
            return None
        if not isinstance(attention, NativeAttention):
            return None
        return RecordedPasses(kernels, attention, self._shape)

    @property
    def has_static_attention(self) -> bool:
        """Whether the attention backend can be recorded."""
        return isinstance(self._attention, StaticAttention)

    def static_attention(
        self, batch: Batch, kv_cache: KVCache, least: StaticAttentionPlan | None = None
    ) -> StaticAttentionPlan:
        """Attention for steps of as many rows, where it can be recorded; see `StaticAttention`."""
        assert isinstance(self._attention, StaticAttention), "it was asked before"
        return self._attention.static_plan(self._shape, batch, kv_cache, least)

    def to_logits(self, batch: Batch, kv_cache: KVCache, plan: AttentionPlan) -> Tensor:
        """[T, vocabulary_size] of all rows, by attention that was planned before."""
        hidden = self._compute(self._embed(batch), batch, kv_cache, plan=plan)
        assert hidden is not None, "nobody asked the pass to stop"
        return self.logits(hidden)

    def cosines(self, num_positions: int) -> Tensor:
        """A table of the rotation that reaches so far; another tensor once it had to grow."""
        return self._heads.tables(num_positions)

    def takes_steps(self, kv_cache: KVCache) -> bool:
        """Whether steps of few rows without adapters are one call of the kernels."""
        has_tables = self._passes is not None and self._embedding.packed is not None
        return has_tables and self.spec.has_plain_ends and kv_cache.plain_pool(0) is not None

    def draft_loop(self, batch: Batch, kv_cache: KVCache) -> DraftLoop | None:
        """Passes of one row up to the choice of a token; None where the kernels cannot.

        Args:
            batch: One row, which is computed.
            kv_cache: Where the loop reads and writes.
        """
        step = self.step_pass(batch, kv_cache)
        return None if step is None else DraftLoop(step, kv_cache)

    def step_pass(self, batch: Batch, kv_cache: KVCache) -> StepPass | None:
        """A step up to its logits that can be repeated; None where the kernels cannot.

        Args:
            batch: Its rows, which are computed.
            kv_cache: Where it reads and writes.
        """
        table = self._embedding.packed
        if self._passes is None or table is None or not self.takes_steps(kv_cache):
            return None
        if not self._passes.can_run(batch, kv_cache):
            return None

        def compute(hidden: Tensor, batch: Batch, kv_cache: KVCache) -> Tensor | None:
            normed = self._compute(hidden, batch, kv_cache)
            return None if normed is None else self._head(normed)

        cosines = self._heads.tables(_num_positions(batch))
        hidden = self._embed(batch)
        recorded = RecordedPass(table.kernels, hidden, batch, kv_cache, cosines, compute)
        return StepPass(table, recorded, kv_cache)

    def may_go_on(self, step: StepPass, kv_cache: KVCache, num_positions: int) -> bool:
        """Whether a step may be repeated for so many positions of a sequence."""
        cosines = self._heads.tables(num_positions)
        return step.recorded.fits(kv_cache, cosines)

    def _compute(
        self,
        hidden: Tensor,
        batch: Batch,
        kv_cache: KVCache,
        should_stop: Callable[[], bool] | None = None,
        plan: AttentionPlan | None = None,
    ) -> Tensor | None:
        """All layers and the final norm; see `forward`."""
        step = self._prepare(batch, kv_cache, hidden, plan)
        term: Tensor | None = None
        if self._streams is not None:
            hidden = self._streams.spread(hidden)
        is_long = batch.num_rows >= _MIN_ROWS_TO_CHECK
        for index, layer in enumerate(self._layers):
            is_checkpoint = is_long and index % _LAYERS_PER_CHECK == 0
            if is_checkpoint and should_stop is not None and should_stop():
                return None
            term = layer.run(hidden, term, step)
        if self._streams is not None:
            hidden = self._streams.merged(hidden)
        return self._norm.add(hidden, term)[: batch.num_rows]

    def logits(self, hidden: Tensor, saved_heads: Sequence[SavedPass] = ()) -> Tensor:
        """[R, vocabulary_size] for `hidden` [R, hidden_size] after the final norm.

        float32; float64 only where the compute dtype is float64. `saved_heads` are the step's.
        """
        logits = self._head(hidden)
        logits = logits if logits.dtype == torch.float64 else logits.float()
        if saved_heads:
            logits = add_differences(hidden, logits, saved_heads)
        return self._scaled(logits)

    def _scaled(self, logits: Tensor) -> Tensor:
        """Logits as the network has them: some multiply them, or keep them within a bound."""
        if self.spec.logit_multiplier != 1.0:
            logits = logits * self.spec.logit_multiplier
        cap = self.spec.final_softcap
        return torch.tanh(logits / cap) * cap if cap else logits

    def place_saved(self, part: Part, matrix: Tensor) -> Lookup:
        """How an adapter's own embedding or output matrix is read; takes the matrix over.

        Args:
            part: EMBEDDING or HEAD.
            matrix: [vocabulary_size, hidden_size] in the compute dtype, in host memory.
        """
        matrix = matrix.to(self.device)
        return Embedding(matrix) if part is Part.EMBEDDING else Linear(matrix)

    def _prepare(
        self, batch: Batch, kv_cache: KVCache, hidden: Tensor, plan: AttentionPlan | None
    ) -> LayerStep:
        slots = tuple(batch.slots_of(window) for window in self.spec.layer_windows)
        heads = self._heads.prepare(batch, kv_cache, _num_positions(batch))
        plan = plan or self._attention.plan(self._shape, batch, kv_cache)
        side = None if self._side_inputs is None else self._side_inputs(batch.ids, hidden)
        return LayerStep(slots, heads, plan, batch.lora, batch.num_rows, side)

    def _embed(self, batch: Batch) -> Tensor:
        """The rows' vectors, padded once for all linear layers."""
        hidden = self._embedding(batch.ids)
        if batch.saved_embeddings:
            hidden = add_differences(batch.ids, hidden, batch.saved_embeddings)
        if self.spec.embedding_multiplier != 1.0:
            hidden = hidden * self.spec.embedding_multiplier
        missing = self._num_rows_missing(batch)
        return functional.pad(hidden, (0, 0, 0, missing)) if missing > 0 else hidden

    def _num_rows_missing(self, batch: Batch) -> int:
        return 0 if self._takes_any_rows else padded_rows(batch.num_rows) - batch.num_rows

    def _linears(self) -> Iterator[Linear]:
        for layer in self._layers:
            yield from layer.linears
        yield self._head


def _num_positions(batch: Batch) -> int:
    """More than the largest position of the step."""
    return max(segment.first_position + segment.num_rows for segment in batch.segments)


def build_decoder(
    model_file: ModelFile,
    options: EngineOptions,
    progress: Progress,
    *,
    is_draft: bool = False,
    store: PackedStore | None = None,
    place: Place | None = None,
) -> Decoder:
    """Load a network.

    Args:
        model_file: Open; may be closed afterwards.
        options: Device and compute dtype.
        progress: Told the phase and the fraction done; may raise to end the load.
        is_draft: Whether it will only guess tokens that another network verifies.
        store: Has the packed weights of earlier loads, and takes those of this one.
        place: Where it computes; None chooses by the options, without a self-test.

    Raises:
        UnsupportedArchitecture: The table does not know the network.
        CorruptFile: A hyper-parameter or a tensor is missing or wrong.
        UnsupportedTensorType: A tensor cannot be dequantized.
        SettingsError: The device or the instruction set asked for is not there.
        OutOfMemory: The weights do not fit into memory.
    """
    spec = model_spec(model_file)
    place = place or Place(choose_device(options.device).device)
    device = place.device
    asked, is_wide = options.compute_dtype, has_float32_weights(model_file)
    dtype = choose_compute_dtype(asked, device, are_weights_float32=is_wide)
    if is_draft and asked == "auto":
        dtype = choose_draft_dtype(dtype, device, 2 * spec.hidden_size * spec.intermediate_size)

    def build(packer: Packer | None) -> Decoder:
        products = (
            None if device.type == "cpu" else BlockProducts(device, dtype, place.verdict.why_not)
        )
        loader = WeightLoader(model_file, spec, dtype, device, progress, packer, products)
        with told_of_memory(model_file, loader.num_bytes):
            return Decoder(loader, is_draft=is_draft, verdict=place.verdict)

    kernels = _find_kernels(device, dtype)
    if kernels is None or store is None:
        return build(None if kernels is None else Packer(kernels))
    return _build_from(store, model_file, kernels, build)


def _build_from(
    store: PackedStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    build: Callable[[Packer], Decoder],
) -> Decoder:
    """The network with what was kept of its weights; packed anew where that is wrong."""
    packer, decoder = store.packer(model_file, kernels), None
    with suppress(KeptWeightsWrong):
        decoder = build(packer)
    if decoder is None:
        # Not in a handler: its traceback has half of the network, which is memory, and Windows removes
        # no file that is mapped.
        packer = Packer(kernels, keeps=True)
        store.forget(model_file)
        decoder = build(packer)
    store.keep(model_file, packer)
    return decoder


def _find_kernels(device: torch.device, dtype: torch.dtype) -> CpuKernels | None:
    """What multiplies with packed weights on this device, in this dtype."""
    if device.type != "cpu" or dtype not in FLOAT_TYPES:
        return None
    try:
        kernels = find_kernels()
    except KernelsMissing as error:
        logger.warning("quantized weights are dequantized, which is slower: %s", error)
        return None
    logger.info("quantized weights stay packed, for %s", kernels.name)
    return kernels
