"""The rules, strongest evidence first: attribute paths, given names, unique shapes, order on which every witness agrees."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from layerfix.matching.records import Choice, Leaf, Matching, Pair, alike

_POSITION = re.compile(r"(^|/)(layers/|layer_with_weights-\d|layer-\d|_layer_checkpoint_dependencies/)")
ORDER = "order alone, among layers of equal shapes"


@dataclass(slots=True)
class _Open:
    """What is not yet decided."""

    stored: list[Leaf]
    live: list[Leaf]
    pairs: list[Pair] = field(default_factory=list)

    def take(self, stored: Leaf, live: Leaf, reason: str) -> None:
        self.stored.remove(stored)
        self.live.remove(live)
        self.pairs.append(Pair(stored, live, reason))


def match(stored: Sequence[Leaf], live: Sequence[Leaf], automatic: Collection[str]) -> Matching:
    """Finds the counterpart of each stored layer; what no evidence decides is left open.

    Args:
        stored: layers of the file.
        live: layers of the model.
        automatic: stems of names that Keras gives by itself ("dense"): they say in which order layers were made, not which is which.
    """
    # Positions among layers tell nothing where one side has more of them: each stands for another layer then.
    if len(stored) != len(live):
        stored = [replace(leaf, attributes=frozenset(filter(_named_place, leaf.attributes))) for leaf in stored]
    state = _Open(list(stored), list(live))
    # The strongest first: what a rule pairs is out of the way of those behind it.
    _by(state, lambda one, other: bool(one.attributes & other.attributes), "the same attribute")
    _by(state, lambda one, other: one.path == other.path and _given(one, automatic), "the same name and path")
    _by(state, lambda one, other: one.name == other.name and _given(one, automatic), "the same name")
    _by(
        state,
        lambda one, other: _home(one, automatic) is not None and _home(one, automatic) == _home(other, automatic) and alike(one, other),
        "the only one of its shapes in a part of the same name",
    )
    choices = _by_shape(state, automatic)
    chosen = {id(leaf) for choice in choices for leaf in (*choice.stored, *choice.live)}
    return Matching(
        tuple(sorted(state.pairs, key=lambda pair: pair.live.order)),
        tuple(choices),
        tuple(leaf for leaf in state.stored if id(leaf) not in chosen),
        tuple(leaf for leaf in state.live if id(leaf) not in chosen),
    )


def _named_place(attribute: str) -> bool:
    """Whether a place is the name of an attribute, and no position among layers, which one layer more would shift."""
    return not _POSITION.search(attribute)


def _given(leaf: Leaf, automatic: Collection[str]) -> bool:
    """Whether a layer's name is one that its author gave."""
    return bool(leaf.path) and leaf.stem not in automatic


def _home(leaf: Leaf, automatic: Collection[str]) -> str | None:
    """The closest part around a layer whose name its author gave."""
    outer = (Leaf(leaf.path[:end], (), (), frozenset(), 0) for end in range(len(leaf.path) - 1, 1, -1))
    return next((part.name for part in outer if _given(part, automatic)), None)


def _by(state: _Open, same: Callable[[Leaf, Leaf], bool], reason: str) -> None:
    """Pairs that a rule finds, where it finds one alone on both sides and the shapes agree."""
    for stored in list(state.stored):
        found = [live for live in state.live if same(stored, live)]
        rivals = [other for other in state.stored if found and same(other, found[0])]
        if len(found) == 1 and len(rivals) == 1 and alike(stored, found[0]):
            state.take(stored, found[0], reason)


def _by_shape(state: _Open, automatic: Collection[str]) -> list[Choice]:
    """What is left, in groups of equal shapes and, where both sides are named by Keras, of equal class."""
    choices: list[Choice] = []
    for group in _groups(state):
        stored = [leaf for leaf in state.stored if alike(leaf, group)]
        live = [leaf for leaf in state.live if alike(group, leaf)]
        if not stored or not live:
            continue
        if len(stored) == len(live) == 1:
            if _contradict(stored[0], live[0], automatic):
                why = "their shapes are equal, and their names say that they are different layers"
                choices.append(Choice((stored[0],), (live[0],), why))
            else:
                state.take(stored[0], live[0], "the only one of its shapes")
        elif len(stored) != len(live):
            choices.append(Choice(tuple(stored), tuple(live), "there are not as many stored as in the model"))
        else:
            choices += _by_order(state, stored, live, automatic)
    return choices


def _groups(state: _Open) -> list[Leaf]:
    found: list[Leaf] = []
    for leaf in state.stored:
        if not any(alike(leaf, other) for other in found):
            found.append(leaf)
    return found


def _contradict(stored: Leaf, live: Leaf, automatic: Collection[str]) -> bool:
    """Names that cannot be of one layer: two classes, as Keras' own names tell."""
    if not stored.path or not live.path:
        return False
    known = stored.stem in automatic and live.stem in automatic
    return known and stored.stem != live.stem


def _by_order(state: _Open, stored: list[Leaf], live: list[Leaf], automatic: Collection[str]) -> list[Choice]:
    """Order decides where the order in the file and the numbers in Keras' own names say the same."""
    if any(_given(leaf, automatic) for leaf in (*stored, *live)):
        named = [leaf for leaf in (*stored, *live) if _given(leaf, automatic)]
        why = f"their shapes are equal, and names such as {named[0].name!r} are on one side only"
        return [Choice(tuple(stored), tuple(live), why)]
    if any(leaf.order < 0 for leaf in stored):
        return [Choice(tuple(stored), tuple(live), "their shapes are equal, and the file keeps no order")]
    by_place = _paired(stored, live, lambda leaf: leaf.order)
    by_number = _paired(stored, live, lambda leaf: leaf.number) if all(leaf.path for leaf in stored) else by_place
    if any(_contradict(one, other, automatic) for one, other in by_place) or _keys(by_place) != _keys(by_number):
        return [Choice(tuple(stored), tuple(live), "their shapes are equal, and the order in the file is not that of their numbers")]
    for one, other in by_place:
        state.take(one, other, ORDER)
    return []


def _paired(stored: list[Leaf], live: list[Leaf], key: Callable[[Leaf], int]) -> list[tuple[Leaf, Leaf]]:
    return list(zip(sorted(stored, key=key), sorted(live, key=key), strict=True))


def _keys(pairs: list[tuple[Leaf, Leaf]]) -> set[tuple[int, int]]:
    return {(id(one), id(other)) for one, other in pairs}
