"""Prevention in running Keras code: does a forward pass read variables that the model neither tracks nor saves?"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from layerfix.errors import LayerfixError


class UntrackedWeightsError(LayerfixError):
    """The model reads variables that a save would lose."""


class UntraceableError(LayerfixError):
    """The model's forward pass cannot be traced, so that nothing is known of what it reads."""


_UNTRACEABLE = "Guard the functional model or the layers that it is made of."


def guard(model: Any) -> None:
    """Trace one forward pass of a built model and compare what it reads with what the model tracks and saves.

    Args:
        model: functional, Sequential or subclassed; built. Tested with the TensorFlow, JAX and Torch backends.

    Raises:
        UntrackedWeightsError: naming each stray variable and the attribute path that holds it.
        UntraceableError: for a model that takes inputs which cannot be told from how it was built.
        LayerfixError: for a model that is not built.
    """
    read, made = _trace(model)
    saved = _saved(model)  # after the trace, in which layers that are held may have been built late
    held = _paths(model)
    fresh = {id(variable._value): str(variable.path) for variable in made}
    stray = [held.get(key, name) for key, name in read.items() if key not in saved and key not in fresh]
    stray += sorted({f"{path} (made in `call`)" for key, path in fresh.items() if key not in saved})
    if stray:
        raise UntrackedWeightsError(
            f"a forward pass reads {len(stray)} variables that a save would lose: {', '.join(stray)}.",
            where=str(model.name),
            hint="Hold their layers in attributes of the layer that uses them, made in `__init__` or `build`, under names of your own.",
        )


assert_all_weights_tracked = guard


def _trace(model: Any) -> tuple[dict[int, str], list[Any]]:
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

    def noted(self: Any, *args: Any, **settings: Any) -> None:
        original(self, *args, **settings)
        made.append(self)

    keras.Variable.__init__ = noted
    try:
        yield made
    finally:
        keras.Variable.__init__ = original


def _captured(model: Any, specs: dict[str, Any]) -> dict[int, str]:
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
    shapes = _built_for(model)
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


def _built_for(model: Any) -> dict[str, Any] | None:
    """The shapes that a subclassed model was built for: of its one input under "", of several by argument."""
    config = (model.get_build_config() or {}) if model.built else {}
    if config.get("input_shape") is not None:
        return {"": config["input_shape"]}
    by_argument = config.get("shapes_dict") or {}
    return {name.removesuffix("_shape"): shape for name, shape in by_argument.items()} or None


def _saved(model: Any) -> set[int]:
    """By `id`, the variables that Keras' saving walk reaches (keras 3.15, saving/saving_lib.py, `_walk_saveable`), and random states."""
    from keras.src.saving import saving_lib

    found: set[int] = set()
    seen: dict[int, Any] = {}  # with the objects, so that no id is used twice
    waiting: list[Any] = [model]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen[id(item)] = item
        if isinstance(item, list | tuple | set):
            waiting += list(item)
        elif isinstance(item, dict):
            waiting += list(item.values())
        elif hasattr(item, "save_own_variables"):
            store: dict[str, Any] = {}
            item.save_own_variables(store)
            found |= {id(getattr(value, "_value", value)) for value in store.values()}
            found |= {id(value) for value in _kept_otherwise(item)}
            waiting += [child for _, child in saving_lib._walk_saveable(item)]
    return found


def _kept_otherwise(item: Any) -> list[Any]:
    """What need not be in a store: random states, the states between batches of a stateful RNN, parts that Keras saves merged (LoRA)."""
    import keras

    variables = [generator.state for generator in getattr(item, "_seed_generators", ())]
    if isinstance(item, keras.layers.RNN) and item.stateful:
        variables += keras.tree.flatten(item.states or [])
    if getattr(item, "lora_enabled", False):
        variables += item.variables
    return [variable._value for variable in variables]


def _paths(model: Any) -> dict[int, str]:
    """Where variables are, by `id`: "layer.attribute.attribute"."""
    import keras

    found: dict[int, str] = {}
    seen: set[int] = set()

    def search(value: Any, path: str, depth: int) -> None:
        if id(value) in seen or depth > 6:
            return
        seen.add(id(value))
        if isinstance(value, keras.Variable):
            found.setdefault(id(value._value), path)
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                search(item, f"{path}[{index}]", depth + 1)
        elif isinstance(value, dict):
            for name, item in value.items():
                search(item, f"{path}[{name!r}]", depth + 1)
        elif hasattr(value, "__dict__") and not isinstance(value, type):
            for name, item in _attributes(value):
                search(item, f"{path}.{name}", depth + 1)

    for layer in model._flatten_layers(include_self=False):
        search(layer, str(layer.name), 0)
    search(model, str(model.name), 0)
    return found


def _attributes(value: Any) -> list[tuple[str, Any]]:
    """The attributes that may hold variables, without Keras' own bookkeeping; its lists of variables last, since a name says more."""
    inner = {"_tracker", "_inbound_nodes", "_outbound_nodes", "_parent_path", "_functional", "_operations"}
    late = {"_trainable_variables", "_non_trainable_variables", "_self_unconditional_dependency_names"}
    return sorted(((name, item) for name, item in vars(value).items() if name not in inner), key=lambda pair: pair[0] in late)


def __getattr__(name: str) -> Any:
    """`Guard`, made when first asked for, so that importing this module imports no Keras."""
    if name != "Guard":
        raise AttributeError(name)
    import keras

    class Guard(keras.callbacks.Callback):  # type: ignore[misc]
        """Runs `guard` once: before training starts, or after the first batch of a subclassed model that nobody has called yet."""

        waiting = True

        def on_train_begin(self, logs: Any = None) -> None:
            self.waiting = not getattr(self.model, "inputs", None) and _built_for(self.model) is None
            if not self.waiting:
                self.judge()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
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
