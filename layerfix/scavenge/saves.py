"""The saves that may have written a damaged file, as far as what is left of it tells: which releases, which layout, which slots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from layerfix.errors import LayerfixError
from layerfix.scavenge.legacy_saves import TOP, Save, legacy_steps
from layerfix.scavenge.names import Unknown, optimizer_of, promises, release_of
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.tree import OPTIMIZER, WEIGHTS, Tree
from layerfix.scavenge.v3_parts import Way
from layerfix.scavenge.v3_saves import guesses, v3_steps, ways
from layerfix.scavenge.writing import Calls, Script, Step

_V3 = frozenset({"layers", "_layer_checkpoint_dependencies", "vars", "optimizer"})
_LEGACY = frozenset({WEIGHTS, OPTIMIZER, "layer_names", "model_config"})
PLAIN = frozenset(
    {"Dense", "Embedding", "PReLU", "BatchNormalization", "LayerNormalization", "DepthwiseConv2D"}
    | {f"{kind}{rank}D" for kind in ("Conv", "SeparableConv") for rank in (1, 2, 3)}
    | {f"Conv{rank}DTranspose" for rank in (2, 3)}
)
"""Classes whose weights are named by the layer and the role in every release."""
PLAIN_IN_KERAS_2 = PLAIN | {"SimpleRNN", "GRU", "LSTM", "TimeDistributed"}
"""Those of multi-backend Keras, where neither a cell nor an inner layer opens a scope of its own (keras 2.2.4, `Layer.__call__`)."""
_BROKEN = (LayerfixError, KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, ArithmeticError)
"""What a config that is none brings about."""


_YEARS = {(False, False): ((0, 0, 0), (2, 5, 0)), (True, False): ((2, 3, 0), (2, 10, 0)), (True, True): ((2, 5, 0), (3, 0, 0))}
"""By (sorted, top): the releases of Keras inside TensorFlow that may have saved so."""


SCOPES = (("training", ""), ("training_1", ""), ("training_1", "_1"), ("training_10", ""), ("training_10", "_1"), ("training_10", "_10"))
"""Scopes of Keras 2 and what follows an optimizer's name, one for each length: names of one length take the same room."""


def saves(found: Objects, named: Tree) -> Iterator[Save]:
    """The ways in which the release that a file states may have saved; all of them where it states none."""
    slots = _is_there(found, named, "", OPTIMIZER)
    top = _is_there(found, named, WEIGHTS, TOP)
    for save in _releases(named):
        if top is None or save.top == top:
            yield replace(save, slots=bool(slots))
            if slots is None and optimizer_of(named)[0]:
                yield replace(save, slots=True)


def _is_there(found: Objects, named: Tree, parent: str, name: str) -> bool | None:
    """Whether a group has a member; None where it has lost some."""
    path = f"{parent}/{name}" if parent else name
    if path in named.attributes or path in named.paths.values():
        return True
    group = next((found.groups[at] for at, place in named.paths.items() if place == parent and at in found.groups), None)
    return None if group is None or group.torn or any(link.name is None for link in group.links) else False


def _releases(named: Tree) -> Iterator[Save]:
    stated = release_of(named)
    family, numbers = (stated.family, stated.numbers) if stated else (None, None)
    for old in (True, False):
        if family in (None, "keras1", "keras2"):
            yield Save(False, True, False, old)
        if family in (None, "tf_keras"):
            for by_name, top in ((False, False), (True, False), (True, True)):
                since, until = _YEARS[by_name, top]
                if numbers is None or since <= numbers < until:
                    yield Save(by_name, False, top, old)
    if family in (None, "keras3"):
        yield Save(True, False, True, False)


def scripts(found: Objects, named: Tree, agreement: Callable[[Script], int]) -> Iterator[Script]:
    """Every save that may have written a file.

    Args:
        agreement: how many structures of the file stand where a script has them.
    """
    told = named.attributes.get("", {}).keys() | {path.partition("/")[0] for path in named.paths.values()}
    if told & _V3 or not told & _LEGACY:
        yield from _of_v3(found, named, agreement)
    if told & _LEGACY or not told & _V3:
        yield from legacy_scripts(found, named)


def legacy_scripts(found: Objects, named: Tree) -> Iterator[Script]:
    """The saves before Keras 3's layout."""
    for save in saves(found, named):
        known, whole = collected(legacy_steps(found, named, save))
        calls: Calls = "h5py2" if save.old else "h5py3"
        yield Script(known, whole, calls)
        if whole and save.slots:  # where the slots are others than the rules say, the layers are still where they were
            yield Script(tuple(step for step in known if step.path.partition("/")[0] != OPTIMIZER), False, calls)
        elif save.slots and save.late:
            for scopes in SCOPES:
                known, whole = collected(legacy_steps(found, named, replace(save, scopes=scopes)))
                if whole:  # of the first length there is one name alone
                    yield Script(known, whole, calls, made_up="" if scopes == SCOPES[0] else OPTIMIZER)


def plain_groups(named: Tree) -> tuple[str, ...]:
    """Beginnings of paths of layers whose every shape the config tells, and whose names a list tells or the simplest rule: layer/role."""
    root = f"{named.weights}/" if named.weights else ""
    stated = release_of(named)
    classes = PLAIN_IN_KERAS_2 if stated is not None and stated.family == "keras2" else PLAIN
    promised = [(f"{root}{owner}", owner, held) for owner, held in promises(named).items()]
    listed = {path for path, values in named.attributes.items() if any(name.startswith("weight_names") for name in values)}
    plain = [
        path
        for path, owner, held in promised
        if all(w.shape is not None and (path in listed or (w.layer == owner and w.class_name in classes)) for w in held)
    ]
    return tuple(f"{path}/" for path in plain)


def v3_scripts(found: Objects, named: Tree) -> Iterator[Script]:
    """The saves in Keras 3's layout, into a file of their own."""
    for way in ways(named):
        for slots in guesses(named, backwards=way.backwards, linked=None):
            known, whole = collected(v3_steps(found, named, replace(way, slots=slots)))
            yield Script(known, whole, "item", way.memory)


def _of_v3(found: Objects, named: Tree, agreement: Callable[[Script], int]) -> Iterator[Script]:
    """The way that fits best, with every count of slots that its optimizer may have."""

    def script(way: Way) -> Script:
        known, whole = collected(v3_steps(found, named, way))
        return Script(known, whole, "item", way.memory)

    linked = _is_there(found, named, "", "optimizer")

    def slots(way: Way) -> tuple[tuple[int, ...] | None, ...]:
        return guesses(named, backwards=way.backwards, linked=linked)

    best = max(ways(named), key=lambda way: agreement(script(replace(way, slots=slots(way)[0]))))
    yield from (script(replace(best, slots=count)) for count in slots(best))


def _can_be(step: Step) -> bool:
    """Whether a step makes what HDF5 can make: a config may say any size. Raises Unknown where it does not."""
    if step.shape is not None and min(step.shape, default=0) < 0:
        raise Unknown
    return True


def collected(steps: Iterator[Step]) -> tuple[tuple[Step, ...], bool]:
    """The steps up to the first that is not known, and whether they are all."""
    done: list[Step] = []
    try:
        done.extend(step for step in steps if _can_be(step))
    except (Unknown, *_BROKEN):
        return tuple(done), False
    return tuple(done), True
