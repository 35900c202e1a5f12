"""TensorFlow functions called on Keras tensors: tf.keras 2.4 and later wrote them as layers, `TFOpLambda` and `SlicingOpLambda`."""

from __future__ import annotations

import itertools
from typing import Any

from layerfix.dialects.keras2.composed import become_operation
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Operation

_TWO = {"y": "x2"}
_REDUCE = {"axis": "axis", "keepdims": "keepdims"}
_OPERATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "add": ("add", _TWO),
    "radd": ("add", _TWO),
    "subtract": ("subtract", _TWO),
    "sub": ("subtract", _TWO),
    "rsub": ("subtract", _TWO),
    "multiply": ("multiply", _TWO),
    "mul": ("multiply", _TWO),
    "rmul": ("multiply", _TWO),
    "truediv": ("true_divide", _TWO),
    "divide": ("true_divide", _TWO),
    "div_no_nan": ("divide_no_nan", _TWO),
    "divide_no_nan": ("divide_no_nan", _TWO),
    "rtruediv": ("true_divide", _TWO),
    "pow": ("power", _TWO),
    "floordiv": ("floor_divide", _TWO),
    "mod": ("mod", _TWO),
    "floormod": ("mod", _TWO),
    "maximum": ("maximum", _TWO),
    "minimum": ("minimum", _TWO),
    "reduce_mean": ("mean", _REDUCE),
    "reduce_sum": ("sum", _REDUCE),
    "reduce_max": ("max", _REDUCE),
    "reduce_min": ("min", _REDUCE),
    "reduce_prod": ("prod", _REDUCE),
    "reduce_logsumexp": ("logsumexp", _REDUCE),
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "sigmoid": ("sigmoid", {}),
    "tanh": ("tanh", {}),
    "softmax": ("softmax", {"axis": "axis"}),
    "softplus": ("softplus", {}),
    "exp": ("exp", {}),
    "log": ("log", {}),
    "sqrt": ("sqrt", {}),
    "rsqrt": ("rsqrt", {}),
    "square": ("square", {}),
    "abs": ("abs", {}),
    "negative": ("negative", {}),
    "reciprocal": ("reciprocal", {}),
    "neg": ("negative", {}),
    "expand_dims": ("expand_dims", {"axis": "axis"}),
    "squeeze": ("squeeze", {"axis": "axis"}),
    "reshape": ("reshape", {"shape": "newshape"}),
    "transpose": ("transpose", {"perm": "axes"}),
    "concat": ("concatenate", {"axis": "axis"}),
    "stack": ("stack", {"axis": "axis"}),
    "cast": ("cast", {"dtype": "dtype"}),
    "clip_by_value": ("clip", {"clip_value_min": "x_min", "clip_value_max": "x_max"}),
    "tile": ("tile", {"multiples": "repeats"}),
    "argmax": ("argmax", {"axis": "axis"}),
    "sin": ("sin", {}),
    "cos": ("cos", {}),
    "tan": ("tan", {}),
    "zeros_like": ("zeros_like", {}),
    "ones_like": ("ones_like", {}),
    "floor": ("floor", {}),
    "round": ("round", {}),
    "matmul": ("matmul", {"b": "x2", "transpose_a": "transpose_a", "transpose_b": "transpose_b"}),
    "leaky_relu": ("leaky_relu", {"alpha": "negative_slope"}),
    "gelu": ("gelu", {"approximate": "approximate"}),
    "reduce_std": ("std", _REDUCE),
    "reduce_variance": ("var", _REDUCE),
    "l2_normalize": ("normalize", {"axis": "axis"}),
    "where": ("where", {"x": "x1", "y": "x2"}),
    "greater": ("greater", _TWO),
    "greater_equal": ("greater_equal", _TWO),
    "less": ("less", _TWO),
    "less_equal": ("less_equal", _TWO),
    "equal": ("equal", _TWO),
    "not_equal": ("not_equal", _TWO),
    "logical_and": ("logical_and", _TWO),
    "logical_or": ("logical_or", _TWO),
    "logical_not": ("logical_not", {}),
    "elu": ("elu", {}),
    "selu": ("selu", {}),
    "silu": ("silu", {}),
    "swish": ("silu", {}),
    "softsign": ("softsign", {}),
    "log_softmax": ("log_softmax", {"axis": "axis"}),
    "log1p": ("log1p", {}),
    "expm1": ("expm1", {}),
    "erf": ("erf", {}),
    "sign": ("sign", {}),
    "ceil": ("ceil", {}),
    "split": ("split", {"num_or_size_splits": "indices_or_sections", "axis": "axis"}),
    "pad": ("pad", {"paddings": "pad_width", "mode": "mode", "constant_values": "constant_values"}),
    "one_hot": ("one_hot", {"depth": "num_classes", "axis": "axis"}),
    "gather": ("take", {"indices": "indices", "axis": "axis"}),
    "roll": ("roll", {"shift": "shift", "axis": "axis"}),
    "reverse": ("flip", {"axis": "axis"}),
    "repeat": ("repeat", {"repeats": "repeats", "axis": "axis"}),
    "cumsum": ("cumsum", {"axis": "axis"}),
    "shape": ("shape", {}),
    "stop_gradient": ("stop_gradient", {}),
    "ensure_shape": ("identity", {"shape": "shape"}),
    "identity": ("identity", {}),
    "squared_difference": ("squared_difference", {"y": "values"}),
    "norm": ("norm", {"axis": "axis", "keepdims": "keepdims"}),
    "depth_to_space": ("depth_to_space", {"block_size": "block_size", "data_format": "data_format"}),
    "space_to_depth": ("space_to_depth", {"block_size": "block_size", "data_format": "data_format"}),
    "image.resize": ("image.resize", {"size": "size", "method": "interpolation"}),
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "take": {"axis": 0},
    "split": {"axis": 0},
    "cumsum": {"axis": 0},
    "normalize": {"axis": None, "epsilon": 1e-6},
    "one_hot": {"dtype": "float32"},
    "gelu": {"approximate": False},
    "argmax": {"axis": 0},
}
"""Where TensorFlow's default is not today's; its l2_normalize bounds the squared norm by 1e-12 and takes it over all axes
(tensorflow 2.15, nn_impl.py).
"""
_MODULES = frozenset({"", "math", "nn", "linalg", "__operators__", "compat.v1", "compat.v1.math", "compat.v1.nn", "compat.v1.linalg"})
"""Where the functions of the table live; one of the same name elsewhere is another (`tf.image.transpose` turns pictures)."""
_REVERSED = frozenset({"radd", "rsub", "rmul", "rtruediv"})


def tensorflow_operations(source: Source, entry: Entry) -> str | None:
    """TFOpLambda and SlicingOpLambda became operations of `keras.ops` of the same meaning; one without an equal is refused by name."""
    if layer_class(entry) not in {"TFOpLambda", "SlicingOpLambda"}:
        return None
    stated = str(entry["config"].get("function"))
    module, _, last = stated.rpartition(".")
    short = last if module in _MODULES else stated
    if short == "getitem":
        function, names = "getitem", {"slice_spec": "slice_spec"}
    elif short in _OPERATIONS:
        function, names = _OPERATIONS[short]
    else:
        raise GraphError(f"the TensorFlow function {stated} has no equal in today's Keras that is known here.", where=entry["name"])
    turned = short in _REVERSED
    for node in entry.get("inbound_nodes") or ():
        for item in node if node and isinstance(node[0], list) else [node]:
            turned |= _constant_first(entry, stated, item)
            if len(item) > 3:
                item[3] = _arguments(entry, stated, item[3], {**names, "x": "x1"} if turned else names)
    become_operation(entry, Operation(function, _DEFAULTS.get(function, {}), reversed=turned))
    return f"{stated} is the operation {function}"


def _constant_first(entry: Entry, stated: str, item: list[Any]) -> bool:
    """A call on a plain number first, `1.0 - x`, is stored as one on "_CONSTANT_VALUE" (tf.keras 2.4, node.py): x comes first here."""
    if item[0] != "_CONSTANT_VALUE":
        return False
    constant, given = item[2], item[3]
    other = given.get("y")
    if not isinstance(other, list) or not isinstance(constant, (int, float)):
        raise GraphError(f"a call of {stated} on {constant!r} does not tell all its inputs.", where=entry["name"])
    item[:] = [*other, {**{key: value for key, value in given.items() if key != "y"}, "x": constant}]
    return True


def _arguments(entry: Entry, stated: str, given: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    kept = {}
    for key, value in given.items():
        if key in names:
            kept[names[key]] = _today(names[key], value)
        elif key not in {"name", "out_type"} and value not in (None, False, "euclidean"):
            raise GraphError(f"argument {key}={value!r} of {stated} has no equal in today's Keras.", where=entry["name"])
    return kept


def _today(name: str, value: object) -> Any:
    """An argument's value as `keras.ops` takes it."""
    if name in {"mode", "interpolation"} and isinstance(value, str):
        return value.rpartition(".")[2].lower()
    if name == "axis" and isinstance(value, list) and len(value) == 1:
        return value[0]  # Keras 3.12's flip takes a number alone
    if name == "indices_or_sections" and isinstance(value, list):
        return list(itertools.accumulate(value[:-1]))
    return value
