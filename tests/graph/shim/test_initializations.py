"""Initial values as legacy source names them: Keras 1's functions by their scales, and initializers as configs that name the stream."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.graph.shim import initial
from layerfix.graph.shim.initializations import FUNCTIONS, Initializations


@pytest.mark.parametrize(
    ("name", "shape", "settings", "bound"),
    [
        ("uniform", (30, 40), {}, 0.05),
        ("uniform", (30, 40), {"scale": 0.2}, 0.2),
        ("glorot_uniform", (30, 40), {}, math.sqrt(6 / 70)),
        ("he_uniform", (30, 40), {}, math.sqrt(6 / 30)),
        ("lecun_uniform", (30, 40), {}, math.sqrt(3 / 30)),
        ("glorot_uniform", (40, 30, 3, 5), {}, math.sqrt(6 / (15 * 70))),
        ("glorot_uniform", (3, 5, 30, 40), {"dim_ordering": "tf"}, math.sqrt(6 / (15 * 70))),
        ("glorot_uniform", (2, 3, 5, 8, 9), {"dim_ordering": "tf"}, math.sqrt(6 / (6 * 17))),
        ("he_uniform", (2000,), {}, math.sqrt(6 / math.sqrt(2000))),
    ],
)
def test_uniform_numbers_reach_to_the_bound_of_keras_1(name: str, shape: tuple[int, ...], settings: dict[str, Any], bound: float) -> None:
    largest = float(np.abs(np.asarray(FUNCTIONS[name](shape, **settings))).max())
    assert 0.97 * bound < largest <= bound


@pytest.mark.parametrize(
    ("name", "deviation"), [("normal", 0.05), ("glorot_normal", math.sqrt(2 / 500)), ("he_normal", math.sqrt(2 / 200))]
)
def test_normal_numbers_have_the_deviation_of_keras_1(name: str, deviation: float) -> None:
    assert np.asarray(FUNCTIONS[name]((200, 300))).std() == pytest.approx(deviation, rel=0.03)


def test_orthogonal_columns_have_the_length_of_the_scale() -> None:
    found = np.asarray(FUNCTIONS["orthogonal"]((6, 4)))
    np.testing.assert_allclose(found.T @ found, 1.21 * np.eye(4), atol=1e-5)


def test_constants() -> None:
    assert np.asarray(FUNCTIONS["zero"]((2, 2))).tolist() == [[0, 0], [0, 0]]
    assert np.asarray(FUNCTIONS["one"]((2,))).tolist() == [1, 1]
    assert np.asarray(FUNCTIONS["identity"]((2, 2), scale=3)).tolist() == [[3, 0], [0, 3]]


def test_functions_are_found_by_name_and_others_stay_what_they_are() -> None:
    assert Initializations.get("he_normal") is FUNCTIONS["he_normal"]
    assert Initializations.get(math.sqrt) is math.sqrt
    with pytest.raises(ValueError, match="Invalid initialization: bogus"):
        Initializations.get("bogus")


@pytest.mark.parametrize(
    ("stated", "class_name", "settings"),
    [
        ("he_normal", "VarianceScaling", {"scale": 2.0, "mode": "fan_in", "distribution": "normal"}),
        ("zero", "Zeros", {}),
        (keras.initializers.Constant(0.5), "Constant", {"value": 0.5}),
        (keras.initializers.RandomNormal(0.0, 0.1, seed=3), "RandomNormal", {"stddev": 0.1, "seed": 3}),
        ({"class_name": "RandomUniform", "config": {"minval": -1, "maxval": 2}}, "RandomUniform", {"minval": -1, "maxval": 2}),
    ],
)
def test_an_initializer_is_known_by_its_legacy_config(stated: Any, class_name: str, settings: dict[str, Any]) -> None:
    found = initial.legacy_config(stated)
    assert found is not None
    assert found["class_name"] == class_name
    assert {key: found["config"][key] for key in settings} == settings


def test_a_function_of_the_user_s_has_no_config() -> None:
    assert initial.legacy_config(lambda shape: np.zeros(shape)) is None


def table(shape: Any, dtype: Any = None) -> Any:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_what_a_function_always_gives_is_its_value() -> None:
    assert initial.fixed_value(initial.today(table), (2, 2)).tolist() == [[0, 1], [2, 3]]


def test_what_a_function_draws_is_no_value_and_leaves_numpy_where_it_was() -> None:
    state = np.random.get_state()[2]
    assert initial.fixed_value(initial.today(lambda shape: np.random.normal(size=shape)), (2, 2)) is None
    assert np.random.get_state()[2] == state


def test_a_stock_initializer_at_another_size_is_recognised() -> None:
    def halved(shape: Any, dtype: Any = None) -> Any:
        return 0.5 * initial.named("uniform")(shape) + 1.0

    config, draws = initial.scaled(initial.today(halved), (40, 5))
    assert draws == 1
    assert config is not None
    assert config["class_name"] == "RandomUniform"
    assert config["config"]["minval"] == pytest.approx(1 - 0.025, abs=1e-5)
    assert config["config"]["maxval"] == pytest.approx(1 + 0.025, abs=1e-5)


def test_a_function_of_two_draws_is_none_of_them() -> None:
    def both(shape: Any, dtype: Any = None) -> Any:
        return initial.named("uniform")(shape) + initial.named("normal")(shape)

    assert initial.scaled(initial.today(both), (40, 5)) == (None, 2)


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(ValueError, match="unknown initializer 'bogus'"):
        initial.today("bogus")
