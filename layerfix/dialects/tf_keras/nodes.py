"""TensorFlow nodes called on Keras tensors: tf.keras 1.13 to 2.3 wrote each as a layer, `TensorFlowOpLayer`, with its NodeDef."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from layerfix.dialects.keras2.composed import become_operation
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Operation

_BINARY = {
    "Add": "add", "AddV2": "add", "BiasAdd": "add", "Sub": "subtract", "Mul": "multiply", "RealDiv": "true_divide",
    "DivNoNan": "divide_no_nan", "Maximum": "maximum", "Minimum": "minimum", "Pow": "power", "FloorDiv": "floor_divide", "FloorMod": "mod",
    "Greater": "greater", "GreaterEqual": "greater_equal", "Less": "less", "LessEqual": "less_equal", "Equal": "equal",
    "NotEqual": "not_equal", "LogicalAnd": "logical_and", "LogicalOr": "logical_or", "MatMul": "matmul", "BatchMatMul": "matmul",
    "BatchMatMulV2": "matmul",
}  # fmt: skip
_UNARY = {
    "Relu": "relu", "Relu6": "relu6", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "Softsign": "softsign", "Elu": "elu",
    "Selu": "selu", "Exp": "exp", "Log": "log", "Log1p": "log1p", "Expm1": "expm1", "Sqrt": "sqrt", "Rsqrt": "rsqrt", "Square": "square",
    "Abs": "abs", "Neg": "negative", "Sign": "sign", "Floor": "floor", "Ceil": "ceil", "Round": "round", "Sin": "sin", "Cos": "cos",
    "Erf": "erf", "Softmax": "softmax", "LogSoftmax": "log_softmax", "StopGradient": "stop_gradient", "ZerosLike": "zeros_like",
    "OnesLike": "ones_like", "LogicalNot": "logical_not", "Shape": "shape",
}  # fmt: skip
_SETTINGS: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "Mean": ("mean", ("axis",), {"keep_dims": "keepdims"}),
    "Sum": ("sum", ("axis",), {"keep_dims": "keepdims"}),
    "Max": ("max", ("axis",), {"keep_dims": "keepdims"}),
    "Min": ("min", ("axis",), {"keep_dims": "keepdims"}),
    "Prod": ("prod", ("axis",), {"keep_dims": "keepdims"}),
    "ArgMax": ("argmax", ("axis",), {}),
    "ExpandDims": ("expand_dims", ("axis",), {}),
    "Squeeze": ("squeeze", (), {"squeeze_dims": "axis"}),
    "Transpose": ("transpose", ("axes",), {}),
    "Reshape": ("reshape", ("newshape",), {}),
    "Tile": ("tile", ("repeats",), {}),
    "Pad": ("pad", ("pad_width",), {}),
    "ClipByValue": ("clip", ("x_min", "x_max"), {}),
    "LeakyRelu": ("leaky_relu", (), {"alpha": "negative_slope"}),
    "Cast": ("cast", (), {"DstT": "dtype"}),
    "GatherV2": ("take", ("indices", "axis"), {}),
}
"""By node: the operation, what its inputs behind the first are called there, and its attributes' names there."""
_REFUSED = {"GatherV2": ("batch_dims", 0), "BiasAdd": ("data_format", "NHWC")}
"""Attributes without an equal here: a node with another value than this is refused."""
_TYPES = {"DT_FLOAT": "float32", "DT_HALF": "float16", "DT_DOUBLE": "float64", "DT_INT32": "int32", "DT_INT64": "int64", "DT_BOOL": "bool"}


def tensorflow_nodes(source: Source, entry: Entry) -> str | None:
    """TensorFlowOpLayer became an operation of `keras.ops` of the same meaning (tensorflow 2.3, base_layer.py, TensorFlowOpLayer); its
    `constants` are inputs of the node by number. One without an equal is refused by name.
    """
    if layer_class(entry) != "TensorFlowOpLayer":
        return None
    config = entry["config"]
    node = config["node_def"]
    constants = {int(number): value for number, value in (config.get("constants") or {}).items()}
    attributes = {name: _attribute(value) for name, value in (node.get("attr") or {}).items()}
    total = len([name for name in node.get("input") or () if not name.startswith("^")])
    if not entry.get("inbound_nodes"):
        raise GraphError(f"the TensorFlow node {node['op']} does not tell its inputs.", where=entry["name"])
    for call in entry["inbound_nodes"]:
        references = [list(item[:3]) for item in (call if isinstance(call[0], list) else [call])]
        if len(references) + len(constants) != total:
            raise GraphError(f"the TensorFlow node {node['op']} does not tell all its inputs.", where=entry["name"])
        given = iter(references)
        inputs = [constants[number] if number in constants else next(given) for number in range(total)]
        function, tensors, arguments = _operation(entry, node["op"], inputs, constants, attributes)
        call[:] = [[*reference, {}] for reference in tensors]
        call[0][3] = arguments
    become_operation(entry, Operation(function, {}, reversed="x1" in arguments))
    return f"the node {node['op']} is the operation {function}"


def _operation(
    entry: Entry, kind: str, inputs: Sequence[object], constants: Mapping[int, object], attributes: Mapping[str, object]
) -> tuple[str, list[Any], dict[str, Any]]:
    """(operation, references to the tensors it is called with, arguments of the call)."""
    attribute, plain = _REFUSED.get(kind, ("", None))
    if attributes.get(attribute, plain) != plain:
        raise GraphError(f"{attribute}={attributes[attribute]!r} of the TensorFlow node {kind} has no equal here.", where=entry["name"])
    if kind in _BINARY:
        turned = {"transpose_a": "transpose_a", "transpose_b": "transpose_b", "adj_x": "transpose_a", "adj_y": "transpose_b"}
        flags = {turned[name]: True for name, value in attributes.items() if name in turned and value}
        if 0 in constants:
            return _BINARY[kind], [inputs[1]], {"x1": inputs[0], **flags}
        return _BINARY[kind], [inputs[0]], {"x2": inputs[1], **flags}
    if kind in _UNARY:
        return _UNARY[kind], [inputs[0]], {}
    if kind in {"ConcatV2", "Pack"}:
        values, axis = (inputs[:-1], inputs[-1]) if kind == "ConcatV2" else (inputs, attributes.get("axis", 0))
        first = next(value for number, value in enumerate(inputs) if number not in constants)
        return "concatenate_values" if kind == "ConcatV2" else "stack_values", [first], {"values": list(values), "axis": axis}
    if kind in {"Split", "SplitV"}:
        return "split", [inputs[1 if kind == "Split" else 0]], _parts(kind, inputs, attributes)
    if kind == "StridedSlice" and {1, 2, 3} <= constants.keys():
        return "getitem", [inputs[0]], {"slice_spec": _slices(inputs, attributes)}
    if kind not in _SETTINGS or (0 in constants):
        raise GraphError(f"the TensorFlow node {kind} has no equal in today's Keras that is known here.", where=entry["name"])
    function, names, settings = _SETTINGS[kind]
    arguments = dict(zip(names, inputs[1:], strict=False))
    arguments |= {today: attributes[name] for name, today in settings.items() if attributes.get(name) not in (None, [])}
    return function, [inputs[0]], arguments


def _parts(kind: str, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Split takes (axis, value) and a number of parts, SplitV (value, sizes, axis); today's split the places where to cut."""
    if kind == "Split":
        return {"indices_or_sections": attributes["num_split"], "axis": inputs[0]}
    return {"indices_or_sections": list(accumulate(inputs[1][:-1])), "axis": inputs[2]}


def _slices(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> list[Any]:
    """The indices of a StridedSlice, as SlicingOpLambda writes them; bits of its masks say what each is."""
    masks = {name: int(attributes.get(f"{name}_mask", 0)) for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")}
    found: list[Any] = []
    for place, (start, stop, step) in enumerate(zip(*inputs[1:4], strict=True)):
        said = {name for name, mask in masks.items() if mask >> place & 1}
        if "ellipsis" in said:
            found.append({"class_name": "__ellipsis__"})
        elif "new_axis" in said:
            found.append(None)
        elif "shrink_axis" in said:
            found.append(start)
        else:
            found.append({"start": None if "begin" in said else start, "stop": None if "end" in said else stop, "step": step})
    return found


def _attribute(value: Mapping[str, Any]) -> Any:
    """An attribute as protocol buffers write it in JSON: {"b": true}, {"i": "3"}, {"f": 0.2}, {"type": "DT_INT32"},
    {"s": "TkhXQw=="}, {"list": {"i": []}}."""
    if "list" in value:
        return [int(item) for item in value["list"].get("i", ())]
    if "i" in value:
        return int(value["i"])
    if "s" in value:
        return base64.b64decode(value["s"]).decode()
    return _TYPES.get(value["type"], value["type"]) if "type" in value else value.get("b", value.get("f"))
