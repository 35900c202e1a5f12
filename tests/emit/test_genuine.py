"""Emitted classes in genuine Keras 2.2.4: a repaired file loads with them alone, predicts as recorded, trains on and saves again."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import layerfix

LEGACY = Path(__file__).parents[1] / "legacy"


# Run by the legacy interpreter: REPAIRED.h5 EMITTED.py RECORDED.npz AGAIN.h5
CLIENT = """
import json, sys
import numpy as np
from keras.engine.topology import Layer
from keras.models import load_model
names = {"__name__": "emitted"}
exec(compile(open(sys.argv[2]).read(), sys.argv[2], "exec"), names)
classes = {name: item for name, item in names.items() if isinstance(item, type) and issubclass(item, Layer)}
recorded = np.load(sys.argv[3])
x, y = recorded["x"], recorded["y"]
model = load_model(sys.argv[1], custom_objects=classes)
difference = float(np.abs(model.predict(x) - recorded["p"]).max())
model.compile("sgd", "categorical_crossentropy")
before = model.get_weights()
model.fit(x, y, verbose=0)
moved = sum(not np.array_equal(old, new) for old, new in zip(before, model.get_weights()))
trained = model.predict(x)
model.save(sys.argv[4])
again = float(np.abs(load_model(sys.argv[4], custom_objects=classes).predict(x) - trained).max())
print(json.dumps({"difference": difference, "moved": moved, "weights": len(before), "again": again}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dict-of-lists", "derived-from-lstm"])
def test_keras_2_loads_predicts_and_trains_on(name: str, legacy_python: str, tmp_path: Path) -> None:
    case = LEGACY / "classes" / name
    repaired, emitted = tmp_path / "repaired.h5", tmp_path / "fixed.py"
    layerfix.repair(case / "broken.h5", output=repaired, layers=[case / "layers.py"], emit_layers=emitted, emit_for="keras2")
    command = [legacy_python, "-c", CLIENT, *map(str, (repaired, emitted, case / "truth.npz", tmp_path / "again.h5"))]
    # TensorFlow 2 leaves this variable behind for its children; TensorFlow 1 then runs eagerly, and Keras 2.2.4 fails.
    environment = {key: value for key, value in os.environ.items() if key != "TF2_BEHAVIOR"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["difference"] < 1e-5
    assert found["moved"] == found["weights"] > 0
    assert found["again"] < 1e-5
