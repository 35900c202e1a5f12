"""A user's source imports from the files around it as Python would, and what is gone from TensorFlow is told when it is used."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import keras
import pytest

from layerfix.errors import LackError, LayersError
from layerfix.graph.shim.loader import load_layers
from layerfix.graph.shim.neighbours import place_of

HALVE = "def halve(x):\n    return x / 2\n"
CLASS = "from keras.layers import Layer\nclass Half(Layer):\n    pass\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """project/package/{__init__,layers,numbers}.py and project/package/inner/{__init__,halves}.py; project/top.py"""
    inner = tmp_path / "package" / "inner"
    inner.mkdir(parents=True)
    (inner / "__init__.py").write_text("")
    (inner / "halves.py").write_text(HALVE)
    (tmp_path / "package" / "__init__.py").write_text("raise SystemExit('a package is not run for its parts')\n")
    (tmp_path / "package" / "numbers.py").write_text("SIZE = 3\n")
    (tmp_path / "package" / "classes.py").write_text(CLASS)
    (tmp_path / "top.py").write_text("SIZE = 4\n")
    return tmp_path


@pytest.mark.parametrize(
    ("place", "code", "expected"),
    [
        ("package/layers.py", "from .numbers import SIZE\ndef f(): return SIZE", 3),
        ("package/layers.py", "from . import numbers\ndef f(): return numbers.SIZE", 3),
        ("package/layers.py", "from .inner.halves import halve\ndef f(): return halve(4)", 2),
        ("package/layers.py", "from .inner import halves as h\ndef f(): return h.halve(4)", 2),
        ("package/layers.py", "from package.inner.halves import halve\ndef f(): return halve(4)", 2),
        ("package/layers.py", "import package.inner.halves\ndef f(): return package.inner.halves.halve(4)", 2),
        ("package/layers.py", "from top import SIZE\ndef f(): return SIZE", 4),
        ("package/inner/layers.py", "from ..numbers import SIZE\ndef f(): return SIZE", 3),
        ("package/inner/layers.py", "from .. import numbers\ndef f(): return numbers.SIZE", 3),
        ("package/inner/layers.py", "from ...top import SIZE\ndef f(): return SIZE", 4),
    ],
)
def test_import_means_the_file_that_python_would_take(project: Path, place: str, code: str, expected: int) -> None:
    (project / place).write_text(code + "\n")
    assert load_layers([project / place])["f"]() == expected


def test_class_that_a_source_imports_from_its_neighbour_is_given_by_it(project: Path) -> None:
    source = project / "package" / "layers.py"
    source.write_text("from .classes import Half\nfrom math import sqrt\n")
    assert set(load_layers([source])) == {"Half"}


def test_neighbour_that_is_not_there_is_named(project: Path) -> None:
    source = project / "package" / "layers.py"
    source.write_text("from .helpers import f\n")
    with pytest.raises(LayersError, match=re.escape("imports 'helpers' from beside itself")):
        load_layers([source])


def test_installed_library_is_no_neighbour(project: Path) -> None:
    assert place_of(project / "package" / "layers.py", "numpy", 0) is None
    assert place_of(project / "package" / "layers.py", "os.path", 0) is None


CONTRIB = """
    import tensorflow as tf
    from tensorflow.contrib import rnn, layers as contrib_layers
    import tensorflow.contrib.slim as slim
    from tensorflow.contrib.framework import arg_scope

    def penalty():
        return tf.contrib.layers.l2_regularizer(0.5)

    def start():
        return contrib_layers.xavier_initializer()

    def cell():
        return rnn.BasicLSTMCell(4)
"""


def test_contrib_may_be_imported_and_what_is_used_of_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(dedent(CONTRIB))
    given = load_layers([tmp_path / "old.py"])
    assert float(given["penalty"]().l2) == 0.25
    assert isinstance(given["start"](), keras.initializers.GlorotUniform)
    with pytest.raises(LackError, match=re.escape("calls tensorflow.contrib.rnn.BasicLSTMCell")):
        given["cell"]()
