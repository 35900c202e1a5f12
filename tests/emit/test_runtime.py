"""What emitted files bring along: real files, whose backend computes what the shim's does."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

from layerfix.emit import backend
from layerfix.emit.pieces import emitted, imports

X = np.linspace(-2.0, 2.0, 24, dtype=np.float32).reshape(2, 3, 4)
Y = np.cos(np.arange(40, dtype=np.float32)).reshape(2, 4, 5)
IMAGE = np.sin(np.arange(2 * 6 * 6 * 3, dtype=np.float32)).reshape(2, 6, 6, 3)
KERNEL = np.cos(np.arange(3 * 3 * 3 * 2, dtype=np.float32)).reshape(3, 3, 3, 2)
CASES: dict[str, tuple[Any, ...]] = {
    "abs": (X,), "exp": (X,), "log": (X + 3,), "sqrt": (X,), "square": (X,), "sign": (X,), "round": (X,), "sin": (X,), "cos": (X,),
    "floor": (X,), "tanh": (X,), "sigmoid": (X,), "hard_sigmoid": (X,), "softplus": (X,), "softsign": (X,), "relu": (X, 0.1, 1.5),
    "elu": (X,), "softmax": (X,), "l2_normalize": (X, 1), "clip": (X, -1.0, None), "pow": (X, 2.0), "maximum": (X, 0.5),
    "minimum": (X, 0.5),
    "sum": (X, 1),
    "mean": (X, -1),
    "max": (X, 0),
    "min": (X, 2),
    "prod": (X, 1),
    "std": (X, 1),
    "var": (X, 1),
    "logsumexp": (X, 1),
    "argmax": (X,), "argmin": (X, 1), "cumsum": (X, 1), "cumprod": (X, 1), "expand_dims": (X,), "squeeze": (X[:, :1], 1),
    "repeat": (X[:, 0], 3),
    "repeat_elements": (X, 2, 1),
    "reverse": (X, 1),
    "permute_dimensions": (X, (0, 2, 1)),
    "batch_flatten": (X,),
    "flatten": (X,),
    "reshape": (X, (2, 12)), "tile": (X, (1, 2, 1)), "gather": (X[0], np.array([2, 0])), "dot": (X, Y[0]), "batch_dot": (X, Y, (2, 1)),
    "conv2d": (IMAGE, KERNEL), "pool2d": (IMAGE, (2, 2)), "bias_add": (IMAGE, X[0, 0, :3]), "one_hot": (np.array([1, 0, 2]), 4),
    "batch_normalization": (X, X[0, 0], X[0, 1] ** 2, X[1, 0], X[1, 1]), "spatial_2d_padding": (IMAGE,), "temporal_padding": (X,),
    "resize_images": (IMAGE, 2, 2, "channels_last"), "switch": (X > 0, X, -X), "transpose": (X[0],), "zeros_like": (X,), "ones_like": (X,),
    "in_train_phase": (X, -X, 0), "concatenate": ([X, -X], 1), "stack": ([X, -X],), "equal": (X, X), "greater": (X, 0.0),
    "cast": (X, "int32"),
}  # fmt: skip


def brought(name: str) -> Any:
    """The emitted function, run as an emitted file runs it."""
    scope: dict[str, Any] = {}
    source = imports("recording", "keras3") + emitted("recording") + emitted("keras3") + backend.source(frozenset({name}))
    exec(compile(source, "emitted.py", "exec"), scope)
    return getattr(scope["_Backend"], name)


@pytest.mark.parametrize("name", sorted(CASES))
def test_an_emitted_backend_function_computes_what_the_shim_does(name: str) -> None:
    from layerfix.graph.shim import backend as base
    from layerfix.graph.shim import backend_math, backend_nn

    shim = next(getattr(module, name) for module in (backend_math, backend_nn, base) if hasattr(module, name))
    ours, theirs = np.asarray(brought(name)(*CASES[name])), np.asarray(shim(*CASES[name]))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["recording", "keras3", "keras2", "backend", "backend_layers", "backend_state", "tensorflow1"])
def test_a_file_of_the_runtime_is_syntax_of_python_3_5_below_its_mark(name: str) -> None:
    tree = ast.parse(emitted(name), feature_version=(3, 5))
    assert tree.body
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]


def test_a_function_brings_along_what_it_calls() -> None:
    source = backend.source(frozenset({"in_test_phase"}))
    assert all(f"def _K_{name}(" in source for name in ("in_test_phase", "in_train_phase", "learning_phase"))
