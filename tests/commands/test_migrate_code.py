"""Weights against code: right where evidence decides, refused with both sides named where none does."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.commands.migrate import migrate
from layerfix.errors import GraphError, LayersError, UsageError
from layerfix.predictions import difference

FILES = Path(__file__).parent / "files"
CASES = ["named_keras224", "subclassed_tf210"]


def source(case, folder, *changes):
    """The user's code, changed in places."""
    text = (FILES / f"{case.split('_')[0]}.py").read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / "build.py").write_text(text)
    return f"{folder / 'build.py'}:make"


def moved(case, folder, spec, **options):
    return migrate(FILES / f"{case}.h5", folder / "new.keras", model=spec, **options)


def reproduced(case, folder, spec):
    scope: dict = {}
    exec(Path(spec.rpartition(":")[0]).read_text(), scope)
    classes = {name: value for name, value in scope.items() if isinstance(value, type)}
    model = keras.saving.load_model(folder / "new.keras", custom_objects=classes)
    with np.load(FILES / f"{case}.npz") as arrays:
        return difference([np.asarray(model(arrays["x"], training=False))], [arrays["p"]])


@pytest.mark.parametrize("case", CASES)
def test_the_code_that_saved_the_weights_predicts_as_before(case, tmp_path):
    spec = source(case, tmp_path)
    result = moved(case, tmp_path, spec, samples=FILES / f"{case}.npz")
    assert (result.proof.kind, result.doubts) == ("predictions", ())
    assert reproduced(case, tmp_path, spec) < 1e-5


def test_a_renamed_head_is_found_by_its_shape(tmp_path):
    spec = source(CASES[0], tmp_path, ('"head"', '"logits"'))
    result = moved(CASES[0], tmp_path, spec)
    assert {rule.layer: rule.detail for rule in result.rules}["logits"] == "head: the only one of its shapes"
    assert reproduced(CASES[0], tmp_path, spec) < 1e-5


RENAMED = (('"two"', '"b"'), ('"three"', '"c"'))


def test_equal_shapes_without_equal_names_are_refused_with_both_sides(tmp_path):
    spec = source(CASES[0], tmp_path, *RENAMED)
    with pytest.raises(GraphError, match=r"stored two .*three .* could be b .*c ") as refused:
        moved(CASES[0], tmp_path, spec)
    assert "two, three -> b or c: open" in str(refused.value)
    assert not (tmp_path / "new.keras").exists()


def test_recorded_predictions_decide_between_equal_shapes(tmp_path):
    spec = source(CASES[0], tmp_path, *RENAMED)
    result = moved(CASES[0], tmp_path, spec, samples=FILES / f"{CASES[0]}.npz")
    assert "recorded predictions" in {rule.detail.split(": ")[1] for rule in result.rules}
    assert reproduced(CASES[0], tmp_path, spec) < 1e-5


def test_a_new_head_needs_to_be_meant_and_is_listed(tmp_path):
    spec = source(CASES[0], tmp_path, ("L.Dense(3,", "L.Dense(7,"))
    with pytest.raises(GraphError, match=r"head \[8, 7\] \[7\] of the model has no stored weights.*--partial"):
        moved(CASES[0], tmp_path, spec)
    result = moved(CASES[0], tmp_path, spec, partial=True)
    assert [note.split(" ")[0] for note in result.notes] == ["head", "head"]
    assert result.weights == 6


def test_what_order_alone_decides_is_said_to_be_unproven(tmp_path):
    result = moved(CASES[1], tmp_path, source(CASES[1], tmp_path))
    assert "order alone" in result.doubts[0]
    assert "--samples" in result.doubts[0]


@pytest.mark.slow
def test_recorded_predictions_correct_an_order_that_was_wrong(tmp_path):
    lines = ('        self.b = L.Dense(6, activation="tanh")\n', "        self.c = L.Dense(6)\n")
    spec = source(CASES[1], tmp_path, ("".join(lines), "".join(reversed(lines))))
    result = moved(CASES[1], tmp_path, spec, samples=FILES / f"{CASES[1]}.npz")
    assert result.proof.kind == "predictions"
    assert reproduced(CASES[1], tmp_path, spec) < 1e-5
    assert moved(CASES[1], tmp_path, spec, force=True).doubts
    assert reproduced(CASES[1], tmp_path, spec) > 1e-3


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        ("build.py", UsageError, "names no function"),
        ("{}/named.py:nothing", LayersError, "defines no function or class 'nothing'"),
        ("{}/needs.py:make", LayersError, "cannot be called without width"),
        ("{}/text.py:make", LayersError, "gives a str, which is no Keras model"),
    ],
)
def test_code_that_gives_no_model_is_named(spec, error, words, tmp_path):
    shutil.copy(FILES / "named.py", tmp_path)
    (tmp_path / "needs.py").write_text("def make(width):\n    return width\n")
    (tmp_path / "text.py").write_text("def make():\n    return 'model'\n")
    with pytest.raises(error, match=words):
        migrate(FILES / "named_keras224.h5", tmp_path / "new.keras", model=spec.format(tmp_path))
