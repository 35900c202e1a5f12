"""Operations of `keras.ops` called on Keras tensors: tf.keras wrote them as TFOpLambda and SlicingOpLambda, multi-backend Keras had none.

The inverse of `dialects.tf_keras.operations`. A call is a flat node, ["x", 0, 0, {"y": 2.0}]: in a nested one TensorFlow takes the tensor
for a list of one, and a dimension appears (tensorflow 2.4, engine/node.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerfix.dialects.down.references import dtype, is_tensor, shape, tensors
from layerfix.dialects.down.saying import Config, Saying
from layerfix.dialects.down.values import plain

_AXIS = {"axis": "axis"}
_REDUCE = {"axis": "axis", "keepdims": "keepdims"}
_LIMITED = {**_REDUCE, "initial": None}
_FLOAT: dict[str, tuple[str, tuple[str, ...], dict[str, str | None]]] = {
    "Add": ("math.add", ("y",), {}),
    "Subtract": ("math.subtract", ("y",), {}),
    "Multiply": ("math.multiply", ("y",), {}),
    "TrueDivide": ("math.truediv", ("y",), {}),
    "Divide": ("math.truediv", ("y",), {}),
    "Maximum": ("math.maximum", ("y",), {}),
    "Minimum": ("math.minimum", ("y",), {}),
    "Power": ("math.pow", ("y",), {}),
    "Matmul": ("linalg.matmul", ("b",), {}),
    "Relu": ("nn.relu", (), {}),
    "Relu6": ("nn.relu6", (), {}),
    "Sigmoid": ("math.sigmoid", (), {}),
    "Tanh": ("math.tanh", (), {}),
    "Softmax": ("nn.softmax", (), dict(_AXIS)),
    "LogSoftmax": ("nn.log_softmax", (), dict(_AXIS)),
    "Softplus": ("math.softplus", (), {}),
    "Softsign": ("nn.softsign", (), {}),
    "Silu": ("nn.silu", (), {}),
    "Gelu": ("nn.gelu", (), {"approximate": "approximate"}),
    "LeakyRelu": ("nn.leaky_relu", (), {"negative_slope": "alpha"}),
    "Absolute": ("math.abs", (), {}),
    "Abs": ("math.abs", (), {}),
    "Negative": ("math.negative", (), {}),
    "Sign": ("math.sign", (), {}),
    "Square": ("math.square", (), {}),
    "Sqrt": ("math.sqrt", (), {}),
    "Rsqrt": ("math.rsqrt", (), {}),
    "Exp": ("math.exp", (), {}),
    "Expm1": ("math.expm1", (), {}),
    "Log": ("math.log", (), {}),
    "Log1p": ("math.log1p", (), {}),
    "Sin": ("math.sin", (), {}),
    "Cos": ("math.cos", (), {}),
    "Erf": ("math.erf", (), {}),
    "Floor": ("math.floor", (), {}),
    "Ceil": ("math.ceil", (), {}),
    "Clip": ("clip_by_value", (), {"x_min": "clip_value_min", "x_max": "clip_value_max"}),
    "Mean": ("math.reduce_mean", (), dict(_REDUCE)),
    "Sum": ("math.reduce_sum", (), dict(_REDUCE)),
    "Max": ("math.reduce_max", (), dict(_LIMITED)),
    "Min": ("math.reduce_min", (), dict(_LIMITED)),
    "Prod": ("math.reduce_prod", (), {**_REDUCE, "dtype": None}),
    "Cumsum": ("math.cumsum", (), {"axis": "axis", "dtype": None}),
}
"""By operation: TensorFlow's function, what its arguments behind the first are called there, and its settings' names there (None: only
where it is not set). All of them of floats alone: Keras 3 promotes other dtypes, TensorFlow does not."""
_ANY: dict[str, tuple[str, tuple[str, ...], dict[str, str | None]]] = {
    "Concatenate": ("concat", (), dict(_AXIS)),
    "Stack": ("stack", (), dict(_AXIS)),
    "Reshape": ("reshape", (), {"newshape": "shape"}),
    "ExpandDims": ("expand_dims", (), dict(_AXIS)),
    "Squeeze": ("squeeze", (), dict(_AXIS)),
    "Transpose": ("transpose", (), {"axes": "perm"}),
    "Tile": ("tile", (), {"repeats": "multiples"}),
}
"""The same of any dtype, as long as it is one."""
_MERGES = frozenset({"Add", "Subtract", "Multiply", "Maximum", "Minimum"})
_ACTIVATIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Selu": "selu",
    "Exp": "exponential",
}
Reference = Callable[[Any], list[Any]]


def operation(saying: Saying, entry: Config, refer: Reference, path: str) -> Config | None:
    """An operation's entry in a legacy graph, or None where it was refused.

    Args:
        saying: the work at hand.
        entry: as today's Keras writes it.
        refer: a Keras tensor as [layer, node, tensor] of the legacy graph.
        path: of the operation in the model.
    """
    name, node = str(entry["class_name"]), entry["inbound_nodes"][0]
    given = {key: value for key, value in entry["config"].items() if key not in ("name", "trainable", "dtype")}
    if len({dtype(one) for one in tensors(node["args"])}) > 1:
        saying.refuse(path, f"the operation {name} of different dtypes")
        return None
    if node["kwargs"] and any(True for _ in tensors(node["kwargs"])):
        saying.refuse(path, f"the operation {name} with tensors by name")
        return None
    if saying.multi:
        return _as_layer(saying, entry, node["args"], given, refer, path)
    if name == "GetItem":
        return _slice(saying, entry, node["args"], refer, path)
    found = _function(saying, entry, node["args"], given, refer, path)
    if found is None:
        return None
    function, arguments = found
    saying.fire("operation", path, f"{name} is TFOpLambda of {function}")
    first = node["args"][0]
    calls: list[Any] | None
    if isinstance(first, list):
        calls = [[*refer(one), arguments] for one in first] if all(map(is_tensor, first)) else None
    else:
        calls = [*refer(first), arguments] if is_tensor(first) else ["_CONSTANT_VALUE", -1, first, arguments]
    if calls is None:
        saying.refuse(path, f"the operation {name} of tensors and numbers together")
        return None
    return _entry(entry, "TFOpLambda", function, calls)


def _entry(entry: Config, class_name: str, function: str, call: list[Any]) -> Config:
    config = {"name": entry["name"], "trainable": True, "dtype": "float32", "function": function}
    return {"class_name": class_name, "config": config, "name": entry["name"], "inbound_nodes": [call]}


def _function(
    saying: Saying, entry: Config, args: list[Any], given: Config, refer: Reference, path: str
) -> tuple[str, dict[str, Any]] | None:
    """TensorFlow's function and the arguments of the call, or None where it was refused."""
    name = str(entry["class_name"])
    floats = all(dtype(one).startswith(("float", "bfloat")) for one in tensors(args))
    known = _ANY.get(name) or (_FLOAT.get(name) if floats else None)
    if known is None or len(args) > 1 + len(known[1]) or (name == "Matmul" and min(len(shape(one)) for one in tensors(args)) < 2):
        saying.refuse(path, f"the operation {name}" + ("" if floats or name not in _FLOAT else " of whole numbers"))
        return None
    function, names, settings = known
    arguments: dict[str, Any] = {}
    for key, value in given.items():
        renamed = settings.get(key)
        if renamed is not None:
            arguments[renamed] = plain(saying, value, path)
        elif value is not None:
            saying.refuse(path, f"{key}={value!r} of the operation {name}")
    for key, value in zip(names, args[1:], strict=False):
        arguments[key] = refer(value) if is_tensor(value) else value
    return function, arguments


def _slice(saying: Saying, entry: Config, args: list[Any], refer: Reference, path: str) -> Config | None:
    """`x[...]` (tensorflow 2.4, keras/layers/core.py, SlicingOpLambda)."""
    wanted = args[1] if isinstance(args[1], list) else _items(args[1])
    spec: list[Any] = []
    for item in wanted:
        if isinstance(item, dict) and item.get("class_name") == "__slice__":
            spec.append({key: item["config"].get(key) for key in ("start", "stop", "step")})
        elif isinstance(item, int) or item is None:
            spec.append(item)
        else:
            saying.refuse(path, "an index that is no slice and no whole number")
            return None
    saying.fire("slice", path, "GetItem is SlicingOpLambda")
    return _entry(entry, "SlicingOpLambda", "__operators__.getitem", [*refer(args[0]), {"slice_spec": spec}])


def _items(value: object) -> list[Any]:
    """The items of an index, which is one or a tuple of them."""
    if isinstance(value, dict) and value.get("class_name") == "__tuple__":
        return list(value.get("items") or value["config"]["value"])
    return [value]


def _as_layer(saying: Saying, entry: Config, args: list[Any], given: Config, refer: Reference, path: str) -> Config | None:
    """What layers of multi-backend Keras do as well: merging tensors of one shape, activations, joining."""
    name, found = str(entry["class_name"]), list(tensors(args))
    class_name, config = "", {"name": entry["name"], "trainable": True}
    floats = all(dtype(one) == "float32" for one in found)
    if floats and name in _MERGES and len(found) == 2 and len(args) == 2 and shape(found[0]) == shape(found[1]):
        class_name = name
    elif floats and name in _ACTIVATIONS and len(args) == 1:
        class_name, config = "Activation", {**config, "activation": _ACTIVATIONS[name]}
    elif name == "Concatenate" and isinstance(args[0], list) and len(found) == len(args[0]) > 1:
        class_name, config = "Concatenate", {**config, "axis": given["axis"]}
    if not class_name:
        saying.refuse(path, f"the operation {name}")
        return None
    saying.fire("operation", path, f"{name} is the layer {class_name}")
    return {"class_name": class_name, "config": config, "name": entry["name"], "inbound_nodes": [[[*refer(one), {}] for one in found]]}
