"""Losses and metrics by name, only where the name says all of it. The objects are as tf.keras 2.4, 2.10, 2.15 and Keras 3.3 wrote them."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.objectives import loss_of, metrics_of


def of_2_4(class_name: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"reduction": "auto", "name": name, **config}}


@pytest.mark.parametrize(
    ("stated", "today"),
    [
        ("mse", "mean_squared_error"),
        ("MSE", "mean_squared_error"),
        ("kullback_leibler_divergence", "kl_divergence"),
        ("cosine_proximity", "cosine_similarity"),
        ("logcosh", "log_cosh"),
        ("binary_crossentropy", "binary_crossentropy"),
        ({"class_name": "function", "config": "mean_absolute_error"}, "mean_absolute_error"),
        (of_2_4("MeanSquaredError", "mean_squared_error"), "mean_squared_error"),
        (of_2_4("MeanSquaredError", "mean_squared_error", fn="mean_squared_error"), "mean_squared_error"),
        (of_2_4("BinaryCrossentropy", "binary_crossentropy", from_logits=False, label_smoothing=0), "binary_crossentropy"),
        (of_2_4("BinaryCrossentropy", "mae", from_logits=False, label_smoothing=0.0, axis=-1), "binary_crossentropy"),
        (of_2_4("Huber", "huber_loss", delta=1.0), "huber"),
        (of_2_4("KLDivergence", "kl_divergence"), "kl_divergence"),
        (of_2_4("LogCosh", "log_cosh"), "log_cosh"),
        (of_2_4("SparseCategoricalCrossentropy", "scce", from_logits=False, ignore_class=None), "sparse_categorical_crossentropy"),
        ({"class_name": "MeanAbsoluteError", "config": {"name": "x", "reduction": "sum_over_batch_size", "dtype": "float32"}},
         "mean_absolute_error"),
        (["mse", "mae"], ["mean_squared_error", "mean_absolute_error"]),
        ({"a": "mse", "b": {"class_name": "Poisson", "config": {"name": "poisson"}}}, {"a": "mean_squared_error", "b": "poisson"}),
    ],
)  # fmt: skip
def test_a_loss_is_the_name_that_means_the_same(stated: Any, today: Any) -> None:
    assert loss_of(stated) == today


@pytest.mark.parametrize(
    "stated",
    [
        "my_loss",
        None,
        {"class_name": "function", "config": "my_loss"},
        of_2_4("MyLoss", "mse"),
        of_2_4("Custom>MeanSquaredError", "mean_squared_error"),
        {"class_name": "Huber", "config": {"name": "huber_loss", "reduction": "sum_over_batch_size"}},
        of_2_4("MeanSquaredError", "mean_squared_error", of_keras_9=True),
        of_2_4("MeanSquaredError", "mean_squared_error", reduction="weighted"),
        ["mse", None],
        {"a": "mse", "b": "my_loss"},
    ],
)
def test_a_loss_of_the_user_s_own_or_of_unknown_settings_is_none(stated: Any) -> None:
    assert loss_of(stated) is None


@pytest.mark.parametrize(
    ("class_name", "settings"),
    [
        ("Huber", {"delta": 2.0}),
        ("MeanSquaredError", {"reduction": "sum"}),
        ("BinaryCrossentropy", {"from_logits": True}),
        ("CategoricalCrossentropy", {"label_smoothing": 0.1}),
        ("BinaryFocalCrossentropy", {"gamma": 3.0}),
    ],
)
def test_a_loss_with_settings_is_its_class_with_these_alone(class_name: str, settings: dict[str, Any]) -> None:
    assert loss_of(of_2_4(class_name, "of_the_user", **settings)) == {"class_name": class_name, "config": settings}


@pytest.mark.parametrize(
    ("stated", "today"),
    [
        (["acc"], ["accuracy"]),
        (["accuracy", "mae"], ["accuracy", "mean_absolute_error"]),
        ([["acc"]], ["accuracy"]),
        ([[{"class_name": "MeanMetricWrapper", "config": {"name": "acc", "dtype": "float32", "fn": "categorical_accuracy"}}]],
         ["categorical_accuracy"]),
        ([{"class_name": "BinaryAccuracy", "config": {"name": "acc", "dtype": "float32", "threshold": 0.5}}], ["binary_accuracy"]),
        ({"a": ["acc"], "b": "mse"}, {"a": ["accuracy"], "b": "mean_squared_error"}),
        ([["acc"], ["mse"]], [["accuracy"], ["mean_squared_error"]]),
        (None, None),
        ([], []),
    ],
)  # fmt: skip
def test_metrics_keep_their_structure(stated: Any, today: Any) -> None:
    notes: list[str] = []
    assert metrics_of(stated, notes) == today
    assert notes == []


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("f1", "f1"),
        ({"class_name": "AUC", "config": {"name": "auc", "dtype": "float32", "num_thresholds": 200}}, "AUC"),
        ({"class_name": "BinaryAccuracy", "config": {"name": "acc", "dtype": "float32", "threshold": 0.9}}, "BinaryAccuracy"),
        ({"class_name": "Accuracy", "config": {"name": "accuracy", "dtype": "float32"}}, "Accuracy"),
        ({"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "dtype": "float32", "fn": "my_metric"}}, "MeanMetricWrapper"),
        ({"class_name": "TopKCategoricalAccuracy", "config": {"name": "top", "k": 3}}, "TopKCategoricalAccuracy"),
    ],
)
def test_a_metric_that_no_name_says_in_full_is_left_out_and_named(stated: Any, told: str) -> None:
    notes: list[str] = []
    assert metrics_of(["mse", stated], notes) == ["mean_squared_error"]
    assert notes == [f"metric {told} is left out"]
