"""Whether changed source still serves a written file: same weights, same training, same predictions, and again after a save."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from layerfix.graph.forward import forward, random_inputs
from layerfix.graph.registered import registered
from layerfix.graph.serving import serves

OWN = """
import keras

@keras.saving.register_keras_serializable("mine")
class Doubled(keras.layers.Layer):
    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")

    def call(self, x):
        return FACTOR * keras.ops.matmul(x, self.kernel)

    def get_config(self):
        return {**super().get_config(), "units": self.units}

FACTOR = 2.0
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A `.keras` file of a class, and the file of the class."""
    folder = tmp_path_factory.mktemp("serving")
    source = folder / "own.py"
    source.write_text(OWN)
    names: dict[str, object] = {"__name__": "own"}
    with registered({}):
        exec(OWN, names)
        doubled: type = names["Doubled"]  # type: ignore[assignment]
        model = keras.Sequential([keras.Input((3,)), doubled(4), layers.Dense(1)])
        model.save(folder / "m.keras")
    return folder / "m.keras", [source]


def test_the_same_source_in_other_words_serves(written: tuple[Path, list[Path]]) -> None:
    file, source = written
    assert serves(OWN.replace("FACTOR * keras.ops.matmul(x, self.kernel)", "keras.ops.matmul(x, self.kernel) * 2.0"), file, source)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FACTOR = 2.0", "FACTOR = 2.01"),
        ('name="kernel")', 'name="kernel", trainable=False)'),
        ("FACTOR * keras.ops.matmul", "FACTOR * keras.ops.abs(x).sum() + 0 * keras.ops.matmul"),
        ('"units": self.units', '"units": self.units + 1'),
        ('@keras.saving.register_keras_serializable("mine")\n', ""),
        ("import keras\n", "import keras\nraise ValueError\n"),
    ],
    ids=["another number", "not trained", "fails when called", "loses its argument", "not registered", "does not run"],
)  # fmt: skip
def test_source_that_makes_something_else_of_the_file_does_not(written: tuple[Path, list[Path]], old: str, new: str) -> None:
    file, source = written
    assert old in OWN
    assert not serves(OWN.replace(old, new), file, source)


def test_what_was_registered_is_gone_afterwards(written: tuple[Path, list[Path]]) -> None:
    file, source = written
    before = dict(keras.saving.get_custom_objects())
    serves(OWN, file, source)
    assert dict(keras.saving.get_custom_objects()) == before


def test_open_sizes_are_tried_until_a_model_takes_one() -> None:
    model = keras.Sequential([keras.Input((None, 2)), layers.Conv1D(1, 40), layers.GlobalMaxPooling1D()])
    (given,) = random_inputs(model) or ()
    assert given.shape == (4, 64, 2)
    assert 0 <= given.min() < given.max() < 1


def test_a_model_that_takes_no_size_has_no_inputs() -> None:
    model = keras.Sequential([keras.Input((None, 2)), layers.Conv1D(1, 400), layers.GlobalMaxPooling1D()])
    assert random_inputs(model) is None


def test_the_same_seed_gives_the_same_inputs_for_each_kind_of_number() -> None:
    x, ids = keras.Input((2,)), keras.Input((3,), dtype="int32")
    model = keras.Model([x, ids], [layers.Dense(1)(x), layers.Embedding(5, 2)(ids)])
    one, again, other = (random_inputs(model, seed) or [] for seed in (1, 1, 2))
    assert [array.dtype for array in one] == [np.float32, np.int32]
    assert np.array_equal(one[0], again[0])
    assert not np.array_equal(one[0], other[0])


def test_outputs_come_in_batches_and_are_put_together() -> None:
    x = keras.Input((2,))
    model = keras.Model(x, {"sum": keras.ops.sum(x, axis=1), "twice": x * 2.0})
    given = np.arange(10, dtype="float32").reshape(5, 2)
    summed, twice = forward(model, [given], batch_size=2)
    assert summed.tolist() == [1.0, 5.0, 9.0, 13.0, 17.0]
    assert np.array_equal(twice, 2 * given)
