"""Weights re-laid: how the stored arrays of one legacy layer become those of what stands for it today, by the name of its `Relay`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from layerfix.arrays import Array
from layerfix.dialects.libraries.relays import LIBRARY_RELAYS, Shapes
from layerfix.errors import GraphError
from layerfix.model import Layer, Relay


def stored_count(layer: Layer, present: int) -> int:
    """How many arrays a legacy layer stored, given how many weights today's layer has."""
    return present if layer.relay is None else layer.relay.count


def relaid(layer: Layer, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """The arrays of today's layer, whose weights have the given shapes.

    Raises:
        GraphError: where the stored shapes are not those of the legacy layer.
    """
    relay = layer.relay
    if relay is None:
        return list(arrays)
    try:
        return RELAYS[relay.name](relay, arrays, shapes)
    except (ValueError, LookupError) as error:
        found = ", ".join(str(array.shape) for array in arrays)
        raise GraphError(f"stored weights {found} do not have the layout {relay.name}: {error}.", where=layer.name) from error


def cudnn_lstm(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """CuDNNLSTM: kernels per gate hold the transposed values, and there are two biases (keras 2.2.4, saving.py, convert_rnn_weights).

    kernel (inputs, 4 units), recurrent kernel (units, 4 units), bias (8 units) to (inputs, 4 units), (units, 4 units), (4 units).
    """
    kernel, recurrent, bias = arrays
    halves = bias.reshape(2, -1)
    return [_from_cudnn(kernel, 4), _transposed_gates(recurrent, 4), halves[0] + halves[1]]


def cudnn_gru(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """CuDNNGRU: as CuDNNLSTM with three gates; both biases are kept as rows (GRU with reset_after)."""
    kernel, recurrent, bias = arrays
    return [_from_cudnn(kernel, 3), _transposed_gates(recurrent, 3), bias.reshape(2, -1)]


def _from_cudnn(kernel: Array, gates: int) -> Array:
    """Kernels of CuDNN layers are the transposes of ours, read in Fortran order."""
    return np.hstack([part.T.reshape(part.shape, order="F") for part in np.hsplit(kernel, gates)])


def _transposed_gates(kernel: Array, gates: int) -> Array:
    return np.hstack([part.T for part in np.hsplit(kernel, gates)])


def locally_connected(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """LocallyConnected as a fixed depthwise convolution that gathers patches, and a dense layer for each place.

    kernel (places, patch * channels, filters), for implementation 2 (space..., channels, places..., filters), and bias (places..., filters)
    to the patch selector (patch..., channels, patch), the kernel (places..., channels * patch, filters) and the bias.
    """
    selector, kernel = shapes[:2]
    size, channels = selector[-1], selector[-2]
    places = kernel[:-2]
    pick = np.broadcast_to(np.eye(size, dtype=np.float32).reshape((*selector[:-2], 1, size)), selector)
    stored = _dense_places(relay, arrays[0], places) if relay.dense_matrix else arrays[0]
    values = stored.reshape((*places, size, channels, kernel[-1]))
    return [pick, np.ascontiguousarray(np.swapaxes(values, -3, -2)).reshape(kernel), *arrays[1:]]


def _dense_places(relay: Relay, stored: Array, places: Sequence[int]) -> Array:
    """implementation 2 stored a full matrix from input to output places, zero outside the patches (tf.keras 2.1, local.py)."""
    rank = len(places)
    rows = []
    for place in np.ndindex(*places):
        window = tuple(slice(at * step, at * step + length) for at, step, length in zip(place, relay.strides, relay.size, strict=True))
        rows.append(stored[(*window, slice(None), *place)].reshape(-1, stored.shape[-1]))
    return np.stack(rows) if rank else stored


def theano_convolution(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Theano convolved, TensorFlow correlates: kernels are flipped in space (keras 2.2.4, saving.py, preprocess_weights_for_loading)."""
    flip = (slice(None, None, -1),) * (arrays[0].ndim - 2)
    return [np.ascontiguousarray(arrays[0][flip]), *arrays[1:]]


def theano_recurrent_convolution(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """ConvLSTM2D on Theano: both kernels are flipped (keras 2.2.4, saving.py, preprocess_weights_for_loading)."""
    return [*(np.ascontiguousarray(array[::-1, ::-1]) for array in arrays[:2]), *arrays[2:]]


def keras1_lstm(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras 1 LSTM and ConvLSTM2D: W, U and b of each gate on its own (keras 1.2.2, recurrent.py); today i, f, c, o side by side."""
    return _gates_joined(arrays, "icfo", "ifco")


def keras1_gru(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras 1 GRU: W, U and b of each gate on its own (keras 1.2.2, recurrent.py); today z, r, h side by side."""
    return _gates_joined(arrays, "zrh", "zrh")


def _gates_joined(arrays: Sequence[Array], made: str, wanted: str) -> list[Array]:
    """Kernel, recurrent kernel and bias, gates side by side; stored as made (W U b of each gate) or sorted by name (U, W, b; c f i o)."""
    count = len(made)
    if arrays[2].ndim == 1:
        parts = {gate: arrays[3 * at : 3 * at + 3] for at, gate in enumerate(made)}
    else:
        parts = {gate: [arrays[count + at], arrays[at], arrays[2 * count + at]] for at, gate in enumerate(sorted(made))}
    return [np.concatenate([parts[gate][part] for gate in wanted], axis=-1) for part in range(3)]


def keras1_conv1d(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras 1 Conv1D stored (length, 1, channels, filters) (keras 1.2.2, convolutional.py); older ones (filters, channels, length, 1)."""
    kernel = arrays[0]
    if kernel.ndim == 4:
        stored_first = kernel.shape[0] != relay.length or kernel.shape[1] != 1
        kernel = kernel.transpose(2, 3, 1, 0)[:, 0] if stored_first else kernel[:, 0]
    if relay.flip:
        kernel = kernel[::-1]
    return [np.ascontiguousarray(kernel), *arrays[1:]]


def keras1_convolution(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras 1 with `dim_ordering` "th": (filters, channels, space...), flipped if Theano trained it, to (space..., channels, filters)."""
    kernel = arrays[0]
    rank = kernel.ndim - 2
    if relay.channels_first:
        kernel = kernel.transpose((*range(2, 2 + rank), 1, 0))
    if relay.flip:
        kernel = kernel[(slice(None, None, -1),) * rank]
    return [np.ascontiguousarray(kernel), *arrays[1:]]


def keras1_deconvolution(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras 1 Deconvolution2D stored (rows, columns, inputs, filters) (keras 1.2.2, convolutional.py); today filters come first."""
    return [np.ascontiguousarray(arrays[0].transpose(0, 1, 3, 2)), *arrays[1:]]


def keras1_highway(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras 1 Highway: both kernels, then both biases (keras 1.2.2, core.py); today each dense layer's kernel and bias."""
    return [array for part in range(2) for array in arrays[part::2]]


def keras1_maxout(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras 1 MaxoutDense stored (features, inputs, units) (keras 1.2.2, core.py); today (inputs, features, units)."""
    return [np.ascontiguousarray(arrays[0].transpose(1, 0, 2)), *arrays[1:]]


def without_moving_averages(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Gamma and beta, where there are any, of a BatchNormalization that normalises by what it is given (keras 1.2.2, normalization.py,
    modes 1 and 2; keras 2.2.4, `training=True`) and stored moving averages that it never used; ones where there is no gamma."""
    scaled = arrays[: relay.count - relay.untrained]
    return [np.ones(shapes[0], np.float32), *scaled] if scaled and not relay.scale else list(scaled)


def keras1_deviation(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """Keras before 1.0.7 divided by a stored deviation plus epsilon (keras 1.0.5, normalization.py); today by the root of a variance plus
    epsilon, which for this variance is the same number. It may be below zero where the deviation is small; its root is taken behind
    epsilon."""
    gamma, beta, mean, deviation = arrays
    variance = np.square(deviation.astype(np.float64) + relay.epsilon) - relay.epsilon
    return [gamma, beta, mean, variance.astype(deviation.dtype)]


def flattened(relay: Relay, arrays: Sequence[Array], shapes: Shapes) -> list[Array]:
    """BatchNormalization with a virtual batch size stored its weights with axes of length 1 for broadcasting (tf.keras 2.10,
    batch_normalization.py, build); today one number a channel."""
    return [array.reshape(-1) for array in arrays]


RELAYS: Mapping[str, Callable[[Relay, Sequence[Array], Shapes], list[Array]]] = {
    function.__name__: function
    for function in (
        cudnn_lstm,
        cudnn_gru,
        locally_connected,
        theano_convolution,
        theano_recurrent_convolution,
        keras1_lstm,
        keras1_gru,
        keras1_conv1d,
        keras1_convolution,
        keras1_deconvolution,
        keras1_highway,
        keras1_maxout,
        without_moving_averages,
        keras1_deviation,
        flattened,
        *LIBRARY_RELAYS,
    )
}
