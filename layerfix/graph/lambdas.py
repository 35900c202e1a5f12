"""Expressions that were read from a Lambda's bytecode, as operations of a live model: plain Keras loads what they become."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from layerfix.bytecode.tree import Call, Choice, Cut, Input, Item, Member, decoded
from layerfix.dialects.obstacles import COMPLETED, drawing
from layerfix.errors import GraphError
from layerfix.graph.known import activations, comparisons, elementwise, images, products, reductions, sequences, shapes, values
from layerfix.model import Layer

_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv, "floordiv": operator.floordiv,
    "mod": operator.mod, "pow": operator.pow, "matmul": operator.matmul, "lt": operator.lt, "le": operator.le, "gt": operator.gt,
    "ge": operator.ge, "neg": operator.neg, "pos": operator.pos, "and": operator.and_, "or": operator.or_, "invert": operator.invert,
}  # fmt: skip
_LOGICAL: Mapping[str, Callable[..., Any]] = {"and": ops.logical_and, "or": ops.logical_or, "invert": ops.logical_not}
_OF_KERAS_3_TEXT = """
abs absolute add all any arctan2 argmax argmin average_pool batch_normalization cast ceil clip
concatenate cos cumprod cumsum diff divide dot einsum elu equal erf exp expand_dims expm1 flip
floor floor_divide full_like gelu greater greater_equal hard_sigmoid hard_silu hard_swish
leaky_relu less less_equal log log1p log_softmax logical_and logical_not logical_or logsumexp
matmul max max_pool maximum mean min minimum mod moveaxis multiply negative norm normalize
not_equal one_hot ones_like outer pad power prod reciprocal relu relu6 repeat reshape roll round
rsqrt selu shape sigmoid sign silu sin softmax softplus softsign split sqrt square squeeze stack
std subtract sum swapaxes take tan tanh tensordot tile transpose true_divide unstack var where
zeros_like
"""
_OF_KERAS_3 = frozenset(_OF_KERAS_3_TEXT.split())
"""Functions of `keras.ops` that are taken as they are."""
_OF_FLOATS = frozenset({"K.mean", "tf.reduce_mean"})
_MODULES = (activations, comparisons, elementwise, images, products, reductions, sequences, shapes, values)


def function(name: str, tensorflow: int | None) -> Callable[..., Any]:
    """What stands for a known function.

    Args:
        name: its canonical name, "K.mean".
        tensorflow: 1 or 2, or None where the file does not tell.

    Raises:
        GraphError: for one that is not known, or that the two generations of TensorFlow had differently.
    """
    if name.startswith("ops.") and name[4:] in _OF_KERAS_3:
        made: Callable[..., Any] = getattr(ops, name[4:])
        return made
    plain = name.replace(".", "_")
    for module in _MODULES:
        for known in (f"{plain}__tf{tensorflow}", plain):  # what a generation has of its own comes first
            if callable(getattr(module, known, None)) and getattr(module, known).__module__ == module.__name__:
                found: Callable[..., Any] = getattr(module, known)
                return partial(_of_floats, found) if name in _OF_FLOATS else found
    if any(hasattr(module, f"{plain}__tf{number}") for module in _MODULES for number in (1, 2)):
        raise GraphError(f"{name} had one meaning in TensorFlow 1 and another in 2, and the file does not tell which wrote it.")
    raise GraphError(f"it calls {name}, which is not among the functions that are known exactly.")


def _of_floats(mean: Callable[..., Any], tensor: keras.KerasTensor, *args: Any, **kwargs: Any) -> Any:
    """A mean: TensorFlow's of whole numbers is a whole number, and today's Keras makes a float of it."""
    if keras.backend.is_int_dtype(tensor.dtype):
        raise ValueError("a mean of whole numbers is cut to one in TensorFlow, which Keras does not do today")
    return mean(tensor, *args, **kwargs)


def expression_model(layer: Layer, tensors: Sequence[keras.KerasTensor]) -> keras.Model:
    """A model of the Lambda's name that computes its expression with Keras' own operations.

    Args:
        layer: with its `expression`.
        tensors: symbolic inputs of the layer; theirs are the shapes that the model is made for.

    Raises:
        GraphError: where the expression needs what no operation says, naming layer and reason.
    """
    name, stated = layer.name, layer.computes
    assert stated is not None
    inputs = [keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype) for tensor in tensors]
    given = [ops.cast(tensor, dtype) if (dtype := _lower(layer, tensor)) else tensor for tensor in inputs]
    try:
        result = _Evaluation(given, stated.tensorflow).value(decoded(stated.table))
        outputs = [_own(tensor, given) for tensor in (result if isinstance(result, (list, tuple)) else [result])]
    except GraphError as error:
        raise GraphError(error.message, where=name, hint=error.hint or COMPLETED) from error
    except (TypeError, ValueError, IndexError, AttributeError, NotImplementedError, ArithmeticError) as error:
        reason = " ".join(str(error).split())[:300]
        raise GraphError(
            f"its function, as read from the file, does not become operations of Keras: {reason}.", where=name, hint=COMPLETED
        ) from error
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0], name=name)


def _lower(layer: Layer, tensor: keras.KerasTensor) -> str | None:
    """The half precision that a mixed layer casts its inputs to, as legacy Keras does before the function sees them."""
    dtype = layer.settings.get("dtype")
    computed = keras.dtype_policies.get(dtype).compute_dtype if dtype is not None else "float32"
    floating = keras.backend.is_float_dtype(tensor.dtype)
    return str(computed) if floating and computed in {"float16", "bfloat16"} and tensor.dtype != computed else None


def _own(tensor: object, inputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
    """An output; one that is an input is copied, since a Lambda passes no mask on."""
    if not keras.utils.is_keras_tensor(tensor):
        raise ValueError("its result does not depend on its input")
    return ops.copy(tensor) if any(tensor is given for given in inputs) else tensor


class _Evaluation:
    """One pass over an expression; every node is made once."""

    def __init__(self, inputs: Sequence[object], tensorflow: int | None) -> None:
        self.inputs, self.tensorflow = list(inputs), tensorflow
        self.made: dict[int, tuple[Any, Any]] = {}

    def value(self, node: object) -> Any:
        if not isinstance(node, (list, tuple, dict, Input, Call, Item, Member, Cut, Choice)):
            return node
        if id(node) not in self.made:
            self.made[id(node)] = (node, self.fresh(node))  # the node with it: while it lives nothing else has its id
        return self.made[id(node)][1]

    def fresh(self, node: Any) -> Any:
        if isinstance(node, (list, tuple)):
            return type(node)(map(self.value, node))
        if isinstance(node, dict):
            return {key: self.value(part) for key, part in node.items()}
        if isinstance(node, Input):
            return self.inputs[node.index or 0]
        if isinstance(node, Cut):
            return slice(self.value(node.start), self.value(node.stop), self.value(node.step))
        if isinstance(node, Item):
            return _item(self.value(node.value), self.value(node.index))
        if isinstance(node, Member):
            return _member(self.value(node.value), node.name)
        if isinstance(node, Choice):
            return self.value(node.then if _decided(self.value(node.test)) else node.other)
        return self.called(node)

    def called(self, node: Call) -> Any:
        arguments = [self.value(argument) for argument in node.arguments]
        kind, _, name = node.function.partition(".")
        if kind == "operator":
            return _operated(name, *arguments)
        keywords = {key: self.value(value) for key, value in node.keywords if key != "name"}
        if "keep_dims" in keywords:
            keywords["keepdims"] = keywords.pop("keep_dims")
        if "random" in name:
            raise drawing(node.function, "")
        return function(node.function, self.tensorflow)(*arguments, **keywords)


def _item(value: Any, index: Any) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    if any(hasattr(part, "shape") for part in parts):
        raise ValueError("an index is itself a tensor")
    return value[index]


def _member(value: Any, name: str) -> Any:
    if name in {"shape", "_keras_shape"}:
        return tuple(value.shape)
    if name in {"ndims", "rank"}:
        return len(value)
    if name == "value":
        return value
    return str(value.dtype)


def _decided(test: object) -> bool:
    if hasattr(test, "shape"):
        raise ValueError("which of two results it gives depends on the values of a tensor")
    return bool(test)


def _operated(name: str, *operands: Any) -> Any:
    symbolic = [operand for operand in operands if keras.utils.is_keras_tensor(operand)]
    if not symbolic:
        return _plain(name, *operands)
    if name == "not" or name in {"eq", "ne"}:
        raise ValueError("it compares tensors for identity")
    if name == "div":
        if not all(keras.backend.is_float_dtype(tensor.dtype) for tensor in symbolic):
            raise ValueError("Python 2 divided whole numbers in a way of its own")
        name = "truediv"
    dtype = symbolic[0].dtype
    if name in _LOGICAL:
        if dtype != "bool":
            raise ValueError(f"{name} of numbers is not known here")
        return _LOGICAL[name](*operands)
    return _OPERATORS[name](*(_like(operand, dtype) for operand in operands))


def _like(operand: object, dtype: str) -> Any:
    """A list of numbers is an array of the tensor's own type (TensorFlow's convert_to_tensor with dtype_hint).

    Arrays are made tensors: in front of an operator numpy would take the symbolic tensor for one of its numbers.
    """
    if isinstance(operand, (list, tuple)):
        return ops.convert_to_tensor(np.asarray(operand, dtype))
    return ops.convert_to_tensor(operand) if isinstance(operand, np.ndarray) else operand


def _plain(name: str, *operands: Any) -> Any:
    """An operator on sizes and numbers."""
    if name == "not":
        return not operands[0]
    if name in {"eq", "ne"}:
        if any(isinstance(operand, np.ndarray) for operand in operands):
            raise ValueError("it compares arrays, which TensorFlow 1 did for identity and TensorFlow 2 number by number")
        return (operands[0] == operands[1]) is (name == "eq")
    if name == "div":
        name = "floordiv" if all(type(operand) is int for operand in operands) else "truediv"
    if any(operand is None for operand in operands):  # `in` would compare arrays number by number
        raise ValueError("it computes with a size that only a call tells")
    return _OPERATORS[name](*operands)
