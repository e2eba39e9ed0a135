"""Networks whose quantized weights stay in their blocks, as on a GPU, but computed by torch on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.weights.loader import WeightLoader
from realm_desktop.formats.model_file import ModelFile, open_model

CPU = torch.device("cpu")


def raw_loader(
    model_file: ModelFile,
    dtype: torch.dtype = torch.float32,
    why_not: Callable[[str], str | None] = lambda _name: None,
) -> WeightLoader:
    """A loader that leaves weights as they are."""
    products = BlockProducts(CPU, dtype, why_not)
    spec = model_spec(model_file)
    return WeightLoader(model_file, spec, dtype, CPU, lambda _phase, _done: None, None, products)


def raw_decoder(path: Path, dtype: torch.dtype = torch.float32) -> Decoder:
    """The network of a file with all quantized weights in their blocks."""
    with closing(open_model(path)) as model_file:
        return Decoder(raw_loader(model_file, dtype))


def dense_decoder(path: Path, dtype: torch.dtype = torch.float32) -> Decoder:
    """The same with dequantized weights."""
    with closing(open_model(path)) as model_file:
        spec = model_spec(model_file)
        loader = WeightLoader(model_file, spec, dtype, CPU, lambda _phase, _done: None)
        return Decoder(loader)
