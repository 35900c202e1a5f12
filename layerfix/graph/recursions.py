"""Recurrent layers whose step is a model: a SimpleRNN adds what its kernels make of the sequence and of the state, and its activation
computes with the sum. Plain Keras loads a model as an activation, with its weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
from keras import ops

from layerfix.graph.tensors import Tensor
from layerfix.model import Layer


def recursion(layer: Layer) -> keras.layers.SimpleRNN:
    """The SimpleRNN of a layer that states a `recursion`."""
    assert layer.recursion is not None
    config = dict(layer.settings)
    units = int(config["units"])
    given = keras.Input((units,))
    step = keras.Model(given, _STEPS[layer.recursion](given), name=f"{layer.name}_step")
    return keras.layers.SimpleRNN(**{**config, "activation": step})


def _energies(given: Tensor, sign: int) -> tuple[Tensor, int]:
    """(energies of every tag (row) followed by every other (column), how many tags) of [what came before | this step | chain's scale]."""
    tags = (given.shape[-1] - 1) // 2
    before, here, scale = given[:, :tags], given[:, tags : 2 * tags], ops.repeat(given[:, 2 * tags :], tags, axis=-1)
    chain = keras.layers.EinsumDense("bi,ij->bij", (tags, tags), name="chain")(scale)
    both = ops.add(here, before) if sign > 0 else ops.subtract(here, before)
    return ops.add(chain, ops.expand_dims(both, 2)), tags


def _best(given: Tensor) -> Tensor:
    """keras_contrib's CRF, `step` without return_logZ: the lowest energy of every tag, and the tag before it: [energies | tags | 0]."""
    energies, _ = _energies(given, 1)
    tags = ops.cast(ops.argmin(energies, axis=1), given.dtype)
    return ops.concatenate([ops.min(energies, axis=1), tags, ops.zeros_like(given[:, :1])], axis=-1)


def _sums(given: Tensor) -> Tensor:
    """keras_contrib's CRF, `step` with return_logZ: the logarithm of the sum over the tags before: [sums | 0]."""
    energies, tags = _energies(given, -1)
    return ops.concatenate([ops.logsumexp(ops.negative(energies), axis=1), ops.zeros_like(given[:, tags:])], axis=-1)


def _path(given: Tensor) -> Tensor:
    """keras_contrib's CRF, `find_path`: the tag that this step's table holds for the tag behind it: [0 | tag, one-hot], from
    [table | tag behind]. Behind the last step, where the state is zeros, it is the first of the last table.
    """
    tags = given.shape[-1] // 2
    table, behind = given[:, :tags], given[:, tags:]
    known = ops.greater(ops.sum(behind, axis=-1, keepdims=True), 0.5)
    first = ops.one_hot(ops.cast(table[:, 0], "int32"), tags)
    found = ops.sum(ops.multiply(ops.where(known, behind, first), table), axis=-1)
    return ops.concatenate([ops.zeros_like(table), ops.one_hot(ops.cast(found, "int32"), tags)], axis=-1)


_STEPS: Mapping[str, Callable[[Tensor], Tensor]] = {"crf_best": _best, "crf_sums": _sums, "crf_path": _path}
