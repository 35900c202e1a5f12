"""Every hiding place, on classes that genuine legacy Keras saved (tests/legacy/classes): names, values, draws and predictions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.blueprint import Draw
from layerfix.containers.reader import read
from layerfix.diagnose.arguments import lost_arguments
from layerfix.graph.rebuilt import load_values, predict, rebuild

CLASSES = Path(__file__).parents[1] / "legacy" / "classes"
CASES = sorted(folder.name for folder in CLASSES.iterdir() if folder.is_dir())


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    folder = CLASSES / request.param
    truth = np.load(folder / "truth.npz")
    checkpoint = read(next(folder / name for name in ("broken.h5", "model.h5") if (folder / name).is_file()))
    meta = json.loads(str(truth["meta"]))
    rebuilt = rebuild(checkpoint, layers=[folder / "layers.py"], arguments={meta["class_name"]: meta["arguments"]})
    lost = {name[5:]: truth[name] for name in truth.files if name.startswith("lost/")}
    return {"truth": truth, "rebuilt": rebuilt, "lost": lost, "meta": meta}


def noted(draw: Draw) -> int:
    """As truth.npz notes draws: 1, or minus the count of normal deviates."""
    if draw.call is not None:
        return -np.size(draw.call.draw(np.random.RandomState(0)))
    return -draw.count if draw.kind == "normal" else 1


def test_a_class_is_traced_as_legacy_keras_ran_it(case: dict[str, Any]) -> None:
    rebuilt, lost, truth = case["rebuilt"], case["lost"], case["truth"]
    hidden = {spec.name: spec for spec in rebuilt.blueprint.hidden}
    assert hidden.keys() == lost.keys()
    for name, spec in hidden.items():
        assert spec.shape == lost[name].shape
        if spec.value is not None:
            assert np.array_equal(np.asarray(spec.value), lost[name])
    assert list(map(noted, rebuilt.blueprint.draws)) == [min(int(n), 1) for n in truth["draws"]]
    tracked = {id(variable) for variable in rebuilt.model.weights}
    assert all(id(rebuilt.variables[spec.key]) in tracked for spec in hidden.values())
    load_values(rebuilt, {hidden[name].key: value for name, value in lost.items()})
    assert np.allclose(predict(rebuilt, [truth["x"]])[0], truth["p"], atol=1e-5)


@pytest.mark.parametrize("name", ["list-in-init", "depends-on-arguments", "hidden-gru", "sequential-inside", "time-distributed-inside"])
def test_lost_arguments_hold_what_the_user_passed(name: str) -> None:
    folder = CLASSES / name
    meta = json.loads(str(np.load(folder / "truth.npz")["meta"]))
    found = {argument.name: argument for argument in lost_arguments(read(folder / "broken.h5"), [folder / "layers.py"])}
    assert found
    for argument in found.values():
        assert meta["arguments"].get(argument.name, argument.default) in argument.candidates
        assert argument.candidates[0] == argument.default or argument.required
