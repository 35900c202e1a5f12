"""Losses over sequences, as legacy Keras and TensorFlow have them."""

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
