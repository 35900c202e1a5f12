"""Values into variables of the live model. Apart from `loading`, since what measures on a model may be imported without Keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras


def set_value(variable: keras.Variable, value: Any) -> None:
    """Gives one variable a value of its shape, in the variable's own dtype.

    The live model is shared by all that measure on it: whoever sets a value for a while gives the old one back (`kept`, `rebuilt.holding`).
    Nothing sets one but through here, so that all who do are found by this name.
    """
    variable.assign(np.asarray(value, variable.dtype))


def set_values(variables: Sequence[object], values: Sequence[object]) -> None:
    """As `set_value`, one for each."""
    for variable, value in zip(variables, values, strict=True):
        set_value(variable, value)


@contextmanager
def kept(variables: Sequence[object]) -> Iterator[None]:
    """Gives variables back the values that they have now, when the block ends."""
    values = [np.array(variable) for variable in variables]
    try:
        yield
    finally:
        set_values(variables, values)
