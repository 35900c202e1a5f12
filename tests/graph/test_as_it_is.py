"""What is said of a file that today's Keras opens as it is."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from layerfix.commands.migrate import migrate
from layerfix.graph.as_it_is import _is_keras_own

FILES = Path(__file__).parents[1] / "migrate" / "v3"


@pytest.mark.skipif(keras.__version__ < "3.15", reason="the file is of Keras 3.15")
def test_a_file_that_today_s_keras_opens_by_itself_is_said_to_be_one(tmp_path: Path) -> None:
    result = migrate(FILES / "keras315-einsum_and_group.keras", tmp_path / "new.keras")
    assert "Today's Keras opens the old file as it is, and predicts the same." in result.notes


@pytest.mark.parametrize(
    "named",
    [
        {"module": "os", "class_name": "Dense", "registered_name": None},
        {"module": "keras.layers", "class_name": "Lambda", "registered_name": None},
        {"module": "builtins", "class_name": "function", "config": "system"},
        {"module": None, "class_name": "Mine", "registered_name": "mine>Mine"},
        {"class_name": "__lambda__", "config": {"code": "4wE="}},
    ],
)
def test_no_file_that_names_other_modules_or_code_is_given_to_keras_loader(named: dict[str, object]) -> None:
    assert not _is_keras_own(named)
