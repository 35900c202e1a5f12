"""Functions that Keras, its operations and TensorFlow have under one name, by the same arithmetic, in numpy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerfix.reference.functions import ACTIVATIONS
from layerfix.reference.longer import logsumexp, reduction

Function = Callable[..., Any]
REDUCTIONS: Mapping[str, Function] = {
    "mean": reduction(np.mean),
    "sum": reduction(np.sum),
    "max": reduction(np.max),
    "min": reduction(np.min),
    "prod": reduction(np.prod),
    "std": reduction(np.std),
    "var": reduction(np.var),
    "any": reduction(np.any),
    "all": reduction(np.all),
    "logsumexp": reduction(logsumexp),
}
ELEMENTWISE: Mapping[str, Function] = {
    "abs": np.abs,
    "square": np.square,
    "exp": np.exp,
    "log": np.log,
    "sign": np.sign,
    "round": np.round,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "pow": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "zeros_like": np.zeros_like,
    "ones_like": np.ones_like,
    "sigmoid": ACTIVATIONS["sigmoid"],
    "softplus": ACTIVATIONS["softplus"],
    "softsign": ACTIVATIONS["softsign"],
    "identity": np.array,
    "stop_gradient": np.array,
    "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
}
