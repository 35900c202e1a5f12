"""From what tracked kernels remember to the seed of the whole script: op seeds, graph seed, numpy seed.

Each tracked kernel is still correlated with its own initial value, so a scan of all op seeds tells which one it had. Op seeds are
consecutive outputs of numpy's global generator: the numpy seed that gives several of them in a row is the script's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from layerfix.containers.records import WeightKey
from layerfix.progress import Progress, silent
from layerfix.rng import guesses
from layerfix.rng.certificate import bound
from layerfix.rng.collisions import OP_SEEDS
from layerfix.rng.direct import best_guesses, families, pairs
from layerfix.rng.guesses import Memory
from layerfix.rng.origins import Origin, met, ranked
from layerfix.rng.philox import Fingerprint
from layerfix.rng.screening import Candidates, scan
from layerfix.rng.streams import DEFAULT_GRAPH_SEED
from layerfix.rng.units import Unit

STRONG = 7.2
"""z from which a kernel's best op seed is trusted on its own: 1e7 * exp(-z^2/2) is then below 1e-4."""
PLAUSIBLE = 4.6
"""z from which an op seed is worth looking for in numpy's stream: about thirty of ten million pass by chance."""
TOP = 64
"""Op seeds kept for each kernel."""
SCREEN = 256
"""Values of a kernel that are looked at under unlikely graph seeds."""
UNLIKELY = 0.005
"""Chance below which the graph seed is right although no kernel is sure of its op seed on its own."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the fingerprints told.

    Attributes:
        graph_seed: the one under which kernels are remembered best.
        candidates: best op seeds of each kernel, best first.
        origins: numpy seeds that fit, best first.
        graph_hypotheses: graph seeds tried.
        numpy_hypotheses: numpy seeds x starting places tried.
        log: what was tried, one sentence each.
        log10_graph: of the bound that the graph seed is wrong, where kernels with seeds of their own tell it.
    """

    graph_seed: int
    candidates: Mapping[WeightKey, Candidates]
    origins: tuple[Origin, ...] = ()
    graph_hypotheses: float = 1.0
    numpy_hypotheses: float = 0.0
    log: tuple[str, ...] = field(default=())
    log10_graph: float = 0.0

    @property
    def hypotheses(self) -> float:
        """All that was tried, for the bound."""
        return self.graph_hypotheses * max(1.0, self.numpy_hypotheses)

    @property
    def widens(self) -> bool:
        """Whether looking through all numpy seeds promises anything: two kernels are sure, and no seed explains them yet.

        A seed that people use explains even a single kernel that it gives among its first draws: the file then holds several seeds.
        """
        early = {key for origin in self.origins for key, word in origin.places.items() if word < guesses.FIRST_WORDS}
        return len(self.strong.keys() - early) >= 2 and not (self.origins and len(self.origins[0].places) >= 2)

    @property
    def strong(self) -> dict[WeightKey, int]:
        """Op seeds of kernels that are sure on their own."""
        return {key: int(best.op_seeds[0]) for key, best in self.candidates.items() if top_z(best) >= STRONG}


def search(fingerprints: Sequence[Fingerprint], memory: Memory, progress: Progress = silent) -> Search:
    """Find op seeds, graph seed and numpy seed.

    Args:
        fingerprints: tracked kernels with a random initializer and no seed of their own.
        memory: what the user remembers.
        progress: told at every stage.
    """
    if not fingerprints:
        return Search(DEFAULT_GRAPH_SEED, {}, log=("No tracked kernel has a random initial value to remember.",))
    found = _graph_seed(fingerprints, memory, progress)
    return _numpy_seed(found, memory, progress)


def _graph_seed(fingerprints: Sequence[Fingerprint], memory: Memory, progress: Progress) -> Search:
    """Scan under the default graph seed, or that of a likely pair of seeds if a kernel remembers one."""
    seed = DEFAULT_GRAPH_SEED if memory.graph_seed is None else memory.graph_seed
    found = Search(seed, _scan(fingerprints, seed, progress), log=(f"{len(fingerprints)} kernels against 10^7 op seeds.",))
    if found.strong or memory.graph_seed is not None:
        return found
    mark = max(fingerprints, key=lambda mark: mark.values.size)
    scores = dict(pairs(mark, memory.numpy_seed))
    tried = float(len(scores) * guesses.PAIR_DRAWS * len(guesses.POPULAR))
    told = f"{len(scores)} graph seeds with the first draws of likely numpy seeds."
    best = max(scores, key=lambda graph_seed: scores[graph_seed])
    if scores[best] >= STRONG:
        return Search(best, _scan(fingerprints, best, progress), graph_hypotheses=1 + tried, log=(*found.log, told))
    return replace(found, graph_hypotheses=2.0, log=(*found.log, told))


def other_graph_seeds(fingerprints: Sequence[Fingerprint], found: Search, memory: Memory, progress: Progress = silent) -> Search:
    """Scan under further graph seeds until a kernel is sure of its op seed; the search as it was where none is."""
    if found.strong or memory.graph_seed is not None or _chance(found) < UNLIKELY:
        return found
    largest = sorted(fingerprints, key=lambda mark: -mark.values.size)[:2]
    seeds = guesses.graph_seeds(memory.numpy_seed)
    for tried, seed in enumerate(seeds, start=1):
        screened = scan(largest, seed, top=TOP, screen=SCREEN, progress=progress)
        # Two kernels tell whether a graph seed is worth scanning with all of them.
        if max(top_z(candidates) for candidates in screened.values()) >= STRONG:
            told = f"All op seeds under {tried} graph seeds that people use."
            hypotheses = found.graph_hypotheses + tried
            current = Search(seed, _scan(fingerprints, seed, progress), graph_hypotheses=hypotheses, log=(*found.log, told))
            return _numpy_seed(current, memory, progress)
    told = f"No kernel is sure of its op seed on its own under {1 + len(seeds)} graph seeds."
    return replace(found, graph_hypotheses=found.graph_hypotheses + len(seeds), log=(*found.log, told))


def _chance(found: Search) -> float:
    """How likely it is that kernels remember so much under a wrong graph seed, each its best of all op seeds."""
    tails = (0.5 * math.erfc(top_z(candidates) / math.sqrt(2)) for candidates in found.candidates.values())
    return math.prod(min(1.0, OP_SEEDS * tail) for tail in tails)


def under_known_seeds(
    fingerprints: Sequence[Fingerprint], groups: Sequence[Unit], found: Search, memory: Memory, progress: Progress = silent
) -> Iterator[Search]:
    """The search with the numpy seeds that fit best as origins, one family of known seeds after the other."""
    marks = {mark.key: mark for mark in fingerprints}
    for family in families(memory.numpy_seed):
        where = "its first number" if family.starts == 1 else f"{family.starts:,} places"
        told = f"{len(family.seeds):,} known numpy seeds, each from {where} on, all kernels together."
        guessed = best_guesses(marks, groups, found.graph_seed, family, progress)
        origins = tuple(Origin(guess.numpy_seed, guess.places, told) for guess in guessed)
        tried = found.numpy_hypotheses + family.hypotheses
        found = replace(found, origins=(*found.origins, *origins), numpy_hypotheses=tried, log=(*found.log, told))
        yield found


def _scan(fingerprints: Sequence[Fingerprint], graph_seed: int, progress: Progress) -> dict[WeightKey, Candidates]:
    found = scan(fingerprints, graph_seed, top=TOP, progress=progress)
    return {mark.key: found[mark.key] for mark in fingerprints}


def top_z(candidates: Candidates) -> float:
    """z of a kernel's best op seed; 0 where it has none."""
    return float(candidates.z[0]) if len(candidates.z) else 0.0


def _numpy_seed(found: Search, memory: Memory, progress: Progress) -> Search:
    """Look for the op seeds in the streams of numpy seeds, likely ones first."""
    kernels = len(_plausible(found))
    if not kernels:
        return replace(found, log=(*found.log, "No op seed is plausible enough to look for in numpy's stream."))
    for phase in guesses.phases(memory, kernels):
        found = _through(found, phase, progress)
        if _enough(found, kernels):
            break
    return found


def from_first_phase(found: Search, memory: Memory) -> Search | None:
    """The search with the numpy seed that the likeliest family tells; None where that leaves it in doubt."""
    kernels = len(_plausible(found))
    phase = next(guesses.phases(memory, kernels))
    met = _through(found, phase, silent)
    return met if kernels and _enough(met, kernels) else None


def widen(found: Search, progress: Progress = silent) -> Search:
    """Go on with all 2^32 numpy seeds; worth it where at least two kernels are sure of their op seeds."""
    return _through(found, guesses.everything(len(_plausible(found))), progress)


def _through(found: Search, phase: guesses.Phase, progress: Progress) -> Search:
    """One more family of numpy seeds; every hypothesis is paid for."""
    plausible = _plausible(found)
    targets = {seed: key for key, seeds in plausible.items() for seed in seeds}
    origins = ranked([*found.origins, *met(phase.run(plausible, progress), targets, phase.told)])[:4]
    tried = found.numpy_hypotheses + phase.hypotheses
    return replace(found, origins=tuple(origins), numpy_hypotheses=tried, log=(*found.log, phase.told))


def _enough(found: Search, kernels: int) -> bool:
    return bool(found.origins) and len(found.origins[0].places) >= min(3, kernels)


def _plausible(found: Search) -> dict[WeightKey, list[int]]:
    """Op seeds of each kernel that are worth looking for."""
    rows = {key: [int(seed) for seed in best.op_seeds[best.z >= _floor(best)]] for key, best in found.candidates.items()}
    return {key: seeds for key, seeds in rows.items() if seeds}


def _floor(candidates: Candidates) -> float:
    """A kernel that is sure of one op seed offers no others."""
    return STRONG if top_z(candidates) >= STRONG else PLAUSIBLE


def op_seed_bound(z: float, graph_seeds: float) -> float:
    """log10 of the bound that a kernel's best op seed is a false one: all op seeds times the sub-Gaussian tail."""
    return bound(z, OP_SEEDS * graph_seeds).log10
