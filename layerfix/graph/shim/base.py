"""Legacy `Layer` on today's Keras: accepts what Keras 1.2-2.3 and tf.keras 1.x accepted, and lets itself be traced.

Attributes are plain here, so that a legacy class may hold layers wherever it likes; adoption makes them tracked after the trace.
"""

from __future__ import annotations

from typing import Any

import keras
from keras.src import backend

from layerfix.graph.shim import initial
from layerfix.graph.shim.explain import explained
from layerfix.graph.shim.phases import finish, in_build, in_call, shape_of, source_of, through_call
from layerfix.graph.shim.saving import SavedWhole, constructor_arguments
from layerfix.graph.trace import Event, VariableOrigin, frame, recorder, remembered, scope

LEGACY_ONLY = frozenset(
    {"batch_input_shape", "input_shape", "batch_size", "input_dtype", "input_dim", "input_length", "weights", "create_input_layer"}
)


class Recording(type(keras.layers.Layer)):  # type: ignore[misc]
    """Metaclass of every layer class that user code sees: remembers what `call` makes, and puts `__init__` into its phase."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        """A stock class that user source derives from gives way to one that is traced."""
        traced = any(getattr(base, "traced", None) is not None for base in bases)
        bases = tuple(base if traced or "derived" not in vars(base) else vars(base)["derived"]() for base in bases)
        return super().__new__(mcs, name, bases, namespace, **kwargs)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return remembered(lambda: cls._made(args, kwargs), keras.layers.Layer)

    def _made(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        layer: keras.layers.Layer = cls.__new__(cls, *args, **kwargs)
        if not isinstance(layer, LegacyLayer):
            cls.__init__(layer, *args, **kwargs)  # type: ignore[misc]
            return layer
        with explained(layer, "__init__", source_of(cls.__init__)), frame(layer, "init"):  # type: ignore[misc]
            object.__setattr__(layer, "arguments", constructor_arguments(cls, args, kwargs))
            cls.__init__(layer, *args, **kwargs)  # type: ignore[misc]
        return layer


class LegacyLayer(SavedWhole, metaclass=Recording):
    """Base class that legacy source gets for `Layer`.

    Attributes:
        events: what the trace saw; complete once `traced` is set.
        memory: layers and variables made in `call`, in order.
        tracked: the variables that legacy Keras knew of, and saved.
    """

    events: list[Event]
    memory: list[keras.Layer | keras.Variable]
    traced: bool = False
    built: bool
    tracked: list[keras.Variable]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls, *args, **kwargs)
        for name, value in (("events", []), ("memory", []), ("traced", False), ("_trainable_weights", []), ("_non_trainable_weights", [])):
            object.__setattr__(layer, name, value)
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, wrap in (("build", in_build), ("call", in_call), ("compute_output_shape", through_call)):
            if name in cls.__dict__:
                setattr(cls, name, wrap(cls.__dict__[name]))

    def __init__(self, **kwargs: Any) -> None:
        explicit = kwargs.get("name")
        rest = {key: value for key, value in kwargs.items() if key not in LEGACY_ONLY}
        super().__init__(**rest)
        self._allow_non_tensor_positional_args = True
        self._supports_masking = False  # legacy layers said so themselves, in `__init__`
        recorder.emit("made", self, explicit)

    def __setattr__(self, name: str, value: Any) -> None:
        if self.__dict__.get(name) is not value:  # a layer that takes another's place stands behind all that were set before it
            self.__dict__.pop(name, None)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)

    def _lock_state(self) -> None:
        """Legacy layers may make weights at any time."""

    def _maybe_build(self, call_spec: Any) -> None:
        if not self.built:
            first = call_spec.first_arg
            self.build(shape_of(first))
            self.built = True

    def build(self, input_shape: object) -> None:
        self.built = True

    def __call__(self, inputs: object, *args: Any, **kwargs: Any) -> Any:
        if recorder.frames:
            with scope(self):
                return super().__call__(inputs, *args, **kwargs)
        with frame(self, "build"), scope(self):
            outputs = super().__call__(inputs, *args, **kwargs)
        finish(self)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """By running `call` (the legacy `compute_output_shape` makes no weights)."""
        return backend.compute_output_spec(self.call, *args, **kwargs)

    def compute_mask(self, inputs: object, mask: object = None) -> Any:
        return mask

    def add_weight(self, *args: Any, **kwargs: Any) -> Any:
        """`add_weight(name, shape, ...)` of Keras 2, `add_weight(shape, initializer, name=...)` of Keras 1."""
        return remembered(lambda: self._new_weight(*args, **kwargs), keras.Variable)

    add_variable = add_weight

    def _new_weight(self, *args: Any, **kwargs: Any) -> Any:
        keras_1 = bool(args) and not isinstance(args[0], str) and args[0] is not None
        names: tuple[str, ...] = ("shape", "initializer", "name") if keras_1 else ("name", "shape", "dtype", "initializer")
        names += ("regularizer", "trainable", "constraint")
        given = dict(zip(names, args, strict=False)) | kwargs
        trainable = given.get("trainable", True) is not False
        initializer = given.get("initializer")
        initializer = "glorot_uniform" if initializer is None else initializer
        name = given.get("name") or "Variable"
        variable = initial.variable(
            initializer,
            tuple(int(size) for size in given.get("shape") or ()),
            given.get("dtype") or "float32",
            trainable=trainable,
            name=name,
        )
        variable.regularizer = keras.regularizers.get(given.get("regularizer"))
        variable.constraint = keras.constraints.get(given.get("constraint"))
        (self._trainable_weights if trainable else self._non_trainable_weights).append(variable)
        config, draws = initial.legacy_config(initializer), 0
        if config is None:
            config, draws = initial.scaled(initial.today(initializer), tuple(variable.shape))
        # A function of the user's own drew by the backend: each time a number of numpy's generator,
        # before whatever is drawn later.
        for _ in range(0 if config else draws):
            recorder.emit("draw", {"class_name": "RandomUniform", "config": {"seed": None}}, object())
        recorder.emit("variable", variable, VariableOrigin(name, config, None, trainable, self))
        return variable

    def add_update(self, updates: object, inputs: object = None) -> None:
        """Legacy updates ran in training only; what they moved no longer holds its first value."""
        for update in updates if isinstance(updates, list | tuple) else [updates]:
            if isinstance(update, keras.Variable):
                recorder.emit("moved", update)

    @property
    def updates(self) -> list[keras.Variable]:
        """What a layer around this one hands on: each update was noted when it was made."""
        return []

    def get_updates_for(self, inputs: object) -> list[keras.Variable]:
        """As `updates`."""
        return []

    def add_loss(self, losses: object, inputs: object = None) -> None:
        for loss in losses if isinstance(losses, list | tuple) else [losses]:
            if loss is not None and not callable(loss):
                super().add_loss(loss)

    def _legacy_weights(self, *, trainable: bool) -> list[keras.Variable]:
        """The list that legacy source extends by hand."""
        weights: list[keras.Variable] = self._trainable_weights if trainable else self._non_trainable_weights
        return weights

    @property
    def trainable_weights(self) -> list[keras.Variable]:
        return super().trainable_weights if self.traced else self._legacy_weights(trainable=True)

    @trainable_weights.setter
    def trainable_weights(self, weights: list[keras.Variable]) -> None:
        self._trainable_weights = list(weights)

    @property
    def non_trainable_weights(self) -> list[keras.Variable]:
        return super().non_trainable_weights if self.traced else self._legacy_weights(trainable=False)

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[keras.Variable]) -> None:
        self._non_trainable_weights = list(weights)
