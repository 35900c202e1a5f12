"""Prevention in running Keras code: does a forward pass read variables that the model neither tracks nor saves?"""

from __future__ import annotations

import warnings
from typing import Any

from layerfix.saving_guard.errors import UntraceableError as UntraceableError
from layerfix.saving_guard.errors import UntrackedWeightsError as UntrackedWeightsError
from layerfix.saving_guard.reads import built_for, trace
from layerfix.saving_guard.saves import paths, saved


def guard(model: Any) -> None:
    """Trace one forward pass of a built model and compare what it reads with what the model tracks and saves.

    Args:
        model: functional, Sequential or subclassed; built. Tested with the TensorFlow, JAX and Torch backends.

    Raises:
        UntrackedWeightsError: naming each stray variable and the attribute path that holds it.
        UntraceableError: for a model that takes inputs which cannot be told from how it was built.
        LayerfixError: for a model that is not built.
    """
    read, made = trace(model)
    kept = saved(model)  # after the trace, in which layers that are held may have been built late
    held = paths(model)
    fresh = {id(variable._value): str(variable.path) for variable in made}
    stray = [held.get(key, name) for key, name in read.items() if key not in kept and key not in fresh]
    stray += sorted({f"{path} (made in `call`)" for key, path in fresh.items() if key not in kept})
    if stray:
        raise UntrackedWeightsError(
            f"a forward pass reads {len(stray)} variables that a save would lose: {', '.join(stray)}.",
            where=str(model.name),
            hint="Hold their layers in attributes of the layer that uses them, made in `__init__` or `build`, under names of your own.",
        )


assert_all_weights_tracked = guard


def __getattr__(name: str) -> Any:
    """`Guard`, made when first asked for, so that importing this module imports no Keras."""
    if name != "Guard":
        raise AttributeError(name)
    import keras

    class Guard(keras.callbacks.Callback):
        """Runs `guard` once: before training starts, or after the first batch of a subclassed model that nobody has called yet."""

        waiting = True

        def on_train_begin(self, logs: object = None) -> None:
            self.waiting = not getattr(self.model, "inputs", None) and built_for(self.model) is None
            if not self.waiting:
                self.judge()

        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            if self.waiting:
                self.waiting = False
                self.judge()

        def judge(self) -> None:
            try:
                guard(self.model)
            except UntraceableError as error:  # no reason to stop a training
                warnings.warn(str(error), stacklevel=2)

    globals()["Guard"] = Guard
    return Guard
