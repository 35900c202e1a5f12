"""One value into one variable of the live model. Apart from `loading`, since what measures on a model may be imported without Keras."""

from __future__ import annotations

from typing import Any

import numpy as np


def set_value(variable: Any, value: Any) -> None:
    """Gives one variable a value of its shape, in the variable's own dtype.

    The live model is shared by all that measure on it: whoever sets a value for a while gives the old one back (`rebuilt.holding`).
    Nothing sets one but through here, so that all who do are found by this name.
    """
    variable.assign(np.asarray(value, variable.dtype))
