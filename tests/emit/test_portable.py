"""What keeps a layer class from being ported: the first thing in it that Keras 3 would do otherwise, told in a sentence."""

from __future__ import annotations

import libcst as cst
import pytest

from layerfix.emit.names import Imports
from layerfix.emit.portable import NotPortableError, check_module, completed

IMPORTS = "from keras import backend as K\nimport keras.layers as kl\nfrom keras.layers import Dense, Dropout, Layer, LSTM, MaxPooling1D\n"


def refusal(text: str) -> str:
    """Why it is not ported, "" where it is."""
    module = cst.parse_module(IMPORTS + text)
    try:
        check_module(module, Imports.of(module))
    except NotPortableError as error:
        return str(error)
    return ""


def layer(*lines: str, head: str = "class Mine(Layer):", method: str = "call(self, x)") -> str:
    """A class of one method."""
    inner = "".join(f"        {line}\n" for line in lines or ["return x"])
    return f"{head}\n    def {method}:\n{inner}"


def in_build(*lines: str) -> str:
    return layer(*lines, method="build(self, shape)")


PORTED = {
    "nothing but a call": layer(),
    "a docstring": 'class Mine(Layer):\n    """What it does."""\n\n    def call(self, x):\n        return x\n',
    "a weight by keywords": in_build("self.w = self.add_weight(name='w', shape=(2,), initializer='zeros', trainable=False)"),
    "a layer in an attribute": in_build("self.inner = Dense(3)", "super(Mine, self).build(shape)"),
    "a layer by its module": in_build("self.inner = kl.Conv1D(3, 2)"),
    "a layer without weights anywhere": layer("return MaxPooling1D(pool_size=2)(x)"),
    "a loop in the call": layer("for step in range(3):", "    x = x + 1", "return x"),
    "stateless functions": layer("return K.permute_dimensions(K.relu(x), (0, 2, 1))"),
    "a function beside the class": "def half(x):\n    return x / 2\n\n" + layer("return half(x)"),
    "statements that define nothing": "LIMIT = 3\n" + layer("return x * LIMIT"),
}


@pytest.mark.parametrize("case", PORTED)
def test_a_plain_class_is_ported(case: str) -> None:
    assert refusal(PORTED[case]) == ""


REFUSED = {
    "another base": (layer(head="class Mine(Dense):"), "Mine is no plain class that derives from Layer alone"),
    "two bases": (layer(head="class Mine(Layer, object):"), "Mine is no plain class"),
    "a metaclass": (layer(head="class Mine(Layer, metaclass=type):"), "Mine is no plain class"),
    "a decorator": (layer(head="@final\nclass Mine(Layer):"), "Mine is no plain class"),
    "no base": (layer(head="class Mine:"), "Mine is no plain class"),
    "another method": (layer(method="attend(self, x)"), "Mine has attend beside the usual methods"),
    "an attribute of the class": ("class Mine(Layer):\n    units = 3\n", "Mine has an attribute of the class beside"),
    "a method that is a property": ("class Mine(Layer):\n    @property\n    def call(self):\n        return 1\n", "Mine has call beside"),
    "a function in a function": (layer("def inner(y):", "    return y", "return inner(x)"), "inner is a function inside another"),
    "a lambda": (layer("return K.sum(list(map(lambda y: y, x)))"), "it has a lambda"),
    "a loop that makes layers": (in_build("for n in range(3):", "    self.inner = Dense(n)"), "build has a loop"),
    "a name that Keras 3 keeps": (in_build("self.metrics = []"), "Keras 3 keeps the name self.metrics for itself"),
    "a weight by place": (in_build("self.w = self.add_weight('w', (2,))"), "add_weight is called otherwise"),
    "a weight with another keyword": (in_build("self.w = self.add_weight(name='w', shape=(2,), constraints=None)"), "add_weight is called"),
    "a layer in a list": (in_build("self.inner = [Dense(3)]"), "Dense is made elsewhere than in an attribute"),
    "a layer in a call": (layer("return Dense(3)(x)"), "Dense is made elsewhere"),
    "a recurrent layer": (in_build("self.inner = LSTM(3)"), "LSTM is made elsewhere than in an attribute, or is not among"),
    "random numbers": (in_build("self.inner = Dropout(0.5)"), "Dropout is made elsewhere"),
    "an argument with another name today": (in_build("self.inner = Dense(3, input_dim=4)"), "Dense gets an argument that Keras 3 may"),
    "arguments in a star": (in_build("self.inner = Dense(*shape)"), "Dense gets an argument"),
    "a class that is handed on": (in_build("self.kind = Dense"), "it hands the class Dense on"),
    "a class of a module that is handed on": (in_build("self.kind = kl.Dense"), "it hands the class Dense on"),
    "its own class inside": (in_build("self.inner = Mine()"), "it uses its own class Mine"),
    "weights by hand": (in_build("self._trainable_weights = []"), "it speaks of _trainable_weights"),
    "a name that reaches anywhere": (layer("return getattr(self, 'inner')(x)"), "it speaks of getattr"),
    "our own names": (layer("return ops.sum(x)"), "it speaks of ops"),
    "a function with state": (layer("return K.variable(x)"), "K.variable keeps state or has no equal"),
    "a phase": (layer("return K.in_train_phase(x, x)"), "K.in_train_phase keeps state"),
    "a function that nobody knows": (layer("return K.foldr(x)"), "K.foldr keeps state or has no equal"),
    "hard_sigmoid by its name": (
        in_build("self.inner = Dense(3, activation='hard_sigmoid')"),
        "hard_sigmoid is another function in Keras 3",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_keras_3_would_do_otherwise_is_named(case: str) -> None:
    text, told = REFUSED[case]
    assert told in refusal(text)


def finished(text: str) -> str:
    """The class as it is written."""
    module = cst.parse_module(text)
    node = cst.ensure_type(module.body[0], cst.ClassDef)
    return cst.Module([completed(node, node)]).code


def constructor(*lines: str, takes: str = "self, n, **kwargs") -> str:
    return layer(*lines, head="class Mine(Layer):", method=f"__init__({takes})")


def test_a_config_is_written_with_all_arguments_by_the_attributes_that_keep_them() -> None:
    text = finished(constructor("super().__init__(**kwargs)", "self.units = n", "self.rate = rate", takes="self, n, rate=0.5, **kwargs"))
    assert "return {**super().get_config(), 'n': self.units, 'rate': self.rate}" in text
    assert text.startswith("class Mine(_OneList, Layer):")


def test_a_class_without_arguments_needs_no_config() -> None:
    assert "get_config" not in finished(layer())
    assert "get_config" not in finished(constructor("super().__init__(**kwargs)", takes="self, **kwargs"))


def test_a_shape_rule_is_left_out_so_that_keras_3_runs_the_call() -> None:
    text = layer() + "\n    def compute_output_shape(self, shape):\n        return shape\n"
    assert "compute_output_shape" not in finished(text)
    assert "def call" in finished(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (constructor("self.n = n + 1"), "keeps its argument n in no attribute as it was given"),
        (constructor("self.n = self.m = n"), "keeps its argument n in no attribute"),
        (constructor("if n:", "    self.n = n"), "keeps its argument n in no attribute"),
        (constructor("n = 2 * n", "self.n = n"), "keeps its argument n in no attribute"),
        (constructor("n += 1", "self.n = n"), "keeps its argument n in no attribute"),
        (constructor("self.n = n", "self.n = 2 * self.n"), "keeps its argument n in no attribute"),
        (constructor("self.n = n", "self.n *= 2"), "keeps its argument n in no attribute"),
        (constructor("pass", takes="self, *sizes"), "takes arguments in another way than by name"),
        (constructor("self.n = n", takes="self, *, n"), "takes arguments in another way"),
        (constructor("self.n = n", takes="self, n, /"), "takes arguments in another way"),
        (
            constructor("self.n = n") + "\n    def get_config(self):\n        return {}\n",
            "get_config of Mine leaves out n",
        ),
    ],
)
def test_arguments_that_no_config_would_bring_back_are_named(text: str, told: str) -> None:
    with pytest.raises(NotPortableError, match=told):
        finished(text)


@pytest.mark.parametrize("entry", ["{'n': self.n}", '{"n": self.n}', "dict(n=self.n)"])
def test_a_config_of_its_own_that_holds_its_arguments_stays(entry: str) -> None:
    text = constructor("self.n = n") + f"\n    def get_config(self):\n        return {entry}\n"
    assert f"return {entry}" in finished(text)
