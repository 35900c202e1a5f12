"""Every way in which samples can be wrong is one clear sentence; what is right arrives whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.containers.samples import check_samples, read_samples
from layerfix.errors import UsageError

X = np.arange(40, dtype=np.float32).reshape(10, 4)
Y = np.arange(10) % 3
P = np.linspace(0, 1, 20, dtype=np.float32).reshape(10, 2)


def npz(folder: Path, **arrays: Any) -> Path:
    path = folder / "samples.npz"
    np.savez(path, **arrays)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_samples(path)
    told = str(caught.value)
    assert str(path) in told
    assert "\n" not in told
    return told


def test_inputs_labels_and_predictions_are_told_by_their_names(tmp_path: Path) -> None:
    samples = read_samples(npz(tmp_path, x=X, y=Y, p=P, lost=np.zeros(3)))
    assert len(samples) == 10
    assert np.array_equal(samples.inputs[0], X)
    assert samples.labels is not None
    assert np.array_equal(samples.labels, Y)
    assert samples.predictions is not None
    assert np.array_equal(samples.predictions[0], P)


def test_several_inputs_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    samples = read_samples(npz(tmp_path, **{f"x{i}": X + i for i in (10, 2, 0, 1)}))
    assert [array[0, 0] for array in samples.inputs] == [0, 1, 2, 10]
    assert samples.labels is None
    assert samples.predictions is None


def test_an_npy_file_holds_inputs_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    samples = read_samples(tmp_path / "x.npy")
    assert np.array_equal(samples.inputs[0], X)
    assert samples.labels is None


def test_columns_y_and_p_of_a_table_are_labels_and_predictions_and_all_others_inputs(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    table = tmp_path / "samples.csv"
    table.write_text("a,y,b,p0,p1\n1,0,2,0.25,0.75\n3,1,4,0.5,0.5\n", encoding="utf-8")
    samples = read_samples(table)
    assert np.array_equal(samples.inputs[0], [[1, 2], [3, 4]])
    assert samples.labels is not None
    assert samples.labels.tolist() == [0, 1]
    assert samples.predictions is not None
    assert np.array_equal(samples.predictions[0], np.array([[0.25, 0.75], [0.5, 0.5]], np.float32))


def test_halves_are_disjoint_and_cover_all_samples(tmp_path: Path) -> None:
    searched, held = read_samples(npz(tmp_path, x=X, y=Y, p=P)).halves()
    assert np.array_equal(np.sort(np.concatenate([searched.inputs[0], held.inputs[0]]), axis=0), X)
    assert np.array_equal(searched.inputs[0], X[::2])
    assert searched.labels is not None
    assert np.array_equal(searched.labels, Y[::2])
    assert held.predictions is not None
    assert np.array_equal(held.predictions[0], P[1::2])


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"y": Y}, "holds y, and nothing called x"),
        ({"x": X, "y": Y[:7]}, "[7, 10]"),
        ({"x0": X, "x1": X[:9]}, "[9, 10]"),
        ({"x": X, "p": P[:4]}, "[4, 10]"),
        ({"x": np.where(X > 38, np.nan, X)}, "x holds NaN or infinity"),
        ({"x": X, "p": np.full((10, 2), np.inf)}, "p holds NaN or infinity"),
        ({"x": X, "y": np.array(["a", "b"] * 5)}, "y holds <U1, not numbers"),
    ],
    ids=["no inputs", "fewer labels", "fewer second inputs", "fewer predictions", "NaN", "infinity", "text"],
)
def test_unusable_arrays_are_refused_by_name(tmp_path: Path, arrays: dict[str, Any], told: str) -> None:
    assert told in refusal(npz(tmp_path, **arrays))


@pytest.mark.parametrize("arrays", [{"x": np.float32(3.0)}, {"x": X, "y": np.int64(1)}], ids=["scalar input", "scalar label"])
def test_a_single_number_is_no_array_of_samples(tmp_path: Path, arrays: dict[str, Any]) -> None:
    assert "samples" in refusal(npz(tmp_path, **arrays))


def test_an_archive_without_any_samples_is_refused(tmp_path: Path) -> None:
    assert "no inputs" in refusal(npz(tmp_path, x=np.empty((0, 4), np.float32)))


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    assert "cannot be read as samples" in refusal(npz(tmp_path, x=np.array([{}, {}], object)))


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_text_in_place_of_arrays_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"samples{suffix}"
    path.write_text("these are no arrays", encoding="utf-8")
    assert "cannot be read as samples" in refusal(path)


def test_a_cut_off_archive_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path, x=X, y=Y)
    path.write_bytes(path.read_bytes()[:-100])
    assert "cannot be read as samples" in refusal(path)


def test_a_missing_file_and_an_unknown_suffix_are_refused(tmp_path: Path) -> None:
    assert "cannot be read as samples" in refusal(tmp_path / "none.npz")
    assert "'.pkl' is no format for samples" in refusal(tmp_path / "samples.pkl")


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ([(None, 5)], "takes the inputs (n, 5), the samples hold (10, 4)"),
        ([(None, 4, 1)], "takes the inputs (n, 4, 1), the samples hold (10, 4)"),
        ([(None, 4), (None, None, 2)], "takes the inputs (n, 4); (n, any, 2), the samples hold (10, 4)"),
    ],
    ids=["another size", "another rank", "a missing input"],
)
def test_samples_that_do_not_fit_the_model_are_refused_with_both_shapes(tmp_path: Path, shapes: list[Any], told: str) -> None:
    path = npz(tmp_path, x=X)
    with pytest.raises(UsageError) as caught:
        check_samples(read_samples(path), shapes)
    assert told in str(caught.value)


def test_open_dimensions_take_any_size(tmp_path: Path) -> None:
    path = npz(tmp_path, x=X)
    samples = read_samples(path)
    for shape in ((None, None), (None, 4)):
        assert check_samples(samples, [shape]) is None
