"""Conditional random fields over the steps of a sequence, stated by dense layers, operations and recurrent layers."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.composition import Composition, compositions
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Relay

_STATED = frozenset({"units", "learn_mode", "test_mode", "use_boundary", "use_bias", "activation"})
_TRAINED = tuple(f"{weight}_{kind}" for weight in ("kernel", "bias") for kind in ("regularizer", "constraint"))


def contrib_crf(source: Source, entry: Entry) -> str | None:
    """keras_contrib's CRF (layers/crf.py, `viterbi_decoding` and `get_marginal_prob`) as it predicts. Its recursions are those of a
    SimpleRNN whose activation is the step: the state and what the sequence brings lie side by side, and the kernels copy them there.

    Kept are its ways: masks scale the energies of steps and of the chain between them; the end's energies are added before a masked
    step turns into an unmasked one; without a mask the last step takes the chain into account once more.
    """
    config = entry["config"]
    if layer_class(entry) != "CRF" or not config.keys() >= _STATED:
        return None
    if config["test_mode"] not in {"viterbi", "marginal"}:
        raise GraphError(f"CRF with test_mode {config['test_mode']!r} is none of keras_contrib's.", where=entry["name"])
    outer = {key: config[key] for key in ("batch_input_shape",) if key in config}
    for made in compositions(source, entry):
        made.end(entry, _predicted(made, config))
    entry["config"] |= outer
    entry["mask_passes"] = config["learn_mode"] == "marginal"
    entry["relay"] = Relay("contrib_crf", count=2 + bool(config["use_bias"]) + 2 * bool(config["use_boundary"]))
    return f"keras_contrib's CRF as recurrent layers ({config['test_mode']}), whose chain does not train on"


def _predicted(made: Composition, config: dict[str, Any]) -> Entry:
    units, path = int(config["units"]), config["test_mode"] == "viterbi"
    trained = {key: config[key] for key in _TRAINED if config.get(key) is not None}
    energies = made.layer(
        "Dense", "energies", made.start, units=units, activation=config["activation"], use_bias=bool(config["use_bias"]),
        trainable=config.get("trainable", True), **trained,
    )  # fmt: skip
    steps = _Steps(made, energies)
    if config["use_boundary"]:
        energies = steps.bounded(energies, units)
    if steps.mask is not None:
        energies = made.op("multiply", "masked", energies, x2=steps.mask)
    rows = made.op("concatenate_values", "rows", energies, {"axis": -1}, values=[energies, steps.chained("chained", energies)])
    if path:
        return _path(made, rows, units)
    ahead = _recursion(made, "crf_sums", "forward", rows, 2 * units + 1)
    back = made.op("flip", "back_rows", energies, {"axis": 1})
    chained = steps.chained("back_chained", energies, back=True)
    back = made.op("concatenate_values", "back_joined", back, {"axis": -1}, values=[back, chained])
    back = made.op("flip", "behind", _recursion(made, "crf_sums", "backward", back, 2 * units + 1), {"axis": 1})
    before = steps.moved("before", made.cut("sums_before", ahead, 2, 0, units), 1)
    behind = steps.moved("after", made.cut("sums_behind", back, 2, 0, units), -1)
    both = made.op("add", "sums", made.op("add", "sums_ahead", before, x2=energies), x2=behind)
    return made.op("softmax", "shares", made.op("negative", "scores", both), {"axis": -1})


def _path(made: Composition, rows: Entry, units: int) -> Entry:
    """The best tag ahead of each, by step; then the path through these from the last step to the first."""
    ahead = _recursion(made, "crf_best", "forward", rows, 2 * units + 1)
    table = made.cut("table", ahead, 2, units, 2 * units)
    back = _recursion(made, "crf_path", "backward", table, 2 * units, go_backwards=True)
    return made.cut("path", made.op("flip", "turned", back, {"axis": 1}), 2, units, None)


def _recursion(made: Composition, step: str, part: str, on: Entry, units: int, **config: Any) -> Entry:
    found = made.layer("SimpleRNN", part, on, units=units, use_bias=False, return_sequences=True, trainable=False, **config)
    found["recursion"] = step
    return found


class _Steps:
    """What is known of the steps of a sequence: which are masked, and which are first and last."""

    def __init__(self, made: Composition, energies: Entry) -> None:
        self.made = made
        self.mask: Entry | None = None
        if made.mask is not None:
            self.mask = made.op("cast", "given", made.op("expand_dims", "wide", made.mask, {"axis": -1}), {"dtype": "float32"})
        self.ones = made.op("ones_like", "ones", made.cut("one", energies, 2, 0, 1))

    def moved(self, part: str, on: Entry, by: int) -> Entry:
        """A sequence a step later or earlier, zeros coming in."""
        wide = self.made.op("pad", f"{part}_wide", on, {"pad_width": [[0, 0], [max(by, 0), max(-by, 0)], [0, 0]]})
        return self.made.cut(part, wide, 1, *((None, -1) if by > 0 else (1, None)))

    def bounded(self, energies: Entry, units: int) -> Entry:
        """Energies with those of the first and of the last step (`add_boundary_energy`)."""
        made, mask = self.made, self.mask
        if mask is None:
            first = made.op("equal", "is_first", made.op("cumsum", "place", self.ones, {"axis": 1}), {"x2": 1.0})
            last = made.op("flip", "is_last", first, {"axis": 1})
        else:
            first = made.op("greater", "is_first", mask, x2=self.moved("previous", mask, 1))
            last = made.op("greater", "is_last", self.moved("next", mask, -1), x2=mask)
        for part, place in (("left", first), ("right", last)):
            number = made.op("cast", f"{part}_place", place, {"dtype": "float32"})
            bound = made.layer("Dense", part, number, units=units, use_bias=False)
            energies = made.op("add", f"{part}_added", energies, x2=bound)
        return energies

    def chained(self, part: str, energies: Entry, *, back: bool = False) -> Entry:
        """How much the chain counts behind each step (`step`): as long as this and the next are unmasked."""
        if self.mask is None:
            return self.ones
        mask = self.made.op("flip", f"{part}_turned", self.mask, {"axis": 1}) if back else self.mask
        return self.made.op("multiply", part, mask, x2=self.moved(f"{part}_next", mask, -1))


LIBRARY_CHAINS = (contrib_crf,)
