"""Verdicts on files of genuine legacy Keras."""

from __future__ import annotations

from pathlib import Path

import pytest
from genuine import sampled

from layerfix.commands.audit import audit

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "sample_models"
CLASSES = HERE.parent / "legacy" / "classes"
BROKEN = sorted(path for path in CLASSES.glob("*/broken.h5") if path.parent.name != "partial-loss")
HEALTHY = sorted(CLASSES.glob("healthy-*/model.h5"))
WITHOUT_TRACE = {"bare-variable", "bidirectional-inside", "drawn-variable", "hidden-embedding"}
"""What these hide leaves no number gap: only the class source can tell."""


def severities(path: Path) -> set[str]:
    return {finding.severity for finding in audit(path).findings}


def found(path: Path) -> set[tuple[str, str | None]]:
    return {(finding.code, finding.layer) for finding in audit(path).findings}


@pytest.mark.parametrize("path", sampled(BROKEN, 4), ids=lambda path: path.parent.name)
def test_every_class_that_hides_layers_is_at_least_noted(path: Path) -> None:
    assert severities(path) & ({"note"} if path.parent.name in WITHOUT_TRACE else {"suspect", "lost"})


def test_own_kernel_and_bias_look_like_a_layer_tracked_by_hand() -> None:
    # Nothing in this file tells its Highway from a healthy layer: only the class source can.
    assert severities(CLASSES / "partial-loss" / "broken.h5") == set()


@pytest.mark.parametrize("path", sampled(HEALTHY, 4), ids=lambda path: path.parent.name)
def test_healthy_classes_raise_no_suspicion(path: Path) -> None:
    assert severities(path) <= ({"note"} if path.parent.name == "healthy-stateless" else set())


@pytest.mark.parametrize("name", ["interleaved", "embedding_named", "dropout_inside", "tf24_between", "nested_sequential"])
def test_tricky_healthy_files_raise_no_suspicion(name: str) -> None:
    assert severities(HERE / "files" / f"{name}.h5") <= {"note"}


def test_stock_and_twin_files_are_clean() -> None:
    assert audit(SAMPLES / "healthy-stock.h5").outcome == "clean"
    assert audit(SAMPLES / "resnet-mean-twin.h5").outcome == "clean"


@pytest.mark.parametrize("name", ["resnet-mean", "resnet-nonlocal", "resnet-he-normal"])
def test_every_denoising_layer_is_lost_and_its_filter_unknown(name: str) -> None:
    layers = {"denoising_layer_1", "denoising_layer_2"}
    assert found(SAMPLES / f"{name}.h5") == {(code, layer) for code in ("LF101", "LF301") for layer in layers}


def test_layer_in_a_nested_model_is_named_by_its_path() -> None:
    assert ("LF101", "encoder/head/denoising_layer_1") in found(SAMPLES / "nested-mean.h5")


def test_number_gap_is_told_as_evidence() -> None:
    first = audit(SAMPLES / "resnet-nonlocal.h5").findings[0]
    assert any("conv1d_2, between 'conv1d_1' and 'conv1d_3'" in sentence for sentence in first.evidence)


def test_weights_alone_tell_by_names_and_say_so() -> None:
    assert found(SAMPLES / "weights-only.h5") >= {("LF101", "denoising_layer_1"), ("LF502", None)}


def test_weights_with_architecture_tell_all() -> None:
    result = audit(SAMPLES / "weights-only.h5", architecture=SAMPLES / "weights-only.json")
    assert {finding.code for finding in result.findings} == {"LF101", "LF301"}


def test_todays_healthy_archives_are_clean() -> None:
    assert audit(HERE / "files" / "keras3_nested.keras").outcome == "clean"
    assert audit(HERE / "files" / "keras3_sublayers.keras").outcome == "clean"


@pytest.mark.parametrize(("name", "layer"), [("keras3_holder", "holder"), ("keras3_reserved", "lay")])
def test_both_silent_losses_of_todays_keras_are_suspect(name: str, layer: str) -> None:
    assert found(HERE / "files" / f"{name}.keras") == {("LF103", layer)}


def test_interrupted_save_is_lost() -> None:
    assert found(HERE / "files" / "cut_off.h5") == {("LF201", "cu_dnnlstm_1"), ("LF202", "cu_dnngru_1")}


def test_source_that_does_not_hold_the_class_leaves_the_file_to_be_judged(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = tmp_path / "layers.py"
    source.write_text("from keras.layers import Layer\n\n\nclass Other(Layer):\n    pass\n")
    path = CLASSES / "attribute-in-init" / "broken.h5"
    codes = {finding.code for finding in audit(path, layers=[source]).findings}
    assert codes == {"LF103", "LF503"}


def test_source_names_every_hidden_weight() -> None:
    pytest.importorskip("tensorflow")
    folder = CLASSES / "partial-loss"
    (finding,) = audit(folder / "broken.h5", layers=[folder / "layers.py"]).findings
    assert (finding.code, finding.severity, len(finding.evidence)) == ("LF102", "lost", 2)
