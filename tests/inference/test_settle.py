"""Lost arguments and values inferred from the file alone, on classes that genuine legacy Keras saved under a numpy seed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.errors import GraphError, UsageError
from layerfix.inference.fits import Fit
from layerfix.inference.records import Inference
from layerfix.inference.settle import settle
from layerfix.inference.structure import Arguments
from layerfix.inference.values import value_of
from layerfix.options import Options
from layerfix.progress import silent

CLAIMS = ("exact", "recovered")
CLASSES = Path(__file__).parents[1] / "legacy" / "classes"


def settled(name: str, given: Arguments | None = None, source: Path | None = None) -> tuple[Inference, dict[str, Any]]:
    """What was inferred, with every lost value that is claimed equal to the true one, and what the script had passed."""
    folder = CLASSES / name
    checkpoint = read(folder / "broken.h5")
    rebuilt, inference = settle(checkpoint, Options(layers=(source or folder / "layers.py",)), given or {}, silent)
    truth = np.load(folder / "truth.npz")
    found = {spec.name: inference.recovered[spec.key] for spec in rebuilt.blueprint.hidden}
    values = {spec.name: value_of(spec, found[spec.name], checkpoint.keras_version) for spec in rebuilt.blueprint.hidden}
    lost = {key[5:]: truth[key] for key in truth.files if key.startswith("lost/")}
    assert values.keys() == lost.keys()
    assert all(np.allclose(values[key], lost[key], atol=2e-6) for key in lost if found[key].standing.word in CLAIMS)
    return inference, json.loads(str(truth["meta"]))


def claimed(inference: Inference) -> set[str]:
    """Dataset names, without the layer's, of weights whose value is the lost one, proven or on a condition."""
    return {key[1].partition("/")[2] for key, found in inference.recovered.items() if found.standing.word in CLAIMS}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "structural"), [("depends-on-arguments", ["kind", "size"]), ("hidden-gru", ["units"])])
def test_arguments_are_inferred_from_shapes_draws_and_automatic_numbers(name: str, structural: list[str]) -> None:
    inference, meta = settled(name)
    assert all(found.standing.word in CLAIMS for found in inference.recovered.values())
    told = {argument.name: argument for argument in inference.arguments}
    for argument, value in meta["arguments"].items():
        if told[argument].how != "ambiguous":
            assert told[argument].value == value
    assert all(told[argument].how == "inferred" for argument in structural)


@pytest.mark.slow
def test_a_depth_that_a_layer_in_no_saved_model_would_explain_as_well_is_taken_and_not_proven() -> None:
    inference, meta = settled("list-in-init")
    told = {argument.name: argument for argument in inference.arguments}
    assert (told["depth"].value, told["depth"].how) == (meta["arguments"]["depth"], "ambiguous")
    assert inference.recovered
    assert claimed(inference) == set()


@pytest.mark.slow
def test_what_a_class_drew_from_numpy_by_itself_is_drawn_again() -> None:
    inference, _ = settled("numpy-drawn", {"random_features_1": {"points": 10, "width": 1.0}})
    assert claimed(inference) == {"shift:0", "omega:0", "back:0", "dense_1/kernel:0", "dense_1/bias:0"}
    assert {found.kind for found in inference.recovered.values()} == {"drawn", "fixed", "seed", "constant"}


@pytest.mark.slow
def test_a_drawn_value_is_not_proven_while_a_lost_argument_has_a_say_in_it() -> None:
    inference, _ = settled("numpy-drawn", {"random_features_1": {"points": 10}})
    assert claimed(inference) == {"shift:0", "omega:0", "dense_1/kernel:0", "dense_1/bias:0"}


@pytest.mark.slow
def test_a_kernel_is_not_proven_while_a_lost_argument_has_a_say_in_its_size() -> None:
    inference, meta = settled("lost-scale")
    assert claimed(inference) == {"dense_1/bias:0"}
    assert [argument.how for argument in inference.arguments] == ["ambiguous"]
    inference, _ = settled("lost-scale", {"scaled_1": meta["arguments"]})
    assert claimed(inference) == {"dense_1/kernel:0", "dense_1/bias:0"}


HANDING_ON = """
from keras.layers import Dense, Layer


class Scaled(Layer):
    def __init__(self, name=None, **kwargs):
        super(Scaled, self).__init__(name=name)
        self.given = kwargs

    def build(self, input_shape):
        self.dense = Dense(int(input_shape[-1]), **self.given)

    def call(self, x):
        return x + self.dense(x)
"""
LOST_SCALE = (CLASSES / "lost-scale" / "layers.py").read_text(encoding="utf-8")
TAKEN_OUT = LOST_SCALE.replace("scale=0.05, **kwargs):", "**kwargs):\n        scale = kwargs.pop('scale', 0.05)")


@pytest.mark.slow
@pytest.mark.parametrize(("source", "kept"), [(TAKEN_OUT, {"dense_1/bias:0"}), (HANDING_ON, set())])
def test_what_a_class_takes_from_its_keywords_has_a_say_too(source: str, kept: set[str], tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(source, encoding="utf-8")
    inference, _ = settled("lost-scale", source=tmp_path / "layers.py")
    assert claimed(inference) == kept


@pytest.mark.slow
def test_a_table_is_not_proven_while_a_lost_argument_has_a_say_in_it(tmp_path: Path) -> None:
    text = (CLASSES / "sine-table" / "layers.py").read_text(encoding="utf-8").replace("np.power(10000.0,", "np.power(float(self.base),")
    start = "    def __init__(self, rate=0.5, base=10000, **kwargs):\n        self.rate, self.base = rate, base\n"
    start += "        super(PositionalMixing, self).__init__(**kwargs)\n\n    def build("
    (tmp_path / "layers.py").write_text(text.replace("    def build(", start, 1), encoding="utf-8")
    inference, _ = settled("sine-table", source=tmp_path / "layers.py")
    assert claimed(inference) == {"dense_1/kernel:0", "dense_1/bias:0"}
    inference, _ = settled("sine-table", {"positional_mixing_1": {"base": 10000}}, source=tmp_path / "layers.py")
    assert "table:0" in claimed(inference)


@pytest.mark.parametrize(("raised", "told"), [(RuntimeError("index 6 is not in [0, 6)"), GraphError), (UsageError("no."), UsageError)])
def test_a_model_that_does_not_run_under_guesses_is_answered_with_what_to_state(
    raised: Exception, told: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tells an argument without a default that no shape depends on; what runs under a guess may raise anything."""
    samples = Path(__file__).parents[2] / "sample_models"
    source = tmp_path / "mine.py"
    source.write_text((samples / "layers.py").read_text().replace("filter_type='non_local_mean'", "filter_type"))

    def conclude(*_: object) -> None:
        raise raised

    nothing = SimpleNamespace(read=lambda _: None, search=SimpleNamespace(strong=()))
    monkeypatch.setattr("layerfix.inference.settle.provenance", lambda *_: nothing)
    monkeypatch.setattr("layerfix.inference.settle.read_all", lambda *_: Fit((), None))
    monkeypatch.setattr("layerfix.inference.settle._readable_but_unexplained", lambda _: False)
    monkeypatch.setattr("layerfix.inference.settle.conclude", conclude)
    options = Options(layers=(source,), numpy_seed=42)
    with pytest.raises(told, match="no\\." if told is UsageError else "--set denoising_layer_1.filter_type=VALUE"):
        settle(read(samples / "sequential-mean.h5"), options, {}, silent)
