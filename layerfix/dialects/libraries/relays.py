"""Stored arrays of layers of libraries, laid for what stands for them today; see `layerfix.dialects.relay`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerfix.arrays import Array
from layerfix.model import Relay

Shapes = Sequence[tuple[int, ...]]
"""Of today's weights."""


def channel_scale(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Gamma and beta, of a channel each or one for all, as an EinsumDense that scales channels; ones where there is no gamma."""
    given = iter(arrays)
    channels = shapes[0]
    scale = next(given) if relay.scale else np.ones(1, np.float32)
    pairs = zip([scale, *given], shapes, strict=True)
    return [np.ascontiguousarray(np.broadcast_to(array, channels).reshape(shape)) for array, shape in pairs]


def weight_normalization(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """g, v, the other weights, whether g was set, and copies for setting it (tensorflow_addons 0.23, layers/wrappers.py)."""
    g, v = arrays[:2]
    if v.shape[-1:] != g.shape:
        raise ValueError("g has not one number for each output")
    count = len(shapes)
    known = arrays[1 + count]
    if not bool(known):
        if relay.data_init:
            raise ValueError("g was never set: the layer would set it by the first data that it sees")
        return list(arrays[1 : 1 + count])
    norm = np.sqrt(np.maximum(np.sum(np.square(v), axis=tuple(range(v.ndim - 1))), 1e-12))
    return [(v / norm * g).astype(v.dtype), *arrays[2 : 1 + count]]


def spectral_normalization(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Kernel, other weights, u; today u comes behind the kernel."""
    return [arrays[0], arrays[-1], *arrays[1:-1]]


def pruned(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """The layer's own weights, then masks, thresholds and the step (tfmot 0.8, pruning_wrapper.py, `non_trainable_weights`)."""
    return list(arrays[: len(shapes)])


def as_stored(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """The same arrays, now of several layers."""
    return list(arrays)


def attention_product(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """keras_self_attention's kernel and the bias of its scores, which a dense layer of one unit adds today: its kernel is 1."""
    kernel, bias = arrays
    return [kernel, np.ones(shapes[1], kernel.dtype), bias]


def contrib_crf(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """keras_contrib's CRF (layers/crf.py, build): kernel, chain, bias, energies of the first and of the last step. Today dense layers,
    and recurrent ones with the chain, whose kernels copy: the sequence behind the state (in front of it on the way back), the state
    to itself."""
    kernel, chain, *rest = arrays
    tags = len(chain)
    eye = np.eye(2 * tags + 1, dtype=kernel.dtype)
    copies: dict[tuple[int, ...], Array] = {
        (tags + 1, 2 * tags + 1): eye[tags:],
        (2 * tags + 1, 2 * tags + 1): eye * (np.arange(2 * tags + 1) < tags),
        (tags, tags): chain,
        (tags, 2 * tags): eye[:tags, : 2 * tags],
        (2 * tags, 2 * tags): eye[:-1, :-1] * (np.arange(2 * tags) >= tags),
    }
    given = [kernel, *rest]
    return [
        *(array.reshape(shape) for array, shape in zip(given, shapes, strict=False)),
        *(copies[shape] for shape in shapes[len(given) :]),
    ]


LIBRARY_RELAYS = (channel_scale, weight_normalization, spectral_normalization, pruned, as_stored, attention_product, contrib_crf)
