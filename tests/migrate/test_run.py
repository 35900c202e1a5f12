"""Genuine legacy files become files that plain Keras loads, and that predict what was recorded."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from genuine import sampled

from layerfix.commands.migrate import migrate
from layerfix.commands.proof import predict
from layerfix.errors import GraphError, UsageError, VerifyError, WriteError
from layerfix.predictions import difference

FILES = Path(__file__).parent / "files"
SAMPLE_MODELS = Path(__file__).parents[2] / "sample_models"
CASES = sorted(path.stem for path in FILES.glob("*.h5"))


def family(arrays, stem):
    return [arrays[name] for name in sorted(arrays.files) if name[0] == stem and name[1:].isdigit()]


def moved(case, folder, **options):
    architecture = FILES / f"{case}.json"
    output = folder / "new.keras"
    return migrate(FILES / f"{case}.h5", output, architecture=architecture if architecture.exists() else None, **options), output


@pytest.mark.parametrize("case", sampled(CASES, 6))
def test_genuine_file_predicts_what_was_recorded_in_plain_keras(case, tmp_path):
    result, output = moved(case, tmp_path)
    recorded = np.load(FILES / f"{case}.npz")
    model = keras.models.load_model(output)
    assert difference(predict(model, family(recorded, "x")), family(recorded, "p")) < 2e-5
    assert result.weights > 0 or not model.weights


@pytest.mark.parametrize("case", sampled(["k224-optimizer_adam_decay", "tf24-optimizer_adam", "tf115-optimizer_rmsprop_centered"], 3))
def test_optimizer_continues_with_its_stored_state(case, tmp_path):
    result, output = moved(case, tmp_path)
    assert result.optimizer[0] == "kept"
    recorded = np.load(FILES / f"{case}.npz")
    model = keras.models.load_model(output)
    assert int(model.optimizer.iterations) == 3
    loss = np.ravel(model.train_on_batch(recorded["x0"], recorded["y0"]))[0]
    assert loss == pytest.approx(recorded["loss"][0], abs=1e-5)


def test_recorded_predictions_are_the_proof_where_they_are_given(tmp_path):
    recorded = np.load(FILES / "k224-nested_deep.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"])
    result, _ = moved("k224-nested_deep", tmp_path, samples=tmp_path / "samples.npz")
    assert result.proof.kind == "predictions"
    assert result.proof.difference < 2e-5


def test_wrong_predictions_are_refused_and_nothing_is_written(tmp_path):
    recorded = np.load(FILES / "k224-nested_deep.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"] + 0.1)
    with pytest.raises(VerifyError, match="differs from the recorded predictions"):
        moved("k224-nested_deep", tmp_path, samples=tmp_path / "samples.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["samples.npz"]


@pytest.mark.parametrize("case", ["k224-nested_gan", "k224-crnn", "lib-self_attention_product"])
def test_reference_is_the_proof_where_nothing_is_given(case, tmp_path):
    result, _ = moved(case, tmp_path)
    assert result.proof.kind == "reference"
    assert result.proof.difference < 2e-5


@pytest.mark.parametrize(("given", "doubts"), [(False, 1), (True, 0)])
def test_release_of_a_library_that_no_file_tells_is_not_proven_without_recorded_predictions(given, doubts, tmp_path):
    recorded = np.load(FILES / "k224-attention_masked.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"])
    result, _ = moved("k224-attention_masked", tmp_path, **({"samples": tmp_path / "samples.npz"} if given else {}))
    assert len(result.doubts) == doubts


@pytest.mark.slow
def test_same_file_gives_the_same_bytes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    _, first = moved("k224-nested_deep", tmp_path / "a")
    keras.backend.clear_session()
    _, second = moved("k224-nested_deep", tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", [".weights.h5", ".safetensors"])
def test_weights_alone_can_be_written(suffix, tmp_path):
    output = tmp_path / f"new{suffix}"
    assert migrate(FILES / "k224-nested_deep.h5", output).weights == 18
    assert output.stat().st_size > 0


def test_lost_weights_must_be_repaired_first(tmp_path):
    with pytest.raises(GraphError, match=r"denoising_layer_1.*repair first"):
        migrate(SAMPLE_MODELS / "resnet-mean.h5", tmp_path / "new.keras")


def test_existing_output_is_kept(tmp_path):
    (tmp_path / "new.keras").write_text("mine")
    with pytest.raises(WriteError):
        moved("k224-thresholdedrelu", tmp_path)
    assert (tmp_path / "new.keras").read_text() == "mine"


def test_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.keras"):
        migrate(FILES / "k224-thresholdedrelu.h5", tmp_path / "new.txt")


def test_input_is_not_changed(tmp_path):
    source = tmp_path / "old.h5"
    shutil.copy(FILES / "k224-thresholdedrelu.h5", source)
    before = source.read_bytes()
    migrate(source, tmp_path / "new.keras")
    assert source.read_bytes() == before
