"""Models that draw when they predict: compared with the same draws for both."""

from __future__ import annotations

from pathlib import Path

import keras

from layerfix.commands.lambdas import lambdas
from layerfix.commands.migrate import migrate
from layerfix.commands.proof import prove
from layerfix.containers.reader import read

FILES = Path(__file__).parent / "drawing"


def test_a_sampling_lambda_comes_over_with_the_function_that_was_read_from_it(tmp_path: Path) -> None:
    functions, output = tmp_path / "lambdas.py", tmp_path / "new.keras"
    functions.write_text(lambdas(FILES / "k224-lambda.h5").document)
    proof = migrate(FILES / "k224-lambda.h5", output, layers=[functions]).proof
    assert proof.kind == "reload"
    assert proof.difference == 0
    assert "it draws at random" in proof.why


def test_a_sampling_class_comes_over_with_its_source(tmp_path: Path) -> None:
    proof = migrate(FILES / "tf24-class.h5", tmp_path / "new.keras", layers=[FILES / "sampling.py"]).proof
    assert proof.kind == "reload"
    assert proof.difference < 1e-6
    assert "it draws at random" in proof.why


def test_draws_hide_no_other_weights(tmp_path: Path) -> None:
    def made() -> keras.Model:
        seen = keras.Input((6,))
        noisy = keras.layers.Lambda(lambda x: x + keras.random.normal((8, 6)), output_shape=(6,))(seen)
        return keras.Model(seen, keras.layers.Dense(3)(noisy))

    one, two = made(), made()
    two.set_weights(one.get_weights())
    checkpoint = read(FILES / "k224-lambda.h5")
    assert prove(checkpoint, one, two, None, ["Mine"]).difference == 0
    two.layers[-1].set_weights([weight * 1.01 + 0.01 for weight in two.layers[-1].get_weights()])
    proof = prove(checkpoint, one, two, None, ["Mine"])
    assert proof.difference > 1e-3 > proof.tolerance
