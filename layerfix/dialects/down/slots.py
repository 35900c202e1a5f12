"""The optimizer's state in the order in which an older Keras loads it: by order alone, the names only have to be unique.

As each release wrote it: keras 2.2.4 and 2.3.1, optimizers.py (`self.weights`); tensorflow 2.4 and 2.10, keras/optimizer_v2
(`_create_slots`); tensorflow 2.13 and 2.15, keras/optimizers (`build`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from layerfix.arrays import Array
from layerfix.dialects.down.targets import Target
from layerfix.dialects.slots import State

Tensors = tuple[tuple[str, Array], ...]
Trained = Sequence[tuple[str, tuple[int, ...]]]
"""Name ("dense/kernel") and shape of each trained weight, in the order in which the older Keras trains them."""
_UNCOUNTED = frozenset({"RMSprop", "Adagrad", "Adadelta"})
"""Optimizers whose steps Keras 2.2 does not keep."""
_LATER_NAMES = {
    "SGD": {"momentum": "m"},
    "RMSprop": {"rms": "velocity", "mg": "average_gradient"},
    "Adadelta": {"accum_grad": "accumulated_grad", "accum_var": "accumulated_delta_var"},
    "Adamax": {"v": "u"},
}
"""What Keras 2.11 and later call variables where that is not the role's name."""


def slots(optimizer: str, state: State, trained: Trained, target: Target) -> Tensors:
    """`optimizer_weights` of an .h5 file.

    Args:
        optimizer: its class.
        state: the steps done and each role's arrays, one per trained weight.
        trained: the weights.
        target: of the dialect "keras2" or "tf_keras".
    """
    steps = np.asarray(state.iterations or 0, np.int64)
    held = dict(state.slots)
    if optimizer == "SGD" and not held and (target.dialect == "keras2" or not target.is_early):  # zeros, where it has no momentum
        held["momentum"] = tuple(np.zeros(shape, np.float32) for _, shape in trained)
    if target.dialect == "keras2":
        return _numbered(optimizer, steps, held, len(trained), target)
    names = [name for name, _ in trained]
    if target.is_early:
        early = _listed(held, names, lambda role, weight: f"{optimizer}/{weight}/{role}:0", weight_by_weight=optimizer == "Ftrl")
        return ((f"{optimizer}/iter:0", steps), *early)
    called = _LATER_NAMES.get(optimizer, {})
    largest = {role: held.pop(role) for role in ("vhat",) if role in held}  # amsgrad's come behind all others

    def name(role: str, weight: str) -> str:
        return f"{optimizer}/{called.get(role, role)}/{weight}:0"

    later = _listed(held, names, name, weight_by_weight=optimizer != "RMSprop")
    return (("iteration:0", steps), *later, *_listed(largest, names, name, weight_by_weight=False))


def _numbered(optimizer: str, steps: Array, held: Mapping[str, Sequence[Array]], count: int, target: Target) -> Tensors:
    """One role after the other; Adam without amsgrad keeps placeholders where it would be."""
    arrays = [array for role in held.values() for array in role]
    if optimizer == "Adam" and "vhat" not in held:
        arrays += [np.zeros(1, np.float32)] * count
    counted = optimizer not in _UNCOUNTED or target.numbers >= (2, 3)
    head = ((f"{optimizer}/iterations:0", steps),) if counted else ()
    stem = f"training/{optimizer}/Variable"
    return (*head, *((f"{stem}_{number}:0" if number else f"{stem}:0", array) for number, array in enumerate(arrays)))


def _listed(
    held: Mapping[str, Sequence[Array]], weights: Sequence[str], name: Callable[[str, str], str], *, weight_by_weight: bool
) -> Tensors:
    if weight_by_weight:
        return tuple((name(role, weight), held[role][at]) for at, weight in enumerate(weights) for role in held)
    return tuple((name(role, weight), array) for role, arrays in held.items() for weight, array in zip(weights, arrays, strict=True))
