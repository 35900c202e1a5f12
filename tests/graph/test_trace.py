"""The list of what happens inside a custom layer, and what its call makes once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layerfix.errors import LayersError
from layerfix.graph.trace import Recorder, frame, muted, recorder, remembered, scope


def owner(name: str = "own_1") -> Any:
    return SimpleNamespace(name=name, events=[], memory=[], traced=False)


def seen(layer: Any) -> list[tuple[str, Any, str]]:
    return [(event.kind, event.subject, event.phase) for event in layer.events]


def test_events_are_those_of_the_outermost_layer_in_order_and_by_phase() -> None:
    layer, inner = owner(), owner("inner_1")
    with frame(layer, "build"):
        recorder.emit("made", "dense")
        with frame(inner, "call"):
            recorder.emit("weights", "kernel")
        recorder.emit("variable", "bias")
    assert seen(layer) == [("made", "dense", "build"), ("weights", "kernel", "call"), ("variable", "bias", "build")]
    assert inner.events == []


def test_nothing_is_noted_outside_or_once_the_trace_is_complete() -> None:
    recorder.emit("made", "stray")
    layer = owner()
    layer.traced = True
    with frame(layer, "call"):
        recorder.emit("made", "late")
    assert layer.events == []
    assert recorder.events is None


def test_a_stock_layer_s_insides_are_no_events_but_a_custom_one_inside_it_speaks() -> None:
    layer, cell = owner(), owner("cell_1")
    with frame(layer, "build"), muted():
        recorder.emit("made", "hidden")
        with frame(cell, "build"):
            recorder.emit("made", "spoken")
        recorder.emit("made", "hidden again")
    assert seen(layer) == [("made", "spoken", "build")]


def test_a_scope_is_left_also_where_its_call_fails() -> None:
    layer = owner()

    def fails() -> None:
        with frame(layer, "call"), scope("dense"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert [kind for kind, _, _ in seen(layer)] == ["enter", "exit"]
    assert recorder.frames == []
    assert recorder.events is None


def test_what_a_call_makes_is_made_once_and_given_again_in_order() -> None:
    layer, count = owner(), iter(range(100))

    def call() -> list[int]:
        with frame(layer, "call"):
            return [remembered(lambda: next(count), int), remembered(lambda: next(count), int)]

    first = call()
    layer.traced = True
    assert call() == first == [0, 1]


def test_a_call_that_makes_more_than_before_is_refused_once_it_is_traced() -> None:
    layer = owner()
    with frame(layer, "call"):
        remembered(lambda: 1, int)
    layer.traced = True

    def more() -> None:
        with frame(layer, "call"):
            remembered(lambda: 1, int)
            remembered(lambda: 2, int)

    with pytest.raises(LayersError, match="in one call than in another"):
        more()


def test_another_kind_at_the_same_place_replaces_what_was_remembered_while_tracing() -> None:
    layer = owner()
    with frame(layer, "call"):
        remembered(lambda: 1, int)
        remembered(lambda: 2, int)
    with frame(layer, "call"):
        assert remembered(lambda: "text", str) == "text"
    assert layer.memory == ["text"]


@pytest.mark.parametrize("phase", ["init", "build"])
def test_what_is_made_before_the_call_is_made_each_time(phase: Any) -> None:
    layer, count = owner(), iter(range(100))
    for expected in (0, 1):
        with frame(layer, phase):
            assert remembered(lambda: next(count), int) == expected
    assert layer.memory == []


def test_draws_of_the_class_s_own_from_numpy_are_noticed() -> None:
    state = np.random.get_state()
    try:
        watching = Recorder()
        assert not watching.numpy_moved()
        assert not watching.numpy_moved()
        np.random.uniform(size=3)
        assert watching.numpy_moved()
        assert not watching.numpy_moved()
        np.random.seed(1)
        assert watching.numpy_moved()
    finally:
        np.random.set_state(state)
