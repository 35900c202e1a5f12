"""`migrate --model`: weights without an architecture, against the user's own code that builds the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.commands.intake import Beside, evidence, guarded_inputs
from layerfix.commands.matched import Filled, called, with_weights
from layerfix.commands.order import CodeOrder
from layerfix.containers.samples import Samples
from layerfix.dialects.records import FiredRule
from layerfix.disk.publish import Destination
from layerfix.errors import GraphError, VerifyError
from layerfix.graph.written import reloaded, save, suffix_of, tolerance
from layerfix.matching.match import ORDER
from layerfix.matching.records import Matching
from layerfix.predictions import difference
from layerfix.progress import Progress, silent
from layerfix.results.migrate import MigrationResult, Proof

ROWS, OPEN = 4, 8
"""Samples and open dimensions of inputs that are made up."""


def migrate_code(order: CodeOrder, progress: Progress = silent) -> MigrationResult:
    """Writes the model that code makes with a file's weights, as `migrate` does for a file with an architecture.

    Raises:
        As `migrate` and `with_weights`.
    """
    suffix = suffix_of(order.target)
    beside = Beside((*order.layers, Path(order.spec.rpartition(":")[0])), samples=order.samples)
    inputs = guarded_inputs(order.source, beside, (order.target,), force=order.force)
    progress("reading", 0, 4)
    _, given = evidence(beside)
    progress("matching", 1, 4)
    filled = with_weights(order, given)
    if filled.uncertain and (given is None or given.predictions is None):
        raise GraphError(f"{filled.uncertain}.", where=str(order.source), hint="Give recorded inputs and predictions with --samples.")
    progress("writing", 2, 4)
    with Destination(order.target, inputs, order.force).publish() as temp:
        save(filled.model, temp, suffix)
        progress("verifying", 3, 4)
        proof = _proven(order.source, filled, reloaded(filled.model, filled.classes, temp, suffix), given)
    progress("done", 4, 4)
    used = tuple(sorted(name for name, value in filled.classes.items() if isinstance(value, type)))
    doubts = () if proof.kind == "predictions" else _doubts(filled.model, filled.matching)
    return _account(order, filled.matching, used, proof, doubts)


def _account(order: CodeOrder, matching: Matching, used: tuple[str, ...], proof: Proof, doubts: tuple[str, ...]) -> MigrationResult:
    """What was matched by what, and what was left."""
    rules = tuple(FiredRule("matched", pair.live.place, f"{pair.stored.place}: {pair.reason}") for pair in matching.pairs)
    left = [f"{leaf.place} has no stored weights and starts from its initializer" for leaf in matching.missing]
    left += [f"{leaf.place} of the file has no place in the model and is left out" for leaf in matching.unused]
    count = sum(len(pair.live.keys) for pair in matching.pairs)
    return MigrationResult(order.source, order.target, None, None, rules, count, (), ("none", ""), (), used, proof, tuple(left), doubts)


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


def _proven(path: Path, filled: Filled, loaded: object, samples: Samples | None) -> Proof:
    """Recorded predictions where there are some; else that the written file predicts as the model in memory."""
    inputs = samples.inputs if samples is not None else _made_up(filled.inputs)
    found = called(loaded, inputs)
    if samples is not None and samples.predictions is not None:
        proof = Proof("predictions", difference(found, samples.predictions), len(inputs[0]), "", tolerance(loaded))
    else:
        why = "your code is the only description of the model"
        proof = Proof("reload", difference(found, called(filled.model, inputs)), len(inputs[0]), why, tolerance(loaded))
    if not proof.difference <= proof.tolerance:
        raise VerifyError(
            f"the model differs from what it should predict by {proof.difference:.1e} of its scale; nothing was written.", where=str(path)
        )
    return proof


def _made_up(specs: Sequence[Any]) -> list[Any]:
    generator = np.random.default_rng(2018)
    shapes = [((ROWS, *(size or OPEN for size in shape[1:])), dtype) for shape, dtype in specs]
    return [generator.normal(size=shape).astype(dtype) if "float" in dtype else np.zeros(shape, dtype) for shape, dtype in shapes]
