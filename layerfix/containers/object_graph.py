"""Variable names in object-based TensorFlow checkpoints (tf.keras `save_weights`, SavedModel).

Their keys follow attributes ("layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE"); the names that variables had are in a
TrackableObjectGraph (tensorflow/core/protobuf/trackable_object_graph.proto), stored as a text tensor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from layerfix.containers.protobuf import fields, varint

KEY = b"_CHECKPOINTABLE_OBJECT_GRAPH"
NODES, CHILDREN, ATTRIBUTES, SLOTS = 1, 1, 2, 3
FULL_NAME, CHECKPOINT_KEY = 2, 3
CHECKSUM = 4
MAX_NODES = 2_000_000


@dataclass(frozen=True, slots=True)
class Node:
    """One object of a checkpoint.

    Attributes:
        children: number of the object held under each name, in the order in which they were tracked.
        keys: where its values are stored, by attribute: "VARIABLE_VALUE", or a table's name.
        name: the variable's name, "conv2d/kernel"; "" for what is no variable.
        slots: (variable's node, "m", the slot's node) for each value that an optimizer keeps for a variable.
    """

    children: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    slots: tuple[tuple[int, str, int], ...] = ()

    @property
    def value(self) -> str | None:
        """The key of a variable's value, or None for what is no variable."""
        return self.keys.get("VARIABLE_VALUE")


def full_names(tensor: bytes) -> dict[str, str]:
    """Checkpoint key -> variable name, where the graph has one that no other variable shares.

    Args:
        tensor: the raw bytes of the text tensor: a length, a checksum of lengths, the text.

    Raises:
        ValueError: where the bytes are damaged.
    """
    named = dict(_named(_graph(tensor)))
    counts = Counter(named.values())
    return {key: name for key, name in named.items() if name and counts[name] == 1}


def read_nodes(tensor: bytes) -> tuple[Node, ...]:
    """Every object of a checkpoint; the first is the one that was saved.

    Args:
        tensor: as for `full_names`.

    Raises:
        ValueError: where the bytes are damaged.
    """
    nodes = tuple(_node(raw) for raw in _messages(_graph(tensor), NODES))
    if not nodes or len(nodes) > MAX_NODES:
        raise ValueError(f"its object graph has {len(nodes)} objects")
    numbers = (
        number for node in nodes for number in (*node.children.values(), *(one for slot in node.slots for one in (slot[0], slot[2])))
    )
    if max(numbers, default=0) >= len(nodes):
        raise ValueError("its object graph names an object that it does not hold")
    return nodes


def _node(raw: bytes) -> Node:
    children, keys, name, slots = {}, {}, "", []
    for number, value in fields(raw):
        parts = dict(fields(value)) if isinstance(value, bytes) and number in (CHILDREN, ATTRIBUTES, SLOTS) else {}
        if number == CHILDREN:
            children[_text(parts.get(2))] = _whole(parts.get(1))
        elif number == ATTRIBUTES:
            keys[_text(parts.get(1))] = _text(parts.get(CHECKPOINT_KEY))
            name = _text(parts.get(FULL_NAME)) or name
        elif number == SLOTS:
            slots.append((_whole(parts.get(1)), _text(parts.get(2)), _whole(parts.get(3))))
    return Node(children, keys, name, tuple(slots))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _graph(tensor: bytes) -> bytes:
    length, at = varint(tensor, 0)
    graph = tensor[at + CHECKSUM : at + CHECKSUM + length]
    if len(graph) < length:
        raise ValueError("the object graph is cut off")
    return graph


def _named(graph: bytes) -> Iterator[tuple[str, str]]:
    for node in _messages(graph, NODES):
        for attribute in _messages(node, ATTRIBUTES):
            parts = {number: value.decode("utf-8", "replace") for number, value in fields(attribute) if isinstance(value, bytes)}
            if CHECKPOINT_KEY in parts:
                yield parts[CHECKPOINT_KEY], parts.get(FULL_NAME, "")


def _messages(data: bytes, wanted: int) -> Iterator[bytes]:
    return (value for number, value in fields(data) if number == wanted and isinstance(value, bytes))
