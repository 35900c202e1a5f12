"""Where a file begins whose superblock is lost."""

from __future__ import annotations

from layerfix.scavenge.attributes import Attributes
from layerfix.scavenge.image import Image
from layerfix.scavenge.naming import _Namer, _root
from layerfix.scavenge.objects import Group, Link, Objects
from layerfix.scavenge.tree import Tree


def found(*groups: tuple[int, tuple[tuple[bytes, int], ...]]) -> Objects:
    return Objects(groups={at: Group(at, None, tuple(Link(*link) for link in links), False) for at, links in groups})


def test_an_object_of_keras_3_that_nothing_leads_to_is_no_root() -> None:
    assert _root(found((500, ((b"vars", 600),)), (600, ((b"0", 700),)))) is None


def test_the_group_with_the_layers_is_the_root() -> None:
    assert _root(found((500, ((b"layers", 600), (b"vars", 800))), (600, ((b"dense", 700),)))) == 500
    assert _root(found((500, ((b"model_weights", 600),)), (600, ((b"dense", 700),)))) == 500


def test_of_two_there_is_none() -> None:
    assert _root(found((500, ((b"layers", 600),)), (900, ((b"layers", 800),)))) is None


def test_a_group_is_named_by_its_list_only_where_the_layers_are_known() -> None:
    namer = _Namer(Objects(), Attributes(Image(b"")), Tree())
    inside = ("conv1d/kernel:0", "conv1d/bias:0")
    assert namer._owner(inside, frozenset()) is None, "a nested model lists the names of its layers too"
    assert namer._owner(inside, frozenset({"sequential", "dense"})) is None
    assert namer._owner(inside, frozenset({"conv1d", "dense"})) == "model_weights/conv1d"
    assert namer._owner(("Adam/iter:0", "Adam/dense/kernel/m:0"), frozenset()) == "optimizer_weights"


def test_a_model_inside_of_another_whose_parent_is_lost_is_no_root() -> None:
    assert _root(found((5000, ((b"layers", 6000), (b"vars", 8000))), (6000, ((b"dense", 7000),)))) is None
