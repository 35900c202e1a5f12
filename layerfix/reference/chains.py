"""Layers of libraries that compute with masks, in numpy: values in, values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported, activate, softmax
from layerfix.reference.libraries import attended, weighed
from layerfix.reference.masked_values import Value
from layerfix.reference.registry import Config

Layer = Callable[[Config, Value, list[Array]], list[Value]]


def crf(config: Config, given: Value, weights: list[Array]) -> list[Value]:
    """keras_contrib's CRF (github.com/keras-team/keras-contrib 3fc5ef7, layers/crf.py), one sample and one step after the other."""
    if not {"learn_mode", "test_mode", "use_boundary"} <= config.keys():
        raise Unsupported("the reference knows keras_contrib's CRF alone")
    kernel, chain, *rest = weights
    bias = rest.pop(0) if config["use_bias"] else 0.0
    energies = activate(config["activation"], given.array @ kernel + bias)
    if config["use_boundary"]:
        energies = energies + _bounds(energies, given.mask, *rest)
    decode = _path if config["test_mode"] == "viterbi" else _shares
    masks = [None] * len(energies) if given.mask is None else given.mask.astype(energies.dtype)
    result = np.stack([decode(one, mask, chain) for one, mask in zip(energies, masks, strict=True)])
    return [Value(result, given.mask if config["learn_mode"] == "marginal" else None)]


def _bounds(energies: Array, mask: Array | None, start: Array, end: Array) -> Array:
    """`add_boundary_energy`: with a mask, the end's energy goes to a step in front of one that is more unmasked."""
    added = np.zeros_like(energies)
    if mask is None:
        added[:, 0] += start
        added[:, -1] += end
        return added
    for row, kept in zip(added, mask.astype(bool), strict=True):
        for step in range(len(kept)):
            row[step] += start * (kept[step] and not (step and kept[step - 1]))
            row[step] += end * (not kept[step] and step + 1 < len(kept) and kept[step + 1])
    return added


def _scales(steps: int, mask: Array | None) -> tuple[Array, Array]:
    """What each step's energies and the chain behind it are multiplied by."""
    return (np.ones(steps), np.ones(steps)) if mask is None else (mask, mask * np.append(mask[1:], 0))


def _path(energies: Array, mask: Array | None, chain: Array) -> Array:
    own, linked = _scales(len(energies), mask)
    before, table = np.zeros(len(chain), energies.dtype), []
    for step, energy in enumerate(energies):
        total = chain * linked[step] + (energy * own[step] + before)[:, None]
        table.append(total.argmin(0))
        before = total.min(0)
    tag = table[-1][0]
    tags = [tag := row[tag] for row in reversed(table)]
    return np.asarray(np.eye(len(chain))[tags[::-1]])


def _shares(energies: Array, mask: Array | None, chain: Array) -> Array:
    own, _ = _scales(len(energies), mask)
    zero = np.zeros((1, len(chain)))
    ahead = _sums(energies, mask, chain)
    behind = _sums(energies[::-1], None if mask is None else mask[::-1], chain)[::-1]
    return softmax(-(np.concatenate([zero, ahead[:-1]]) + energies * own[:, None] + np.concatenate([behind[1:], zero])))


def _sums(energies: Array, mask: Array | None, chain: Array) -> Array:
    own, linked = _scales(len(energies), mask)
    before, found = np.zeros(len(chain), energies.dtype), []
    for step, energy in enumerate(energies):
        total = -(chain * linked[step] + (energy * own[step] - before)[:, None])
        before = np.log(np.exp(total - total.max(0)).sum(0)) + total.max(0)
        found.append(before)
    return np.stack(found)


def _self_attention(config: Config, given: Value, weights: list[Array]) -> list[Value]:
    mask = None if given.mask is None else given.mask.astype(bool)
    return [Value(attended(config, given.array, weights, mask), given.mask)]


def _weighted_attention(config: Config, given: Value, weights: list[Array]) -> list[Value]:
    mask = None if given.mask is None else given.mask.astype(bool)
    return [Value(weighed(config, given.array, weights, mask))]


MASKED: Mapping[str, Layer] = {"CRF": crf, "SeqSelfAttention": _self_attention, "SeqWeightedAttention": _weighted_attention}
"""By class."""
