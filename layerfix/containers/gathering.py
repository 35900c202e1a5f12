"""The records of a TensorFlow checkpoint under construction: weights by owner, and an optimizer's state as `.h5` files name it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from layerfix.containers.object_layers import listed
from layerfix.containers.objects import Objects, reachable
from layerfix.containers.records import OptimizerEntry, Place, WeightEntry, WeightKey
from layerfix.legacy.packages import plain_class

OPTIMIZER = "optimizer_weights"


class Gathering:
    """The records of a checkpoint under construction: weights by owner with their places, names unique in each owner."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.places: dict[WeightKey, Place] = {}

    def weights(self, owner: str, found: Sequence[tuple[str, str]]) -> tuple[WeightEntry, ...]:
        """The records of variables given as (name, key); text is left out."""
        entries, taken = [], set()
        for name, key in found:
            place = self._objects.place(key)
            if place is None:
                continue
            own, count = f"{name}:0", 0
            while own in taken:
                count += 1
                own = f"{name}_{count}:0"
            taken.add(own)
            self.places[owner, own] = place
            entries.append(WeightEntry(owner, own, place.shape, place.read_as))
        return tuple(entries)

    def variables(self, owner: str, numbers: Sequence[int], inside: Mapping[int, str] | None = None) -> tuple[WeightEntry, ...]:
        """The records of variables given as objects.

        Args:
            owner: their owner.
            numbers: of the objects, in order.
            inside: the layer below the owner that holds each, "base/dense". Models inside of models may have layers of equal names: where
                they do, the names of variables bear all of it.
        """
        nodes = self._objects.nodes
        keyed = [(number, nodes[number].value) for number in numbers]
        named = [(number, nodes[number].name or _attribute(key), key) for number, key in keyed if key]
        places = set((inside or {}).values())
        if inside and len({place.rpartition("/")[2] for place in places}) < len(places):
            return self.weights(owner, [(_below(inside[number], name) if number in inside else name, key) for number, name, key in named])
        return self.weights(owner, [(name, key) for _, name, key in named])

    def optimizer(self, number: int, trained: Sequence[int], training: Mapping[str, object] | None) -> OptimizerEntry | None:
        """The state of an optimizer, named as `.h5` files name it: "Adam/iter:0", "Adam/dense/kernel/m:0"."""
        stated = (training or {}).get("optimizer_config")
        stated = stated if isinstance(stated, Mapping) else {}
        class_name = str(stated["class_name"]) if "class_name" in stated else None
        config = stated.get("config")
        found = list(self._slots(number, plain_class(class_name or "optimizer"), trained))
        return OptimizerEntry(class_name, config if isinstance(config, Mapping) else {}, self.weights(OPTIMIZER, found))

    def _slots(self, number: int, name: str, trained: Sequence[int]) -> Iterator[tuple[str, str]]:
        nodes = self._objects.nodes
        inner = [one for one, path in reachable(nodes, number) if not path.startswith("_variables/")]
        for one in inner:
            children = nodes[one].children
            # Keras 2.11 and later list what they hold; before, an optimizer knew its slots by the
            # variable that they belong to.
            if "_variables" in children:
                numbers = listed(nodes, children["_variables"])
                yield from (
                    (nodes[slot].name, key) for slot in numbers if (key := nodes[slot].value) and nodes[slot].name != "learning_rate"
                )
                return
            if "iter" in children and (key := nodes[children["iter"]].value):
                yield f"{name}/iter", key
            slots = {(original, kind): slot for original, kind, slot in nodes[one].slots}
            for kind in dict.fromkeys(kind for _, kind, _ in nodes[one].slots):
                for original in trained:
                    slot = slots.get((original, kind))
                    if slot is not None and (key := nodes[slot].value):
                        yield f"{name}/{nodes[original].name}/{kind}", key


def _below(layer: str, name: str) -> str:
    """A variable's name with all the layers around it: "base/dense/kernel" of "dense/kernel" or "dense_1/kernel"."""
    first, _, rest = name.partition("/")
    own = layer.rpartition("/")[2]
    return f"{layer}/{rest if re.fullmatch(rf'{re.escape(own)}(_[0-9]+)?', first) and rest else name.rpartition('/')[2]}"


def _attribute(key: str) -> str:
    return key.split("/.ATTRIBUTES/")[0]
