"""Which variables a forward pass of a model reads, and which it makes anew: one trace, with any backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from layerfix.errors import LayerfixError
from layerfix.saving_guard.errors import UntraceableError

_UNTRACEABLE = "Guard the functional model or the layers that it is made of."


def trace(model: Any) -> tuple[dict[int, str], list[Any]]:
    """The variables that a forward pass reads, names by `id` of what the backend holds, and those that it makes anew."""
    import keras

    specs = _input_specs(model)
    with _made_anew() as made:
        try:
            read = _captured(model, specs) if keras.backend.backend() == "tensorflow" else _asked_for(model, specs)
        except Exception as error:
            if not made:
                raise UntraceableError(
                    f"its forward pass cannot be traced: {_reason(error)}.", where=str(model.name), hint=_UNTRACEABLE
                ) from error
            return {}, made
    return read, made


def _reason(error: Exception) -> str:
    """An error in one line: its first, or its last where the first only says whose code it came from (AutoGraph's "in user code:")."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return (lines[-1] if lines[0].endswith(":") else lines[0]).removesuffix(".")


@contextmanager
def _made_anew() -> Iterator[list[Any]]:
    """Collects the Keras variables made inside."""
    import keras

    made: list[Any] = []
    original = keras.Variable.__init__

    def noted(self: object, *args: Any, **settings: Any) -> None:
        original(self, *args, **settings)
        made.append(self)

    keras.Variable.__init__ = noted
    try:
        yield made
    finally:
        keras.Variable.__init__ = original


def _captured(model: object, specs: dict[str, Any]) -> dict[int, str]:
    """With TensorFlow, what the graph of a call captures: bare `tf.Variable`s too."""
    import tensorflow as tf

    tensors = tf.nest.map_structure(lambda spec: tf.TensorSpec(spec.shape, spec.dtype), specs)
    function = tf.function(lambda given: _called(model, given))
    graph = function.get_concrete_function(tensors).graph
    return {id(variable): str(variable.name) for variable in graph.variables}


def _asked_for(model: Any, specs: dict[str, Any]) -> dict[int, str]:
    """With other backends, the Keras variables whose value a symbolic call asks its scope for (keras 3.15, StatelessScope)."""
    import keras
    from keras.src import backend

    read: dict[int, str] = {}
    original = keras.StatelessScope.get_current_value

    def noted(scope: Any, variable: Any) -> Any:
        if variable._value is not None:
            read[id(variable._value)] = str(variable.path)
        return original(scope, variable)

    keras.StatelessScope.get_current_value = noted
    try:
        backend.compute_output_spec(lambda given: _called(model, given), specs)
    finally:
        keras.StatelessScope.get_current_value = original
    return read


def _called(model: Any, given: dict[str, Any]) -> Any:
    return model(given[""], training=False) if "" in given else model(**given)


def _input_specs(model: Any) -> dict[str, Any]:
    """What the model takes, under "" or by argument: a functional model says so, a subclassed one knows the shapes it was built for."""
    import keras

    if getattr(model, "inputs", None):
        structure = getattr(model, "_inputs_struct", model.inputs[0])  # a Sequential has one input
        return {"": keras.tree.map_structure(lambda x: keras.KerasTensor(x.shape, x.dtype), structure)}
    shapes = built_for(model)
    if shapes is None:
        raise LayerfixError("it is not built, or not for one input.", where=str(model.name), hint="Call it once on a batch, then guard it.")
    return {name: _specs(shape, model.input_dtype) for name, shape in shapes.items()}


def _specs(shape: Any, dtype: str) -> Any:
    """A symbolic tensor for each shape of a structure of shapes."""
    import keras

    if isinstance(shape, dict):
        return {name: _specs(item, dtype) for name, item in shape.items()}
    if any(isinstance(item, list | tuple) for item in shape):
        return [_specs(item, dtype) for item in shape]
    return keras.KerasTensor((None, *shape[1:]), dtype)


def built_for(model: Any) -> dict[str, Any] | None:
    """The shapes that a subclassed model was built for: of its one input under "", of several by argument."""
    config = (model.get_build_config() or {}) if model.built else {}
    if config.get("input_shape") is not None:
        return {"": config["input_shape"]}
    by_argument = config.get("shapes_dict") or {}
    return {name.removesuffix("_shape"): shape for name, shape in by_argument.items()} or None
