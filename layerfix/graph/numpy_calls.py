"""`np.random` in the user's classes: each call is noted, and can be given the numbers that it drew when the model was made.

Legacy Keras took its op seeds from the same generator, so these calls have places in one stream with those of all initializers.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

from layerfix.blueprint import NumpyCall
from layerfix.graph.trace import recorder

NAMES = (
    "normal", "standard_normal", "randn", "uniform", "rand", "random", "random_sample", "randint", "permutation", "shuffle", "choice",
    "binomial", "multivariate_normal", "exponential", "laplace", "beta", "gamma", "poisson",
)  # fmt: skip
"""Functions that draw from numpy's global generator; what others draw stays unknown."""


@contextmanager
def noted(states: Mapping[int, np.random.RandomState]) -> Iterator[None]:
    """While the block runs, calls that a custom layer makes while it is traced are events, numbered from 0.

    Args:
        states: by number, the generator that the call is to draw from; calls without one draw from the global one.
    """
    count = iter(range(2**31))

    def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if recorder.events is None or recorder.muted or not recorder.frames:
                return function(*args, **kwargs)
            what = NumpyCall(next(count), name, copy.deepcopy(args), copy.deepcopy(kwargs))
            recorder.emit("numpy", f"np.random.{name}", what)
            state = states.get(what.number)
            return function(*args, **kwargs) if state is None else getattr(state, name)(*args, **kwargs)

        return call

    with ExitStack() as stack:
        for name in NAMES:
            stack.enter_context(patch.object(np.random, name, noting(name, getattr(np.random, name))))
        yield
