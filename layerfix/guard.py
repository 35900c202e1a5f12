"""Prevention in running Keras code: does a forward pass read variables that the model neither tracks nor saves? TensorFlow backend."""

from __future__ import annotations

from typing import Any

from layerfix.errors import LayerfixError


class UntrackedWeightsError(LayerfixError):
    """The model reads variables that a save would lose."""


def guard(model: Any) -> None:
    """Trace one forward pass of a built model and compare what it reads with what the model tracks and saves.

    Raises:
        UntrackedWeightsError: naming each stray variable and the attribute path that holds it.
    """
    saved = _saved(model)
    stray = [variable for variable in _read(model) if id(variable) not in saved]
    if stray:
        held = _paths(model)
        names = ", ".join(held.get(id(variable), str(variable.name)) for variable in stray)
        raise UntrackedWeightsError(
            f"a forward pass reads {len(stray)} variables that a save would lose: {names}.",
            where=str(model.name),
            hint="Hold their layers in attributes of the layer that uses them, under names that Keras does not use itself.",
        )


assert_all_weights_tracked = guard


def _read(model: Any) -> list[Any]:
    """The TensorFlow variables that a traced forward pass captures, each once."""
    import tensorflow as tf

    specs = tf.nest.map_structure(lambda x: tf.TensorSpec(x.shape, x.dtype), model.inputs)
    function = tf.function(lambda inputs: model(inputs, training=False)).get_concrete_function(specs)
    return list({id(variable): variable for variable in function.graph.variables}.values())


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
            found |= {id(getattr(value, "value", value)) for value in store.values()}
            found |= {id(generator.state.value) for generator in getattr(item, "_seed_generators", ())}
            waiting += [child for _, child in saving_lib._walk_saveable(item)]
    return found


def _paths(model: Any) -> dict[int, str]:
    """Where variables are, by `id`: "layer.attribute.attribute"."""
    found: dict[int, str] = {}
    seen: set[int] = set()

    def search(value: Any, path: str, depth: int) -> None:
        if id(value) in seen or depth > 6:
            return
        seen.add(id(value))
        if hasattr(value, "assign") and hasattr(value, "value") and not callable(value.value):
            found.setdefault(id(value.value), path)
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
    return found


def _attributes(value: Any) -> list[tuple[str, Any]]:
    """The attributes that may hold variables, without Keras' own bookkeeping."""
    inner = {"_tracker", "_inbound_nodes", "_outbound_nodes", "_parent_path", "_functional", "_operations"}
    return [(name, item) for name, item in vars(value).items() if name not in inner]


def __getattr__(name: str) -> Any:
    """`Guard`, made when first asked for, so that importing this module imports no Keras."""
    if name != "Guard":
        raise AttributeError(name)
    import keras

    class Guard(keras.callbacks.Callback):  # type: ignore[misc]
        """Runs `guard` once, before training starts."""

        def on_train_begin(self, logs: Any = None) -> None:
            guard(self.model)

    globals()["Guard"] = Guard
    return Guard
