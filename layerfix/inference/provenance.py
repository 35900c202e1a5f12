"""Where the numbers in a checkpoint came from: the op seed of every remembered kernel, the numpy seed behind them, the draws it implies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from layerfix.blueprint import Blueprint, WeightSpec
from layerfix.containers import config
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.tensors import open_tensors
from layerfix.containers.wrapped import expanded
from layerfix.inference.stated_seeds import graph_seed
from layerfix.progress import Progress, silent
from layerfix.rng import guesses
from layerfix.rng.align import Aligner
from layerfix.rng.alignments import Alignment, Placed
from layerfix.rng.chain import Search, op_seed_bound, other_graph_seeds, search, top_z, under_known_seeds, widen
from layerfix.rng.collisions import log10_bound
from layerfix.rng.guesses import Memory
from layerfix.rng.initializers import stream
from layerfix.rng.likely import likely
from layerfix.rng.numpy_stream import NumpyStream, table
from layerfix.rng.origins import Origin
from layerfix.rng.philox import Fingerprint, z_score
from layerfix.rng.units import Unit, units
from layerfix.searching import searching

WINDOW = 20_000
"""Words around an origin in which a kernel's op seed belongs to the same model."""
CREDIBLE = -3.0
"""log10 of the bound above which a numpy seed is a coincidence and not worth a word."""
REMEMBERED = 3.0
"""z from which a kernel at the place that the stream gives it came from there: one in a thousand wrong ones reaches it."""
SMALLEST = 8
"""Elements below which a kernel remembers nothing that could be told from chance."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A blueprint laid along one numpy stream.

    Attributes:
        origin: the numpy seed.
        alignment: the best one.
        rivals: others that explain as much but give some hidden weight another place.
        log10_bound: that any wrong seed would fit as well.
        foreign: tracked kernels whose sure op seed is not in this stream (initialised elsewhere).
        hypotheses: that the bound pays for.
        complete: whether every order of the layers was looked at.
    """

    origin: Origin
    alignment: Alignment
    rivals: tuple[Alignment, ...]
    log10_bound: float
    foreign: tuple[WeightKey, ...]
    hypotheses: float
    complete: bool = True

    @property
    def loaded(self) -> bool:
        """Whether it reads as a session that loaded a model and went on: from its first draw on it passes kernels that came from elsewhere,
        whose fresh values the load replaced, and then draws new ones of its own."""
        places = [item.draw.weight for item in self.alignment.placed if item.draw.weight in self.foreign or item.z is not None]
        own = next((at for at, key in enumerate(places) if key not in self.foreign), 0)
        return self.alignment.from_start and 0 < len(self.foreign) == own

    def undecided(self, item: Placed) -> bool:
        """Whether a rival gives this draw another op seed or place, or claims none for it."""
        mine = self.alignment.op_seeds().get(item.drawn) if item.drawn else None
        return any((rival.op_seeds().get(item.drawn) if item.drawn else None) != mine for rival in self.rivals)


@dataclass(frozen=True)
class Provenance:
    """The seeds of a checkpoint. `readings` are per blueprint: call `read`."""

    checkpoint: Checkpoint
    fingerprints: tuple[Fingerprint, ...]
    search: Search

    @cached_property
    def marks(self) -> dict[WeightKey, Fingerprint]:
        """Fingerprints by weight."""
        return {mark.key: mark for mark in self.fingerprints}

    def widened(self, progress: Progress = silent) -> Provenance:
        """The same after all 2^32 numpy seeds were looked through."""
        found = self.search
        with searching() as wide:
            found = widen(found, progress)
        return Provenance(self.checkpoint, self.fingerprints, _ended(found) if wide.ended else found)

    def units(self, blueprint: Blueprint) -> tuple[Unit, ...]:
        """The draws of a blueprint, grouped and ordered as far as the config tells."""
        assert self.checkpoint.config is not None
        return units(blueprint.draws, expanded(config.tree(self.checkpoint.config)))

    def read(self, blueprint: Blueprint) -> Reading | None:
        """Lay a blueprint's draws along the best numpy stream, or None where no stream is known or none fits."""
        return next(iter(self.readings(blueprint)), None)

    def readings(self, blueprint: Blueprint) -> list[Reading]:
        """A blueprint's draws along every numpy stream that fits, the best first."""
        groups = self.units(blueprint)
        readings = [found for origin in self.search.origins if (found := self._read(origin, groups)) and found.log10_bound <= CREDIBLE]
        return sorted(readings, key=lambda found: (len(found.alignment.gaps), not found.loaded, found.log10_bound))

    def explained(self, blueprint: Blueprint) -> bool:
        """Whether one stream explains every tracked kernel, each at its own place, from the first draw on and
        without a gap: then no scan of all op seeds tells more."""
        reading = self.read(blueprint)
        if reading is None or reading.foreign or not reading.complete or not reading.alignment.from_start or reading.alignment.gaps:
            return False
        remembered = {item.draw.weight for item in reading.alignment.placed if item.z is not None and item.z >= REMEMBERED}
        return remembered >= self.marks.keys()

    def _read(self, origin: Origin, groups: tuple[Unit, ...]) -> Reading | None:
        first, last = min(origin.places.values()), max(origin.places.values())
        held = NumpyStream(origin.numpy_seed, last + WINDOW)
        strong = self.search.strong
        known = {key: _near(held, op_seed, first - WINDOW, last + WINDOW) for key, op_seed in strong.items()}
        foreign = tuple(key for key, places in known.items() if not places)
        known = {key: places for key, places in known.items() if places} or {key: [place] for key, place in origin.places.items()}
        aligner = Aligner(held, groups, known, self.remembers, frozenset(self.marks) - set(foreign))
        found, complete = aligner.walk()
        if not found:
            found, complete = aligner.walk(lenient=True)
        if not found:
            return None
        found.sort(key=lambda item: (item.score, item.orderly), reverse=True)
        best = found[0]
        alike = [item for item in found[1:] if len(item.gaps) == len(best.gaps)]
        rivals = [item for item in alike if not best.refutes(item, len(found))]
        placed = [item for item in best.placed if item.z is not None and item.draw.weight is not None]
        sizes = [self.marks[item.draw.weight].values.size for item in placed if item.draw.weight]
        numpy_hypotheses = guesses.hypotheses(origin.numpy_seed, from_start=best.from_start, tried=self.search.numpy_hypotheses)
        hypotheses = self.search.graph_hypotheses * numpy_hypotheses * len(found) * 2.0 ** len(foreign)
        bound = log10_bound([item.z or 0.0 for item in placed], sizes, hypotheses)
        return Reading(origin, best, tuple(rivals), bound, foreign, hypotheses, complete)

    def remembers(self, key: WeightKey, op_seed: int) -> float:
        """z of a tracked kernel against one op seed."""
        return z_score(self.marks[key], self.search.graph_seed, op_seed)


def _near(held: NumpyStream, op_seed: int, start: int, stop: int) -> list[int]:
    return [word for word, _ in held.positions(table([op_seed])) if start <= word <= stop]


def provenance(checkpoint: Checkpoint, blueprint: Blueprint, memory: Memory, progress: Progress = silent) -> Provenance:
    """Search the seeds behind a checkpoint's tracked kernels.

    Args:
        checkpoint: as read.
        blueprint: names each stored weight's initializer.
        memory: what the user remembers.
        progress: told at every stage.
    """
    marks = tuple(fingerprints(checkpoint, blueprint))
    first = likely(marks, memory)
    if first is not None and (seeds := Provenance(checkpoint, marks, first)).explained(blueprint):
        return seeds
    seeds = Provenance(checkpoint, marks, search(marks, memory, progress))
    if not seeds.search.strong and (vouched := graph_seed(checkpoint, blueprint, memory.graph_seed)):
        told = "Kernels whose initializers state seeds tell the graph seed."
        known = replace(seeds.search, graph_seed=vouched[0], log10_graph=vouched[1], log=(*seeds.search.log, told))
        seeds = Provenance(checkpoint, marks, known)
    if not marks or len(seeds.search.strong) >= 2 or seeds.read(blueprint):
        return seeds
    found = seeds.search
    with searching() as further:
        for found in under_known_seeds(marks, seeds.units(blueprint), seeds.search, memory, progress):
            deeper = Provenance(checkpoint, marks, found)
            if deeper.read(blueprint):
                return deeper
        found = other_graph_seeds(marks, replace(found, origins=seeds.search.origins), memory, progress)
    return Provenance(checkpoint, marks, _ended(found) if further.ended else found)


ENDED = "Here the search was ended, before it was through."


def _ended(found: Search) -> Search:
    return replace(found, log=tuple(dict.fromkeys((*found.log, ENDED))))


def fingerprints(checkpoint: Checkpoint, blueprint: Blueprint) -> list[Fingerprint]:
    """Stored weights whose first value came from Philox under a seed that numpy drew, with what training left of it."""
    stored = {weight.key: weight for weight in checkpoint.weights}
    found = []
    with open_tensors(checkpoint) as tensors:
        for spec in blueprint.weights:
            if spec.hidden or spec.key not in stored or stored[spec.key].shape != spec.shape:
                continue
            drawn = stream(spec.initializer, spec.shape, checkpoint.keras_version)
            values = np.asarray(tensors.read(spec.key), np.float32).ravel() if drawn.draws_seed else np.empty(0, np.float32)
            if values.size >= SMALLEST and np.isfinite(values).all() and values.any():
                found.append(Fingerprint(spec.key, values, drawn))
    return found


def cosine(mark: Fingerprint, z: float) -> float:
    """Cosine of a kernel to its initial value."""
    return z / float(np.sqrt(mark.values.size))


def known_constant(spec: WeightSpec, keras_version: str | None) -> bool:
    """Whether a weight's initial value follows from its initializer alone."""
    return stream(spec.initializer, spec.shape, keras_version).kind in ("constant", "identity")


def account(seeds: Provenance, reading: Reading | None) -> dict[str, Any]:
    """What was searched and found, JSON-ready, for reports."""
    placed = {item.draw.weight: item for item in reading.alignment.placed} if reading else {}
    kernels = []
    for mark in seeds.fingerprints:
        candidates, place = seeds.search.candidates[mark.key], placed.get(mark.key)
        at_place = place is not None and place.value is not None and place.z is not None
        op_seed, z = (place.value, place.z) if at_place and place else (int(candidates.op_seeds[0]), top_z(candidates))
        kernels.append(
            {
                "owner": mark.key[0],
                "name": mark.key[1],
                "initializer": mark.stream.kind,
                "op_seed": op_seed,
                "z": round(float(z or 0.0), 2),
                "cosine": round(cosine(mark, float(z or 0.0)), 4),
                "log10_bound": round(op_seed_bound(float(z or 0.0), 1.0), 1),
                "position": place.cursor.word if at_place and place else None,
                "confirmed": at_place or mark.key in seeds.search.strong,
            }
        )
    return {
        "graph_seed": seeds.search.graph_seed,
        "numpy_seed": reading.origin.numpy_seed if reading else None,
        "log10_bound": round(reading.log10_bound, 2) if reading else None,
        "hypotheses": reading.hypotheses if reading else seeds.search.hypotheses,
        "tried": list(seeds.search.log),
        "kernels": kernels,
        "gaps": [{"before": gap.before, "found": gap.found, "explained": gap.explained} for gap in reading.alignment.gaps]
        if reading
        else [],
    }
