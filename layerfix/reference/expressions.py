"""Expressions of Lambda layers in numpy: what legacy Keras and TensorFlow compute, independently of the operations written."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.bytecode.tree import Call, Choice, Cut, Input, Item, Member, decoded
from layerfix.model import Expression
from layerfix.reference.calls import CALLS
from layerfix.reference.functions import Unsupported

_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv, "div": operator.truediv,
    "floordiv": operator.floordiv, "mod": operator.mod, "pow": operator.pow, "matmul": operator.matmul, "lt": operator.lt,
    "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq, "ne": operator.ne, "neg": operator.neg,
    "pos": operator.pos, "and": operator.and_, "or": operator.or_, "invert": operator.invert, "not": operator.not_,
}  # fmt: skip

_FIRST_TEXT = """
x input input_ input_tensor tensor tensors value values features logits images image a t inputs
params
"""
_FIRST = frozenset(_FIRST_TEXT.split())
"""What functions of Keras and TensorFlow call their first argument."""
_SPELT = {"keep_dims": "keepdims"}


def lambda_layer(expression: object, inputs: Sequence[Array]) -> list[Array]:
    """Outputs of a Lambda layer.

    Args:
        expression: what was read of its function, an `Expression` where anything was.
        inputs: its tensors.

    Raises:
        Unsupported: for a function or setting that the reference does not know.
    """
    if not isinstance(expression, Expression):
        raise Unsupported("the reference does not know Lambda")
    try:
        result = _Evaluation(inputs, expression.tensorflow).value(decoded(expression.table))
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError) as error:
        raise Unsupported(f"the reference cannot follow a Lambda's function: {error}") from error
    outputs = [np.asarray(array) for array in (result if isinstance(result, (list, tuple)) else [result])]
    return [array if array.dtype == bool else array.astype(np.result_type(array, np.float32)) for array in outputs]


class _Evaluation:
    """One pass over an expression."""

    def __init__(self, inputs: Sequence[Array], tensorflow: int | None) -> None:
        self.inputs, self.tensorflow = inputs, tensorflow
        self.made: dict[int, tuple[Any, Any]] = {}

    def value(self, node: object) -> Any:
        if not isinstance(node, (list, tuple, dict, Input, Call, Item, Member, Cut, Choice)):
            return node
        if id(node) not in self.made:
            self.made[id(node)] = (node, self.fresh(node))
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
            return self.value(node.value)[self.value(node.index)]
        if isinstance(node, Member):
            return _member(self.value(node.value), node.name)
        if isinstance(node, Choice):
            return self.value(node.then if self.value(node.test) else node.other)
        return self.called(node)

    def called(self, node: Call) -> Any:
        arguments = [self.value(argument) for argument in node.arguments]
        kind, _, name = node.function.partition(".")
        if kind == "operator":
            arrays = [np.asarray(a) if isinstance(a, (list, tuple)) else a for a in arguments]
            if name == "div" and all(isinstance(a, int) for a in arguments):  # Python 2's
                name = "floordiv"
            return _OPERATORS[name](*arrays)
        keywords = {_SPELT.get(key, key): self.value(value) for key, value in node.keywords if key != "name"}
        first = next((key for key in keywords if key in _FIRST), None) if not arguments else None
        if first is not None:
            arguments = [keywords.pop(first)]
        found = CALLS.get(node.function) or CALLS.get(f"{node.function}/{self.tensorflow}")
        if found is None:
            raise Unsupported(f"the reference does not know {node.function}")
        return found(*arguments, **keywords)


def _member(value: Any, name: str) -> Any:
    if name in {"shape", "_keras_shape"}:
        return tuple(value.shape)
    if name in {"ndims", "rank"}:
        return len(value)
    return value if name == "value" else "float32"
