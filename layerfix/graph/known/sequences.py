"""Losses and decoding of sequences, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

from keras import ops

from layerfix.graph.tensors import Tensor


def K_ctc_batch_cost(y_true: Tensor, y_pred: Tensor, input_length: Tensor, label_length: Tensor) -> Tensor:
    """What TensorFlow's first `ctc_loss` gives: it takes logits, and the last class is the blank."""
    steps = ops.cast(ops.squeeze(input_length, axis=-1), "int32")
    count = ops.cast(ops.squeeze(label_length, axis=-1), "int32")
    logits = ops.log(y_pred + 1e-07)
    blank = y_pred.shape[-1] - 1
    loss = ops.ctc_loss(ops.cast(y_true, "int32"), logits, count, steps, mask_index=blank)
    return ops.expand_dims(loss, 1)


def K_ctc_decode(
    y_pred: Tensor, input_length: Tensor, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[Tensor], Tensor]:
    """The best path and its score, -1 behind each label up to the number of steps (tf.keras 2.5 and later, backend.py; before, up to the
    longest label). A beam search merged repeated labels of its results, which today's does not.
    """
    if not greedy:
        raise ValueError("ctc_decode by beam search merged repeated labels, which no operation does today")
    logits = ops.log(y_pred + 1e-07)
    decoded, scores = ops.ctc_decode(logits, ops.cast(input_length, "int32"), strategy="greedy", mask_index=y_pred.shape[-1] - 1)
    return [decoded[0]], scores
