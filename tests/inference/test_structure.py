from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from layerfix.containers.reader import read
from layerfix.diagnose.arguments import LostArgument
from layerfix.errors import GraphError, LackError
from layerfix.inference.answers import Answers
from layerfix.inference.fits import Fit
from layerfix.inference.settled import settled_arguments
from layerfix.inference.structure import ATTEMPTS, Explorer, Hypothesis
from layerfix.progress import silent

SOURCE = read(Path(__file__).parents[1] / "legacy" / "classes" / "partial-loss" / "broken.h5")
SIZES = (1, 2, 3, 4, 5, 6, 7, 8)


def lost(layer: str, name: str, *, required: bool = False) -> LostArgument:
    return LostArgument(layer, "Head", name, None if required else 1, SIZES, required)


def pretend(monkeypatch: pytest.MonkeyPatch, wanted: Mapping[tuple[str, str], int]) -> list[dict[tuple[str, str], Any]]:
    """Graphs that build where every layer has its arguments; the first layer that has not is named."""
    tried = []

    def rebuild(source: object, *, layers: object, arguments: Mapping[str, Mapping[str, Any]]) -> Any:
        chosen = {(layer, name): value for layer, values in arguments.items() for name, value in values.items()}
        tried.append(chosen)
        for (layer, name), value in wanted.items():
            if chosen.get((layer, name), 1) != value:
                raise GraphError("does not fit.", where=layer)
        return SimpleNamespace(blueprint=SimpleNamespace(hidden=(), weights=(), draws=(), arguments={}), leaves={})

    monkeypatch.setattr("layerfix.graph.rebuilt.rebuild", rebuild)
    return tried


def found(arguments: list[LostArgument], wanted: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], Any]:
    explorer = Explorer(SOURCE, (), {}, arguments, silent)
    while explorer.more and not explorer.built:
        explorer.explore()
    return {place: explorer.built[0].chosen.get(place, 1) for place in wanted}


@pytest.mark.parametrize(
    "wanted",
    [
        {("a", "width"): 4},
        {("a", "width"): 4, ("a", "ratio"): 3},
        {("a", "width"): 3, ("b", "width"): 5},
    ],
)
def test_arguments_that_build_are_found_alone_together_and_by_layer(
    monkeypatch: pytest.MonkeyPatch, wanted: Mapping[tuple[str, str], int]
) -> None:
    pretend(monkeypatch, wanted)
    arguments = [lost(layer, name) for layer in sorted({at for at, _ in wanted}) for name in ("width", "ratio")]
    assert found(arguments, wanted) == wanted


def test_two_required_arguments_are_both_varied(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {("a", "width"): 3, ("a", "ratio"): 2}
    pretend(monkeypatch, wanted)
    assert found([lost("a", "width", required=True), lost("a", "ratio", required=True)], wanted) == wanted


def test_nothing_is_built_twice_and_the_search_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = pretend(monkeypatch, {("a", "width"): 99})
    explorer = Explorer(SOURCE, (), {}, [lost("a", "width"), lost("a", "ratio"), lost("b", "width")], silent)
    while explorer.more:
        explorer.explore()
    assert isinstance(explorer.first_error, GraphError)
    assert not explorer.built
    names = [repr(sorted(chosen.items())) for chosen in tried]
    assert len(names) == len(set(names)) <= ATTEMPTS


def test_automatic_numbers_that_no_layer_has_are_counted() -> None:
    weights = [SimpleNamespace(name=f"{name}/kernel:0") for name in ("conv1d_2", "head_1/conv1d_4", "dense_7")]
    rebuilt: Any = SimpleNamespace(blueprint=SimpleNamespace(weights=weights))
    assert Hypothesis({}, rebuilt).unfilled == 1


def test_arguments_that_our_keras_cannot_judge_contradict_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def rebuild(source: object, *, layers: object, arguments: Mapping[str, Mapping[str, Any]]) -> Any:
        if arguments.get("a", {}).get("width") == 3:
            raise LackError("legacy source uses keras.backend.unheard, which layerfix's legacy Keras does not have.")
        if arguments.get("a", {}).get("width") != 4:
            raise GraphError("does not fit.", where="a")
        return SimpleNamespace(blueprint=SimpleNamespace(hidden=(), weights=(), draws=(), arguments={}), leaves={})

    monkeypatch.setattr("layerfix.graph.rebuilt.rebuild", rebuild)
    width = lost("a", "width")
    explorer = Explorer(SOURCE, (), {}, [width], silent)
    built = explorer.explore(20)
    assert [found.chosen for found in built] == [{("a", "width"): 4}]
    assert explorer.lacking == [{("a", "width"): 3}]
    best = Fit(tuple(built), None)
    (open_one,) = settled_arguments([width], best, (), [best], Answers(lacking=tuple(explorer.lacking)))
    assert (open_one.value, open_one.how, open_one.evidence["also_possible"]) == (4, "ambiguous", [3])
    (judged,) = settled_arguments([width], best, (), [best], Answers())
    assert (judged.value, judged.how) == (4, "inferred")
