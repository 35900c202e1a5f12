"""Values worth trying for a constructor argument: words by its name, numbers by its default and by the sizes that the file shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from layerfix.containers.config import LayerNode
from layerfix.containers.records import Checkpoint

BY_WORD = {
    "activation": ("relu", "tanh", "sigmoid", "linear", "elu", "softmax", "selu", "softplus", "softsign", "hard_sigmoid"),
    "initializer": ("glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "zeros", "ones", "orthogonal", "lecun_uniform"),
    "padding": ("same", "valid", "causal"),
}
"""What an argument can name, by a word in its own name."""
_SMALL = tuple(range(1, 9))
_COMMON = (8, 16, 32, 64, 128, 256, 4, 12, 24, 48, 10, 20, 50, 100)
LIMIT = 20
"""Candidates per argument at most."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a constructor.

    Attributes:
        name: of it.
        default: None where it has none (`required`).
        required: whether the constructor insists on it.
        options: what the class compares it with, or looks up by it.
    """

    name: str
    default: Any
    required: bool
    options: tuple[Any, ...]


def sizes_shown(checkpoint: Checkpoint, node: LayerNode, nodes: Sequence[LayerNode]) -> list[int]:
    """Sizes that the file shows, those nearest to the layer first: its own weights, its neighbours', then all others'."""
    consumers = {other.name for other in nodes if any(node.name in call for call in other.inbound)}
    sources = {source for call in node.inbound for source in call}
    near = [*(w for w in checkpoint.weights if node.name in w.name.split("/")), *_reached(checkpoint, nodes, sources, up=True)]
    near += _reached(checkpoint, nodes, consumers, up=False)
    sizes = [size for weight in near for size in reversed(weight.shape)]
    sizes += [size for weight in checkpoint.weights for size in reversed(weight.shape[-2:])]
    return [size for size in dict.fromkeys(sizes) if 1 <= size <= 4096]


def _reached(checkpoint: Checkpoint, nodes: Sequence[LayerNode], names: set[str], *, up: bool) -> Iterator[Any]:
    """Weights of the nearest layers with any, above or below."""
    seen: set[str] = set()
    while names - seen:
        name = sorted(names - seen)[0]
        seen.add(name)
        weights = [weight for weight in checkpoint.weights if name in weight.name.split("/") or weight.owner == name]
        if weights:
            yield from weights
        elif up:
            names = names | {source for other in nodes if other.name == name for call in other.inbound for source in call}
        else:
            names = names | {other.name for other in nodes if any(name in call for call in other.inbound)}


def candidates(parameter: Parameter, sizes: Sequence[int]) -> tuple[Any, ...]:
    """Values worth trying for an argument, its default first, then by plausibility."""
    default = parameter.default
    found: list[Any] = [] if parameter.required else [default]
    if isinstance(default, bool):
        found.append(not default)
    elif isinstance(default, str) or parameter.options:
        words = next((values for word, values in BY_WORD.items() if word in parameter.name), ())
        named = [*parameter.options, *(words if not parameter.options else ())]
        found += [word for word in named if default is not None or word != "linear"]  # which is what None stands for
    elif isinstance(default, int) or (default is None and parameter.required):
        found += _integers(default, sizes)
    elif isinstance(default, tuple | list) and default and all(isinstance(size, int) for size in default):
        found += [type(default)([size] * len(default)) for size in (1, 2, 3, 5, 7)]
    unique: list[Any] = []
    for value in found:
        if not any(type(value) is type(other) and value == other for other in unique):
            unique.append(value)
    return tuple(unique[:LIMIT])


def _integers(default: int | None, sizes: Sequence[int]) -> list[int]:
    """Small counts for a small default, sizes in the file for a large one, and some of the other kind."""
    if default is not None and default <= 8:
        around = sorted(_SMALL, key=lambda size: (abs(size - default), size))
        halves = (size // 2 for size in sizes if size % 2 == 0)  # what a Bidirectional joins
        return [*[*around, *(size for size in (*sizes, *halves) if size > 8)][: LIMIT - 4], 16, 32, 64]
    related = [] if default is None else [default // 2, default * 2, default // 4, default * 4]
    return [*sizes[: LIMIT - 8], *related, *_COMMON]
