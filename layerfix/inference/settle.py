"""Put all evidence together: which arguments the layers had, and which values their lost weights had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from layerfix.containers.records import Checkpoint
from layerfix.inference.conclusion import conclude
from layerfix.inference.fits import Fit, read_all
from layerfix.inference.inquiry import Answers
from layerfix.inference.investigation import Investigation
from layerfix.inference.provenance import provenance
from layerfix.inference.records import Inference
from layerfix.inference.settled import settled_arguments, stated
from layerfix.inference.structure import Arguments, Explorer
from layerfix.options import Options
from layerfix.progress import Progress
from layerfix.rng.guesses import Memory

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt


def settle(source: Checkpoint, options: Options, given: Arguments, progress: Progress) -> tuple[Rebuilt, Inference]:
    """The rebuilt graph under the arguments that the evidence supports, and everything that was inferred about its lost weights.

    Raises:
        GraphError: where the graph cannot be rebuilt.
    """
    from layerfix.diagnose.arguments import lost_arguments

    lost = [argument for argument in lost_arguments(source, options.layers) if argument.name not in given.get(argument.layer, {})]
    case = Investigation(source, options, given, tuple(lost), progress)
    explorer = Explorer(source, options.layers, given, lost, progress)
    built = explorer.explore()
    while not built and explorer.more:
        built = explorer.explore()
    if not built:
        assert explorer.first_error is not None
        raise explorer.first_error
    if not built[0].rebuilt.blueprint.hidden:
        return built[0].rebuilt, Inference()
    if not _asks_for_evidence(options):
        return built[0].rebuilt, Inference(
            arguments=(
                *stated(given),
                *settled_arguments(lost, Fit(tuple(built), None), (), (), Answers()),
            )
        )
    seeds = provenance(source, built[0].rebuilt.blueprint, Memory(options.numpy_seed, options.graph_seed), progress)
    if options.exhaustive:
        seeds = seeds.widened(progress)
    while explorer.more and _readable_but_unexplained(read_all(built, seeds)):
        built = explorer.explore()
    return conclude(case, built, seeds)


def _asks_for_evidence(options: Options) -> bool:
    """Whether some layer may be recovered; a user who asks for fresh or foreign values everywhere need not wait for a search."""
    return not {options.strategy, *options.layer_strategies.values()} <= {
        "reinitialize",
        "transplant",
        "fit",
    }


def _readable_but_unexplained(fits: Sequence[Fit]) -> bool:
    """Whether the numpy seed is known, but no structure so far agrees with its draws."""
    return any(fit.reading for fit in fits) and not any(fit.explains for fit in fits)
