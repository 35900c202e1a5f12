"""The committed samples are what their README says: small, of the Keras stated, and lost what was recorded."""

import json
import re
from pathlib import Path

import h5py
import numpy as np
import pytest

SAMPLE_MODELS = Path(__file__).parents[1] / "sample_models"
SAMPLES = sorted(SAMPLE_MODELS.glob("*.h5"))


def stored_tensors(path: Path) -> dict[str, np.ndarray]:
    """Every dataset of a model's weights, by its path inside the file."""
    found: dict[str, np.ndarray] = {}
    with h5py.File(path) as f:
        group = f.get("model_weights", f)
        group.visititems(lambda name, item: found.__setitem__(name, item[()]) if isinstance(item, h5py.Dataset) else None)
    return found


def described(path: Path) -> tuple[str, str]:
    """(Keras version, TensorFlow version) in the README's row of this sample."""
    row = re.search(rf"^\| `{re.escape(path.name)}`[^|]*\| (\S+) / (\S+) \|", (SAMPLE_MODELS / "README.md").read_text(), re.MULTILINE)
    assert row, f"{path.name} is not in the table"
    return row[1], row[2]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_small_and_of_the_keras_stated(path: Path) -> None:
    assert path.stat().st_size < 300_000
    with h5py.File(path) as f:
        version = f.attrs["keras_version"]
    assert (version.decode() if isinstance(version, bytes) else version) == described(path)[0]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_lost_exactly_what_was_recorded(path: Path) -> None:
    recorded = np.load(path.with_suffix(".npz"))
    lost = [recorded[name] for name in recorded.files if name.startswith("lost/")]
    kept = list(stored_tensors(path).values())
    assert bool(lost) != (path.stem.startswith("healthy") or path.stem.endswith("twin"))
    for tensor in lost:
        if np.ptp(tensor):  # zeros and ones look alike everywhere
            assert not any(np.array_equal(tensor, other) for other in kept)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_recorded_predictions_are_probabilities_that_fit_the_labels(path: Path) -> None:
    recorded = np.load(path.with_suffix(".npz"))
    assert recorded["p"].shape == recorded["y"].shape == (128, 3)
    np.testing.assert_allclose(recorded["p"].sum(axis=1), 1.0, atol=1e-5)
    assert (recorded["p"].argmax(axis=1) == recorded["y"].argmax(axis=1)).mean() > 0.9


def test_the_twin_has_the_main_sample_s_graph_and_weights_to_give() -> None:
    configs = {}
    for name in ("resnet-mean", "resnet-mean-twin"):
        with h5py.File(SAMPLE_MODELS / f"{name}.h5") as f:
            configs[name] = json.loads(f.attrs["model_config"])["config"]["layers"]
    assert [layer["class_name"] for layer in configs["resnet-mean"]] == [layer["class_name"] for layer in configs["resnet-mean-twin"]]
    given = {name: tensor.shape for name, tensor in stored_tensors(SAMPLE_MODELS / "resnet-mean-twin.h5").items() if "denoising" in name}
    recorded = np.load(SAMPLE_MODELS / "resnet-mean.npz")
    lost = [recorded[name].shape for name in recorded.files if name.startswith("lost/")]
    assert sorted(given.values()) == sorted(lost)
