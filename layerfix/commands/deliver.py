"""Write a repaired file, verify it with fresh eyes, and only then give it its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.containers.reader import read
from layerfix.containers.records import WeightKey
from layerfix.containers.tensors import open_tensors
from layerfix.disk.hashing import file_sha256
from layerfix.disk.publish import WEIGHTS, Destination
from layerfix.errors import VerifyError
from layerfix.predictions import agree, difference, largest_difference
from layerfix.probe.agreement import agreement
from layerfix.progress import Progress
from layerfix.strategies.base import Case
from layerfix.write.h5 import surgery, write_h5
from layerfix.write.optimizer import Extension
from layerfix.write.verify import missing_anywhere, verify_file

if TYPE_CHECKING:
    import keras

Values = Mapping[WeightKey, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Written:
    """A published file and what its verification showed.

    Attributes:
        path: its final name.
        sha256: of the file.
        identical: how many kept tensors are in it bit for bit.
        optimizer: {"status", "why"}.
        verification: the report's section.
    """

    path: Path
    sha256: str
    identical: int
    optimizer: Mapping[str, Any]
    verification: Mapping[str, Any]


def deliver(case: Case, values: Values, destination: Destination, progress: Progress) -> Written:
    """Write a file (.h5, .keras, .weights.h5 or .safetensors) from the checkpoint, the values and the settled arguments.

    Raises:
        WriteError: where it cannot be written.
        VerifyError: where what was written is not what was planned; nothing is published then.
    """
    from layerfix.graph.rebuilt import load_values

    load_values(case.rebuilt, {**_kept(case), **values})
    target = destination.path
    with destination.publish() as temp:
        progress("writing", 0, 0)
        alone = next((suffix for suffix in WEIGHTS if target.name.lower().endswith(suffix)), None)
        if alone:
            identical, optimizer = _write_weights(case, temp, alone)
        elif target.suffix.lower() == ".keras":
            identical, optimizer = _write_keras(case, values, temp)
        else:
            identical, optimizer = _write_h5(case, values, temp)
        progress("verifying", 0, 0)
        compared = _WEIGHTS_COMPARED if alone else _compare(case, temp)
        sha256 = file_sha256(temp)
    verification = {"graph_rebuilt": True, "reloaded": True, "kept_identical": identical, **compared}
    return Written(target, sha256, identical, optimizer, verification)


_WEIGHTS_COMPARED = {"predictions": {"compared": False, "each_weight": True, "why": "the file holds weights alone; each was compared"}}


def _kept(case: Case) -> dict[WeightKey, NDArray[np.generic]]:
    with open_tensors(case.checkpoint) as tensors:
        return {weight.key: tensors.read(weight.key) for weight in case.checkpoint.weights}


def _write_h5(case: Case, values: Values, temp: Path) -> tuple[int, Mapping[str, Any]]:
    outcome = write_h5(case.checkpoint, temp, blueprint=case.blueprint, values=values, arguments=case.blueprint.arguments)
    check = verify_file(case.checkpoint, temp, values)
    if not check.ok:
        raise VerifyError(f"the written file is not what was planned: {check.problems[0]}", where=temp.name)
    return check.identical, {"status": outcome.status, "why": outcome.why}


def _write_keras(case: Case, values: Values, temp: Path) -> tuple[int, Mapping[str, Any]]:
    """An archive that trains on."""
    from layerfix.graph.compiled import compile_as_saved
    from layerfix.graph.save import save_keras

    stored = case.checkpoint.optimizer
    if stored is not None and stored.weights and not case.checkpoint.is_v3:
        status, why, notes = _compiled_with_state(case, values)
    else:
        (found, why), notes = compile_as_saved(case.checkpoint, case.rebuilt.model, case.rebuilt.architecture)
        status = _WITHOUT_STATE[found]
    save_keras(case.rebuilt.model, temp)
    return _kept_in_archive(case, temp), {"status": status, "why": " ".join((why, *notes))}


def _compiled_with_state(case: Case, values: Values) -> tuple[str, str, tuple[str, ...]]:
    """(status, why, notes): the model takes over the optimizer's state, extended as that of a repaired legacy file would be."""
    from layerfix.graph.compiled import Held, compile_as_saved

    plan = surgery(case.checkpoint, case.blueprint, values)
    stored = {(layer.name, weight.name): weight for layer in case.checkpoint.layers for weight in layer.weights}
    added = {spec.key: spec for spec in case.blueprint.weights if spec.key in values}
    names = {owner: [(name, added.get((owner, name)) or stored[owner, name]) for name in order] for owner, order in plan.order.items()}
    held = Held(names, _slots(case, plan.extension))
    (status, why), notes = compile_as_saved(case.checkpoint, case.rebuilt.model, case.rebuilt.architecture, held)
    if status != "kept":
        return _WITHOUT_STATE[status], why, notes
    return plan.extension.outcome.status, f"{plan.extension.outcome.why} Carried over: {why}.", notes


def _slots(case: Case, extension: Extension) -> list[tuple[str, Array]]:
    """The optimizer's tensors with zeros for new weights; none where the state is dropped."""
    stored = case.checkpoint.optimizer
    if stored is None or extension.outcome.status == "dropped":
        return []
    with open_tensors(case.checkpoint) as tensors:
        if not extension.tensors:
            return [(weight.name, tensors.optimizer(weight.name)) for weight in stored.weights]
        return [
            (slot.name, np.zeros(slot.shape, slot.dtype) if slot.old is None else tensors.optimizer(slot.old.name))
            for slot in extension.tensors
        ]


_WITHOUT_STATE = {"fresh": "dropped", "none": "none"}
"""The report's words for what compiling says."""


def _kept_in_archive(case: Case, temp: Path) -> int:
    """How many stored tensors the archive holds bit for bit.

    Raises:
        VerifyError: where one is missing whose layout did not have to change.
    """
    missing = missing_anywhere(case.checkpoint, read(temp))
    for key in missing:
        if case.rebuilt.variables.get(key) is not None:
            raise VerifyError(f"the written file does not hold the kept tensor {'/'.join(key)!r}.", where=temp.name)
    return len(case.checkpoint.weights) - len(missing)


def _write_weights(case: Case, temp: Path, suffix: str) -> tuple[int, Mapping[str, Any]]:
    """Weights alone, in Keras 3's order, read back and compared bit for bit. A kept tensor whose layout changed counts as not identical."""
    from layerfix.graph.save import check_safetensors, check_weights, save_safetensors, save_weights

    save, check = (save_weights, check_weights) if suffix == ".weights.h5" else (save_safetensors, check_safetensors)
    save(case.rebuilt.model, temp)
    check(case.rebuilt.model, temp)
    as_stored = sum(case.rebuilt.variables.get(weight.key) is not None for weight in case.checkpoint.weights)
    return as_stored, {"status": "dropped", "why": "the file holds weights alone"}


def _compare(case: Case, temp: Path) -> Mapping[str, Any]:
    """The file read back: its predictions against those of the model in memory, on random inputs, and against the user's samples.

    Raises:
        VerifyError: where file and memory differ.
    """
    from layerfix.graph.forward import forward
    from layerfix.graph.live import load_own

    model = load_own(temp, case.options.layers)
    predictions = _as_in_memory(case, model, temp)
    if case.options.samples is None:
        return {"predictions": predictions}
    figures = agreement(forward(model, case.options.samples.inputs), case.options.samples)
    return {"predictions": predictions, **({"samples": figures} if figures else {})}


def _as_in_memory(case: Case, model: keras.Model, temp: Path) -> Mapping[str, Any]:
    from layerfix.graph.forward import forward, random_inputs

    inputs = random_inputs(case.rebuilt.model)
    if inputs is None:
        return {"compared": False, "why": "its inputs have no shape that could be filled in"}
    expected, found = forward(case.rebuilt.model, inputs), forward(model, inputs)
    if largest_difference(forward(case.rebuilt.model, inputs), expected) > 0:
        return {"compared": False, "why": "the model is random at inference: it predicts otherwise each time"}
    if not agree(found, expected):
        apart = difference(found, expected)
        raise VerifyError(f"the file read back predicts otherwise than the model in memory (by {apart:.1e} of its scale).", where=temp.name)
    finite = all(np.isfinite(array).all() for array in expected)
    return {"compared": True, "finite": finite, "inputs": "random", "largest_difference": largest_difference(found, expected)}
