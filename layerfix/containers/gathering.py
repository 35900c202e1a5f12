"""The records of a TensorFlow checkpoint under construction: weights by owner, and an optimizer's state as `.h5` files name it."""

from __future__ import annotations

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

    def variables(self, owner: str, numbers: Sequence[int]) -> tuple[WeightEntry, ...]:
        """The records of variables given as objects."""
        nodes = self._objects.nodes
        keyed = [(nodes[number], nodes[number].value) for number in numbers]
        return self.weights(owner, [(node.name or _attribute(key), key) for node, key in keyed if key])

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


def _attribute(key: str) -> str:
    return key.split("/.ATTRIBUTES/")[0]
