"""`migrate --model`: weights without an architecture, against the user's own code that builds the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.commands.intake import Beside, evidence, guarded_inputs
from layerfix.commands.matched import called, with_weights
from layerfix.containers.samples import Samples
from layerfix.dialects.records import FiredRule
from layerfix.disk.publish import publish
from layerfix.errors import GraphError, VerifyError
from layerfix.graph.written import reloaded, save, suffix_of, tolerance
from layerfix.matching.match import ORDER
from layerfix.matching.records import Matching
from layerfix.predictions import difference
from layerfix.progress import Progress, silent
from layerfix.results.migrate import MigrationResult, Proof

ROWS, OPEN = 4, 8
"""Samples and open dimensions of inputs that are made up."""


def migrate_code(
    path: Path,
    output: Path,
    spec: str,
    *,
    layers: Sequence[Path] = (),
    shapes: Sequence[tuple[int, ...]] = (),
    samples: Path | str | None = None,
    partial: bool = False,
    force: bool = False,
    progress: Progress = silent,
) -> MigrationResult:
    """Writes the model that code makes with a file's weights, as `migrate` does for a file with an architecture.

    Raises:
        As `migrate` and `with_weights`.
    """
    suffix = suffix_of(output)
    beside = Beside((*layers, Path(spec.rpartition(":")[0])), samples=Path(samples) if samples is not None else None)
    inputs = guarded_inputs(path, beside, (output,), force=force)
    progress("reading", 0, 4)
    _, given = evidence(beside)
    progress("matching", 1, 4)
    model, classes, matching, specs, unknown = with_weights(path, spec, layers=layers, shapes=shapes, samples=given, partial=partial)
    if unknown and (given is None or given.predictions is None):
        raise GraphError(f"{unknown}.", where=str(path), hint="Give recorded inputs and predictions with --samples.")
    progress("writing", 2, 4)
    with publish(output, force=force, inputs=inputs) as temp:
        save(model, temp, suffix)
        progress("verifying", 3, 4)
        proof = _proven(path, model, reloaded(model, classes, temp, suffix), specs, given)
    progress("done", 4, 4)
    used = tuple(sorted(name for name, value in classes.items() if isinstance(value, type)))
    doubts = () if proof.kind == "predictions" else _doubts(model, matching)
    return _account(path, output, matching, used, proof, doubts)


def _account(path: Path, output: Path, matching: Matching, used: tuple[str, ...], proof: Proof, doubts: tuple[str, ...]) -> MigrationResult:
    """What was matched by what, and what was left."""
    rules = tuple(FiredRule("matched", pair.live.place, f"{pair.stored.place}: {pair.reason}") for pair in matching.pairs)
    left = [f"{leaf.place} has no stored weights and starts from its initializer" for leaf in matching.missing]
    left += [f"{leaf.place} of the file has no place in the model and is left out" for leaf in matching.unused]
    count = sum(len(pair.live.keys) for pair in matching.pairs)
    return MigrationResult(path, output, None, None, rules, count, (), ("none", ""), (), used, proof, tuple(left), doubts)


def _doubts(model: object, matching: Matching) -> tuple[str, ...]:
    """What order alone decided. In a graph it is that of the calls, which code cannot change without another result."""
    from layerfix.graph.live_leaves import is_graph

    paired = [pair for pair in matching.pairs if pair.reason == ORDER]
    if not paired or is_graph(model):
        return ()
    shown = ", ".join(f"{pair.stored.place} -> {pair.live.place}" for pair in paired[:6])
    more = f" and {len(paired) - 6} more" if len(paired) > 6 else ""
    told = f"order alone says which layer is which where shapes are equal: {shown}{more}"
    return (f"{told}; give recorded predictions with --samples",)


def _proven(path: Path, model: object, loaded: object, specs: Sequence[object], samples: Samples | None) -> Proof:
    """Recorded predictions where there are some; else that the written file predicts as the model in memory."""
    inputs = samples.inputs if samples is not None else _made_up(specs)
    found = called(loaded, inputs)
    if samples is not None and samples.predictions is not None:
        proof = Proof("predictions", difference(found, samples.predictions), len(inputs[0]), "", tolerance(loaded))
    else:
        why = "your code is the only description of the model"
        proof = Proof("reload", difference(found, called(model, inputs)), len(inputs[0]), why, tolerance(loaded))
    if not proof.difference <= proof.tolerance:
        raise VerifyError(
            f"the model differs from what it should predict by {proof.difference:.1e} of its scale; nothing was written.", where=str(path)
        )
    return proof


def _made_up(specs: Sequence[Any]) -> list[Any]:
    generator = np.random.default_rng(2018)
    shapes = [((ROWS, *(size or OPEN for size in shape[1:])), dtype) for shape, dtype in specs]
    return [generator.normal(size=shape).astype(dtype) if "float" in dtype else np.zeros(shape, dtype) for shape, dtype in shapes]
