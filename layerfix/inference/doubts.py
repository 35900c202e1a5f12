"""The doubts that a bound does not count, one small function each: what would make a lost value another one, and whether it can have.

Each was met in genuine files: `docs/recovery.md` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference.exactness import Doubt
from layerfix.inference.provenance import Reading
from layerfix.legacy.versions import release, tracking
from layerfix.rng.alignments import Placed, bracketed
from layerfix.rng.orthogonal import signs_known

CERTAIN = -6.0
"""log10 of the bound from which a numpy seed is certain."""


def never_trained(checkpoint: Checkpoint) -> bool:
    """Whether hidden weights of this file certainly kept their first value: Keras 2.0 to 2.2.5, which tracked no sublayer at all.

    tf.keras ("2.2.4-tf") and Keras 2.3 track attributes; what they miss is not trained either, but the file cannot tell which it was.
    """
    stated = release(checkpoint.keras_version)
    return stated is not None and stated.family == "keras2" and tracking(checkpoint.keras_version) == "none"


def training(checkpoint: Checkpoint) -> Doubt:
    """An optimizer may have moved it."""
    if never_trained(checkpoint):
        return Doubt(
            "training",
            False,
            f"Keras {checkpoint.keras_version} tracked no layer inside a custom one: no optimizer moved it",
        )
    return Doubt("training", True, "this version of Keras may have trained it")


def updates(spec: WeightSpec) -> Doubt:
    """The class itself may have moved it, by `add_update`."""
    if spec.moved:
        return Doubt(
            "updates",
            True,
            "its class updates it while it trains, and no file holds how far it moved",
        )
    return Doubt("updates", False, "nothing in its class updates it")


def arguments(spec: WeightSpec, shaky: frozenset[WeightKey]) -> Doubt:
    """Another constructor argument may have made another weight of it."""
    if spec.key in shaky:
        return Doubt("arguments", True, "another constructor argument explains the file as well")
    return Doubt(
        "arguments",
        False,
        "no other constructor argument that was tried gives it another value and explains the file",
    )


def insides(spec: WeightSpec, outgrown: frozenset[WeightKey]) -> Doubt:
    """Another constructor argument may have put other weights into its layer."""
    if spec.key in outgrown:
        return Doubt("structure", True, "with another constructor argument, and other weights in this layer, the file is explained as well")
    return Doubt(
        "structure", False, "no other constructor argument that was tried puts other weights into this layer and explains the file"
    )


def class_given(by_name: bool) -> Doubt:
    """The class at hand may not be the one that trained."""
    if by_name:
        return Doubt(
            "class",
            True,
            "its class was taken by name alone: the user's own may be another",
            "class-by-name",
        )
    told = "the class as given is taken for the one that trained, in one run of the script, and nothing that behaved under it confirms this"
    return Doubt("class", True, told, "one-session")


def any_session() -> Doubt:
    """A value that its initializer alone determines is the same in every session."""
    return Doubt("session", False, "it has this value in every session")


def session(reading: Reading) -> Doubt:
    """The model may have been loaded and trained on in another session than the one whose seed is known."""
    if reading.foreign:
        named = ", ".join(sorted("/".join(key) for key in reading.foreign)[:3])
        return Doubt(
            "session",
            True,
            f"{named} were drawn in another session, or under another seed: this layer may have been, too",
        )
    told = f"numpy seed {reading.origin.numpy_seed} tells what one run of the script drew; a run that loaded the model drew another value"
    return Doubt("session", True, told, "one-session")


def earlier_session(stale: bool) -> Doubt:
    """What the statistics tell of may be another session than the last."""
    if stale:
        told = "the statistics that tell it are frozen: a session that loaded the model and left them so drew another value"
        return Doubt("session", True, told, "one-session")
    return Doubt("session", False, "the statistics that tell it are those of the last session")


def second_build(checkpoint: Checkpoint) -> Doubt:
    """Stored names may show that the model was built a second time: a clone's hidden layers drew values of their own."""
    for weight in checkpoint.weights:
        owner, first = weight.key[0], weight.key[1].split("/")[0]
        if re.fullmatch(re.escape(owner) + r"_\d+", first):
            told = f"the file calls {owner}'s weights {weight.key[1]}: the model was built again, as clone_model does, and drew anew"
            return Doubt("build", True, told)
    return Doubt("build", False, "the stored names are those of a first build")


def numpy_seed(reading: Reading) -> Doubt:
    """The numpy seed itself may be wrong."""
    if reading.log10_bound > CERTAIN:
        return Doubt("bound", True, f"the numpy seed is not certain (bound 1e{reading.log10_bound:.1f})")
    return Doubt(
        "bound",
        False,
        f"any wrong numpy seed would fit as well with a chance of 1e{reading.log10_bound:.1f} at most",
    )


def structure(reading: Reading, item: Placed) -> Doubt:
    """Its place in the stream may not be checked from both sides."""
    if not bracketed(reading.alignment, item):
        return Doubt(
            "structure",
            True,
            "nothing known comes after it in the stream, so its place cannot be checked",
        )
    return Doubt(
        "structure",
        False,
        "the draws between its neighbours are exactly those that the class makes",
    )


def order(reading: Reading, item: Placed) -> Doubt:
    """Another order of the layers may fit as well, or more orders than could be tried."""
    if not reading.complete:
        return Doubt("order", True, "more orders of the layers are possible than could be tried")
    if reading.undecided(item):
        return Doubt("order", True, "another order of the layers explains the file as well")
    return Doubt("order", False, "no other order of the layers explains the file")


def rounding(spec: WeightSpec, *, orthogonal: bool) -> Doubt:
    """LAPACK's signs of singular vectors differ between releases for some shapes."""
    if orthogonal and not signs_known(spec.shape):
        return Doubt(
            "rounding",
            True,
            "the signs of singular vectors of this shape differ between releases of LAPACK",
        )
    return Doubt("rounding", False, "exact to rounding" if orthogonal else "made again bit for bit")


def of_place(reading: Reading, items: Sequence[Placed]) -> list[Doubt]:
    """What is doubtful about places in a numpy stream; where several are needed, the first that stands."""
    found = [numpy_seed(reading), session(reading)]
    for doubt in (structure, order):
        told = [doubt(reading, item) for item in items]
        found.append(next((each for each in told if each.stands), told[0]))
    return found
