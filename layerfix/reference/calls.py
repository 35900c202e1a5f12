"""Functions that Lambda layers call, in numpy, by canonical name (keras 2.2.4, tensorflow_backend.py; TensorFlow's own documentation)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from layerfix.reference.calls_of_both import ELEMENTWISE, REDUCTIONS, Function
from layerfix.reference.calls_of_tensorflow import OF_TENSORFLOW
from layerfix.reference.functions import ACTIVATIONS, softmax
from layerfix.reference.longer import (
    arange,
    as_type,
    batch_dot,
    centered,
    clip,
    dot,
    gelu,
    l2_normalize,
    normalize,
    one_hot,
    relu,
    repeated,
    reshape,
    scaled,
    switch,
    tuple_of,
)
from layerfix.reference.sequences import ctc_batch_cost, ctc_decode

_OF_KERAS: Mapping[str, Function] = {
    "argmax": lambda x, axis=-1: x.argmax(axis),
    "argmin": lambda x, axis=-1: x.argmin(axis),
    "cumsum": lambda x, axis=0: x.cumsum(axis),
    "cumprod": lambda x, axis=0: x.cumprod(axis),
    "sqrt": lambda x: np.sqrt(np.maximum(x, 0)),
    "clip": clip,
    "relu": relu,
    "softmax": softmax,
    "l2_normalize": l2_normalize,
    "hard_sigmoid": ACTIVATIONS["hard_sigmoid"],
    "cast": lambda x, dtype: as_type(x, dtype),
    "arange": arange,
    "floatx": lambda: "float32",
    "epsilon": lambda: 1e-7,
    "expand_dims": lambda x, axis=-1: np.expand_dims(x, axis),
    "squeeze": lambda x, axis: x.squeeze(axis),
    "permute_dimensions": lambda x, pattern: x.transpose(pattern),
    "transpose": np.transpose,
    "concatenate": lambda tensors, axis=-1: np.concatenate(tensors, axis),
    "stack": lambda x, axis=0: np.stack(x, axis),
    "tile": lambda x, n: np.tile(x, n),
    "repeat": lambda x, n: x[:, None].repeat(n, 1),
    "repeat_elements": lambda x, rep, axis: x.repeat(rep, axis),
    "reverse": lambda x, axes: np.flip(x, tuple_of(axes)),
    "flatten": lambda x: x.reshape(-1),
    "batch_flatten": lambda x: x.reshape(len(x), -1),
    "reshape": reshape,
    "gather": lambda reference, indices: reference[np.asarray(indices).astype(int)],
    "one_hot": one_hot,
    "shape": np.shape,
    "int_shape": np.shape,
    "ndim": np.ndim,
    "constant": lambda value, dtype=None, shape=None: np.asarray(value, float),
    "dot": dot,
    "batch_dot": batch_dot,
    "ctc_batch_cost": ctc_batch_cost,
    "ctc_decode": ctc_decode,
    "switch": switch,
    "resize_images/1": repeated,
    "resize_images/2": repeated,
    "spatial_2d_padding": lambda x, padding=((1, 1), (1, 1)), data_format=None: np.pad(
        x, [[0, 0], [0, 0], *padding] if data_format == "channels_first" else [[0, 0], *padding, [0, 0]]
    ),
    "temporal_padding": lambda x, padding=(1, 1): np.pad(x, [[0, 0], padding, [0, 0]]),
}
_OF_OPS: Mapping[str, Function] = {
    "normalize": normalize,
    "gelu": lambda x, approximate=True: gelu(x, approximate),
    **{
        name: OF_TENSORFLOW[name]
        for name in ("relu", "relu6", "silu", "softmax", "sqrt", "rsqrt", "einsum", "floor", "add", "subtract", "multiply")
    },
    **{name: _OF_KERAS[name] for name in ("expand_dims", "concatenate", "reshape", "clip", "argmax", "cumsum")},
    "stack": _OF_KERAS["stack"],
    "where": np.where,
    "transpose": lambda x, axes=None: np.transpose(x, axes),
    "matmul": np.matmul,
    "power": np.power,
    "squeeze": lambda x, axis=None: np.squeeze(x, tuple_of(axis)),
    "flip": lambda x, axis=None: np.flip(x, axis),
    "absolute": np.abs,
    "divide": np.divide,
    "swapaxes": np.swapaxes,
    "tile": np.tile,
    "shape": np.shape,
    "cast": lambda x, dtype: as_type(x, dtype),
}
_ACTIVATED: Mapping[str, Function] = {
    "gelu": lambda x, approximate=False: gelu(x, approximate),
    "silu": ACTIVATIONS["swish"],
    "selu": ACTIVATIONS["selu"],
    "softsign": ACTIVATIONS["softsign"],
    "exponential": np.exp,
}
_FAMILIES = {
    "mobilenet": scaled,
    "mobilenet_v2": scaled,
    "xception": scaled,
    "inception_v3": scaled,
    "inception_resnet_v2": scaled,
    "resnet_v2": scaled,
    "vgg16": centered,
    "vgg19": centered,
    "resnet50": centered,
    "resnet": centered,
}
_OF_PYTHON: Mapping[str, Function] = {
    "python.len": len,
    "python.int": int,
    "python.float": float,
    "python.abs": np.abs,
    "python.list": list,
    "python.tuple": tuple,
    "np.array": lambda value, dtype=None: np.asarray(value, float),
    "np.sqrt": math.sqrt,
    "np.log": math.log,
    "np.exp": math.exp,
    "np.prod": math.prod,
    "math.sqrt": math.sqrt,
    "math.log": math.log,
    "math.exp": math.exp,
    "math.floor": math.floor,
    "math.ceil": math.ceil,
}


CALLS: Mapping[str, Function] = {
    **{f"K.{name}": function for name, function in {**ELEMENTWISE, **REDUCTIONS, **_OF_KERAS}.items()},
    **{f"tf.{name}": function for name, function in {**ELEMENTWISE, **OF_TENSORFLOW}.items()},
    **{f"keras.activations.{name}": ACTIVATIONS[name] for name in ("sigmoid", "tanh", "softplus", "swish", "linear")},
    **{f"ops.{name}": function for name, function in {**ELEMENTWISE, **REDUCTIONS, **_OF_OPS}.items()},
    **{f"keras.activations.{name}": function for name, function in _ACTIVATED.items()},
    "keras.activations.relu": relu,
    "keras.activations.softmax": softmax,
    "keras.activations.elu": ELEMENTWISE["elu"],
    **{f"keras.applications.{family}.preprocess_input": function for family, function in _FAMILIES.items()},
    **_OF_PYTHON,
}
"""By canonical name; "/1" and "/2" where the generations of TensorFlow differ."""
