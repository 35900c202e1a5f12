"""Numbers of numpy in the YAML that TF 2.1 wrote are read as numbers, and text and whole numbers of Python 2 as what they are; nothing else
that their tags could ask for is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerfix.containers.architecture import read_architecture
from layerfix.errors import HostileError, LayerfixError

GENUINE = """\
backend: tensorflow
class_name: Sequential
config:
  layers:
  - class_name: Dropout
    config:
      name: dropout
      rate: !!python/object/apply:numpy.core.multiarray.scalar
      - &id001 !!python/object/apply:numpy.dtype
        args:
        - f8
        - 0
        - 1
        state: !!python/tuple
        - 3
        - <
        - null
        - null
        - null
        - -1
        - -1
        - 0
      - !!binary |
        AAAAAAAA0D8=
      seed: !!python/object/apply:numpy.core.multiarray.scalar
      - *id001
      - !!binary |
        AAAAAAAACEA=
  name: sequential
keras_version: 2.2.4-tf
"""


def _settings(text: str, folder: Path) -> dict[str, object]:
    path = folder / "model.yaml"
    path.write_text(text)
    (layer,) = read_architecture(path)["config"]["layers"]
    return dict(layer["config"])


def test_number_is_read_and_its_dtype_may_be_shared(tmp_path: Path) -> None:
    assert _settings(GENUINE, tmp_path) == {"name": "dropout", "rate": 0.25, "seed": 3.0}


@pytest.mark.parametrize(
    ("code", "order", "encoded", "expected"),
    [("i8", "<", "BAAAAAAAAAA=", 4), ("f4", "<", "ZmZmPw==", 0.8999999761581421), ("i2", ">", "AQA=", 256), ("b1", "'|'", "AQ==", True)],
)
def test_every_kind_of_number_is_read(code: str, order: str, encoded: str, expected: float, tmp_path: Path) -> None:
    text = GENUINE.replace("- f8", f"- {code}").replace("- <\n", f"- {order if order != '>' else chr(39) + '>' + chr(39)}\n")
    assert _settings(text.replace("AAAAAAAA0D8=", encoded).replace("AAAAAAAACEA=", encoded), tmp_path)["rate"] == expected


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("- f8", "- O8"),
        ("- f8", "- V8"),
        ("AAAAAAAA0D8=", "AAAA"),
        ("numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct"),
        ("!!python/object/apply:numpy.dtype", "!!python/object/apply:os.system"),
        ("        - f8\n", ""),
    ],
)
def test_anything_else_is_refused(given: str, instead: str, tmp_path: Path) -> None:
    with pytest.raises(HostileError, match="more than plain data"):
        _settings(GENUINE.replace(given, instead), tmp_path)


OF_PYTHON_2 = """\
backend: !!python/unicode 'tensorflow'
class_name: Sequential
config:
- class_name: Dense
  config:
    activation: relu
    batch_input_shape: !!python/tuple [null, 4]
    dtype: float32
    kernel_initializer:
      class_name: !!python/unicode 'VarianceScaling'
      config: {distribution: !!python/str 'uniform', mode: fan_avg, scale: 1.0, seed: !!python/long '3000000000'}
    name: !!python/unicode 'dense_1'
    units: 3
keras_version: 2.1.2
"""
"""As `model.to_yaml()` of Keras 2.1.2 wrote it on Python 2.7: what came from JSON or h5py was unicode there."""


def test_text_and_whole_numbers_of_python_2_are_plain(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(OF_PYTHON_2)
    stated = read_architecture(path)
    (layer,) = stated["config"]
    assert stated["backend"] == "tensorflow"
    assert layer["config"]["name"] == "dense_1"
    initializer = layer["config"]["kernel_initializer"]
    assert (initializer["class_name"], initializer["config"]["seed"]) == ("VarianceScaling", 3_000_000_000)


@pytest.mark.parametrize("value", ["!!python/unicode [1]", "!!python/long 'os'", "!!python/long [1]", "!!python/name:os.system ''"])
def test_tag_of_python_2_on_another_value_is_refused(value: str, tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(OF_PYTHON_2.replace("!!python/long '3000000000'", value))
    with pytest.raises(LayerfixError):
        read_architecture(path)
