"""`keras.backend.rnn`: loops over time, whose masked steps the two families of legacy Keras did not fill alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import tensorflow as tf
from keras.src.backend import rnn as rnn_of_today  # `K.backend` is a function, so that no module may bear its name here

from layerfix.graph.shim.backend import t
from layerfix.graph.tensors import Held

Step = Callable[[Any, Any], tuple[Any, list[Any]]]
"""(input of a step, states and constants) to (output, new states)."""


def _rnn(masked: Callable[[Step, tf.Tensor, tf.Tensor], tuple[Step, tf.Tensor, tf.Tensor | None]], doc: str) -> Callable[..., Any]:
    """The function of a family of Keras, by what it makes of a step, a series and a mask: those that today's loop runs, and its mask."""

    def rnn(
        step_function: Step,
        inputs: Held,
        initial_states: Any,
        go_backwards: bool = False,
        mask: Any = None,
        constants: Any = None,
        unroll: bool = False,
        input_length: int | None = None,
    ) -> tuple[Any, Any, list[Any]]:
        step: Step = partial(_stepped, step_function, list(constants or []))
        series, held = t(inputs), None
        if mask is not None:
            step, series, held = masked(step, series, t(mask))
        last, outputs, states = rnn_of_today(step, series, [t(state) for state in initial_states], go_backwards, held, unroll=unroll)
        return last, outputs, list(states)

    rnn.__doc__ = doc
    return rnn


def _as_keras(step: Step, series: tf.Tensor, mask: tf.Tensor) -> tuple[Step, tf.Tensor, None]:
    return partial(_masked, step), _with_mask(series, mask), None


def _as_tf_keras(step: Step, series: tf.Tensor, mask: tf.Tensor) -> tuple[Step, tf.Tensor, tf.Tensor]:
    return step, series, mask


def _stepped(step_function: Step, constants: list[Any], x: Held, states: Any) -> tuple[Any, list[Any]]:
    output, new_states = step_function(x, list(states) + constants)
    return output, list(new_states)


def _masked(step: Step, given: Any, states: Any) -> tuple[Any, list[Any]]:
    """A step on what `_with_mask` made."""
    output, new_states = step(given[..., :-1], states)
    there = tf.reduce_max(given[..., -1:], axis=list(range(1, given.shape.rank - 1)), keepdims=True) > 0
    kept = [tf.where(there, new, old) for new, old in zip([output, *new_states], [states[0], *states], strict=True)]
    return kept[0], kept[1:]


def _with_mask(series: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """A series with its mask as one feature more: today's `rnn` takes a single tensor."""
    mask = tf.cast(mask if mask.shape.rank == 2 else mask[..., 0], series.dtype)
    spread = tf.reshape(mask, tf.concat([tf.shape(mask), [1] * (series.shape.rank - 2)], 0))
    return tf.concat([series, tf.ones_like(series[..., :1]) * spread], -1)


rnn = _rnn(
    _as_keras,
    """Runs a step over the time axis; returns (last output, outputs, states), as legacy Keras did.

    At a masked step its output is the first state, and the states stay (keras 2.2.4, tensorflow_backend.py, `rnn`); today's Keras
    repeats the output before, which is another thing at the first step, and where a step's output is not its state.
    """,
)
rnn_of_tf_keras = _rnn(
    _as_tf_keras,
    "As `rnn`, with the output before at a masked step, as tf.keras has it in TensorFlow 2 (2.4, keras/backend.py) and today's Keras.",
)
