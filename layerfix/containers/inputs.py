"""What a model takes, as its config states it: names, shapes and dtypes of its inputs, without building it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layerfix.containers.config import LayerNode, tree, walk

ENOUGH = 128
"""Inputs that are asked for: with these, samples decide what they can (docs/recovery.md)."""


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One input of a model.

    Attributes:
        name: of its layer.
        shape: without the batch dimension; None where a size is open.
        dtype: numpy's name.
        below: for class numbers or tokens that go into an Embedding, how many it knows; None otherwise.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    below: int | None = None


def model_inputs(config: Mapping[str, object]) -> tuple[ModelInput, ...]:
    """The inputs of a `model_config` in the order of `predict`; () where it does not state them.

    A Functional model lists them in `input_layers`; a Sequential takes what its first layer does.

    Raises:
        ReadError: where the config has no list of layers.
    """
    nodes = tree(config)
    inner = config.get("config")
    named = _named(inner.get("input_layers")) if isinstance(inner, Mapping) else []
    if named:
        chosen = [node for name in named for node in nodes if node.name == name]
    else:
        chosen = [first for node in nodes[:1] for first in walk([node])][:2]
        chosen = next(([node] for node in chosen if _shape(node.config)), [])
    found = [_input(node, nodes) for node in chosen]
    whole = [given for given in found if given is not None]
    return tuple(whole) if len(whole) == len(found) == max(1, len(named)) else ()


def recording(inputs: Sequence[ModelInput], labels: bool = False) -> str:
    """The line of Python that saves `ENOUGH` inputs as layerfix reads them, with `labels` beside them."""
    names = ["x"] if len(inputs) == 1 else [f"x{number}" for number in range(len(inputs))]
    sources = ["inputs"] if len(inputs) == 1 else [_identifier(given.name) for given in inputs]
    arrays = [f"{name}={source}[:{ENOUGH}]" for name, source in zip(names, sources, strict=True)]
    arrays += [f"y=labels[:{ENOUGH}]"] if labels else []
    return f'import numpy as np; np.savez("samples.npz", {", ".join(arrays)})'


def described(inputs: Sequence[ModelInput]) -> str:
    """What the arrays hold, in words: "(128, 60, 60, 3) of float32, prepared as for training"."""
    return " and ".join(_described(given) for given in inputs)


def _described(given: ModelInput) -> str:
    sizes = ", ".join("any" if size is None else str(size) for size in (ENOUGH, *given.shape))
    what = "prepared as for training" if given.below is None else f"of numbers below {given.below:,}"
    return f"({sizes}{',' if not given.shape else ''}) {given.dtype} {what}"


def _named(stated: object) -> list[str]:
    """Layer names of `input_layers`: [[name, node, tensor], ...], or one such list where Keras 3 has a single input."""
    if isinstance(stated, Mapping):
        stated = list(stated.values())
    if not isinstance(stated, list):
        return []
    if stated and isinstance(stated[0], str):
        stated = [stated]
    return [str(entry[0]) for entry in stated if isinstance(entry, list) and entry]


def _shape(config: Mapping[str, object]) -> list[Any] | None:
    shape = config.get("batch_input_shape", config.get("batch_shape"))
    return shape if isinstance(shape, list) and shape else None


def _input(node: LayerNode, nodes: Sequence[LayerNode]) -> ModelInput | None:
    shape = _shape(node.config)
    if shape is None or not all(size is None or isinstance(size, int) for size in shape):
        return None
    embedding = _embedding(node, nodes)
    stated = node.config.get("dtype")
    dtype = stated if isinstance(stated, str) and node.class_name == "InputLayer" else "float32"
    below = embedding.config.get("input_dim") if embedding is not None else None
    return ModelInput(node.name, tuple(shape[1:]), "int32" if embedding else dtype, below if isinstance(below, int) else None)


def _embedding(node: LayerNode, nodes: Sequence[LayerNode]) -> LayerNode | None:
    """The Embedding that takes this input: it, the layer that it feeds, or the next one of a Sequential."""
    if node.class_name == "Embedding":
        return node
    fed = [other for other in nodes if any(node.name in call for call in other.inbound)]
    if not any(other.inbound for other in nodes):
        fed = list(nodes[1:2])
    return next((other for other in fed if other.class_name == "Embedding"), None)


def _identifier(name: str) -> str:
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    return plain if plain[:1].isalpha() and not keyword.iskeyword(plain) else f"input_{plain}"
