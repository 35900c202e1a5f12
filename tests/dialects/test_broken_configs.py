"""Whatever stands in a config in place of what Keras writes there is a finding about the file: a sentence, never an error of ours."""

import copy
import json
import random
from pathlib import Path

import h5py
import pytest

from layerfix.dialects.upgrade import upgrade
from layerfix.errors import LayerfixError

FILES = Path(__file__).parents[1] / "migrate" / "files"
JUNK = (None, 0, -1, 1.5, True, "x", "", [], {}, [[]], {"class_name": "Dense"}, {"class_name": "Dense", "config": None}, [["x", 0, 0]])


def stored(name):
    with h5py.File(FILES / f"{name}.h5") as file:
        attributes = {key: file.attrs[key] for key in ("model_config", "keras_version", "backend") if key in file.attrs}
    texts = {key: value if isinstance(value, str) else value.decode() for key, value in attributes.items()}
    return json.loads(texts["model_config"]), texts.get("keras_version"), texts.get("backend")


def places(value, above=()):
    """Every place in a config."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*above, key)
        yield from places(inner, (*above, key))


def mutants(config, count, seed):
    """Copies with one value replaced, or left out."""
    chance, everywhere = random.Random(seed), list(places(config))
    for _ in range(count):
        changed = copy.deepcopy(config)
        *above, last = chance.choice(everywhere)
        holder = changed
        for key in above:
            holder = holder[key]
        if chance.random() < 0.3:
            del holder[last]
        else:
            holder[last] = chance.choice(JUNK)
        yield changed


@pytest.mark.parametrize("name", ["k122-merge_three_nested", "k209-nested_shared", "k224-seq2seq_embedding", "k224-locally1d"])
def test_a_config_with_anything_in_it_is_upgraded_or_refused_in_a_sentence(name):
    config, version, backend = stored(name)
    refused = 0
    for mutant in mutants(config, 250, seed=len(name)):
        try:
            upgrade(mutant, version, backend)
        except LayerfixError:
            refused += 1
    assert 10 < refused < 240


def test_a_layer_that_is_not_understood_is_named():
    config, version, backend = stored("k224-locally1d")
    layer = config["config"]["layers"][1]
    layer["config"]["kernel_regularizer"] = {"class_name": "L2", "config": 7}
    with pytest.raises(LayerfixError, match="no release of Keras") as caught:
        upgrade(config, version, backend)
    assert caught.value.where == layer["config"]["name"]
