"""Numbers of numpy in the YAML that TF 2.1 wrote are read as numbers; nothing else that their tags could ask for is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerfix.containers.architecture import read_architecture
from layerfix.errors import HostileError

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
