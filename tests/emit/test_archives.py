"""What layerfix saves from the rebuilt graph, the emitted class alone loads: every hiding place, and then in a process without layerfix."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from genuine import sampled

import layerfix
from layerfix.containers.reader import read
from layerfix.emit.emit import corrected_source, emit
from layerfix.errors import UsageError
from layerfix.graph.rebuilt import rebuild
from layerfix.graph.save import save_keras

ROOT = Path(__file__).parents[2]
CLASSES = ROOT / "tests" / "legacy" / "classes"
BROKEN = sorted(path.name for path in CLASSES.iterdir() if (path / "broken.h5").is_file())
LOST = {
    "CellAttention": {"units": 10},
    "Head": {"kind": "conv", "size": 7, "normalise": True},
    "RecurrentGate": {"units": 10},
}  # what these files' legacy save lost

ALONE = """
import json, sys
import keras, numpy as np
exec(compile(open(sys.argv[2]).read(), sys.argv[2], "exec"), {"__name__": "emitted"})
recorded = np.load(sys.argv[3])
model = keras.saving.load_model(sys.argv[1])
difference = float(np.abs(model.predict(recorded["x"], verbose=0) - recorded["p"]).max())
model.compile("sgd", "categorical_crossentropy")
before = model.get_weights()
model.fit(recorded["x"], recorded["y"], verbose=0)
moved = sum(not np.array_equal(old, new) for old, new in zip(before, model.get_weights()))
print(json.dumps({"difference": difference, "moved": moved, "weights": len(before), "layerfix": "layerfix" in sys.modules}))
"""


def perturbed(model: keras.Model) -> None:
    random = np.random.default_rng(5)
    model.set_weights([weight + random.uniform(0.05, 0.2, weight.shape).astype(weight.dtype) for weight in model.get_weights()])


@pytest.mark.parametrize("name", sampled(BROKEN, 12))
def test_the_emitted_class_loads_what_the_rebuilt_graph_saved(name: str, tmp_path: Path) -> None:
    layers = CLASSES / name / "layers.py"
    rebuilt = rebuild(read(CLASSES / name / "broken.h5"), layers=[layers], arguments=LOST)
    perturbed(rebuilt.model)
    save_keras(rebuilt.model, tmp_path / "m.keras")
    namespace = {"__name__": "emitted"}
    exec(emit([layers]), namespace)
    with keras.saving.custom_object_scope({key: value for key, value in namespace.items() if isinstance(value, type)}):
        model = keras.saving.load_model(tmp_path / "m.keras", compile=False)
    x = np.load(CLASSES / name / "truth.npz")["x"][:8]
    expected = rebuilt.model.predict(x, verbose=0)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-6)
    again = layerfix.load_model(tmp_path / "m.keras", layers=layers)
    np.testing.assert_allclose(again.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-6)
    assert len(model.weights) == len(rebuilt.model.weights)
    assert len(model.trainable_weights) == len(rebuilt.model.trainable_weights)


def test_a_source_without_an_equal_in_keras_3_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("import keras.backend as K\n\n\ndef loss(y, p):\n    return K.gradients(p, y)\n")
    with pytest.raises(UsageError, match="gradients"):
        emit([tmp_path / "layers.py"])


@pytest.mark.slow
def test_a_repaired_archive_needs_no_layerfix(tmp_path: Path) -> None:
    case = CLASSES / "partial-loss"
    layerfix.repair(case / "broken.h5", output=tmp_path / "m.keras", layers=[case / "layers.py"], emit_layers=tmp_path / "fixed.py")
    found = alone(tmp_path / "m.keras", tmp_path / "fixed.py", case / "truth.npz")
    assert found["difference"] < 1e-5
    assert found["layerfix"] is False
    assert found["moved"] == found["weights"] > 0


@pytest.mark.slow
def test_a_repaired_archive_with_the_class_that_ships_keeps_its_argument(tmp_path: Path) -> None:
    broken = ROOT / "sample_models" / "sequential-mean.h5"
    arguments = {"Denoising_layer": {"filter_type": "mean"}}
    layerfix.repair(broken, output=tmp_path / "m.keras", arguments=arguments, emit_layers=tmp_path / "fixed.py")
    found = alone(tmp_path / "m.keras", tmp_path / "fixed.py", broken.with_suffix(".npz"))
    assert found["difference"] < 1e-5
    assert found["layerfix"] is False


def test_the_class_that_ships_is_emitted_where_no_source_is_given() -> None:
    source = corrected_source(read(ROOT / "sample_models" / "sequential-mean.h5"), (), "keras3")
    assert "class DenoisingLayer" in source
    assert "import layerfix" not in source


def alone(archive: Path, emitted: Path, recorded: Path) -> dict[str, float | bool]:
    command = [sys.executable, "-c", ALONE, str(archive), str(emitted), str(recorded)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=archive.parent)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, float | bool] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
