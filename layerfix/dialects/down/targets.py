"""The older Kerases that a model can be brought to, by the names that people know them by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from layerfix.errors import UsageError

Dialect = Literal["keras2", "tf_keras", "keras3", "tfjs"]

_NAMES = "tf2.4 to tf2.15, keras2.2.4, keras2.3.1, keras3.0 to keras3.14, tfjs"


@dataclass(frozen=True, slots=True)
class Target:
    """An older Keras.

    Attributes:
        name: as the user says it, "tf2.10".
        dialect: "keras2" (multi-backend), "tf_keras", "keras3" or "tfjs".
        numbers: its release, (2, 10); of TensorFlow.js (0, 0).
        keras_version: what its files state.
        table: the release of `legacy.arguments` whose classes it is taken to have.
    """

    name: str
    dialect: Dialect
    numbers: tuple[int, int]
    keras_version: str
    table: str

    @property
    def suffix(self) -> str:
        """What its files are called: ".json" is TensorFlow.js' model.json."""
        return {"keras3": ".keras", "tfjs": ".json"}.get(self.dialect, ".h5")

    @property
    def has_archives(self) -> bool:
        """Whether it is a tf.keras that reads `.keras` archives as today's Keras does, for their greater part."""
        return self.dialect == "tf_keras" and self.numbers >= (2, 13)

    @property
    def is_early(self) -> bool:
        """Whether its optimizers are those of before Keras 2.11."""
        return self.dialect == "keras2" or (self.dialect == "tf_keras" and self.numbers < (2, 11))


def target_of(name: str) -> Target:
    """The target that a name means.

    Raises:
        UsageError: where there is none of that name.
    """
    wanted = name.strip().lower()
    stated = re.fullmatch(r"(tf|tensorflow|keras)-?(\d+)\.(\d+)(?:\.(\d+))?", wanted)
    if wanted == "tfjs":
        return Target("tfjs", "tfjs", (0, 0), "2.4.0", "tf2.4")
    if stated is not None:
        family, major, minor, patch = stated[1], int(stated[2]), int(stated[3]), int(stated[4] or 0)
        if family != "keras" and major == 2 and 4 <= minor <= 15:
            return _tf_keras(wanted, minor)
        if family == "keras" and (major, minor, patch) in {(2, 2, 4), (2, 3, 0), (2, 3, 1)}:
            return Target(wanted, "keras2", (major, minor), f"{major}.{minor}.{patch}", "keras2.2.4")
        if family == "keras" and major == 3 and minor < 15:
            table = "keras3.9" if minor >= 9 else "keras3.3" if minor >= 3 else "keras3.0"
            return Target(wanted, "keras3", (3, minor), f"3.{minor}.{patch}", table)
    raise UsageError(f"--for {name} is no Keras that a model can be brought to.", hint=f"There are {_NAMES}.")


def _tf_keras(name: str, minor: int) -> Target:
    table = "tf2.13" if minor >= 13 else "tf2.10" if minor >= 10 else "tf2.4"
    return Target(name, "tf_keras", (2, minor), f"2.{minor}.0", table)
