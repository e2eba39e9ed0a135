"""Which layers have which RoPE."""

from __future__ import annotations

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.layer_ropes import LayerRopes
from realm_desktop.engine.architecture.spec import RopeSpec
from tests.support.attention_cases import small_spec

PLAIN, LOCAL = RopeSpec(base=1e6), RopeSpec(base=1e4)
WINDOWED, LISTED = (True, True, False), (True, False, True)


def _ropes(entry: ArchitectureEntry, local: RopeSpec | None = None) -> LayerRopes:
    return LayerRopes.of(entry, PLAIN, local, WINDOWED, LISTED, 8)


def test_layers_with_a_window_have_the_local_one() -> None:
    assert _ropes(ArchitectureEntry(), LOCAL).layer_ropes == (LOCAL, LOCAL, PLAIN)


def test_layers_that_are_not_turned_have_none() -> None:
    unwindowed = _ropes(ArchitectureEntry(unrotated="unwindowed"))
    listed = _ropes(ArchitectureEntry(unrotated="listed"))

    assert unwindowed.layer_ropes == (PLAIN, PLAIN, None)
    assert listed.layer_ropes == (PLAIN, None, PLAIN)


def test_one_for_all_is_not_listed() -> None:
    assert _ropes(ArchitectureEntry()) == LayerRopes(PLAIN, (), 8)


def test_share_of_a_head_is_said_only_if_it_is_one() -> None:
    spec = small_spec()
    whole = LayerRopes(PLAIN, (), spec.head_dim).applied_to(spec)
    half = LayerRopes(PLAIN, (), spec.head_dim // 2).applied_to(spec)

    assert (whole.rotary_dim, whole.num_rotated) == (0, spec.head_dim)
    assert half.num_rotated == spec.head_dim // 2
    assert half.rope == PLAIN
