"""Constructor arguments that no config holds: found in source without running it, with values worth trying, likeliest first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layerfix.containers.records import Checkpoint, LayerEntry, WeightEntry
from layerfix.diagnose.arguments import LostArgument, lost_arguments
from layerfix.diagnose.candidates import BY_WORD, LIMIT, Parameter, candidates
from layerfix.errors import LayersError


def parameter(default: object, name: str = "n", options: tuple[Any, ...] = (), *, required: bool = False) -> Parameter:
    return Parameter(name, default, required, options)


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (parameter(True), [True, False]),
        (parameter("mean", options=("mean", "max")), ["mean", "max"]),
        (parameter(None, "activation"), [None]),
        (parameter("relu", "activation"), ["relu", "tanh", "sigmoid", "linear"]),
        (parameter(3), [3, 2, 4, 1, 5]),
        (parameter((1, 1)), [(1, 1), (2, 2), (3, 3), (5, 5), (7, 7)]),
        (parameter([2], "sizes"), [[2], [1], [3], [5], [7]]),
        (parameter(0.5), [0.5]),
        (parameter(None), [None]),
    ],
)
def test_the_default_comes_first_and_what_is_like_it_next(given: Parameter, first: list[Any]) -> None:
    assert list(candidates(given, []))[: len(first)] == first


def test_a_size_is_looked_for_among_those_of_the_file() -> None:
    found = candidates(parameter(64), [48, 96])
    assert found[:3] == (64, 48, 96)
    assert {32, 128, 16, 256} <= {*found}
    assert candidates(parameter(None, required=True), [7, 5])[:2] == (7, 5)


def test_a_small_count_may_be_half_of_what_two_directions_join() -> None:
    assert {10, 5} <= {*candidates(parameter(2), [10])}


def test_no_value_comes_twice_and_true_is_not_one() -> None:
    found = candidates(parameter(1), [1, 2, 3])
    assert len(found) == len({*found})
    assert candidates(parameter(True), []) == (True, False)
    assert candidates(parameter("a", options=("a", "a", "b")), []) == ("a", "b")


def test_there_are_never_more_than_can_be_tried() -> None:
    assert len(candidates(parameter(64), list(range(100, 200)))) == LIMIT


def test_linear_is_not_tried_beside_none_which_means_it() -> None:
    assert "linear" not in candidates(parameter(None, "activation", BY_WORD["activation"]), [])


SOURCE = """
KINDS = {"mean": 1, "max": 2}
DEFAULT = "same"

class Base(Layer):
    def __init__(self, units, kind="mean", padding=DEFAULT, *, deep=False, **kwargs):
        self.rate = kwargs.pop("rate", 0.5)
        super().__init__(**kwargs)
        self.units, self.kind = units, KINDS[kind]

    def call(self, x):
        if self.padding == "causal" or self.padding in ("valid", "same"):
            return x
        return activations.get(self.act)(x)

class Mine(Base):
    pass
"""


def checkpoint(class_name: str, **config: Any) -> Checkpoint:
    layer = {"class_name": class_name, "config": {"name": "own_1", "trainable": True, **config}}
    dense = {"class_name": "Dense", "config": {"name": "dense_1", "units": 24}}
    entries = (WeightEntry("dense_1", "dense_1/kernel:0", (24, 7), "float32"),)
    settings = {"class_name": "Sequential", "config": [layer, dense]}
    return Checkpoint(Path("m.h5"), "keras-hdf5", "2.2.4", "tensorflow", settings, None, (LayerEntry("dense_1", entries),), None)


def lost(tmp_path: Path, found: Checkpoint, source: str = SOURCE) -> dict[str, LostArgument]:
    (tmp_path / "own.py").write_text(source)
    return {argument.name: argument for argument in lost_arguments(found, [tmp_path / "own.py"])}


def test_arguments_are_found_in_the_class_or_its_base_with_their_defaults(tmp_path: Path) -> None:
    found = lost(tmp_path, checkpoint("Mine"))
    assert {name: (argument.default, argument.required) for name, argument in found.items()} == {
        "units": (None, True), "kind": ("mean", False), "padding": ("same", False), "deep": (False, False), "rate": (0.5, False),
    }  # fmt: skip
    assert {argument.layer for argument in found.values()} == {"own_1"}


def test_values_are_those_that_the_source_looks_up_or_compares(tmp_path: Path) -> None:
    found = lost(tmp_path, checkpoint("Mine"))
    assert found["kind"].candidates == ("mean", "max")
    assert {*found["padding"].candidates} >= {"same", "causal", "valid"}
    assert found["deep"].candidates == (False, True)
    assert {7, 24} <= {*found["units"].candidates}


def test_what_the_config_holds_is_not_lost(tmp_path: Path) -> None:
    assert lost(tmp_path, checkpoint("Mine", units=3, kind="max", padding="valid", deep=True, rate=0.1)) == {}


def test_a_layer_in_a_wrapper_is_looked_into(tmp_path: Path) -> None:
    inner = {"class_name": "Mine", "config": {"name": "inner", "units": 3, "kind": "max", "padding": "same", "deep": False}}
    assert list(lost(tmp_path, checkpoint("TimeDistributed", layer=inner))) == ["rate"]


def test_a_class_that_nobody_gave_has_no_known_arguments(tmp_path: Path) -> None:
    assert lost(tmp_path, checkpoint("Other")) == {}
    assert lost_arguments(checkpoint("Mine")) == ()


@pytest.mark.parametrize("text", ["print 'Python 2'\n", "x = 1\0\n"])
def test_a_source_that_is_no_python_3_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(LayersError, match="cannot be read as Python 3"):
        lost(tmp_path, checkpoint("Mine"), text)


def test_a_source_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(LayersError, match="No such file") as refused:
        lost_arguments(checkpoint("Mine"), [tmp_path / "gone.py"])
    assert refused.value.where == str(tmp_path / "gone.py")
