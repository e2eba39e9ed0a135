"""Commands take effect in the order they came, for each adapter."""

from __future__ import annotations

import pytest

from realm_desktop.engine.lora.gate import AdapterCommand, AdapterGate
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    Generate,
    GenerateRequest,
    LoadAdapter,
    RequestId,
    UnloadAdapter,
)

A, B = AdapterId("a"), AdapterId("b")


def _generate(name: str, *adapters: AdapterId) -> Generate:
    uses = tuple(AdapterUse(adapter_id) for adapter_id in adapters)
    return Generate(GenerateRequest(RequestId(name), prompt="x", adapters=uses))


@pytest.fixture
def gate() -> AdapterGate:
    """One whose adapter A is on its way."""
    gate = AdapterGate()
    gate.begin([A])
    return gate


def _released(gate: AdapterGate) -> list[AdapterCommand]:
    released: list[AdapterCommand] = []
    gate.release(released.append)
    return released


def test_commands_of_other_adapters_pass(gate: AdapterGate) -> None:
    for command in (_generate("r"), _generate("r", B), LoadAdapter(B, "b"), UnloadAdapter(B)):
        assert not gate.blocks(command)


def test_commands_of_an_adapter_on_its_way_wait(gate: AdapterGate) -> None:
    for command in (_generate("r", B, A), LoadAdapter(A, "a"), UnloadAdapter(A)):
        assert gate.blocks(command)


def test_whatever_names_what_a_waiting_command_names_waits_behind_it(gate: AdapterGate) -> None:
    gate.hold(_generate("r", A, B))

    assert gate.blocks(UnloadAdapter(B))


def test_commands_go_on_in_their_order(gate: AdapterGate) -> None:
    commands: list[AdapterCommand] = [_generate("1", A), UnloadAdapter(A), _generate("2", A)]
    for command in commands:
        gate.hold(command)
    assert _released(gate) == []

    gate.end(A)

    # Nothing that was handed over keeps what is behind it waiting.
    assert _released(gate) == commands
    assert not gate.is_busy


def test_load_that_was_handed_over_holds_what_is_behind_it(gate: AdapterGate) -> None:
    commands: list[AdapterCommand] = [LoadAdapter(A, "new"), _generate("r", A)]
    for command in commands:
        gate.hold(command)
    gate.end(A)
    handled: list[AdapterCommand] = []

    def handle(command: AdapterCommand) -> None:
        handled.append(command)
        if isinstance(command, LoadAdapter):
            gate.begin([command.adapter_id])

    gate.release(handle)
    assert handled == commands[:1]
    gate.end(A)
    gate.release(handle)
    assert handled == commands


def test_command_that_is_held_again_keeps_its_place(gate: AdapterGate) -> None:
    commands: list[AdapterCommand] = [_generate("1", B), UnloadAdapter(B)]
    for command in commands:
        gate.hold(command)

    gate.release(gate.hold)

    assert _released(gate) == commands


def test_request_is_returned_with_its_last_adapter(gate: AdapterGate) -> None:
    request = _generate("r", A, B).request
    gate.begin([B])
    gate.returning = request

    gate.end(B)
    assert gate.take_returned() is None
    assert gate.blocks(UnloadAdapter(B))
    gate.end(A)
    assert gate.take_returned() == request
    assert not gate.is_busy


@pytest.mark.parametrize("is_returning", [True, False])
def test_dropped_request_is_forgotten(gate: AdapterGate, is_returning: bool) -> None:
    command = _generate("r", A)
    if is_returning:
        gate.returning = command.request
    else:
        gate.hold(command)

    assert gate.drop(RequestId("r"))
    assert not gate.drop(RequestId("r"))
    gate.end(A)
    assert not gate.is_busy
