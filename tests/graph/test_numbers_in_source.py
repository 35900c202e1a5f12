from __future__ import annotations

import ast
from pathlib import Path

from layerfix.graph.shim.loader import load_layers
from layerfix.graph.shim.numbers import changed, numbers

SOURCE = """
ALPHA = 0.3


class Blend(Layer):
    def __init__(self, scale=0.5, units=4, **kwargs):
        self.scale = scale

    def call(self, x):
        return 1.0 * x + 0.6 * relu(x, alpha=-0.1) + 2 * x
"""


def test_numbers_with_a_fraction_are_found_with_what_is_around_them(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(SOURCE)
    found = numbers([path])
    assert [number.value for number in found] == [0.3, 0.5, 0.6, 0.1]
    assert [number.inside for number in found] == ["", "Blend.__init__", "Blend.call", "Blend.call"]
    assert str(found[2]) == "0.6 (Blend.call, layers.py, line 10)"


def test_one_number_is_changed_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(SOURCE)
    tree = ast.parse(SOURCE)
    changed(tree, path, {numbers([path])[2].place: 0.63})
    assert ast.unparse(tree) == ast.unparse(ast.parse(SOURCE.replace("0.6", "0.63")))


def test_of_two_files_with_the_same_lines_only_the_named_one_is_changed(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text(SOURCE)
    other.write_text(SOURCE)
    tree = ast.parse(SOURCE)
    changed(tree, one, {numbers([other])[0].place: 9.5})
    assert ast.unparse(tree) == ast.unparse(ast.parse(SOURCE))


def test_numbers_of_a_file_beside_it_that_is_imported_count_as_its_own(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("RATE = 0.35\n")
    path = tmp_path / "layers.py"
    path.write_text("import numpy\nfrom settings import RATE\ndef rate():\n    return 0.5 * RATE\n")
    found = numbers([path])
    assert [number.value for number in found] == [0.5, 0.35]
    assert load_layers([path], others={found[1].place: 0.4})["rate"]() == 0.2
