"""The objects below a live layer that Keras saves with variables of their own, in the order and under the places that a release gives them.

Keras saves an object's own variables as `vars/0`, `vars/1`, ... in the order of `_trainable_variables + _non_trainable_variables` (keras
2.13 to 3.15, base layer, `save_own_variables`), and descends into its attributes by their names, into lists by class and count
(saving/saving_lib.py, `_walk_saveable`, `_save_container_state`). The order in which attributes are visited decides under which of two
names a shared object is saved: ascending before 2.15, descending in 2.15, private ones last in Keras 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import keras
from keras.src.saving.keras_saveable import KerasSaveable

from layerfix.containers.groups import CONTAINERS, snake_case

Saved: TypeAlias = keras.Layer | keras.random.SeedGenerator
"""What has variables of its own."""
_OF_TRACING = frozenset({"events", "memory", "adopted", "tracked", "given_layer"})


def own_variables(item: Saved) -> list[keras.Variable]:
    """The variables that Keras saves for an object itself."""
    if isinstance(item, keras.Layer):
        return [*item._trainable_variables, *item._non_trainable_variables]
    return [item.state] if is_seed(item) else []


def is_seed(item: object) -> bool:
    return isinstance(item, keras.random.SeedGenerator)


def saved_objects(item: object, place: str, places: set[str], version: str) -> Iterator[tuple[Saved, str | None]]:
    """Every object below a live layer that has variables of its own, with its place in the file; None where it has none there."""
    seen: set[int] = set()
    found = list(_visit(item, place, places, version, seen))
    yield from found
    known = {id(one) for one, _ in found}
    if isinstance(item, keras.Layer):
        yield from ((one, None) for one in item._flatten_layers() if id(one) not in known and own_variables(one))


def _visit(item: object, place: str, places: set[str], version: str, seen: set[int]) -> Iterator[tuple[Saved, str]]:
    seen.add(id(item))
    if own_variables(item):
        yield item, place
    for name, child in _attributes(item, version):
        if isinstance(child, KerasSaveable):
            if id(child) not in seen:
                yield from _child(child, [f"{place}{name}/", f"{place}_{name}/"], places, version, seen)
        elif isinstance(child, list | tuple | dict):
            yield from _container(child, f"{place}{name}/", places, version, seen)


def _child(child: object, named: Sequence[str], places: set[str], version: str, seen: set[int]) -> Iterator[tuple[Saved, str]]:
    """The first of these names that the file has something under (Keras 3 says `query_dense` for what was `_query_dense`)."""
    place = next((name for name in named if any(path.startswith(name) for path in places)), None)
    if place is not None:
        yield from _visit(child, place, places, version, seen)


def _container(items: Any, place: str, places: set[str], version: str, seen: set[int]) -> Iterator[tuple[Saved, str]]:
    counts: Counter[str] = Counter()
    twice = place.endswith(f"{CONTAINERS[1]}/") and not version.startswith("2.14")
    for child in items.values() if isinstance(items, dict) else items:
        saved = id(child) in seen
        if isinstance(child, list | tuple | dict):
            name = "container"
        elif isinstance(child, KerasSaveable) and not (saved and version.startswith(("2.14", "2.15"))):
            name = snake_case(_class_name(child))
        else:
            continue
        numbered = f"{place}{name}_{counts[name]}/" if counts[name] else f"{place}{name}/"
        counts[name] += 2 if twice and child.weights else 1
        if name == "container" and not isinstance(child, KerasSaveable):
            yield from _container(child, numbered, places, version, seen)
        elif not saved:
            yield from _child(child, [numbered], places, version, seen)


def _class_name(item: object) -> str:
    """As the file knows the class: layers that user code makes are traced ones of another class."""
    return str(getattr(item, "legacy_class", None) or type(item).__name__)


def _attributes(item: object, version: str) -> list[tuple[str, Any]]:
    """An object's attributes in the order in which its release visits them, those of Keras' own base classes left out."""
    listed = sorted({*dir(item), *vars(item)})  # a traced layer lists none of its own
    names = [name for name in listed if not name.startswith("__") and name not in _skipped(item)]
    if version.startswith("2.15"):
        names = sorted(names, reverse=True)
    elif not version.startswith("2."):
        names = sorted(names, key=lambda name: f"~{name}" if name.startswith("_") else name)
    found = [(name, item.layers) for name in CONTAINERS] if isinstance(item, keras.Model) else []
    return found + [(name, value) for name in names if (value := _attribute(item, name)) is not None]


def _attribute(item: object, name: str) -> Any:
    try:
        return getattr(item, name)
    except Exception:  # a property may raise anything
        return None


def _skipped(item: object) -> frozenset[str]:
    kind = keras.Sequential if isinstance(item, keras.Sequential) else keras.Model if isinstance(item, keras.Model) else keras.Layer
    if kind not in _OF_BASE:
        reference = kind()
        _OF_BASE[kind] = frozenset({*dir(reference), *vars(reference)}) | _OF_TRACING
    return _OF_BASE[kind]


_OF_BASE: dict[Any, frozenset[str]] = {}
