"""An optimizer's stored tensors, sorted by what each is to it. No TensorFlow here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from layerfix.arrays import Array
from layerfix.legacy.optimizers import OPTIMIZERS, ROLES, Slots

Named = Sequence[tuple[str, Array]]


@dataclass(frozen=True, slots=True)
class State:
    """An optimizer's stored state: steps done (None where not stored), and by role one array per trained weight, in legacy order."""

    iterations: int | None
    slots: Mapping[str, tuple[Array, ...]]


def state(optimizer: str, weights: Named) -> State | None:
    """Stored optimizer tensors sorted by role, or None where their layout is not known.

    Args:
        optimizer: today's class name.
        weights: (name, array) as stored.
    """
    scalars = [(name, array) for name, array in weights if array.shape == ()]
    arrays = [(name, array) for name, array in weights if array.shape != ()]
    steps = next((int(array) for name, array in scalars if "iter" in name), None)
    if steps is None and scalars and "Variable" in scalars[0][0]:
        steps = int(scalars[0][1])
    if not arrays:
        return State(steps, {}) if scalars else None
    slots = OPTIMIZERS[optimizer]
    found = _by_name(slots, arrays)
    if found is None and not any({_behind(name), _ahead(name)} & {*slots.roles} for name, _ in arrays):
        found = _by_place(slots, arrays)
    return State(steps, found) if found is not None else None


def _by_name(slots: Slots, arrays: Named) -> dict[str, tuple[Array, ...]] | None:
    """The slots where every name tells its role, in the same one of three ways; None where not."""
    conventions: tuple[Callable[[str], str], ...] = (_behind, _ahead, _ahead_in_rmsprop)
    for role_of in conventions:
        named = {role: tuple(array for name, array in arrays if role_of(name) == role) for role in slots.roles}
        named = {role: found for role, found in named.items() if found}
        if sum(map(len, named.values())) == len(arrays) and len(set(map(len, named.values()))) == 1:
            return named
    return None


def _behind(name: str) -> str:
    """The role behind the weight's name, "Adam/dense/kernel/m:0" (tf.keras until 2.10), or ""."""
    last = name.rsplit(":", 1)[0].split("/")[-1]
    return last if last in ROLES else ""


_LATER = {"velocity": "v", "momentums": "momentum", "accumulated_grad": "accum_grad", "accumulated_delta_var": "accum_var", "u": "v"}


def _ahead(name: str) -> str:
    """The role ahead of the weight's name, "Adam/m/dense/kernel:0" (Keras 2.11 and later), or ""."""
    parts = name.rsplit(":", 1)[0].split("/")
    role = _LATER.get(parts[1], parts[1]) if len(parts) > 2 else ""
    return role if role in ROLES else ""


def _ahead_in_rmsprop(name: str) -> str:
    """The same in RMSprop, whose velocity is another role ("RMSprop/velocity/dense/kernel:0", as tensorflow 2.15 wrote it)."""
    parts = name.rsplit(":", 1)[0].split("/")
    return {"velocity": "rms", "momentum": "momentum", "average_gradient": "mg"}.get(parts[1], "") if len(parts) > 2 else ""


def _by_place(slots: Slots, arrays: Named) -> dict[str, tuple[Array, ...]] | None:
    """Nameless slots are told apart by their number; RMSprop's further ones came with names alone (tf.keras)."""
    adam = "vhat" in slots.roles
    if adam and len(arrays) % 3 == 0 and all(array.shape == (1,) for _, array in arrays[2 * len(arrays) // 3 :]):
        arrays = arrays[: 2 * len(arrays) // 3]  # keras 2.1.3 to 2.3: placeholders where amsgrad is off
    unnamed = slots.roles if adam else slots.always
    groups = 2 if adam and not _same_shapes(arrays, 3) else len(unnamed)
    if not _same_shapes(arrays, groups):
        return None
    size = len(arrays) // groups
    return {role: tuple(array for _, array in arrays[at * size : (at + 1) * size]) for at, role in enumerate(unnamed[:groups])}


def _same_shapes(arrays: Named, groups: int) -> bool:
    size = len(arrays) // groups
    shapes = [array.shape for _, array in arrays]
    return len(arrays) == size * groups and all(shapes[at * size : (at + 1) * size] == shapes[:size] for at in range(groups))
