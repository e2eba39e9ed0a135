"""Settings of adapter files: scaling, patterns, and features that are refused by name."""

from __future__ import annotations

import json
import time
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
import torch

from realm_desktop.errors import AdapterError, AdapterMismatch, CorruptFile
from realm_desktop.formats.adapter_settings import (
    PeftSettings,
    peft_settings,
    refuse_features,
)
from realm_desktop.formats.model_file import open_model
from tests.support.adapters import TinyAdapter, save_peft
from tests.support.tiny_models import tiny_model

Q = "model.layers.1.self_attn.q_proj"


def _settings(folder: Path, **config: Any) -> PeftSettings:
    settings = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, **config}
    adapter = TinyAdapter(tiny_model(), 8.0, {}, settings)
    save_peft(adapter, folder, {"x": torch.zeros(1)})
    model_file = open_model(folder)
    refuse_features(model_file)
    return peft_settings(model_file)


def test_scaling_is_alpha_over_rank(tmp_path: Path) -> None:
    assert _settings(tmp_path).scaling(Q, 4) == 2.0


def test_rslora_divides_by_the_root(tmp_path: Path) -> None:
    assert _settings(tmp_path, use_rslora=True).scaling(Q, 4) == 8 / sqrt(4)


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("q_proj", True),
        (Q, True),
        ("self_attn.q_proj", True),
        ("proj", False),
        ("_proj", False),
        (r"layers\.1\..*", True),
        (r"layers\.0\..*", False),
        ("k_proj|q_proj", True),
        (r"^model\.layers\.[01]\.self_attn\.q_proj", True),
    ],
)
def test_patterns_match_as_in_peft(tmp_path: Path, pattern: str, is_match: bool) -> None:
    settings = _settings(tmp_path, alpha_pattern={pattern: 32})

    assert settings.scaling(Q, 4) == (8.0 if is_match else 2.0)


def test_first_pattern_wins(tmp_path: Path) -> None:
    settings = _settings(tmp_path, rank_pattern={"q_proj": 2, "layers.1.self_attn.q_proj": 3})

    settings.check_rank(Q, 2)
    with pytest.raises(AdapterMismatch, match="have rank 3; adapter_config"):
        settings.check_rank(Q, 3)


@pytest.mark.parametrize(
    ("config", "feature"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"lora_bias": True}, "lora_bias"),
        ({"modules_to_save": ["lm_head", "score"]}, "modules_to_save names score;"),
        ({"target_parameters": ["experts.w"]}, "target_parameters"),
        ({"layer_replication": [[0, 2]]}, "layer_replication"),
        ({"use_qalora": True}, "QA-LoRA"),
        ({"alora_invocation_tokens": [1]}, "activated LoRA"),
        ({"use_bdlora": True}, "BD-LoRA"),
        ({"arrow_config": {"top_k": 2}}, "Arrow"),
        ({"trainable_token_indices": [3]}, "trained tokens"),
        ({"init_lora_weights": "pissa_niter_4"}, "begun with pissa_niter_4"),
        ({"init_lora_weights": "olora"}, "begun with olora"),
        ({"bias": "all"}, "bias is all"),
        ({"peft_type": "IA3"}, "is a IA3 adapter"),
    ],
)
def test_feature_that_cannot_be_used_is_named(
    tmp_path: Path, config: dict[str, Any], feature: str
) -> None:
    with pytest.raises(AdapterError, match=feature) as caught:
        _settings(tmp_path, **config)

    assert caught.value.field in config


@pytest.mark.parametrize(
    "config",
    [
        {"r": 0},
        {"r": 513},
        {"r": "4"},
        {"r": None},
        {"lora_alpha": -1},
        {"lora_alpha": 1e300},
        {"lora_alpha": None},
        {"use_rslora": 1},
        {"fan_in_fan_out": "yes"},
        {"rank_pattern": []},
        {"rank_pattern": {"q_proj": 0}},
        {"rank_pattern": {"q_proj": 10**6}},
        {"alpha_pattern": {"q_proj": "8"}},
        {"alpha_pattern": {f"m{i}": 1 for i in range(300)}},
        {"bias": 3},
    ],
)
def test_values_out_of_range_are_refused(tmp_path: Path, config: dict[str, Any]) -> None:
    with pytest.raises(CorruptFile):
        _settings(tmp_path, **config)


@pytest.mark.parametrize(
    "pattern",
    ["(.*)*x", "(a+)+", ".*.*.*x", "(?:a)", "[", "(" * 200, "a{9999}", "x" * 300, "a\nb", "(?i)a"],
)
def test_hostile_expressions_are_refused_at_once(tmp_path: Path, pattern: str) -> None:
    started_s = time.thread_time()

    with pytest.raises(CorruptFile, match=r"module name, or a regular expression"):
        _settings(tmp_path, rank_pattern={pattern: 4})
    assert time.thread_time() - started_s < 1.0


@pytest.mark.parametrize("start", [True, False, "gaussian", "eva", "orthogonal", None])
def test_start_that_leaves_the_base_alone_is_taken(tmp_path: Path, start: object) -> None:
    assert _settings(tmp_path, init_lora_weights=start).rank == 4


def test_keys_of_another_program_are_ignored(tmp_path: Path) -> None:
    assert _settings(tmp_path, auto_mapping={"a": 1}, corda_config=None).rank == 4


def test_config_that_is_not_json_is_refused(tmp_path: Path) -> None:
    _settings(tmp_path)
    (tmp_path / "adapter_config.json").write_text(json.dumps([1]), encoding="utf-8")

    with pytest.raises(CorruptFile):
        open_model(tmp_path)
