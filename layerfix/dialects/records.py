"""What the stages of a migration exchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeGuard

from layerfix.errors import GraphError, reason
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import Numbers, release

if TYPE_CHECKING:
    from layerfix.model import Expression, Model, Operation, Relay, StatedOperation, Unread


class Entry(TypedDict, total=False):
    """A layer or model of a config while rules work on it: the file's own words, and what rules note of it.

    Attributes:
        class_name, name, config, inbound_nodes, module, registered_name: as the file states them, and as rules leave them.
        stock: that its class is Keras' own, whatever its arguments.
        in_training: that the model around it is called with `training=True`.
        others: see `layerfix.model.Layer`.
    """

    class_name: str
    name: str
    config: dict[str, Any]
    inbound_nodes: list[Any]
    module: str | None
    registered_name: str | None
    custom: bool
    stock: bool
    composed: bool
    relay: Relay
    operation: Operation | StatedOperation
    expression: Expression | Unread
    mask_lost: bool
    unmasked: bool
    channels: int
    legacy_name: str
    masked: Entry
    mask_passes: bool
    recursion: str
    doubt: str
    in_training: bool


PROVEN_BY_SAMPLES = "--samples with recorded predictions prove it."
"""How most doubts end."""
UNSTATED = "1.0"
"""The version of a config that states none, but speaks in words of Keras 1; a release of Keras 1 that states itself has three numbers."""


@dataclass(frozen=True, slots=True)
class FiredRule:
    """One change that an upgrade made.

    Attributes:
        name: the rule, "node_indices".
        layer: path of the layer or model it changed.
        detail: what it changed, one clause.
        doubt: why the layer may compute otherwise than it did, for a reason that no file tells, one sentence; empty where there is none.
    """

    name: str
    layer: str
    detail: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A legacy architecture in today's terms.

    Attributes:
        model: what it means.
        rules: what fired, in order.
    """

    model: Model
    rules: tuple[FiredRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a config comes from, as far as rules need it.

    Attributes:
        keras_version: as the file says, "2.2.4", "2.2.4-tf", or None.
        backend: "tensorflow", "theano", "cntk" or None.
        custom: class and function names that the user gives.
        tensorflow1: whether TensorFlow 1 wrote it, where the file tells.
        masks: whether any layer makes a mask (Masking, or Embedding with mask_zero).
        orderings: every `dim_ordering` that layers of Keras 1 state ("th", "tf").
    """

    keras_version: str | None
    backend: str | None
    custom: frozenset[str] = field(default_factory=frozenset)
    tensorflow1: bool | None = None
    masks: bool = False
    orderings: frozenset[str] = frozenset()

    @property
    def is_tf_keras(self) -> bool:
        """Whether TensorFlow's own Keras wrote it, or Keras 3, which has its classes."""
        stated = release(self.keras_version)
        return stated is not None and stated.family in ("tf_keras", "keras3")

    @property
    def release(self) -> Numbers:
        """The version as numbers; 2.0 where a file does not say, since Keras 1 and 2.0 alone left it out or were read by hand."""
        stated = release(self.keras_version)
        return stated.numbers if stated is not None else (2, 0, 0)

    @property
    def unstated(self) -> bool:
        """Whether only the words of the config tell that Keras 1 wrote it."""
        return self.keras_version == UNSTATED

    @property
    def is_keras3(self) -> bool:
        return self.release >= (3,)

    @property
    def is_keras1(self) -> bool:
        """Whether Keras 1 wrote it, which says so in a version below 2."""
        stated = release(self.keras_version)
        return stated is not None and stated.family == "keras1"


@contextmanager
def understood(where: str) -> Iterator[None]:
    """What is found in a config where Keras would state something else is a finding about the file, not an error of ours.

    Raises:
        GraphError: in place of what Python raises on it.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        message = f"its config is written as no release of Keras writes it ({reason(error)})."
        raise GraphError(message, where=where, hint="Take another copy of the file.") from error


def is_entry(value: object) -> TypeGuard[Entry]:
    """Whether a value in a config is a layer."""
    return isinstance(value, dict) and "class_name" in value and "config" in value


def layer_class(entry: Mapping[str, object]) -> str:
    """The class of a layer entry without its registration package."""
    return plain_class(entry.get("class_name"))


@dataclass(frozen=True, slots=True)
class FoundLambda:
    """A Lambda layer: code in a file, which is never run nor decoded.

    Attributes:
        layer: its path in the model.
        kind: "code" for marshalled bytecode, "name" for the name of a function.
        digest: SHA-256 of the code as the file encodes it, or of the name.
        size: bytes of it.
        given: whether the user gave a function for it.
    """

    layer: str
    kind: Literal["code", "name"]
    digest: str
    size: int
    given: bool
