"""One tiny model for all tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tiny_models import tiny_gguf


@pytest.fixture(scope="session")
def tiny_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("cli"), with_tokenizer=True)
