"""What to do next after a repair, each step with the command or the line of Python that does it, made for this very model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from layerfix.commands.paste import again, opening
from layerfix.commands.words import CONDITIONS, undecided, undecided_values
from layerfix.containers.inputs import described, model_inputs, recording
from layerfix.containers.records import Checkpoint
from layerfix.inference.provenance import ENDED
from layerfix.options import Options
from layerfix.results.repair import LayerReport, Verdict, WeightReport

Paste = Callable[..., str]
_MADE_UP = frozenset({"reinitialize", "fit"})
"""Strategies after which it is worth looking for the lost value."""


def advice(
    source: Checkpoint,
    options: Options,
    verdict: Verdict,
    layers: Sequence[LayerReport],
    target: Path | None,
    search: Mapping[str, Any],
) -> tuple[str, ...]:
    """What to do next, most important first; at last, how to open what was written.

    A step that can be pasted ends in ": `command`". Nothing that this run already did is advised.
    """
    paste = partial(again, source.path, options, target)
    return (
        *([f"The search was ended; to let it run through: `{paste()}`"] if ENDED in search.get("tried", ()) else []),
        *_confirming(source, options, verdict, layers, paste),
        *_finishing(verdict, layers, paste),
        *(ways(source, options, search, paste) if _worth_looking(verdict, layers) else ()),
        *([] if target is None else [opening(target, options)]),
    )


def ways(source: Checkpoint, options: Options, search: Mapping[str, Any], paste: Paste) -> tuple[str, ...]:
    """Ways to a lost value that this run did not take; `paste` gives the run with further words."""
    steps = [*_samples(source, options, paste)]
    if options.numpy_seed is None and options.graph_seed is None:
        told = "If you remember the script's np.random.seed(N), or with --graph-seed its tf.set_random_seed(N)"
        steps.append(f"{told}: `{paste('--numpy-seed', 'N')}`")
    if not options.exhaustive and not any("2^32" in str(told) for told in search.get("tried", ())):
        steps.append(f"To try every numpy seed there is, which takes minutes: `{paste('--exhaustive')}`")
    if not options.donors:
        steps.append(f"A session saved with tf.train.Saver, or a healthy copy, still holds the lost weights: `{paste('--donor', 'FILE')}`")
    return tuple(steps)


def _samples(source: Checkpoint, options: Options, paste: Paste) -> Iterator[str]:
    """How to record inputs of this model, and the run that takes them."""
    inputs = model_inputs(source.config) if source.config is not None else ()
    if options.samples is not None:
        yield "More samples, their labels (y) or predictions recorded while the model worked (p) can tell more than the given ones did."
        return
    if inputs:
        yield (
            f"Inputs of the model, even without labels, tell lost values apart; save {described(inputs)}, "
            f"where the data is: `{recording(inputs)}`"
        )
    else:
        yield "Some 128 inputs of the model, even without labels, tell lost values apart; name them x, or x0, x1, ... in samples.npz."
    yield f"Then: `{paste('--samples', 'samples.npz')}`"


def _confirming(source: Checkpoint, options: Options, verdict: Verdict, layers: Sequence[LayerReport], paste: Paste) -> Iterator[str]:
    conditions = {weight.condition for layer in layers for weight in layer.weights if weight.condition}
    if "class-by-name" in conditions:
        yield f"Give the class that trained: `{paste('--layers', 'FILE.py')}`"
    elif conditions or verdict == "recovered":
        if not conditions:
            told = "Predictions recorded while the model worked settle it, with their inputs"
            yield f"{told}: `{paste('--samples', 'samples.npz')}`"
        elif options.samples is None:
            yield from _samples(source, options, paste)
        if "one-session" not in options.assume:
            yield f"Or vouch that {CONDITIONS['one-session']}: `{paste('--assume', 'one-session')}`"
    elif verdict == "restored" and options.samples is None and any(_is_likely(weight) for layer in layers for weight in layer.weights):
        yield from _samples(source, options, paste)


def _is_likely(weight: WeightReport) -> bool:
    """Whether evidence speaks for a value without proving it."""
    return weight.strategy == "recover" and not weight.exact


def _finishing(verdict: Verdict, layers: Sequence[LayerReport], paste: Paste) -> Iterator[str]:
    if verdict == "reinitialized":
        yield "Fine-tune the repaired model before you use it; the reinitialized weights hold fresh values."
    if undecided(layers):
        words = [word for name, value in undecided_values(layers) for word in ("--set", f"{name}={value}")]
        yield f"Give the undecided arguments their values (shown: those that were taken), or inputs that decide them: `{paste(*words)}`"


def _worth_looking(verdict: Verdict, layers: Sequence[LayerReport]) -> bool:
    """Whether some value is none that was lost."""
    made_up = any(weight.strategy in _MADE_UP for layer in layers for weight in layer.weights)
    return verdict in {"partial", "unrepaired"} or made_up
