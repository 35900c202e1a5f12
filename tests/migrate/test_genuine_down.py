"""Files of genuine Keras 2.2.4 that came up and go back, in the hands of that very library: they predict and train on as they did."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from layerfix.commands.migrate import migrate

ROOT = Path(__file__).parents[2]
FILES, STEPS = ROOT / "tests/migrate/files", ROOT / "tests/migrate/steps"
CLIENT = ROOT / "benchmarks/going_back_client.py"


@pytest.mark.slow
def test_keras_2_2_4_predicts_and_trains_on_with_what_goes_back_to_it(legacy_python, tmp_path):
    stepped = np.load(STEPS / "adam_decay.npz")
    np.savez(tmp_path / "stepped.npz", x0=stepped["x"], y0=stepped["y"], q0=stepped["p"])
    jobs = {"k224-bi_lstm_masked": FILES, "k224-gru_states": FILES, "adam_decay": STEPS}
    recorded = {name: str(folder / f"{name}.npz") for name, folder in jobs.items()} | {"adam_decay": str(tmp_path / "stepped.npz")}
    for name, folder in jobs.items():
        migrate(folder / f"{name}.h5", tmp_path / f"{name}.h5", older="keras2.2.4")
    (tmp_path / "jobs.json").write_text(json.dumps([(f"{name}.h5", recorded[name]) for name in jobs]))
    environment = {key: value for key, value in os.environ.items() if key != "TF2_BEHAVIOR"}  # TensorFlow 1 would run eagerly
    command = [legacy_python, str(CLIENT), "keras", "jobs.json", "told.json"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    masked, states, (_, step) = json.loads((tmp_path / "told.json").read_text())
    assert max(masked[0], states[0], step) < 1e-5
