"""Put all evidence together: which arguments the layers had, and which values their lost weights had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from layerfix.containers.records import Checkpoint
from layerfix.errors import GraphError, LayerfixError, reason
from layerfix.inference.answers import Answers
from layerfix.inference.conclusion import conclude
from layerfix.inference.fits import Fit, read_all
from layerfix.inference.investigation import Investigation
from layerfix.inference.provenance import Provenance, provenance
from layerfix.inference.records import Inference
from layerfix.inference.settled import settled_arguments, stated
from layerfix.inference.structure import Arguments, Explorer, Hypothesis
from layerfix.options import Options
from layerfix.progress import Progress
from layerfix.rng.guesses import Memory
from layerfix.searching import HOW_TO_END

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt


def settle(source: Checkpoint, options: Options, given: Arguments, progress: Progress) -> tuple[Rebuilt, Inference]:
    """The rebuilt graph under the arguments that the evidence supports, and everything that was inferred about its lost weights.

    Raises:
        GraphError: where the graph cannot be rebuilt, or does not run under arguments that nothing told.
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
                *settled_arguments(lost, Fit(tuple(built), None), (), (), Answers(lacking=tuple(explorer.lacking))),
            )
        )
    seeds = provenance(source, built[0].rebuilt.blueprint, Memory(options.numpy_seed, options.graph_seed), progress)
    _tell_known(seeds, built[0], progress)
    if options.exhaustive:
        progress(f"All 2^32 numpy seeds come next, some 200 CPU seconds. {HOW_TO_END}", 0, 0)
        seeds = seeds.widened(progress)
    while explorer.more and _readable_but_unexplained(read_all(built, seeds)):
        built = explorer.explore()
    try:
        return conclude(replace(case, lacking=tuple(explorer.lacking)), built, seeds)
    except Exception as error:  # what runs under a guess may raise anything
        guessed = [argument for argument in lost if argument.required and argument.candidates]
        if not guessed or isinstance(error, MemoryError) or (isinstance(error, LayerfixError) and not isinstance(error, GraphError)):
            raise
        raise _under_guesses(source, guessed, error) from error


def _under_guesses(source: Checkpoint, guessed: Sequence[LostArgument], error: Exception) -> GraphError:
    """For a model that does not run under arguments that the file lost, that have no default, and that nothing told."""
    names = ", ".join(f"{argument.name} of {argument.layer}" for argument in guessed)
    settings = " ".join(f"--set {argument.layer}.{argument.name}=VALUE" for argument in guessed)
    told = f"the file does not hold {names}; there is no default, and the model does not run with the values that were tried"
    return GraphError(f"{told} ({reason(error)}).", where=str(source.path), hint=f"State what is missing: {settings}")


def _tell_known(seeds: Provenance, built: Hypothesis, progress: Progress) -> None:
    """News of what the file told by itself."""
    read = seeds.read(built.rebuilt.blueprint)
    sure = len(seeds.search.strong)
    if read is not None:
        progress(f"Known: the script's numpy seed, {read.origin.numpy_seed}; it tells what the lost layers drew.", 0, 0)
    else:
        kernels = f"{sure} kernel{'s tell' if sure != 1 else ' tells'} where {'they' if sure != 1 else 'it'} started"
        progress(f"Known: {kernels if sure else 'no kernel tells where it started'}, and no numpy seed that people use explains it.", 0, 0)


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
