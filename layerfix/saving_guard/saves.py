"""Which variables of a model Keras saves, and where in it each one is held."""

from __future__ import annotations

from typing import Any


def saved(model: object) -> set[int]:
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
            store: dict[str, Any] = {}  # a class may save other variables than it tracks: what it writes counts
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


def paths(model: Any) -> dict[int, str]:
    """Where variables are, by `id`: "layer.attribute.attribute"."""
    import keras

    found: dict[int, str] = {}
    seen: set[int] = set()

    def search(value: object, path: str, depth: int) -> None:
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


def _attributes(value: object) -> list[tuple[str, Any]]:
    """The attributes that may hold variables, without Keras' own bookkeeping; its lists of variables last, since a name says more."""
    inner = {"_tracker", "_inbound_nodes", "_outbound_nodes", "_parent_path", "_functional", "_operations"}
    late = {"_trainable_variables", "_non_trainable_variables", "_self_unconditional_dependency_names"}
    return sorted(((name, item) for name, item in vars(value).items() if name not in inner), key=lambda pair: pair[0] in late)
