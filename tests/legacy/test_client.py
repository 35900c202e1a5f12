"""A repaired file in the hands of a user who stays with Keras 2.2.4, run in that very library."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerfix

HERE = Path(__file__).parent
SAMPLE_MODELS = HERE.parents[1] / "sample_models"
CLASSES = HERE / "classes"


def use(legacy_python: str, repaired: Path, layers: Path, class_name: str, recorded: Path, out: Path) -> dict[str, Any]:
    """What the user's program (client.py) found."""
    command = [legacy_python, str(HERE / "client.py"), str(repaired), str(layers), class_name, str(recorded), str(out)]
    # TensorFlow 2, imported by this process, leaves the variable to its children; TensorFlow 1 then runs eagerly, and Keras 2.2.4 fails.
    environment = {key: value for key, value in os.environ.items() if key != "TF2_BEHAVIOR"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "filter_type", "held"),
    [
        ("resnet-mean", "mean", [2, 2]),
        ("shared-nonlocal", "non_local_mean", [2]),
        ("nested-mean", "mean", [2]),
    ],
)
def test_keras_2_loads_a_repaired_file_predicts_as_recorded_and_trains_on(
    name: str, filter_type: str, held: list[int], legacy_python: str, tmp_path: Path
) -> None:
    repaired, emitted = tmp_path / "repaired.h5", tmp_path / "fixed_layers.py"
    layerfix.repair(
        SAMPLE_MODELS / f"{name}.h5",
        output=repaired,
        arguments={"Denoising_layer": {"filter_type": filter_type}},
        emit_layers=emitted,
        emit_for="keras2",
    )
    found = use(legacy_python, repaired, emitted, "Denoising_layer", SAMPLE_MODELS / f"{name}.npz", tmp_path / "again.h5")
    assert found["difference"] < 1e-5
    assert found["weights_held"] == held
    assert found["iterations"] is None or found["iterations"] > 0
    assert found["slots_in_use"] > 0
    assert all(found["moved"])
    assert np.isfinite(found["loss"]).all()
    assert found["difference_after_second_save"] < 1e-5


@pytest.mark.slow
def test_keras_2_loads_a_file_repaired_with_a_user_s_own_class(legacy_python: str, tmp_path: Path) -> None:
    case = CLASSES / "attribute-in-init"
    repaired, emitted = tmp_path / "repaired.h5", tmp_path / "fixed_layers.py"
    layerfix.repair(case / "broken.h5", output=repaired, layers=[case / "layers.py"], emit_layers=emitted, emit_for="keras2")
    found = use(legacy_python, repaired, emitted, "ChannelGate", case / "truth.npz", tmp_path / "again.h5")
    assert found["difference"] < 1e-5
    assert found["weights_held"] == [4]
    assert found["difference_after_second_save"] < 1e-5
