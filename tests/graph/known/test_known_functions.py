"""Functions that Lambda layers call give what genuine Keras and TensorFlow gave, or are refused by name (`backend_answers`)."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
import pytest
from backend_answers import CASES, TENSORS, Answer, agrees, answers, spoken, used
from keras import ops

from layerfix.bytecode.modules import canonical
from layerfix.errors import GraphError
from layerfix.graph.lambdas import _MODULES, function

REFUSED = [
    ("K.mean(i, axis=1)", (1, 2), "a mean of whole numbers"),
    ("tf.reduce_mean(i, axis=1)", (1, 2), "a mean of whole numbers"),
    ("K.resize_images(image, 2, 2, 'channels_last', interpolation='bilinear')", (1,), "at other places"),
    ("tf.where(tf.reduce_sum(square, axis=1) > 0, square, -square)", (2,), "a condition for each sample"),
    ("tf.norm(x, ord=3, axis=1)", (1, 2), "a norm of order 3"),
    ("tf.norm(z, ord=1, axis=[1, 2])", (1, 2), "a norm of order 1 of matrices"),
    ("tf.norm(z, ord=2, axis=[1, 2])", (1, 2), "a norm of order 2 of matrices"),
    ("tf.norm(z, ord=np.inf, axis=(1, 2))", (1, 2), "a norm of order inf of matrices"),
    ("tf.cumsum(x, axis=1, exclusive=True)", (1, 2), "unexpected keyword argument 'exclusive'"),
    ("tf.image.resize(image, (8, 6), preserve_aspect_ratio=True)", (1, 2), "keeps the proportions"),
    ("tf.image.resize_images(image, (8, 6), preserve_aspect_ratio=True)", (1,), "keeps the proportions"),
    ("tf.image.rgb_to_grayscale(bytes)", (1, 2), "rounds the gray of whole numbers"),
    ("tf.nn.max_pool(image, [1, 1, 1, 3], [1, 1, 1, 3], 'VALID')", (1, 2), "over samples or channels"),
]
"""Calls that Keras' operations do not make: (call, generations of TensorFlow, what is said)."""


class Named:
    """A module or function by the name that a Lambda's code gives it."""

    def __init__(self, name: str, tensorflow: int | None) -> None:
        self._name, self._tensorflow = name, tensorflow

    def __getattr__(self, name: str) -> Named:
        return Named(canonical(f"{self._name}.{name}"), self._tensorflow)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        made = function(self._name, self._tensorflow)(*args, **kwargs)
        return ops.convert_to_tensor(made) if isinstance(made, np.ndarray) else made


@cache
def computed(case: str, tensorflow: int | None) -> np.ndarray[Any, Any]:
    """A call on symbolic tensors with an open batch, run on the tensors of the genuine answers."""
    modules = {name: Named(name, tensorflow) for name in ("K", "tf", "keras")}
    inputs = {name: keras.Input(TENSORS[name].shape[1:], dtype=str(TENSORS[name].dtype)) for name in used(case)}
    # Keras up to 3.12 refuses an input that goes nowhere, such as one of which a call takes the shape alone.
    given = {name: keras.layers.Identity()(tensor) for name, tensor in inputs.items()}
    made = eval(case, {**modules, **TENSORS, **given, "np": np})
    if not any(map(keras.utils.is_keras_tensor, keras.tree.flatten(made))):
        return np.asarray(made)
    return np.asarray(keras.Function(list(inputs.values()), made)([TENSORS[name] for name in inputs]))


@cache
def differs(case: str) -> bool:
    """Whether a call names a function that the generations of TensorFlow had differently."""
    return any(
        f"{canonical(name).replace('.', '_')}__tf" in " ".join(name for module in _MODULES for name in dir(module)) for name in spoken(case)
    )


def expected(case: str, tensorflow: int) -> list[Answer]:
    return [answer for answer in answers(case) if tensorflow in answer.generations]


def is_known(name: str, tensorflow: int) -> bool:
    try:
        return callable(function(canonical(name), tensorflow))
    except GraphError:
        return False


def followed() -> list[tuple[str, int]]:
    """Every call that a genuine release answered and whose functions are known."""
    refused = {(case, generation) for case, generations, _ in REFUSED for generation in generations}
    pairs = {(case, generation) for case in CASES for generation in (1, 2) if expected(case, generation)}
    return sorted((case, generation) for case, generation in pairs - refused if all(is_known(name, generation) for name in spoken(case)))


def test_most_of_the_answers_are_of_functions_that_are_known() -> None:
    assert len(followed()) > 500


@pytest.mark.parametrize(("case", "tensorflow"), followed())
def test_a_call_gives_what_every_genuine_release_gave(case: str, tensorflow: int) -> None:
    found = computed(case, tensorflow if differs(case) else 2)
    wanted = expected(case, tensorflow)
    assert [agrees(found, answer) for answer in wanted] == [True] * len(wanted), [answer.values.tolist() for answer in wanted]


@pytest.mark.parametrize(("case", "tensorflow", "told"), [(case, number, told) for case, both, told in REFUSED for number in both])
def test_what_no_operation_says_is_refused_in_words(case: str, tensorflow: int, told: str) -> None:
    with pytest.raises((ValueError, TypeError), match=told):
        computed(case, tensorflow)


@pytest.mark.parametrize("case", ["tf.image.resize(image, (8, 6))", "tf.image.resize(image, [2, 3], 'nearest')"])
def test_what_the_generations_had_differently_needs_to_be_told_which_it_was(case: str) -> None:
    with pytest.raises(GraphError, match="one meaning in TensorFlow 1 and another in 2"):
        computed(case, None)


def test_names_of_tensorflow_1_in_tensorflow_2_keep_their_meaning() -> None:
    image = answers("tf.image.resize(image, (8, 6))")
    (of_1,) = (answer for answer in image if 1 in answer.generations)
    assert agrees(computed("tf.compat.v1.image.resize(image, (8, 6))", 2), of_1)
    chosen = "tf.where(tf.reduce_sum(square, axis=1) > 0, square, -square)"
    (of_1,) = (answer for answer in answers(chosen) if 1 in answer.generations)
    assert agrees(computed(chosen.replace("tf.where", "tf.compat.v1.where"), 2), of_1)
