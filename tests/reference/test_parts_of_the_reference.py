"""The pieces that the independent evaluation is made of, each against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layerfix.model import Call, Layer, Tensor
from layerfix.reference.attention import ATTENTION
from layerfix.reference.functions import HARD_SIGMOID3, Unsupported, activate, pads, windows
from layerfix.reference.masked_values import Value, bare, known, resolved
from layerfix.reference.masks import merged_mask
from layerfix.reference.operations import operation
from layerfix.reference.preprocessing import PREPROCESSING, resize
from layerfix.reference.reading import stated_model
from layerfix.reference.setting import Setting, precise, spoken
from layerfix.reference.weights import ByName, ByPath

Array = NDArray[Any]
HALF = 0.5


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("hard_sigmoid", 1.0, 0.7),
        (HARD_SIGMOID3, 1.0, 1 / 6 + 0.5),
        ("relu6", 9.0, 6.0),
        ("leaky_relu", -2.0, -0.4),
        ("elu", -1.0, np.expm1(-1)),
        ("selu", 1.0, 1.0507009873554805),
        ("softsign", -3.0, -0.75),
        ("softplus", 0.0, np.log(2)),
        ("swish", 2.0, 2 / (1 + np.exp(-2))),
        ("gelu", 1.0, 0.8413447460685429),
        ("mish", 0.0, 0.0),
        ("hard_silu", 3.0, 3.0),
        ("tanh_shrink", 1.0, 1 - np.tanh(1)),
        (None, -2.0, -2.0),
        ({"class_name": "function", "config": "relu"}, -2.0, 0.0),
    ],
)
def test_a_function_has_its_value(name: Any, at: float, value: float) -> None:
    assert activate(name, np.array([at]))[0] == pytest.approx(value)


@pytest.mark.parametrize("name", ["mine", 5, {"class_name": "PReLU", "config": {}}])
def test_a_function_that_is_nobody_s_is_not_known(name: Any) -> None:
    with pytest.raises(Unsupported, match="activation"):
        activate(name, np.zeros(1))


@pytest.mark.parametrize(
    ("length", "size", "stride", "dilation", "padding", "around"),
    [
        (8, 3, 1, 1, "same", (1, 1)),
        (8, 2, 1, 1, "same", (0, 1)),
        (8, 3, 2, 1, "same", (0, 1)),
        (7, 3, 2, 1, "same", (1, 1)),
        (8, 1, 3, 1, "same", (0, 0)),
        (8, 3, 1, 2, "causal", (4, 0)),
        (8, 3, 1, 1, "valid", (0, 0)),
    ],
)
def test_the_odd_place_of_same_is_behind(length: int, size: int, stride: int, dilation: int, padding: str, around: tuple[int, int]) -> None:
    assert pads(length, size, stride, dilation, padding) == around


def test_windows_are_what_a_kernel_sees() -> None:
    x = np.arange(5.0).reshape(1, 5, 1)
    assert windows(x, [2], [2], [1], "valid")[0, :, :, 0].tolist() == [[0, 1], [2, 3]]
    assert windows(x, [2], [1], [2], "valid")[0, :, :, 0].tolist() == [[0, 2], [1, 3], [2, 4]]
    assert windows(x, [3], [2], [1], "same", -1.0)[0, :, :, 0].tolist() == [[-1, 0, 1], [1, 2, 3], [3, 4, -1]]


ON, OFF = np.array([[True, True]]), np.array([[True, False]])


@pytest.mark.parametrize(
    ("name", "release", "masks", "expected"),
    [
        ("Add", (2, 2), [ON, OFF], OFF),
        ("Add", (2, 2), [None, OFF], OFF),
        ("Add", (3, 3), [ON, OFF], None),
        ("Add", (3, 4), [ON, OFF], ON),
        ("Add", (3, 4), [None, OFF], None),
        ("Concatenate", (2, 2), [None, OFF], OFF),
        ("Concatenate", (3, 4), [None, OFF], ON),
        ("Add", (2, 2), [None, None], None),
    ],
)
def test_the_mask_behind_a_merge_is_that_of_its_release(name: str, release: tuple[int, ...], masks: list[Any], expected: Any) -> None:
    arrays = [np.ones((1, 2, 3)), np.ones((1, 2, 3))]
    found = merged_mask(name, {"axis": -1}, arrays, masks, release)
    assert (found is None) == (expected is None)
    assert found is None or found.tolist() == expected.tolist()


def test_arguments_are_found_by_the_calls_that_gave_them() -> None:
    values = {("a", 0): [Value(np.zeros(1))], ("a", 1): [Value(np.ones(1)), Value(np.full(1, 2.0))]}
    stated = {"x": [Tensor("a", 0, 0), 5], "y": Tensor("a", 1, 1)}
    assert known(stated, values)
    assert not known([Tensor("b", 0, 0)], values)
    found = bare(resolved(stated, values))
    assert (found["x"][0][0], found["x"][1], found["y"][0]) == (0.0, 5, 2.0)


X = np.array([[1.0, -2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("name", "arguments", "settings", "expected"),
    [
        ("math.subtract", [X], {"y": 1.0}, [[0, -3], [2, 3]]),
        ("__operators__.rsub", [X], {"y": 1.0}, [[0, 3], [-2, -3]]),
        ("Subtract", [1.0, X], {}, [[0, 3], [-2, -3]]),
        ("math.reduce_mean", [X], {"axis": [0]}, [2, 1]),
        ("Mean", [X], {"axis": -1, "keepdims": True, "name": "m"}, [[-0.5], [3.5]]),
        ("nn.relu", [X], {}, [[1, 0], [3, 4]]),
        ("compat.v1.transpose", [X], {"perm": [1, 0]}, [[1, 3], [-2, 4]]),
        ("__operators__.getitem", [X], {"slice_spec": [{"start": None, "stop": None, "step": None}, 1]}, [-2, 4]),
        ("GetItem", [X, [{"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": None}}]], {}, [[3, 4]]),
        ("concat", [[X, X]], {"axis": 1}, [[1, -2, 1, -2], [3, 4, 3, 4]]),
        ("reshape", [X], {"shape": [None, 1, 2]}, [[[1, -2]], [[3, 4]]]),
    ],
)
def test_an_operation_is_its_definition(name: str, arguments: list[Any], settings: dict[str, Any], expected: Any) -> None:
    assert operation(name, arguments, settings).tolist() == expected


@pytest.mark.parametrize(
    ("name", "settings"),
    [("image.transpose", {}), ("math.unheard", {}), ("math.reduce_mean", {"axis": 0, "mine": 1}), ("strings.split", {}), ("math.add", {})],
)
def test_an_operation_that_is_not_known_here_proves_nothing(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match=name.replace(".", r"\.")):
        operation(name, [X], settings)


def test_attention_of_one_step_is_its_value_and_of_equal_scores_their_mean() -> None:
    query = np.zeros((1, 1, 2))
    value = np.array([[[1.0, 2.0], [3.0, 6.0]]])
    assert ATTENTION["Attention"]({}, [query, value], [])[0, 0].tolist() == [2.0, 4.0]
    second = 1 / (1 + np.exp(np.tanh([1.0, 2.0]).sum() - np.tanh([3.0, 6.0]).sum()))
    np.testing.assert_allclose(ATTENTION["AdditiveAttention"]({}, [query, value], [])[0, 0], [1 + 2 * second, 2 + 4 * second])
    assert ATTENTION["Attention"]({}, [query, value[:, :1]], []).tolist() == [[[1.0, 2.0]]]


@pytest.mark.parametrize("config", [{"causal": True}, {"score_mode": "concat"}])
def test_other_attention_is_not_known(config: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="Attention"):
        ATTENTION["Attention"](config, [np.zeros((1, 1, 2))] * 2, [])


def test_one_head_attends_by_scaled_products() -> None:
    eye = np.eye(2).reshape(2, 1, 2)
    query, value = np.array([[[2.0, 0.0]]]), np.array([[[1.0, 0.0], [0.0, 1.0]]])
    found = ATTENTION["MultiHeadAttention"]({"key_dim": 2, "use_bias": False}, [query, value], [eye, eye, eye, np.eye(2).reshape(1, 2, 2)])
    first = 1 / (1 + np.exp(-2 / np.sqrt(2)))
    np.testing.assert_allclose(found[0, 0], [first, 1 - first])


@pytest.mark.parametrize(
    ("size", "interpolation", "expected"),
    [
        ((1, 4), "nearest", [0, 0, 4, 4]),
        ((1, 4), "bilinear", [0, 1, 3, 4]),
        ((1, 1), "bilinear", [2]),
        ((1, 1), "nearest", [4]),
        ((1, 3), "nearest", [0, 4, 4]),
    ],
)
def test_pictures_are_resized_from_the_centres_of_their_pixels(size: tuple[int, int], interpolation: str, expected: list[float]) -> None:
    assert resize(np.array([0.0, 4.0]).reshape(1, 1, 2, 1), size, interpolation).ravel().tolist() == expected


@pytest.mark.parametrize(
    ("class_name", "config", "weights", "given", "expected"),
    [
        ("Rescaling", {"scale": 2.0, "offset": 1.0}, [], [3.0], [7.0]),
        ("Rescaling", {"scale": 0.5}, [], [3], [1.5]),
        ("Normalization", {"axis": -1}, [np.array([1.0]), np.array([4.0]), np.array(9)], [5.0], [2.0]),
        ("Normalization", {"axis": None, "mean": 1.0, "variance": 0.0}, [], [1.0], [0.0]),
        ("Normalization", {"axis": None, "mean": 1.0, "variance": 4.0, "invert": True}, [], [2.0], [5.0]),
        ("Discretization", {"bin_boundaries": [0.0, 1.0]}, [], [-1.0, 0.0, 0.5, 1.0], [0, 1, 1, 2]),
        ("IntegerLookup", {"vocabulary": [7, 9]}, [], [9, 7, 5], [2, 1, 0]),
        ("StringLookup", {"vocabulary": ["[UNK]", "a", "b"]}, [], [b"b", b"x", "a"], [2, 0, 1]),
        ("CategoryEncoding", {"num_tokens": 3, "output_mode": "count"}, [], [1, 1, 2], [0, 2, 1]),
        ("CategoryEncoding", {"max_tokens": 3, "output_mode": "binary"}, [], [1, 1, 2], [0, 1, 1]),
    ],
)
def test_preprocessing_is_its_definition(
    class_name: str, config: dict[str, Any], weights: list[Any], given: list[Any], expected: Any
) -> None:
    x = np.array([given], dtype=object if isinstance(given[0], bytes) else None)
    assert PREPROCESSING[class_name](config, [x], weights)[0].tolist() == expected


@pytest.mark.parametrize(
    ("release", "tf_keras", "config", "more"),
    [
        ((2, 4), True, {"interpolation": "bilinear"}, {"half_pixels": True}),
        ((2, 2), True, {"interpolation": "bilinear"}, {}),
        ((2, 2), False, {"interpolation": "bilinear"}, {"half_pixels": False}),
        ((3, 3), True, {"activation": "hard_sigmoid"}, {"activation": HARD_SIGMOID3}),
        ((2, 15), True, {"activation": "hard_sigmoid"}, {}),
        ((3, 3), True, {"cell": {"class_name": "LSTMCell", "config": {"recurrent_activation": "hard_sigmoid"}}},
         {"cell": {"class_name": "LSTMCell", "config": {"recurrent_activation": HARD_SIGMOID3}}}),
    ],
)  # fmt: skip
def test_words_that_changed_their_meaning_are_said_by_their_release(
    release: tuple[int, ...], tf_keras: bool, config: dict[str, Any], more: dict[str, Any]
) -> None:
    assert spoken(config, Setting(release, tf_keras, exact=True)) == {**config, **more}


@pytest.mark.parametrize(
    ("dtype", "exact", "kind", "value"),
    [
        ("float32", True, np.float64, 1 + 2**-20),
        ("float32", False, np.float32, 1 + 2**-20),
        ({"class_name": "Policy", "config": {"name": "mixed_float16"}}, False, np.float32, 1.0),
        ("mixed_bfloat16", False, np.float32, 1.0),
        (None, False, np.float32, 1 + 2**-20),
    ],
)
def test_numbers_are_in_the_precision_that_the_layer_states(dtype: Any, exact: bool, kind: Any, value: float) -> None:
    found = precise(np.array([1 + 2**-20]), Layer("Dense", "d", {"dtype": dtype}), Setting((2, 4), True, exact))
    assert (found.dtype, found[0]) == (kind, value)
    whole = np.array([3])
    assert precise(whole, Layer("Dense", "d", {}), Setting((2, 4), True, exact)) is whole


def nested(*names: str) -> Layer:
    inner = tuple(Layer("Dense", name, {"name": name, "units": 1}) for name in names)
    from layerfix.model import Model

    return Layer("Functional", "inner", {}, model=Model("Functional", "inner", inner))


def test_a_nested_model_s_arrays_are_told_apart_by_the_scopes_in_their_names() -> None:
    arrays = [np.full(1, float(number)) for number in range(4)]
    names = ["b_1/kernel:0", "b_1/bias:0", "a/kernel:0", "a/bias:0"]
    stored = ByName({"inner": list(zip(names, arrays, strict=True))}, own_config=False)
    layer = nested("a", "b")
    assert layer.model is not None
    below = stored.of(layer)
    assert [float(array[0]) for array in below.arrays(layer.model.layers[0])] == [2.0, 3.0]
    assert [float(array[0]) for array in below.arrays(layer.model.layers[1])] == [0.0, 1.0]


@pytest.mark.parametrize(("own_config", "told"), [(True, None), (False, "do not tell the reference which layer")])
def test_names_that_tell_nothing_go_by_keras_order_where_that_is_the_file_s_own(own_config: bool, told: str | None) -> None:
    stored = ByName({"inner": [(f"param_{number}", np.full(1, float(number))) for number in range(4)]}, own_config)
    layer = nested("a", "b")
    assert layer.model is not None
    if told is not None:
        with pytest.raises(Unsupported, match=told):
            stored.of(layer)
    else:
        assert [float(array[0]) for array in stored.of(layer).arrays(layer.model.layers[1])] == [2.0, 3.0]
    with pytest.raises(Unsupported, match="cannot split the weights of inner"):
        ByName({"inner": []}, own_config).of(layer)


def test_groups_of_keras_3_are_named_by_class_and_counter() -> None:
    files = {
        f"layers/dense{end}/vars/{number}": np.full(1, float(number + 10 * place))
        for place, end in enumerate(("", "_1"))
        for number in (0, 1)
    }
    root = ByPath(files, "", twice=False)
    layers = [Layer("Dense", "x", {}), Layer("Dense", "y", {})]
    root.enter(layers)
    assert [float(array[0]) for array in root.arrays(layers[1])] == [10.0, 11.0]


def test_calls_on_a_nested_model_are_counted_from_zero() -> None:
    start = {"class_name": "InputLayer", "name": "i", "config": {"name": "i"}, "inbound_nodes": []}
    inner = {"class_name": "Sequential", "name": "n", "config": {"layers": [{"class_name": "Dense", "config": {"name": "d"}}]},
             "inbound_nodes": [[["i", 0, 0, {}]]]}  # fmt: skip
    last = {"class_name": "Flatten", "name": "f", "config": {"name": "f"}, "inbound_nodes": [[["n", 1, 0, {}]]]}
    ends = {"input_layers": [["i", 0, 0]], "output_layers": [["f", 0, 0]]}
    model = stated_model({"class_name": "Model", "config": {"name": "m", "layers": [start, inner, last], **ends}})
    assert model.layer("f").calls == (Call((Tensor("n", 0, 0),)),)
