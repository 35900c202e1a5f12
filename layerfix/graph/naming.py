"""Legacy names for what a trace saw: layer numbers by the gaps in the file, variable names by TensorFlow's name scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layerfix.legacy.names import auto_name, numbered


@dataclass(frozen=True, slots=True)
class Made:
    """A layer that the script made: in the config (then `name` is known) or hidden (then `subject` is the layer)."""

    class_name: str
    name: str | None = None
    subject: Any = None


def layer_names(sequence: Sequence[Made], *, unnumbered_first: bool) -> dict[int, str]:
    """Names of the hidden layers, by `id` of the layer.

    Automatic numbers count every layer of a class that a session made. Hidden ones fill the gaps between the numbers in the file; before
    the first known number they stand right below it (what came before belonged to other models of the session).

    Args:
        sequence: every layer in the order in which the script made them.
        unnumbered_first: tf.keras' way of counting: "dense", "dense_1", ...
    """
    names: dict[int, str] = {}
    for prefix in {auto_name(made.class_name) for made in sequence}:
        group = [made for made in sequence if auto_name(made.class_name) == prefix]
        nameless = [made.subject is not None and made.name is None for made in group]  # a name of its own takes no number
        numbers = [None if none else _anchor(made) for made, none in zip(group, nameless, strict=True)]
        for made, number in zip(group, _filled(numbers, -1 if unnumbered_first else 0, nameless), strict=True):
            if made.subject is not None:
                names[id(made.subject)] = made.name or (prefix if number == 0 and unnumbered_first else f"{prefix}_{number}")
    return names


def _anchor(made: Made) -> int | None:
    return numbered(made.name or "", made.class_name)


def _filled(numbers: list[int | None], before: int, hidden: list[bool]) -> list[int]:
    """The numbers with those of hidden layers filled in: above every known number before them, below every one behind them."""
    taken = {number for number in numbers if number is not None}
    filled: list[int] = []
    last = before
    for index, number in enumerate(numbers):
        if number is None and hidden[index]:
            run = _run(numbers, hidden, index)
            behind = [later for later in numbers[index:] if later is not None]
            if last == before and behind:
                last = max(before, min(behind) - run - 1)
            number = _free(last + 1, taken)
            taken.add(number)
        if number is not None:
            last = max(last, number)
        filled.append(last if number is None else number)
    return filled


def _run(numbers: list[int | None], hidden: list[bool], index: int) -> int:
    """How many hidden layers come before the next known number."""
    count = 0
    for number, is_hidden in zip(numbers[index:], hidden[index:], strict=True):
        if number is not None:
            break
        count += is_hidden
    return count


def _free(number: int, taken: set[int]) -> int:
    while number in taken:
        number += 1
    return number


@dataclass(slots=True)
class Scopes:
    """TensorFlow 1's name scopes: names are unique in a graph, a second one gets a number (tensorflow 1.15, framework/ops.py)."""

    used: dict[str, int] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)

    def enter(self, name: str) -> None:
        self.stack.append(self.unique(name))

    def leave(self) -> None:
        self.stack.pop()

    def unique(self, name: str) -> str:
        full = f"{self.stack[-1]}/{name}" if self.stack else name
        count = self.used.get(full.lower(), 0)
        self.used[full.lower()] = count + 1
        if not count:
            return full
        candidate = f"{full}_{count}"
        while candidate.lower() in self.used:
            count += 1
            candidate = f"{full}_{count}"
        self.used[candidate.lower()] = 1
        return candidate


def unit_scope(role: str, inner_names: Mapping[str, str]) -> tuple[str, str]:
    """(extra scope, weight name) of a stock layer's role: a Bidirectional builds its two layers in scopes of their own."""
    scope, _, name = role.rpartition("/")
    return inner_names.get(scope, ""), name


def attribute_paths(owner: object, subjects: Iterable[object]) -> dict[int, str]:
    """Where an object's attributes hold each subject: "conv1d", "blocks/0/value", by `id`."""
    wanted = {id(subject) for subject in subjects}
    return {id(item): path for item, path in _held(vars(owner), "", _public_first, set(), 0) if id(item) in wanted}


def holding_order(owner: Any, subjects: Iterable[Any]) -> dict[int, int]:
    """The place of each subject among all that an object holds, by `id`; those that nothing holds are left out.

    Attributes stand as they were set, values of a dict by their keys (tensorflow 2.15, trackable/data_structures.py), and what a subject
    holds stands right behind it.
    """
    wanted = {id(subject) for subject in subjects}
    stored = [id(item) for item, _ in _held(vars(owner), "", _as_stored, set(), 0) if id(item) in wanted]
    return {number: place for place, number in enumerate(stored)}


_DEEPEST = 6
"""Steps from a layer to what it holds: beyond lie Keras' and TensorFlow's own structures."""
_OURS = frozenset(
    [
        "events", "memory", "adopted", "tracked", "_layers", "_tracker", "_trainable_variables",
        "_non_trainable_variables", "_inbound_nodes",
        "_outbound_nodes", "_legacy", "_trainable_weights", "_non_trainable_weights", "_dtype_policy", "_losses", "_metrics",
    ]
)  # fmt: skip


_Items = list[tuple[str, Any]]


def _held(value: object, path: str, ordered: Callable[[object, int], _Items], seen: set[int], depth: int) -> Iterator[tuple[Any, str]]:
    """Each object that a value holds, once, and where; an object stands before what it holds."""
    if id(value) in seen or depth > _DEEPEST:
        return
    seen.add(id(value))
    yield value, path
    for name, item in ordered(value, depth):
        yield from _held(item, f"{path}/{name}" if path else name, ordered, seen, depth + 1)


def _public_first(value: object, depth: int) -> _Items:
    """A public name says more."""
    return sorted(_items(value, depth), key=lambda held: held[0].startswith("_"))


def _as_stored(value: object, depth: int) -> _Items:
    return sorted(_items(value, depth), key=lambda held: held[0]) if isinstance(value, Mapping) and depth else _items(value, depth)


def _items(value: object, depth: int) -> _Items:
    if isinstance(value, Mapping):
        return _attributes(value) if depth == 0 else [(str(name), item) for name, item in value.items()]
    if isinstance(value, list | tuple | set | frozenset):
        return [(str(index), item) for index, item in enumerate(value)]
    if hasattr(value, "__dict__") and not isinstance(value, type) and not hasattr(value, "__code__"):
        return _attributes(vars(value))
    return []


def _attributes(held: Mapping[str, Any]) -> _Items:
    """An object's attributes in the order in which they were set; what Keras and TensorFlow keep for themselves is left out."""
    return [(str(name), item) for name, item in held.items() if name not in _OURS and not str(name).startswith("_self_")]
