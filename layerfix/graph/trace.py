"""What happens inside a custom layer while it is made, built and called, as an ordered list of events.

Legacy Keras numbered layers when they were made and drew random numbers when their weights were made; both follow from this list.
Nothing is named here: `naming` replays the events once the names in the file are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import keras
import numpy as np

from layerfix.errors import LayersError

Phase = Literal["init", "build", "call"]
EventKind = Literal["made", "enter", "exit", "weights", "called", "variable", "draw", "numpy", "stated", "moved"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        kind: a layer was "made"; its call was entered or left ("enter", "exit": TensorFlow's name scopes); a stock layer made its
            "weights" or was "called"; a bare "variable" was made; a random number was drawn outside of any layer ("draw"), or by
            `np.random` in the layer's own code ("numpy"); the class gave a variable a value after its initializer did ("stated"), or
            updates it while it trains ("moved").
        subject: the layer or variable concerned, or the name of the drawing function.
        phase: what the innermost custom layer was doing.
        detail: for "made" the explicit name or None, for "variable" its `VariableOrigin`, for "numpy" its `NumpyCall`, for
            "stated" the value.
    """

    kind: EventKind
    subject: Any
    phase: Phase
    detail: Any = None


@dataclass(frozen=True, slots=True)
class VariableOrigin:
    """Where a variable came from: its legacy name, initializer (legacy form), fixed value, the custom layer that tracked it, or
    None, and the token of the draw that filled it where that happened before."""

    name: str
    initializer: Any
    value: Any
    trainable: bool
    tracked_by: Any
    token: Any = None


@dataclass(slots=True)
class Frame:
    """A custom layer at work. In "call", what is made is remembered and handed out again at the next call."""

    owner: Any
    phase: Phase
    cursor: int = 0


@dataclass(slots=True)
class Recorder:
    """The events of the outermost custom layer at work, and the layers at work inside it."""

    events: list[Event] | None = None
    frames: list[Frame] = field(default_factory=list)
    muted: int = 0
    numpy_position: Any = None

    def numpy_moved(self) -> bool:
        """Whether anything was drawn from numpy's global generator since the last time this was asked."""
        state = np.random.get_state()
        now = (state[2], state[1][:4].tobytes())  # the position alone comes round again after 624 numbers
        before, self.numpy_position = self.numpy_position, now
        return before is not None and before != now

    @property
    def phase(self) -> Phase:
        return self.frames[-1].phase if self.frames else "init"

    def emit(self, kind: EventKind, subject: object, detail: object = None) -> None:
        """Note an event, unless nobody listens or a stock layer is busy with its own insides."""
        if self.events is not None and not self.muted:
            self.events.append(Event(kind, subject, self.phase, detail))


recorder = Recorder()


@contextmanager
def frame(owner: Any, phase: Phase) -> Iterator[Frame]:
    """While the block runs, `owner` is in `phase`; the outermost owner collects the events unless its trace is complete."""
    recorder_was = recorder.events
    if not recorder.frames:
        recorder.events = None if owner.traced else owner.events
        recorder.numpy_position = None
        recorder.numpy_moved()
    current = Frame(owner, phase)
    recorder.frames.append(current)
    muted_was, recorder.muted = recorder.muted, 0  # a custom layer inside a stock one (a cell of an RNN) speaks for itself
    try:
        yield current
    finally:
        recorder.frames.pop()
        recorder.events, recorder.muted = recorder_was, muted_was


@contextmanager
def muted() -> Iterator[None]:
    """While the block runs a stock layer works on its own insides, which are no events."""
    recorder.muted += 1
    try:
        yield
    finally:
        recorder.muted -= 1


@contextmanager
def scope(layer: keras.layers.Layer) -> Iterator[None]:
    """The name scope that legacy Keras opened around the call of `layer`."""
    recorder.emit("enter", layer)
    try:
        yield
    finally:
        recorder.emit("exit", layer)


def remembered(make: Any, kind: type) -> Any:
    """What `make` gives, or what it gave at this place when the enclosing `call` first ran.

    Legacy Keras ran `call` once per connection; today it runs at every trace, so a layer or variable made in it must be made once.
    """
    at_work = recorder.frames[-1] if recorder.frames else None
    if at_work is None or at_work.phase != "call" or recorder.muted:
        return make()
    memory: list[Any] = at_work.owner.memory
    if at_work.cursor < len(memory) and isinstance(memory[at_work.cursor], kind):
        at_work.cursor += 1
        return memory[at_work.cursor - 1]
    if at_work.owner.traced:
        raise LayersError(
            f"{type(at_work.owner).__name__} makes other layers or variables in one call than in another.",
            where=at_work.owner.name,
            hint="Make them in build().",
        )
    made = make()
    del memory[at_work.cursor :]  # what another course of the call made from here on
    memory.append(made)
    at_work.cursor += 1
    return made
