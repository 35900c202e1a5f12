"""What Keras itself did not save, or computed in two ways, is doubted where it could change predictions, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.untold import untold, untold_inversions


def layer(class_name: str, name: str, *feeding: str, **more: Any) -> dict[str, Any]:
    calls = [[[one, 0, 0, {}] for one in feeding]] if feeding else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **more}, "inbound_nodes": calls}


def model(*layers: dict[str, Any], kind: str = "Functional") -> dict[str, Any]:
    return {"class_name": kind, "name": "m", "config": {"name": "m", "layers": list(layers)}, "inbound_nodes": []}


BEHIND = (layer("InputLayer", "i"), layer("Dense", "d", "i"), layer("Normalization", "n", "d"))
BEFORE = (layer("InputLayer", "i"), layer("Normalization", "n", "i"), layer("Dense", "d", "n"))


@pytest.mark.parametrize(
    ("version", "doubted"), [("2.10.0", ["n"]), ("2.12.0", ["n"]), ("2.4.0", []), ("2.13.1", []), ("3.3.3", []), (None, [])]
)
def test_a_normalization_behind_layers_is_doubted_in_the_releases_that_lost_invert(version: str | None, doubted: list[str]) -> None:
    assert list(untold_inversions(model(*BEHIND), version)) == doubted


@pytest.mark.parametrize(
    ("version", "stated", "doubted"),
    [
        ("tfjs-layers 1.7.4", {}, False),
        ("tfjs-layers 2.8.5", {}, True),
        ("tfjs-layers 3.21.0", {"interpolation": "nearest"}, False),
        ("2.15.0", {}, False),
    ],
)
def test_an_upsampling_of_a_browser_that_saved_no_interpolation_is_doubted(version: str, stated: dict[str, Any], doubted: bool) -> None:
    found = untold(model(layer("InputLayer", "i"), layer("UpSampling2D", "u", "i", size=[2, 2], **stated)), version)
    assert [sentence.partition(":")[0] for sentence in found] == ["u"] * doubted


def test_one_that_prepares_inputs_is_not_doubted() -> None:
    assert list(untold_inversions(model(*BEFORE), "2.10.0")) == []


def test_one_that_states_it_is_not_doubted() -> None:
    assert list(untold_inversions(model(*BEHIND[:2], layer("Normalization", "n", "d", invert=False)), "2.12.0")) == []


def test_sequential_models_and_nested_ones_are_looked_through() -> None:
    chain = [layer("InputLayer", "i"), layer("Dense", "d"), layer("Normalization", "n")]
    inner = {**model(*chain, kind="Sequential"), "name": "s", "config": {"name": "s", "layers": chain}}
    assert list(untold_inversions(model(*chain, kind="Sequential"), "2.10.0")) == ["n"]
    assert list(untold_inversions(model(layer("InputLayer", "i"), inner), "2.10.0")) == ["s/n"]
    assert list(untold_inversions(model(chain[0], chain[2], chain[1], kind="Sequential"), "2.10.0")) == []


def test_sentence_names_layer_and_release() -> None:
    (told,) = untold(model(*BEHIND), "2.10.0")
    assert told.startswith("n: tf.keras 2.10.0 did not save whether a Normalization is inverted")
    assert "--samples" in told


@pytest.mark.parametrize(("version", "count"), [("3.0.5", 1), ("3.9.2", 1), ("3.15.1", 0), ("2.15.0", 0)])
def test_a_discretization_that_two_ways_of_calling_computed_otherwise_is_doubted(version: str, count: int) -> None:
    found = untold(model(layer("InputLayer", "i"), layer("Discretization", "buckets", "i")), version)
    assert [sentence.partition(":")[0] for sentence in found] == ["buckets"] * count
