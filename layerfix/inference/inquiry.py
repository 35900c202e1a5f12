"""What is open about the layers of a model, and the graph under what is settled so far."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples
from layerfix.errors import GraphError, HostileError, LackError
from layerfix.inference.answers import Answers
from layerfix.inference.structure import Arguments, Place, signature
from layerfix.options import Options
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt

Array = NDArray[np.generic]
COMBINATIONS = 16
"""Argument sets tried for one layer at most."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is open about one layer: values of lost arguments, kernels that no seed told."""

    layer: str
    arguments: tuple[LostArgument, ...]
    unknown: tuple[WeightSpec, ...]


@dataclass(frozen=True)
class Inquiry:
    """Everything that stays the same while questions are answered.

    Attributes:
        source: the checkpoint.
        options: for the user's layers.
        given: arguments that the user stated.
        base: the graph under the defaults.
        known: values of hidden weights that are known already.
        samples: the evidence; None to make do with made-up inputs, which decide arguments only.
        graph_seed: under which kernels were drawn.
        progress: told at every stage.
    """

    source: Checkpoint
    options: Options
    given: Arguments
    base: Rebuilt
    known: Mapping[WeightKey, Array]
    samples: Samples | None
    graph_seed: int
    progress: Progress

    @cached_property
    def graphs(self) -> Graphs:
        """The graphs under sets of arguments, built as they are asked for."""
        return Graphs(self)


class Graphs:
    """The graph under sets of arguments, each built once; values that were put into one since are not its own.

    Attributes:
        lacking: arguments under which nothing is known, since our legacy Keras lacks what the class uses.
    """

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self._built: dict[str, Rebuilt | None] = {}
        self.lacking: list[Mapping[Place, Any]] = []

    def under(self, arguments: Arguments, tried: Arguments) -> Rebuilt | None:
        """None where it does not build, or loses other weights than the base; of `arguments` those `tried` are told as lacking."""
        name = repr(sorted((layer, sorted(values.items())) for layer, values in arguments.items()))
        if name not in self._built:
            try:
                self._built[name] = self._inquiry.base if self._is_base(arguments) else self._alike(arguments)
            except LackError:
                self.lacking.append({(layer, argument): value for layer, values in tried.items() for argument, value in values.items()})
                self._built[name] = None
        return self._built[name]

    def _is_base(self, arguments: Arguments) -> bool:
        """Whether the base was built under just these."""
        used = self._inquiry.base.blueprint.arguments
        return all(layer in used and _same(used[layer], values) for layer, values in arguments.items())

    def _alike(self, arguments: Arguments) -> Rebuilt | None:
        from layerfix.graph.rebuilt import rebuild

        try:
            rebuilt = rebuild(self._inquiry.source, layers=self._inquiry.options.layers, arguments=arguments)
        except LackError:
            raise
        except (GraphError, HostileError):  # a guess may ask for more than any genuine file of this size does
            return None
        return rebuilt if signature(rebuilt.blueprint) == signature(self._inquiry.base.blueprint) else None


def _same(used: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether all of these values were used, types included."""
    return all(name in used and repr(used[name]) == repr(value) for name, value in values.items())


def combinations(asked: Sequence[Question]) -> list[dict[str, dict[str, Any]]]:
    """Argument sets, the defaults first; where there are too many, one argument changed at a time."""
    places = [(question.layer, argument) for question in asked for argument in question.arguments]
    count = math.prod(len(argument.candidates) for _, argument in places)
    if count <= COMBINATIONS:
        chosen = [dict(zip(range(len(places)), values, strict=True)) for values in itertools.product(*(a.candidates for _, a in places))]
    else:
        single = sorted((rank, i) for i, (_, a) in enumerate(places) for rank in range(1, len(a.candidates)))
        chosen = [{}, *({i: places[i][1].candidates[rank]} for rank, i in single)][:COMBINATIONS]
    found = []
    for values in chosen:
        arguments: dict[str, dict[str, Any]] = {question.layer: {} for question in asked}
        for i, (layer, argument) in enumerate(places):
            if i in values or not argument.required:
                arguments[layer][argument.name] = values.get(i, argument.default)
        found.append(arguments)
    return found


def whole(asked: Sequence[Question]) -> bool:
    """Whether `combinations` holds every set: of a part of them, the best one shows only which arguments to look around."""
    return math.prod(len(argument.candidates) for question in asked for argument in question.arguments) <= COMBINATIONS


def around(question: Question, best: Mapping[str, Any], tried: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sets that differ from the best one in one argument, and were not tried."""
    seen = {repr(sorted(each.items())) for each in tried}
    changed = ({**best, argument.name: value} for argument in question.arguments for value in argument.candidates)
    return [each for each in changed if repr(sorted(each.items())) not in seen]


def rebuilt_under(inquiry: Inquiry, answers: Answers, combination: Arguments) -> Rebuilt | None:
    """The graph under a combination, with all known weights; None where it does not build or would lose other weights."""
    from layerfix.graph.rebuilt import load_values

    merged = {layer: dict(values) for layer, values in inquiry.given.items()}
    for arguments in (answers.arguments, combination):
        for layer, values in arguments.items():
            merged.setdefault(layer, {}).update(values)
    rebuilt = inquiry.graphs.under(merged, combination)
    if rebuilt is not None:
        load_values(rebuilt, inquiry.known)
        load_values(rebuilt, found_values(inquiry, answers))
    return rebuilt


def under_answers(inquiry: Inquiry, answers: Answers) -> Answers:
    """The answers with the graph under the arguments that are decided in them."""
    return replace(answers, rebuilt=rebuilt_under(inquiry, answers, {}) or answers.rebuilt)


def deciding(inquiry: Inquiry, answers: Answers, layer: str, arguments: Mapping[str, object]) -> Answers:
    """The answers with arguments of one layer decided; the graph stands under them."""
    return under_answers(inquiry, answers.deciding({layer: arguments}))


def found_values(inquiry: Inquiry, answers: Answers) -> dict[WeightKey, Array]:
    from layerfix.inference.values import value_of

    specs = {spec.key: spec for spec in inquiry.base.blueprint.hidden}
    return {key: value_of(specs[key], found, inquiry.source.keras_version) for key, found in answers.recovered.items()}
