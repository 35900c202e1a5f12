"""The pictures behind a repair: kept kernels against their initial values, and how far out of ten million candidates the winner stands.

Drawn only for an HTML report. Where a search scanned all candidates, all are scored once more, which takes about a second; where seeds were
read without one, some serve: compiling for a picture would take as long as the repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import Blueprint
from layerfix.containers.records import Checkpoint, WeightKey, spoken
from layerfix.containers.tensors import open_tensors
from layerfix.report.evidence import Evidence, Scores, Trained, gather
from layerfix.rng.initializers import Stream, stream

if TYPE_CHECKING:
    from layerfix.results.repaired import RepairResult
    from layerfix.rng.philox import Fingerprint

Kernel = Mapping[str, Any]
"""A row of the report's `search.kernels`."""
Arrays = Mapping[WeightKey, NDArray[np.float32]]
SCREENED = 384
"""Values of a kernel that the picture of its candidates looks at."""
SOME = 40_000
"""Candidates in the picture where no search has scanned them all."""
DOTS, SHOWN = 300, 8
"""Values of a kernel in its scatter plot, and kernels shown."""


def evidence(result: RepairResult) -> Evidence:
    """Everything that the HTML report draws beyond the report itself; empty where nothing was lost."""
    case, report = result.case, result.report
    if case is None:
        return Evidence()
    kernels = _confirmed(report.search)
    graph_seed = report.search.get("graph_seed")
    if not kernels or graph_seed is None:
        return gather(case.checkpoint, report, result.values)
    with open_tensors(case.checkpoint) as tensors:
        stored = {key: np.asarray(tensors.read(key), np.float32) for key in _keys(case.checkpoint, kernels)}
    streams = _streams(case.blueprint, stored, case.checkpoint.keras_version)
    drawn = [kernel for kernel in kernels if _key(kernel) in streams]
    return gather(
        case.checkpoint,
        report,
        result.values,
        scores=_scores(drawn, stored, streams, int(graph_seed)),
        trained=tuple(_trained(drawn[:SHOWN], stored, streams, int(graph_seed))),
    )


def _confirmed(search: Mapping[str, Any]) -> list[Kernel]:
    """The kernels whose op seed is sure, best remembered first."""
    found = [kernel for kernel in search.get("kernels", ()) if kernel.get("confirmed") and kernel.get("op_seed") is not None]
    return sorted(found, key=lambda kernel: -float(kernel["z"]))


def _trained(
    kernels: Sequence[Kernel],
    stored: Arrays,
    streams: Mapping[WeightKey, Stream],
    graph_seed: int,
) -> Iterator[Trained]:
    from layerfix.rng import streams as reference

    for kernel in kernels:
        key = _key(kernel)
        final = stored[key]
        initial = reference.values(streams[key], graph_seed, int(kernel["op_seed"]), final.shape).ravel()
        places = np.linspace(0, final.size - 1, min(final.size, DOTS)).astype(int)
        yield Trained(
            title=spoken(key),
            initial=initial[places].tolist(),
            final=final.ravel()[places].tolist(),
            cosine=float(kernel["cosine"]),
            z=float(kernel["z"]),
            op_seed=int(kernel["op_seed"]),
        )


def _scores(
    kernels: Sequence[Kernel],
    stored: Arrays,
    streams: Mapping[WeightKey, Stream],
    graph_seed: int,
) -> tuple[Scores, ...]:
    """The candidates of the kernel that is remembered best, scored once more."""
    from layerfix.rng import philox
    from layerfix.rng.streams import OP_SEEDS

    if not kernels:
        return ()
    key, op_seed = _key(kernels[0]), int(kernels[0]["op_seed"])
    values = stored[key].ravel()[:SCREENED]
    mark = philox.Fingerprint(key, values, streams[key])
    tried = range(OP_SEEDS if philox.has_scanned() else SOME)
    scored = philox.scores(mark, graph_seed, seeds=tried) if philox.has_scanned() else _by_hand(mark, graph_seed, tried)
    if op_seed in tried:
        scored[op_seed] = 0.0
    counts, edges = np.histogram(scored, bins=64)
    whole = stored[key].size
    part = f"its {whole} values" if values.size == whole else f"the first {values.size} of its {whole} values"
    told = (
        f"Each op seed from 0 to {tried.stop - 1:,} gives one candidate for this kernel's initial value; each was compared with {part}. "
        "z is how far the two agree beyond chance, in standard deviations. The heap on the left are the wrong candidates, "
        f"on a logarithmic scale; op seed {op_seed} stands alone."
    )
    winner = philox.z_score(mark, graph_seed, op_seed)
    needed = float(np.sqrt(2 * np.log(OP_SEEDS / 1e-6)))
    return (Scores(spoken(key), "z", edges.tolist(), counts.tolist(), winner, needed, told),)


def _by_hand(mark: Fingerprint, graph_seed: int, seeds: range) -> NDArray[np.float32]:
    """z of op seeds without compiled code."""
    from layerfix.rng import tables

    scored: NDArray[np.float32] = tables.by_numpy(tables.plan(mark.stream.kind, [mark.weights], graph_seed), np.asarray(seeds, np.int64))[0]
    return scored


def _streams(blueprint: Blueprint, stored: Arrays, keras_version: str | None) -> dict[WeightKey, Stream]:
    """How each stored kernel was first filled, where that can be drawn again."""
    found = {}
    for spec in blueprint.weights:
        if spec.key in stored and stored[spec.key].shape == spec.shape:
            drawn = stream(spec.initializer, spec.shape, keras_version)
            if drawn.random:
                found[spec.key] = drawn
    return found


def _keys(checkpoint: Checkpoint, kernels: Sequence[Kernel]) -> list[WeightKey]:
    held = {weight.key for weight in checkpoint.weights}
    return [_key(kernel) for kernel in kernels if _key(kernel) in held]


def _key(kernel: Kernel) -> WeightKey:
    return (str(kernel["owner"]), str(kernel["name"]))
