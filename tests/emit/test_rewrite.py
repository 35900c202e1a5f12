"""How the user's imports, base classes and names are changed for each Keras, and what of their code stays as it was."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from layerfix.emit.assemble import assemble, parse, split
from layerfix.emit.names import STAR, Flavour, Imports
from layerfix.emit.rewrite import Rewrite
from layerfix.errors import UsageError


def rewritten(text: str, flavour: Flavour = "keras3") -> str:
    module = cst.parse_module(text)
    return module.visit(Rewrite(Imports.of(module, STAR), flavour, "mine.py")).code


@pytest.mark.parametrize(
    ("given", "keras3", "keras2"),
    [
        ("from keras.layers import Layer\n", "Layer = _legacy_layer()\n", "Layer = _legacy_layer()\n"),
        ("from keras.engine.topology import Layer\n", "Layer = _legacy_layer()\n", "Layer = _legacy_layer()\n"),
        ("from keras import backend as K\n", "K = _Backend()\n", "K = _Backend()\n"),
        ("import keras.backend as K\n", "K = _Backend()\n", "K = _Backend()\n"),
        ("from keras.backend import relu\n", "relu = _Backend.relu\n", "from keras.backend import relu\n"),
        ("from keras.regularizers import l2\n", "from keras.regularizers import l2\n", "from keras.regularizers import l2\n"),
        ("import keras.layers as kl\n", "import keras.layers as kl\n", "import keras.layers as kl\n"),
        ("import keras\n", "import keras\n", "import keras\n"),
        ("import numpy as np\n", "import numpy as np\n", "import numpy as np\n"),
        ("import tensorflow as tf\n", "import tensorflow as tf\ntf = _TensorFlow1()\n", "import tensorflow as tf\n"),
        ("from . import helper\n", "from . import helper\n", "from . import helper\n"),
    ],
)
def test_imports_for_each_keras(given: str, keras3: str, keras2: str) -> None:
    assert rewritten(given, "keras3") == keras3
    assert rewritten(given, "keras2") == keras2


def test_a_layer_that_is_called_is_tracked_where_it_is_imported() -> None:
    text = "from keras.layers import Dense\n\ndef make():\n    return Dense(3)\n"
    assert rewritten(text) == "from keras.layers import Dense\nDense = _tracked(Dense)\n\ndef make():\n    return Dense(3)\n"


def test_a_layer_with_other_defaults_today_gets_those_of_keras_2() -> None:
    text = "from keras.layers import GRU\nx = GRU(3)\n"
    assert "GRU = _tracked(GRU, recurrent_activation=_hard_sigmoid, reset_after=False)" in rewritten(text)
    assert "GRU = _tracked(GRU)\n" in rewritten(text, "keras2")


def test_a_cudnn_layer_is_the_plain_one_with_its_gates() -> None:
    text = rewritten("from keras.layers import CuDNNGRU\nx = CuDNNGRU(3)\n")
    assert "from keras.layers import GRU as CuDNNGRU" in text
    assert "_tracked(CuDNNGRU, reset_after=True)" in text


def test_a_layer_of_a_module_is_tracked_where_it_is_called() -> None:
    assert "_tracked(kl.Dense)(3)" in rewritten("import keras.layers as kl\nx = kl.Dense(3)\n")


def test_a_class_that_is_handed_on_is_tracked_there() -> None:
    text = rewritten("from keras.layers import LSTM\nkind = LSTM\nsame = isinstance(kind, LSTM)\n")
    assert "kind = _tracked(LSTM, recurrent_activation=_hard_sigmoid)" in text
    assert "isinstance(kind, LSTM)" in text


def test_base_classes_are_the_tracking_ones() -> None:
    assert "class A(_tracking(Dense)):" in rewritten("from keras.layers import Dense\nclass A(Dense):\n    pass\n")
    assert "class A(_legacy_layer()):" in rewritten("import keras\nclass A(keras.layers.Layer):\n    pass\n")
    assert "class A(Layer):" in rewritten("from keras.layers import Layer\nclass A(Layer):\n    pass\n")


def test_a_layer_that_keras_3_has_not_is_brought_along() -> None:
    module = cst.parse_module("from keras.layers import LocallyConnected1D\nx = LocallyConnected1D(3, 2)\n")
    rewrite = Rewrite(Imports.of(module), "keras3", "mine.py")
    assert "import" not in module.visit(rewrite).code
    assert rewrite.brought == {"LocallyConnected1D"}


def test_names_that_keras_3_keeps_for_itself_become_others() -> None:
    text = (
        "from keras.layers import Layer\nclass A(Layer):\n    def build(self, s):\n        self._path = 1\n        self.mine = self._path\n"
    )
    assert "self.legacy_path = 1" in rewritten(text)
    assert "self.mine = self.legacy_path" in rewritten(text)
    assert "self._path = 1" in rewritten(text, "keras2")


def test_lists_of_another_layer_are_those_that_keras_3_has() -> None:
    text = "from keras.layers import Layer\ndef f(inner, self):\n    return inner._trainable_weights, self._trainable_weights\n"
    assert "return inner.trainable_weights, self._trainable_weights" in rewritten(text)


def test_a_star_import_brings_the_layers_in_use() -> None:
    text = rewritten("from keras.layers import *\nclass A(Layer):\n    def call(self, x):\n        return Dense(3)(x)\n")
    assert text.startswith("from keras.layers import *\nLayer = _legacy_layer()\nDense = _tracked(Dense)\n")
    assert "Conv1D" not in text


def test_comments_stay_where_they_stood() -> None:
    text = "# first\nfrom keras.layers import Layer  # the base\n\n\nclass A(Layer):  # mine\n    pass\n"
    assert rewritten(text) == "# first\nLayer = _legacy_layer()  # the base\n\n\nclass A(Layer):  # mine\n    pass\n"


def test_a_layer_of_keras_1_is_refused_with_its_name_of_today() -> None:
    with pytest.raises(UsageError, match="AtrousConvolution1D is a layer of Keras 1") as refused:
        rewritten("from keras.layers import AtrousConvolution1D\n")
    assert refused.value.where == "mine.py"
    assert "Write Conv1D in the source" in (refused.value.hint or "")
    assert rewritten("from keras.layers import AtrousConvolution1D\n", "keras2").startswith(
        "from keras.layers import AtrousConvolution1D\n"
    )


def test_a_function_without_an_equal_is_refused_for_keras_3_alone() -> None:
    text = "from keras import backend as K\nx = K.ctc_decode(1)\n"
    with pytest.raises(UsageError, match=r"K\.ctc_decode has no equal here for Keras 3"):
        rewritten(text)
    assert "K.ctc_decode(1)" in rewritten(text, "keras2")


@pytest.mark.parametrize(
    ("text", "head", "body"),
    [
        ('"""Doc."""\nfrom __future__ import division\nimport os\n', '"""Doc."""\nfrom __future__ import division\n\n', "import os\n"),
        ("# first\nimport os\n", "# first\n\n", "import os\n"),
        ("import os\n'no docstring'\n", "", "import os\n'no docstring'\n"),
        ("from __future__ import division\n", "from __future__ import division\n\n", "\n"),
    ],
)
def test_what_must_stay_on_top_stays_there(text: str, head: str, body: str) -> None:
    assert split(cst.parse_module(text)) == (head, body)


@pytest.mark.parametrize(
    ("content", "told", "hint"),
    [
        (b"print 'x'\n", "line 1 is no valid Python 3", "2to3"),
        (b"x = '\xff'\n", "is no valid Python 3", "2to3"),
        (b"# coding: klingon\nx = 1\n", "is no valid Python 3", "2to3"),
        (b"x = 1\0\n", "is no valid Python 3", "2to3"),
        (None, "cannot be read: No such file", "Name a Python file"),
    ],
)
def test_a_file_that_is_no_python_3_is_refused(content: bytes | None, told: str, hint: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "m.py").write_bytes(content)
    with pytest.raises(UsageError, match=told) as refused:
        parse(tmp_path / "m.py")
    assert refused.value.where == str(tmp_path / "m.py")
    assert hint in (refused.value.hint or "")


def test_several_files_become_one_with_one_head(tmp_path: Path) -> None:
    for name in ("A", "B"):
        text = f'"""Doc of {name}."""\nfrom keras.layers import Layer\nclass {name}(Layer):\n    def call(self, x):\n        return x\n'
        (tmp_path / f"{name}.py").write_text(text)
    files = [tmp_path / "A.py", tmp_path / "B.py"]
    text = assemble(files, ("A", "B"), "keras3")
    assert text.startswith('"""Doc of A."""')
    assert "Doc of B" not in text
    assert text.rstrip().endswith("keras.saving.get_custom_objects()['A'] = A\nkeras.saving.get_custom_objects()['B'] = B")
    assert text.count("def _legacy_layer") == 1
    assert "get_custom_objects" not in assemble(files, (), "keras2")
    with pytest.raises(UsageError, match="no layer class 'C' in it; there are: A, B"):
        assemble(files, ("C",), "keras3")
