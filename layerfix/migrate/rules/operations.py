"""TensorFlow functions called on Keras tensors: tf.keras 2.4 and later wrote them as layers, `TFOpLambda` and `SlicingOpLambda`."""

from __future__ import annotations

from typing import Any

from layerfix.errors import GraphError
from layerfix.migrate.records import Source, layer_class
from layerfix.migrate.rules import Entry

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
    "rtruediv": ("true_divide", _TWO),
    "pow": ("power", _TWO),
    "floordiv": ("floor_divide", _TWO),
    "mod": ("mod", _TWO),
    "maximum": ("maximum", _TWO),
    "minimum": ("minimum", _TWO),
    "reduce_mean": ("mean", _REDUCE),
    "reduce_sum": ("sum", _REDUCE),
    "reduce_max": ("max", _REDUCE),
    "reduce_min": ("min", _REDUCE),
    "reduce_prod": ("prod", _REDUCE),
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
    "zeros_like": ("zeros_like", {}),
    "ones_like": ("ones_like", {}),
    "floor": ("floor", {}),
    "round": ("round", {}),
    "matmul": ("matmul", {"b": "x2"}),
    "leaky_relu": ("leaky_relu", {"alpha": "negative_slope"}),
    "gelu": ("gelu", {"approximate": "approximate"}),
}
_REVERSED = frozenset({"radd", "rsub", "rmul", "rtruediv"})


def tensorflow_operations(source: Source, entry: Entry) -> str | None:
    """TFOpLambda and SlicingOpLambda became operations of `keras.ops` of the same meaning; one without an equal is refused by name."""
    if layer_class(entry) not in {"TFOpLambda", "SlicingOpLambda"}:
        return None
    stated = str(entry["config"].get("function"))
    short = stated.rsplit(".", 1)[-1]
    if short == "getitem":
        function, names = "getitem", {"slice_spec": "slice_spec"}
    elif short in _OPERATIONS:
        function, names = _OPERATIONS[short]
    else:
        raise GraphError(f"the TensorFlow function {stated} has no equal in today's Keras that is known here.", where=entry["name"])
    for node in entry.get("inbound_nodes") or ():
        for item in node if node and isinstance(node[0], list) else [node]:
            if len(item) > 3:
                item[3] = _arguments(entry, stated, item[3], {**names, "x": "x1"} if short in _REVERSED else names)
    entry["class_name"] = "Operation"
    entry["config"] = {"function": function, "arguments": {}, "reversed": short in _REVERSED}
    return f"{stated} is the operation {function}"


def _arguments(entry: Entry, stated: str, given: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    kept = {}
    for key, value in given.items():
        if key in names:
            kept[names[key]] = value
        elif key != "name" and value not in (None, False):
            raise GraphError(f"argument {key}={value!r} of {stated} has no equal in today's Keras.", where=entry["name"])
    return kept
