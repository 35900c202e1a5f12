"""Losses and decoding of sequences in numpy."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported
from layerfix.reference.longer import logsumexp

_EPSILON = 1e-7


def ctc_batch_cost(y_true: Array, y_pred: Array, input_length: Array, label_length: Array) -> Array:
    """The CTC loss of each sample, (samples, 1); keras 2.2.4, tensorflow_backend.py.

    Args:
        y_true: labels, (samples, longest label).
        y_pred: probabilities, (samples, steps, classes); the last class is the blank. TensorFlow
            takes log(p + epsilon) for logits, so that they are normalized once more.
        input_length, label_length: (samples, 1).
    """
    logits = np.log(np.asarray(y_pred, np.float64) + _EPSILON)
    logs = logits - logsumexp(logits, -1, True)
    steps, counts = (np.asarray(given).reshape(-1).astype(int) for given in (input_length, label_length))
    labels = np.asarray(y_true).astype(int)
    costs = [_cost(logs[sample, : steps[sample]], labels[sample, : counts[sample]]) for sample in range(len(logs))]
    return np.asarray(costs).reshape(-1, 1)


def ctc_decode(y_pred: Array, input_length: Array, greedy: bool = True, **_: object) -> tuple[list[Array], Array]:
    """The label of the best class at each step, repeats and blanks taken away, and minus the sum of its logits; keras 2.15, backend.py."""
    if not greedy:
        raise Unsupported("the reference does not know ctc_decode by beam search")
    logits = np.log(np.asarray(y_pred) + _EPSILON)
    steps = np.maximum(np.asarray(input_length).reshape(-1).astype(int), 0)
    labels = np.full(logits.shape[:2], -1)
    for sample, count in enumerate(steps):
        best = logits[sample, :count].argmax(-1)
        spelt = [one for one, _ in groupby(best) if one != logits.shape[-1] - 1]
        labels[sample, : len(spelt)] = spelt
    scores = [-one[:count].max(-1).sum() for one, count in zip(logits, steps, strict=True)]
    return [labels], np.asarray(scores)[:, None]


def _cost(logs: Array, label: Array) -> float:
    """Minus the log of all paths that spell a label (Graves et al. 2006, section 4.1, in logs).

    Args:
        logs: log-probabilities, (steps, classes).
        label: classes, (length,).
    """
    blank = logs.shape[-1] - 1
    spelt = np.full(2 * len(label) + 1, blank)
    spelt[1::2] = label
    skips = np.zeros(len(spelt), bool)  # a blank between two different labels may be left out
    skips[3::2] = label[1:] != label[:-1]
    reached = np.full(len(spelt), -np.inf)
    reached[:2] = logs[0, spelt[:2]]
    for log in logs[1:]:
        ways: list[Any] = [reached, _shifted(reached, 1), np.where(skips, _shifted(reached, 2), -np.inf)]
        with np.errstate(divide="ignore"):  # no way leads there: the logarithm of 0
            reached = np.logaddexp.reduce(ways, axis=0) + log[spelt]
    return -float(np.logaddexp.reduce(reached[-2:]))


def _shifted(values: Array, places: int) -> Array:
    return np.concatenate([np.full(places, -np.inf), values])[: len(values)]
