"""What optimizers keep for each trained weight: their slots, in the order in which files hold them.

Sources: keras 2.0.9 to 2.3.1, optimizers.py (`self.weights`); tensorflow 2.10, keras/optimizers/optimizer_v2; keras 3, optimizers/*.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one optimizer.

    Attributes:
        roles: in the order of a file; each is a tensor of the shape of its weight, for all weights one after the other.
        switched: roles that an argument of the optimizer switches on, by that argument; RMSprop's and Adam's alone have any.
        squares: the role that averages squared gradients, or None.
        today: the attribute of today's optimizer (a list in the order of its trainable variables) for each role.
        in_keras2: whether multi-backend Keras had it, whose files hold one slot of all weights after the other.
    """

    roles: tuple[str, ...]
    switched: Mapping[str, str] = field(default_factory=dict)
    squares: str | None = None
    today: Mapping[str, str] = field(default_factory=dict)
    in_keras2: bool = True

    @property
    def counts(self) -> range:
        """How many slots there may be: those without a switch at least, all of them at most."""
        return range(len(self.always), len(self.roles) + 1)

    @property
    def always(self) -> tuple[str, ...]:
        """The roles that no argument switches off."""
        return tuple(role for role in self.roles if role not in self.switched.values())


_ADAM = {"m": "_momentums", "v": "_velocities", "vhat": "_velocity_hats"}
_TODAY_RMSPROP = {"rms": "_velocities", "momentum": "_momentums", "mg": "_average_gradients"}

OPTIMIZERS: Mapping[str, Slots] = {
    "SGD": Slots(("momentum",), today={"momentum": "momentums"}),
    "RMSprop": Slots(("rms", "momentum", "mg"), {"momentum": "momentum", "centered": "mg"}, "rms", _TODAY_RMSPROP),
    "Adagrad": Slots(("accumulator",), squares="accumulator", today={"accumulator": "_accumulators"}),
    "Adadelta": Slots(
        ("accum_grad", "accum_var"),
        squares="accum_grad",
        today={"accum_grad": "_accumulated_grads", "accum_var": "_accumulated_delta_vars"},
    ),
    "Adam": Slots(("m", "v", "vhat"), {"amsgrad": "vhat"}, "v", _ADAM),
    "AdamW": Slots(("m", "v", "vhat"), {"amsgrad": "vhat"}, "v", _ADAM, in_keras2=False),
    "Adamax": Slots(("m", "v"), today={"m": "_m", "v": "_u"}),
    "Nadam": Slots(("m", "v"), squares="v", today={"m": "_momentums", "v": "_velocities"}),
    "Ftrl": Slots(("accumulator", "linear"), today={"accumulator": "_accumulators", "linear": "_linears"}, in_keras2=False),
    "Lion": Slots(("m",), today={"m": "_momentums"}, in_keras2=False),
}
"""By class. Adamax' second slot is a largest absolute gradient, no average of squares, though files name it `v` too."""

ROLES = frozenset(role for slots in OPTIMIZERS.values() for role in slots.roles)
