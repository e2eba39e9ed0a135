"""Where the experts of a layer lie in a file: in one tensor for all of them, or one tensor each.

Networks of one architecture come in several forms, so the tensors that are there decide. Knows names
and shapes, not bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Container, Part
from realm_desktop.engine.weights.names import TensorNeed

MatrixForm = Literal["rows", "columns", "mxfp4"]

MXFP4_VALUES: Final = 32
"""Values that share a scale."""

_BLOCKS, _SCALES = "_blocks", "_scales"
# Gate, up and down; Mixtral has names of its own for them, and for what they belong to.
_HUB_PROJECTIONS: Final = (("gate_proj", "up_proj", "down_proj"), ("w1", "w3", "w2"))
# Where they stand beside an MLP they lie in the layer itself.
_HUB_BLOCKS: Final = ("mlp.", "block_sparse_moe.", "")


@dataclass(frozen=True, slots=True)
class MatrixPlace:
    """Where a matrix of every expert of a layer lies.

    Attributes:
        name: Of the tensor; "{expert}" in it stands for the number of the expert.
        num_rows, num_columns: Of one expert's matrix: outputs and inputs.
        form: "rows" as a matrix lies; "columns" transposed; "mxfp4" as two tensors of bytes, whose
            names end in `_blocks` and `_scales`.
        is_alternating: Whether rows of the gate and of the other half take turns, the gate's first.
    """

    name: str
    num_rows: int
    num_columns: int
    form: MatrixForm = "rows"
    is_alternating: bool = False

    @property
    def is_own(self) -> bool:
        """Whether each expert has a tensor of its own."""
        return "{expert}" in self.name

    @property
    def blocks_name(self) -> str:
        """Of the tensor with two MXFP4 values in a byte."""
        return f"{self.name}{_BLOCKS}"

    @property
    def scales_name(self) -> str:
        """Of the tensor with their scales."""
        return f"{self.name}{_SCALES}"

    def needs(self, num_experts: int) -> Iterator[TensorNeed]:
        """The tensors that hold it."""
        rows, columns = self.num_rows, self.num_columns
        if self.is_own:
            for expert in range(num_experts):
                yield TensorNeed(self.name.format(expert=expert), (rows, columns))
        elif self.form == "mxfp4":
            num_blocks = columns // MXFP4_VALUES
            codes = (num_experts, rows, num_blocks, MXFP4_VALUES // 2)
            yield TensorNeed(self.blocks_name, codes, 2)
            yield TensorNeed(self.scales_name, codes[:3], 0)
        else:
            shape = (rows, columns) if self.form == "rows" else (columns, rows)
            yield TensorNeed(self.name, (num_experts, *shape))


class BiasPlace(NamedTuple):
    """Where a bias of every expert of a layer lies: [experts, values].

    Attributes:
        name: Of the tensor.
        num_values: Of one expert.
        is_alternating: As of a matrix.
    """

    name: str
    num_values: int
    is_alternating: bool = False


class ExpertPlaces(NamedTuple):
    """The experts of one layer; biases are empty without.

    Attributes:
        gate_up: One matrix that holds both, or gate and up.
        down: The other projection.
        gate_up_bias: In the order of the rows of `gate_up`.
        down_bias: The other bias.
        router, router_bias, choice_bias, shared_router: Names of tensors; "" without.
    """

    gate_up: tuple[MatrixPlace, ...]
    down: MatrixPlace
    gate_up_bias: tuple[BiasPlace, ...] = ()
    down_bias: tuple[BiasPlace, ...] = ()
    router: str = ""
    router_bias: str = ""
    choice_bias: str = ""
    shared_router: str = ""

    def needs(self, num_experts: int) -> Iterator[TensorNeed]:
        """Every tensor of the experts."""
        for matrix in (*self.gate_up, self.down):
            yield from matrix.needs(num_experts)
        for bias in (*self.gate_up_bias, *self.down_bias):
            yield TensorNeed(bias.name, (num_experts, bias.num_values))


def expert_needs(
    spec: ModelSpec, container: Container, names: Collection[str]
) -> Iterator[TensorNeed]:
    """Every tensor of experts and their routers; none in other networks."""
    experts = spec.experts
    if experts is None:
        return
    for layer in range(spec.num_layers):
        if not spec.has_experts(layer):
            continue
        places = expert_places(spec, container, layer, names)
        yield from places.needs(experts.num_experts)
        yield TensorNeed(places.router, (experts.num_experts, spec.hidden_size))
        for bias in filter(None, (places.router_bias, places.choice_bias)):
            yield TensorNeed(bias, (experts.num_experts,))
        if places.shared_router:
            one = (spec.hidden_size,) if container == "gguf" else (1, spec.hidden_size)
            yield TensorNeed(places.shared_router, one)


def expert_places(
    spec: ModelSpec, container: Container, layer: int, names: Collection[str]
) -> ExpertPlaces:
    """Where the experts of a layer lie.

    Args:
        spec: Of a network with experts in this layer.
        container: Of the file.
        layer: Which.
        names: Of all tensors of the file; where it has no experts, the usual names are answered.
    """
    experts = spec.experts
    assert experts is not None, "only layers with experts are asked for"
    # The names of other parts know what stands in front, which is not the same in every file.
    first, _, _ = spec.names.of(container)[Part.OUTPUT].partition("{layer}")
    prefix = f"{first}{layer}."
    if container == "gguf":
        places = _gguf_places(experts, spec.hidden_size, prefix, names)
        router, choice_bias = f"{prefix}ffn_gate_inp", f"{prefix}exp_probs_b.bias"
        shared_router = f"{prefix}ffn_gate_inp_shexp.weight"
    else:
        places = _hub_places(experts, spec.hidden_size, prefix, names)
        router = _hub_router(prefix, names)
        choice_bias = f"{router}.e_score_correction_bias"
        shared_router = f"{prefix}mlp.shared_expert_gate.weight"
    return places._replace(
        router=f"{router}.weight",
        router_bias=f"{router}.bias" if experts.has_router_bias else "",
        choice_bias=choice_bias if experts.has_choice_bias else "",
        shared_router=shared_router if experts.has_shared_gate else "",
    )


def _gguf_places(
    experts: ExpertSpec, hidden: int, prefix: str, names: Collection[str]
) -> ExpertPlaces:
    wide = experts.intermediate_size
    if f"{prefix}ffn_gate.0.weight" in names:  # files of 2024, before experts were stacked
        gate, up, down = (
            f"{prefix}ffn_{kind}.{{expert}}.weight" for kind in ("gate", "up", "down")
        )
        halves = (MatrixPlace(gate, wide, hidden), MatrixPlace(up, wide, hidden))
        return ExpertPlaces(halves, MatrixPlace(down, hidden, wide))
    kinds = {"gate": wide, "up": wide}
    if f"{prefix}ffn_gate_up_exps.weight" in names:
        kinds = {"gate_up": 2 * wide}
    places = ExpertPlaces(
        tuple(
            MatrixPlace(f"{prefix}ffn_{kind}_exps.weight", rows, hidden)
            for kind, rows in kinds.items()
        ),
        MatrixPlace(f"{prefix}ffn_down_exps.weight", hidden, wide),
    )
    if not experts.has_bias:
        return places
    return places._replace(
        gate_up_bias=tuple(
            BiasPlace(f"{prefix}ffn_{kind}_exps.bias", rows) for kind, rows in kinds.items()
        ),
        down_bias=(BiasPlace(f"{prefix}ffn_down_exps.bias", hidden),),
    )


def _hub_places(
    experts: ExpertSpec, hidden: int, prefix: str, names: Collection[str]
) -> ExpertPlaces:
    for block in _HUB_BLOCKS:
        base = f"{prefix}{block}experts."
        if f"{base}gate_up_proj{_BLOCKS}" in names or f"{base}gate_up_proj" in names:
            return _fused_places(experts, hidden, base, names)
        for projections in _HUB_PROJECTIONS:
            if f"{base}0.{projections[0]}.weight" in names:
                return _own_places(base, projections, hidden, experts.intermediate_size)
    base = f"{prefix}{_HUB_BLOCKS[0]}experts."
    if experts.is_beside_mlp:
        return _fused_places(experts, hidden, f"{prefix}experts.", names)
    if experts.has_bias:
        return _fused_places(experts, hidden, base, names)
    return _own_places(base, _HUB_PROJECTIONS[0], hidden, experts.intermediate_size)


def _hub_router(prefix: str, names: Collection[str]) -> str:
    """What the router is called, as the files at hand and transformers' own networks have it."""
    routers = ("mlp.gate", "mlp.router", "block_sparse_moe.gate", "router.proj")
    candidates = [f"{prefix}{name}" for name in routers]
    return next((name for name in candidates if f"{name}.weight" in names), candidates[0])


def _own_places(
    base: str, projections: tuple[str, str, str], hidden: int, wide: int
) -> ExpertPlaces:
    gate, up, down = (f"{base}{{expert}}.{name}.weight" for name in projections)
    halves = (MatrixPlace(gate, wide, hidden), MatrixPlace(up, wide, hidden))
    return ExpertPlaces(halves, MatrixPlace(down, hidden, wide))


def _fused_places(
    experts: ExpertSpec, hidden: int, base: str, names: Collection[str]
) -> ExpertPlaces:
    """One tensor for all gates and ups; gpt-oss has it transposed and its rows in turns."""
    wide, is_alternating = experts.intermediate_size, experts.gate == "clamped"
    form: MatrixForm = "columns" if is_alternating else "rows"
    if f"{base}gate_up_proj{_BLOCKS}" in names:
        form = "mxfp4"
    gate_up = MatrixPlace(f"{base}gate_up_proj", 2 * wide, hidden, form, is_alternating)
    places = ExpertPlaces((gate_up,), MatrixPlace(f"{base}down_proj", hidden, wide, form))
    if not experts.has_bias:
        return places
    return places._replace(
        gate_up_bias=(BiasPlace(f"{base}gate_up_proj_bias", 2 * wide, is_alternating),),
        down_bias=(BiasPlace(f"{base}down_proj_bias", hidden),),
    )
