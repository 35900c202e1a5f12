"""What is written loads in plain Keras with the very source that the user gave."""

import importlib.util
from pathlib import Path

import keras
import numpy as np

from layerfix.commands.migrate import migrate
from layerfix.commands.proof import predict
from layerfix.predictions import difference

FILES = Path(__file__).parent / "files" / "own_plain"


def imported(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if isinstance(value, type)}


def test_sublayers_made_in_build_and_subclasses_of_stock_layers_load_with_the_users_own_classes(tmp_path):
    result = migrate(FILES / "tf215-gate.h5", tmp_path / "new.keras", layers=[FILES / "gate.py"])
    recorded = np.load(FILES / "tf215-gate.npz")
    model = keras.models.load_model(tmp_path / "new.keras", custom_objects=imported(FILES / "gate.py"))
    assert difference(predict(model, [recorded["x0"]]), [recorded["p0"]]) < 2e-5
    assert result.custom == ("Gate", "MyGRU")
    assert not result.proof.independent
