"""Prevention in running Keras code: does a forward pass read variables that the model neither tracks nor saves? TensorFlow backend."""

from __future__ import annotations

from typing import Any

from layerfix.errors import LayerfixError


class UntrackedWeightsError(LayerfixError):
    """The model reads variables that a save would lose."""


def guard(model: Any) -> None:
    """Trace one forward pass of a built model and compare what it reads with what the model tracks and saves. TensorFlow backend only.

    Args:
        model: functional, Sequential or subclassed; built.

    Raises:
        UntrackedWeightsError: naming each stray variable and the attribute path that holds it.
        LayerfixError: for another backend than TensorFlow, or a model that is not built.
    """
    saved = _saved(model)
    read, made = _trace(model)
    held = _paths(model)
    stray = [held.get(id(variable), str(variable.name)) for variable in read if id(variable) not in saved]
    stray += [f"{path} (made in `call`)" for path in made]
    if stray:
        raise UntrackedWeightsError(
            f"a forward pass reads {len(stray)} variables that a save would lose: {', '.join(stray)}.",
            where=str(model.name),
            hint="Hold their layers in attributes of the layer that uses them, made in `__init__` or `build`, under names of your own.",
        )


assert_all_weights_tracked = guard


def _trace(model: Any) -> tuple[list[Any], list[str]]:
    """The TensorFlow variables that a traced forward pass captures, each once, and the paths of those that it makes anew."""
    import keras
    import tensorflow as tf
    from keras.src.backend.common.name_scope import current_path

    if keras.backend.backend() != "tensorflow":
        raise LayerfixError(f"guard works with the TensorFlow backend, not with {keras.backend.backend()}.", where=str(model.name))
    made: list[str] = []

    def creator(create: Any, **settings: Any) -> Any:
        made.append("/".join(filter(None, (current_path(), str(settings.get("name") or "variable")))))
        return create(**settings)

    function = tf.function(lambda inputs: model(inputs, training=False))
    specs = _input_specs(model)
    try:
        with tf.variable_creator_scope(creator):
            graph = function.get_concrete_function(specs).graph
    except Exception:
        if not made:
            raise
        return [], sorted(set(made))
    return list({id(variable): variable for variable in graph.variables}.values()), sorted(set(made))


def _input_specs(model: Any) -> Any:
    """What the model takes: a functional model says so, a subclassed one knows the shapes that it was built for."""
    import tensorflow as tf

    if getattr(model, "inputs", None):
        structure = getattr(model, "_inputs_struct", model.inputs[0])  # a Sequential has one input
        return tf.nest.map_structure(lambda x: tf.TensorSpec(x.shape, x.dtype), structure)
    shape = _built_for(model)
    if shape is None:
        raise LayerfixError("it is not built, or not for one input.", where=str(model.name), hint="Call it once on a batch, then guard it.")
    return tf.TensorSpec((None, *shape[1:]), model.input_dtype)


def _built_for(model: Any) -> Any:
    return (model.get_build_config() or {}).get("input_shape") if model.built else None


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
        """Runs `guard` once: before training starts, or after the first batch of a subclassed model that nobody has called yet."""

        waiting = True

        def on_train_begin(self, logs: Any = None) -> None:
            self.waiting = not getattr(self.model, "inputs", None) and _built_for(self.model) is None
            if not self.waiting:
                guard(self.model)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.waiting:
                self.waiting = False
                guard(self.model)

    globals()["Guard"] = Guard
    return Guard
