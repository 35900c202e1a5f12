"""What an architecture means in today's terms: layers, calls, tensors. It speaks no container's words, and holds no Keras objects.

`dialects/` gives it, whatever generation of Keras wrote the file; what builds, fills, compiles and checks a model takes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Argument = Any
"""A constant of a call, a `Tensor`, or a list, tuple or dict of arguments."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Output number `place` of call number `call` of a layer; calls of every layer are counted from 0."""

    layer: str
    call: int
    place: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a layer.

    Attributes:
        args: positional arguments; Keras 2 states one, the layer's inputs: a tensor, a list or a dict of tensors.
        kwargs: the others.
        complete: whether they are all that the layer was given, masks among them, as Keras 3 states them.
    """

    args: tuple[Argument, ...]
    kwargs: Mapping[str, Argument] = field(default_factory=dict)
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Relay:
    """How the stored arrays of a legacy layer become the weights of what stands for it today.

    Attributes:
        name: of the function in `layerfix.dialects.relay`.
        count: how many arrays the legacy layer stored.
        untrained: how many of them, the last ones, it never trained.
        flip: whether Theano convolved with its kernel.
        channels_first: whether its kernel is (filters, channels, space...).
        length: of a one-dimensional kernel, where the config states it.
        size, strides: of its patches.
        dense_matrix: whether each place's kernel stands in a matrix from all inputs to all outputs.
        data_init: whether the layer would set its scale by the first data that it sees.
        scale: whether it stored a gamma.
        epsilon: that was added to a stored deviation.
    """

    name: str
    count: int
    untrained: int = 0
    flip: bool = False
    channels_first: bool = False
    length: int | None = None
    size: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    dense_matrix: bool = False
    data_init: bool = False
    scale: bool = True
    epsilon: float = 0.0


@dataclass(frozen=True, slots=True)
class Operation:
    """One of `keras.ops`, or of the few beside them, that a rule put in the place of a legacy function.

    Attributes:
        function: its name, "nn.relu".
        arguments: fixed ones.
        reversed: whether a constant `x1` comes before the tensor.
    """

    function: str
    arguments: Mapping[str, Any]
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class StatedOperation:
    """An operation of Keras 3 by its class, as a file states it.

    Attributes:
        class_name: "Cumsum".
        module: the part of `keras.src.ops` that holds the class, "numpy".
        settings: arguments of its constructor, serialized as Keras does.
    """

    class_name: str
    module: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """What a Lambda computes, as read from its bytecode.

    Attributes:
        table: as `layerfix.bytecode.tree.decoded` takes it.
        tensorflow: the generation whose functions it calls, 1 or 2; None where the file does not tell.
    """

    table: Any
    tensorflow: int | None


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a Lambda's code was not read, one clause."""

    reason: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, a nested model or an operation of a graph.

    Attributes:
        class_name: of today's Keras, or of the user's; without a registration package.
        name: unique in its model.
        settings: constructor arguments in today's words, the layers among them (`wrapped`, `cells`) left out; a custom layer's are its own.
        calls: in a functional model.
        custom: whether its class is the user's.
        model: the nested model that it is, or that was composed in its place.
        wrapped: layers that it wraps, by argument: "layer", "backward_layer", "cell".
        cells: of a StackedRNNCells.
        operation: what it computes, where it is no layer.
        legacy_name: its name in the file, where today's is another.
        relay: how its stored weights change; None where they are stored as today's.
        composed: whether `model` stands for what was one layer, with that layer's stored weights.
        mask_lost: whether legacy Keras handed on no mask behind it.
        unmasked: whether legacy Keras took no notice of its inputs' masks.
        channels: for an EinsumDense that scales channels, their axis; its equation is settled when the rank is known.
        expression: of a Lambda, or why there is none.
        masked: what stands for it, in place of `model`, where a mask reaches it.
        recursion: for a SimpleRNN, what it computes at each step, by its name in `layerfix.graph.recursions`.
    """

    class_name: str
    name: str
    settings: Mapping[str, Any]
    calls: tuple[Call, ...] = ()
    custom: bool = False
    model: Model | None = None
    wrapped: Mapping[str, Layer] = field(default_factory=dict)
    cells: tuple[Layer, ...] = ()
    operation: Operation | StatedOperation | None = None
    legacy_name: str | None = None
    relay: Relay | None = None
    composed: bool = False
    mask_lost: bool = False
    unmasked: bool = False
    channels: int | None = None
    expression: Expression | Unread | None = None
    masked: Masked | None = None
    recursion: str | None = None

    @property
    def stored_name(self) -> str:
        """Its name in the file."""
        return self.legacy_name or self.name

    @property
    def computes(self) -> Expression | None:
        """What a Lambda computes, where that was read."""
        return self.expression if isinstance(self.expression, Expression) else None

    @property
    def is_input(self) -> bool:
        return self.class_name == "InputLayer"

    @property
    def takes_weights(self) -> bool:
        """Whether it can have any: inputs and operations have none."""
        return not self.is_input and self.operation is None


@dataclass(frozen=True, slots=True)
class Masked:
    """A model that was composed for a layer with a mask.

    Attributes:
        model: of two inputs, of which the mask is the second.
        passes: whether the layer hands the mask on with its first output.
    """

    model: Model
    passes: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A model: a chain of layers, or a graph of their calls.

    Attributes:
        kind: which of the two.
        name: its own.
        layers: in the file's order, the inputs among them.
        inputs, outputs: of a graph: a `Tensor`, or a list or dict of them.
    """

    kind: Literal["Sequential", "Functional"]
    name: str
    layers: tuple[Layer, ...]
    inputs: Argument = ()
    outputs: Argument = ()

    @property
    def weighted(self) -> tuple[Layer, ...]:
        """The layers that can have weights."""
        return tuple(layer for layer in self.layers if layer.takes_weights)

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises KeyError where there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)


def tensors(argument: Argument) -> Iterator[Tensor]:
    """Every tensor in an argument, in order."""
    if isinstance(argument, Tensor):
        yield argument
    elif isinstance(argument, Mapping):
        for item in argument.values():
            yield from tensors(item)
    elif isinstance(argument, list | tuple):
        for item in argument:
            yield from tensors(item)
