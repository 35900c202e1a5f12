"""Lost arguments and values inferred from the file alone, on classes that genuine legacy Keras saved under a numpy seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.checkpoint import read
from layerfix.inference.records import Inference
from layerfix.inference.settle import settle
from layerfix.options import Options
from layerfix.progress import silent
from layerfix.strategies.recover import value_of

CLASSES = Path(__file__).parents[1] / "legacy" / "classes"


def settled(name: str) -> tuple[Inference, dict[str, Any]]:
    """What was inferred, with every lost value equal to the true one, and what the script had passed."""
    folder = CLASSES / name
    checkpoint = read(folder / "broken.h5")
    rebuilt, inference = settle(checkpoint, Options(layers=(folder / "layers.py",)), {}, silent)
    truth = np.load(folder / "truth.npz")
    values = {spec.name: value_of(spec, inference.recovered[spec.key], checkpoint.keras_version) for spec in rebuilt.blueprint.hidden}
    lost = {key[5:]: truth[key] for key in truth.files if key.startswith("lost/")}
    assert values.keys() == lost.keys()
    assert all(np.allclose(values[key], lost[key], atol=2e-6) for key in lost)
    return inference, json.loads(str(truth["meta"]))


@pytest.mark.parametrize("name", ["depends-on-arguments", "list-in-init", "hidden-gru"])
def test_arguments_are_inferred_from_shapes_draws_and_automatic_numbers(name: str) -> None:
    inference, meta = settled(name)
    assert all(found.exact for found in inference.recovered.values())
    told = {argument.name: argument for argument in inference.arguments}
    for argument, value in meta["arguments"].items():
        if told[argument].how != "ambiguous":
            assert told[argument].value == value
    structural = {"depends-on-arguments": ["kind", "size"], "list-in-init": ["depth"], "hidden-gru": ["units"]}[name]
    assert all(told[argument].how == "inferred" for argument in structural)
