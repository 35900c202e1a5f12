"""A migrated model trains on as legacy Keras would: one more step of every optimizer, from genuine files."""

from pathlib import Path

import keras
import numpy as np
import pytest
from genuine import sampled

from layerfix.commands.migrate import migrate

STEPS = Path(__file__).parent / "steps"


@pytest.mark.parametrize("name", sampled(sorted(path.stem for path in STEPS.glob("*.h5")), 3))
def test_the_next_step_is_legacy_s(name, tmp_path):
    migrate(STEPS / f"{name}.h5", tmp_path / "new.keras")
    model = keras.models.load_model(tmp_path / "new.keras")
    with np.load(STEPS / f"{name}.npz") as recorded:
        before = model.get_weights()
        loss = np.ravel(model.train_on_batch(recorded["x"], recorded["y"]))[0]
        assert np.isclose(loss, recorded["loss"], rtol=1e-5)
        for index, (old, new) in enumerate(zip(before, model.get_weights(), strict=True)):
            expected = recorded[f"w{index}"]
            assert np.abs(new - expected).max() <= 1e-5 * np.abs(expected).max()
            assert np.abs(new - expected).max() <= 1e-4 * np.abs(expected - old).max()  # the step itself, not only where it led
        predictions = model.predict(recorded["x"], verbose=0)
        assert np.abs(predictions - recorded["p"]).max() <= 1e-5 * np.abs(recorded["p"]).max()
