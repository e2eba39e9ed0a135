"""Which backend serves which device."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.attention.selection import choose_attention
from tests.support.attention_cases import attention_case


@pytest.mark.parametrize(
    ("device", "name"), [("cpu", "cpu"), ("cuda", "gather"), ("mps", "gather")]
)
def test_device_gets_its_backend(device: str, name: str) -> None:
    backend = choose_attention(attention_case().shape, torch.device(device))

    assert backend.name == name
