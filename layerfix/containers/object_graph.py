"""Variable names in object-based TensorFlow checkpoints (tf.keras `save_weights`, SavedModel).

Their keys follow attributes ("layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE"); the names that variables had are in a
TrackableObjectGraph (tensorflow/core/protobuf/trackable_object_graph.proto), stored as a text tensor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from layerfix.containers.protobuf import fields, varint

KEY = b"_CHECKPOINTABLE_OBJECT_GRAPH"
NODES, ATTRIBUTES, FULL_NAME, CHECKPOINT_KEY = 1, 2, 2, 3
CHECKSUM = 4


def full_names(tensor: bytes) -> dict[str, str]:
    """Checkpoint key -> variable name, where the graph has one that no other variable shares.

    Args:
        tensor: the raw bytes of the text tensor: a length, a checksum of lengths, the text.

    Raises:
        ValueError: where the bytes are damaged.
    """
    length, at = varint(tensor, 0)
    graph = tensor[at + CHECKSUM : at + CHECKSUM + length]
    if len(graph) < length:
        raise ValueError("the object graph is cut off")
    named = dict(_named(graph))
    counts = Counter(named.values())
    return {key: name for key, name in named.items() if name and counts[name] == 1}


def _named(graph: bytes) -> Iterator[tuple[str, str]]:
    for node in _messages(graph, NODES):
        for attribute in _messages(node, ATTRIBUTES):
            parts = {number: value.decode("utf-8", "replace") for number, value in fields(attribute) if isinstance(value, bytes)}
            if CHECKPOINT_KEY in parts:
                yield parts[CHECKPOINT_KEY], parts.get(FULL_NAME, "")


def _messages(data: bytes, wanted: int) -> Iterator[bytes]:
    return (value for number, value in fields(data) if number == wanted and isinstance(value, bytes))
