"""Which constructor arguments the graph can have had: hypotheses that build, grouped by the weights and draws that they imply."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.blueprint import Blueprint
from layerfix.containers.records import Checkpoint
from layerfix.errors import GraphError, HostileError, LackError
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt

Arguments = Mapping[str, Mapping[str, Any]]
Place = tuple[str, str]
"""(layer, argument)."""
STRIDE = 24
"""Graphs tried before the evidence is looked at."""
ATTEMPTS = 72
"""Graphs tried at most."""
FURTHER, SINGLE, BLIND = 2, 4, 12
"""How much less plausible: a further argument differs; layers of one class differ; two arguments must change at once."""
_NONE = object()
DEEPEST = 2
"""Arguments changed at once while nothing tells whether the first change was right."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A set of arguments under which the graph builds and fits what the file stores.

    Attributes:
        chosen: lost arguments that differ from their default: {(layer, argument): value}.
        rebuilt: the graph under them.
    """

    chosen: Mapping[Place, Any]
    rebuilt: Rebuilt

    @property
    def unfilled(self) -> int:
        """Automatic numbers that no layer has, between those that layers have: `conv1d_3` beside `conv1d_2` and `conv1d_4`."""
        numbers: dict[str, set[int]] = {}
        for spec in self.rebuilt.blueprint.weights:
            for part in spec.name.split("/")[:-1]:
                numbered = re.fullmatch(r"(.+)_(\d+)", part)
                if numbered:
                    numbers.setdefault(numbered[1], set()).add(int(numbered[2]))
        return sum(max(found) - min(found) + 1 - len(found) for found in numbers.values())

    @property
    def contradictions(self) -> int:
        """Lost layers whose output has another shape than they state: legacy Keras built the layers behind them by what they state."""
        return sum(_contradicts(leaf.layer) for path, leaf in self.rebuilt.leaves.items() if path in self.rebuilt.blueprint.arguments)

    @property
    def signature(self) -> str:
        """Equal for hypotheses that lose the same weights and draw the same numbers."""
        return signature(self.rebuilt.blueprint)


def signature(blueprint: Blueprint) -> str:
    """The hidden weights and the draws of a blueprint in one comparable string."""
    hidden = [(spec.owner, spec.role, spec.shape, json.dumps(spec.initializer, sort_keys=True, default=str)) for spec in blueprint.hidden]
    draws = [(draw.layer, draw.kind, draw.count, draw.weight is not None, str(draw.call or "")) for draw in blueprint.draws]
    return repr((hidden, draws))


@dataclass(order=True, frozen=True, slots=True)
class _Trial:
    """Arguments to try, cheap ones first; `place` is where the trial that led to this one failed."""

    cost: int
    number: int
    chosen: Mapping[Place, Any] = field(compare=False)
    place: str | None = field(compare=False, default=None)


def _contradicts(layer: Any) -> bool:
    try:
        stated, made = layer.compute_output_shape(tuple(layer.input.shape)), tuple(layer.output.shape)
        return any(a != b for a, b in zip(tuple(stated), made, strict=True) if a is not None and b is not None)
    except (AttributeError, TypeError, ValueError, NotImplementedError, IndexError):
        return False  # several inputs, several calls, nothing stated: nothing to compare


class Explorer:
    """Hypotheses in the order of plausibility, each built when asked for.

    The defaults come first, then one argument changed for all layers of its class; from each graph that builds with other weights or draws
    than any before, and from each failure that moves on to another layer, the search goes on with a further argument or a single layer.

    Args:
        source: the checkpoint.
        layers: the user's source files.
        given: arguments that are settled.
        lost: those that are not.
        progress: told before each graph.

    Attributes:
        built: what builds.
        first_error: why the first graph did not.
        lacking: arguments that were not judged, since our legacy Keras lacks what the class uses under them.
    """

    def __init__(
        self, source: Checkpoint, layers: Sequence[Path], given: Arguments, lost: Sequence[LostArgument], progress: Progress
    ) -> None:
        self.built: list[Hypothesis] = []
        self.first_error: GraphError | HostileError | None = None
        self.lacking: list[Mapping[Place, Any]] = []
        self._source, self._layers, self._given, self._lost, self._progress = source, layers, given, lost, progress
        self._signatures: set[str] = set()
        self._costs: dict[str, int] = {}
        self._tried: set[str] = set()
        self._trials: list[_Trial] = []
        self._attempts = self._number = 0
        required = [argument for argument in lost if argument.required and argument.candidates]
        self._base = {(argument.layer, argument.name): argument.candidates[0] for argument in required}
        self._push(0, self._base, None)

    @property
    def more(self) -> bool:
        """Whether anything is left to try."""
        return bool(self._trials) and self._attempts < ATTEMPTS

    def explore(self, attempts: int = STRIDE) -> Sequence[Hypothesis]:
        """Try so many further graphs; returns all that were built so far."""
        for done in range(attempts):
            if not self.more:
                break
            self._progress("building the graph", done, attempts)
            self._try(heapq.heappop(self._trials))
        least = min((found.contradictions for found in self.built), default=0)
        return tuple(found for found in self.built if found.contradictions == least)

    def _try(self, trial: _Trial) -> None:
        from layerfix.graph.rebuilt import rebuild

        if _name(trial.chosen) in self._tried:
            return
        self._tried.add(_name(trial.chosen))
        self._attempts += 1
        try:
            rebuilt = rebuild(self._source, layers=self._layers, arguments=merged(self._given, trial.chosen))
        except (GraphError, HostileError) as error:
            if isinstance(error, HostileError) and not trial.chosen:  # so the file itself asks for it, and no guess of ours
                raise
            self.first_error = self.first_error or error
            if isinstance(error, LackError):
                self.lacking.append(trial.chosen)
            self._after_failure(trial, error.where or str(error))
            return
        found = Hypothesis(trial.chosen, rebuilt)
        self.built.append(found)
        if found.signature not in self._signatures:
            self._signatures.add(found.signature)
            self._after_success(trial)

    def _after_success(self, trial: _Trial) -> None:
        """Other arguments together with these; single layers only around what was changed, for layers of one class are mostly alike.

        The first graph that builds is a landmark: what lies around it comes before all else.
        """
        changed = self._changed(trial)
        if changed and len(self._signatures) == 1:
            trial = replace(trial, cost=0)
        for group in groups(self._lost):
            fresh = group[0].name not in changed
            if fresh:
                self._push_group(trial, group, FURTHER if changed else 0)
            if len(group) > 1 and not fresh:
                for argument in group:
                    self._push_group(trial, [argument], SINGLE)

    def _after_failure(self, trial: _Trial, place: str) -> None:
        """Where the failure moved on the change was right; where it stays put, two arguments may be wrong at once."""
        moved = trial.place is not None and place != trial.place
        changed = self._changed(trial)
        for group in groups(self._lost):
            if not changed or moved:
                self._push_group(trial, group, FURTHER if changed else 0, place)
            elif trial.place is not None and group[0].name not in changed and len(changed) < DEEPEST:
                self._push_group(trial, group, BLIND, place)
            if len(group) > 1 and moved:
                for argument in group:
                    self._push_group(trial, [argument], SINGLE, place)

    def _changed(self, trial: _Trial) -> set[str]:
        """Names of the arguments that are not as at first."""
        return {name for (layer, name), value in trial.chosen.items() if self._base.get((layer, name), _NONE) != value}

    def _push_group(self, trial: _Trial, group: Sequence[LostArgument], extra: int, place: str | None = None) -> None:
        defaults = {(argument.layer, argument.name): argument.default for argument in self._lost if not argument.required}
        for rank, value in enumerate(group[0].candidates):
            chosen = {**trial.chosen, **{(argument.layer, argument.name): value for argument in group}}
            self._push(trial.cost + extra + rank, {at: v for at, v in chosen.items() if not (at in defaults and v == defaults[at])}, place)

    def _push(self, cost: int, chosen: Mapping[Place, object], place: str | None) -> None:
        name = _name(chosen)
        if name not in self._tried and cost < self._costs.get(name, cost + 1):
            self._costs[name] = cost
            self._number += 1
            heapq.heappush(self._trials, _Trial(cost, self._number, chosen, place))


def _name(chosen: Mapping[Place, object]) -> str:
    return repr(sorted(chosen.items(), key=repr))


def groups(lost: Sequence[LostArgument]) -> list[list[LostArgument]]:
    """The arguments of one name of all layers of one class."""
    groups: dict[tuple[str, str], list[LostArgument]] = {}
    for argument in lost:
        groups.setdefault((argument.class_name, argument.name), []).append(argument)
    return list(groups.values())


def merged(given: Arguments, chosen: Mapping[Place, object]) -> dict[str, dict[str, Any]]:
    """All arguments of a hypothesis."""
    found = {layer: dict(arguments) for layer, arguments in given.items()}
    for (layer, name), value in chosen.items():
        found.setdefault(layer, {})[name] = value
    return found
