"""Weights that were saved under another freeze than the architecture tells go where their names say."""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from layerfix.commands.migrate import migrate
from layerfix.commands.proof import predict
from layerfix.errors import GraphError
from layerfix.predictions import difference

FILES = Path(__file__).parent / "files" / "frozen"


@pytest.mark.parametrize("case", ["keras224-seq-1-once", "keras224-func-02-shared", "tf24-func-02-shared"])
def test_weights_saved_while_layers_were_frozen_predict_what_was_recorded(case, tmp_path):
    result = migrate(FILES / f"{case}.h5", tmp_path / "new.keras", architecture=FILES / f"{case}.json")
    recorded = np.load(FILES / f"{case}.npz")
    model = keras.models.load_model(tmp_path / "new.keras")
    inputs = [recorded[name] for name in recorded.files if name.startswith("x")]
    assert difference(predict(model, inputs), [recorded["p0"]]) < 2e-5
    assert result.proof.kind == "reference"


def test_names_that_contradict_the_order_without_telling_the_layers_are_refused(tmp_path):
    stored = tmp_path / "w.h5"
    stored.write_bytes((FILES / "keras224-seq-1-once.h5").read_bytes())
    with h5py.File(stored, "r+") as file:
        group = file["base"]
        names = [name.decode() for name in group.attrs["weight_names"]]
        other = {name: name.replace("dense_", "fc_") for name in names}
        for name, new in other.items():
            file.move(f"base/{name}", f"base/{new}")
        group.attrs["weight_names"] = np.array([other[name].encode() for name in names])
    with pytest.raises(GraphError, match=r"base: the names of its stored weights .* contradicts it"):
        migrate(stored, tmp_path / "new.keras", architecture=FILES / "keras224-seq-1-once.json")
    assert not (tmp_path / "new.keras").exists()
