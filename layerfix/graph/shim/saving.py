"""How a legacy layer goes into a `.keras` archive: as the emitted classes read it (emit/runtime/), all weights in one flat store."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras

NOT_ARGUMENTS = frozenset(
    {"name", "trainable", "dtype", "input_shape", "batch_input_shape", "input_dim", "input_dtype", "batch_size", "weights"}
)


class SavedWhole(keras.layers.Layer):
    """Mixed into the legacy `Layer`.

    Attributes:
        events: the trace.
        arguments: what the constructor was given, defaults included, as far as a config can hold it.
    """

    events: list[Any]
    arguments: dict[str, Any]

    def own_variables(self) -> list[Any]:
        """Weights that no event of the trace tells of one by one: those of a stock class that this one derives from."""
        return []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "get_config" in cls.__dict__:
            cls.get_config = _whole(cls.get_config)  # type: ignore[method-assign]

    def __dir__(self) -> list[str]:
        """Without what the class holds: saving walks through the attributes, and `save_own_variables` saves all of it already."""
        return [name for name in super().__dir__() if name not in vars(self) or name in {"state_size", "output_size"}]

    def _saved_variables(self) -> list[Any]:
        """Own weights, those of custom layers inside among them, then those of stock sublayers, each in the order they were made."""
        own = [variable for event in self.events for variable in _made_by(event)]
        inner = [event.subject for event in self.events if event.kind == "made" and not isinstance(event.subject, SavedWhole)]
        found = own + [weight for sublayer in inner for weight in sublayer.weights]
        return list({id(variable): variable for variable in found}.values())

    def save_own_variables(self, store: Any) -> None:
        for index, variable in enumerate(self._saved_variables()):
            store[str(index)] = variable

    def load_own_variables(self, store: Any) -> None:
        variables = self._saved_variables()
        if len(store.keys()) != len(variables):
            raise ValueError(f"{self.name} has {len(variables)} variables, the file holds {len(store.keys())} of it")
        for index, variable in enumerate(variables):
            variable.assign(store[str(index)])

    def get_config(self) -> dict[str, Any]:
        return {**self.arguments, "name": self.name, "trainable": self.trainable}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _made_by(event: Any) -> list[Any]:
    """The weights that an event of a custom layer brings: its own, or those of the stock class that it derives from."""
    if event.kind == "weights" and isinstance(event.subject, SavedWhole):
        return event.subject.own_variables()
    return [event.subject] if event.kind == "variable" else []


def constructor_arguments(cls: type, args: tuple[object, ...], kwargs: Mapping[str, object]) -> dict[str, Any]:
    """The arguments of a call by name, defaults included, without what every layer takes and what no config can hold."""
    signature = inspect.signature(cls.__init__)  # type: ignore[misc]
    bound = signature.bind(None, *args, **kwargs)
    bound.apply_defaults()
    found: dict[str, Any] = {}
    for name, parameter in list(signature.parameters.items())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            found |= bound.arguments[name]
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            found[name] = bound.arguments[name]
    return {name: value for name, value in found.items() if name not in NOT_ARGUMENTS and _is_plain(value)}


def _whole(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def get_config(self: SavedWhole) -> dict[str, Any]:
        return {**self.arguments, **method(self)}

    return get_config


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, bool | int | float | str)
