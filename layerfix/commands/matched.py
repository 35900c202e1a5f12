"""A file's weights in the model that code makes: layer by layer by what both sides tell, or by recorded predictions, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.commands.order import CodeOrder
from layerfix.containers.donor import read_donor
from layerfix.containers.donor_records import Donor
from layerfix.containers.samples import Samples
from layerfix.errors import GraphError
from layerfix.matching.match import ORDER, match
from layerfix.matching.records import Choice, Leaf, Matching, Pair
from layerfix.matching.stored import by_position, stored_leaves
from layerfix.predictions import difference

TRIED = 48
"""Assignments among layers of equal shapes that recorded predictions are asked about."""
CLEAR = 1e-4
"""Largest difference, relative to the output's scale, with which predictions are reproduced."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The model that code makes, with the weights of a file.

    Attributes:
        model: a live Keras model.
        classes: the user's classes and functions, by name.
        matching: what was laid on what.
        inputs: (shape, dtype) of each input.
        uncertain: what only recorded predictions could confirm, or "".
    """

    model: Any
    classes: Mapping[str, Any]
    matching: Matching
    inputs: Sequence[Any]
    uncertain: str


def with_weights(order: CodeOrder, samples: Samples | None) -> Filled:
    """The model that code makes, with the weights of a file: HDF5, `.weights.h5`, TensorFlow checkpoint or `.npz`.

    Args:
        order: the file and the code.
        samples: which decide between layers of equal shapes, where they hold predictions.

    Raises:
        GraphError: where something has no counterpart, or more than one; it names both sides.
    """
    from layerfix.graph.live_leaves import live_leaves
    from layerfix.graph.made import built, made_model, uncertain_defaults

    donor = read_donor(order.source)
    stored = stored_leaves(donor)
    version = donor.checkpoint.keras_version if donor.checkpoint is not None else None
    model, classes = made_model(order.spec, order.layers, version)
    inputs = samples.inputs if samples is not None else None
    specs = built(model, inputs, order.shapes, [shape for leaf in stored for shape in leaf.shapes])
    live, variables = live_leaves(model)
    matching = _matched(donor, stored, live)
    if matching.choices and samples is not None and samples.predictions is not None:
        matching = _by_samples(model, variables, donor, matching, samples)
    refuse_open(order.source, matching, partial=order.partial)
    _fill(model, variables, donor, matching.pairs)
    if samples is not None and samples.predictions is not None and any(pair.reason == ORDER for pair in matching.pairs):
        matching = _reordered(model, variables, donor, matching, samples)
    return Filled(model, classes, matching, specs, uncertain_defaults(model, version, donor.kind))


def _matched(donor: Donor, stored: Sequence[Leaf], live: Sequence[Leaf]) -> Matching:
    from layerfix.graph.made import automatic_stems

    placed = by_position(donor, live)
    if placed is not None:
        pairs = tuple(Pair(one, other, ORDER) for one, other in zip(placed, live, strict=True))
        return Matching(pairs, (), (), ())
    return match(stored, live, automatic_stems())


def _fill(model: object, variables: Mapping[str, object], donor: Donor, pairs: Sequence[Pair]) -> None:
    """Gives layers of the model the weights of their counterparts."""
    from layerfix.graph.loading import put, recompute

    for pair in pairs:
        put(((variables[live], donor.read(stored)) for live, stored in _counterparts(pair)), pair.live.place)
    recompute(model)


def _counterparts(pair: Pair) -> Iterator[tuple[str, str]]:
    by_role = not (pair.stored.numbered or pair.live.numbered)
    for position, (role, key) in enumerate(zip(pair.live.roles, pair.live.keys, strict=True)):
        yield key, pair.stored.keys[pair.stored.roles.index(role) if by_role else position]


def _by_samples(model: object, variables: Mapping[str, object], donor: Donor, matching: Matching, samples: Samples) -> Matching:
    """Asks recorded predictions which of all assignments between the open layers is meant; one alone must reproduce them."""
    if any(len(choice.stored) != len(choice.live) for choice in matching.choices):
        return matching
    assert samples.predictions is not None
    _fill(model, variables, donor, matching.pairs)
    fitting = []
    for pairs in islice(_assignments(matching.choices), TRIED + 1):
        _fill(model, variables, donor, pairs)
        if difference(called(model, samples.inputs), samples.predictions) <= CLEAR:
            fitting.append(pairs)
    if len(fitting) != 1:
        return matching
    return Matching((*matching.pairs, *fitting[0]), (), matching.unused, matching.missing)


def _reordered(model: object, variables: Mapping[str, object], donor: Donor, matching: Matching, samples: Samples) -> Matching:
    """Where order alone decided and recorded predictions contradict it, the one other assignment that reproduces them."""
    assert samples.predictions is not None
    if difference(called(model, samples.inputs), samples.predictions) <= CLEAR:
        return matching
    ordered = [pair for pair in matching.pairs if pair.reason == ORDER]
    groups: list[list[Pair]] = []
    for pair in ordered:
        own = next((group for group in groups if group[0].stored.shapes == pair.stored.shapes), None)
        groups.append([pair]) if own is None else own.append(pair)
    sides = [(tuple(pair.stored for pair in group), tuple(pair.live for pair in group)) for group in groups]
    choices = tuple(Choice(stored, live, "recorded predictions contradict their order") for stored, live in sides)
    rest = tuple(pair for pair in matching.pairs if pair.reason != ORDER)
    found = _by_samples(model, variables, donor, Matching(rest, choices, matching.unused, matching.missing), samples)
    _fill(model, variables, donor, found.pairs)
    return matching if found.choices else found


def _assignments(choices: Sequence[Choice]) -> Iterator[tuple[Pair, ...]]:
    ways = [
        [
            [Pair(one, other, "recorded predictions") for one, other in zip(choice.stored, order, strict=True)]
            for order in islice(permutations(choice.live), TRIED + 1)
        ]
        for choice in choices
    ]
    for chosen in product(*ways):
        yield tuple(pair for part in chosen for pair in part)


def refuse_open(path: Path, matching: Matching, *, partial: bool) -> None:
    """Ends where a layer has several counterparts, or none.

    Raises:
        GraphError: naming both sides.
    """
    if not matching.pairs:
        raise GraphError("none of its layers has the shapes of a layer of the model.", where=str(path), hint=table(matching))
    if matching.choices:
        choice = matching.choices[0]
        raise GraphError(
            f"stored {_names(choice.stored)} could be {_names(choice.live)} of the model: {choice.why}.",
            where=str(path),
            hint=f"Give recorded inputs and predictions with --samples, or give the layers the file's names.\n{table(matching)}",
        )
    if (matching.unused or matching.missing) and not partial:
        sides = [
            (matching.missing, "of the model has no stored weights", "of the model have no stored weights"),
            (matching.unused, "of the file has no place in the model", "of the file have no place in the model"),
        ]
        said = " and ".join(f"{_names(leaves)} {one if len(leaves) == 1 else many}" for leaves, one, many in sides if leaves)
        hint = f"If that is meant (a new head), say so with --partial.\n{table(matching)}"
        raise GraphError(f"{said}.", where=str(path), hint=hint)


def _names(leaves: Sequence[Leaf]) -> str:
    shown = [f"{leaf.place} {' '.join(str(list(shape)) for shape in leaf.shapes)}" for leaf in leaves[:4]]
    more = f" and {len(leaves) - 4} more" if len(leaves) > 4 else ""
    return ", ".join(shown) + more


def table(matching: Matching) -> str:
    """Which layer has which counterpart, a line each."""
    rows = [f"  {pair.stored.place} -> {pair.live.place}: {pair.reason}" for pair in matching.pairs]
    for choice in matching.choices:
        sides = (", ".join(leaf.place for leaf in choice.stored), " or ".join(leaf.place for leaf in choice.live))
        rows += [f"  {sides[0]} -> {sides[1]}: open"]
    rows += [f"  {leaf.place} -> nothing" for leaf in matching.unused]
    rows += [f"  nothing -> {leaf.place}" for leaf in matching.missing]
    return "\n".join(rows[:200])


def called(model: Any, inputs: Sequence[Any]) -> list[Any]:
    """Outputs of a model of any kind, one array each."""
    outputs = model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)
    listed = outputs.values() if isinstance(outputs, dict) else outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return [np.asarray(output) for output in listed]
