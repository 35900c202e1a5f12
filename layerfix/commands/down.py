"""`migrate --for`: a model at hand becomes a file of an older Keras, read back and proven before it gets its name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.commands.down_files import WEIGHTS, publish_draft, read_draft, suffix_of, write_draft
from layerfix.commands.down_training import Carried, carried, check_carried, unlike
from layerfix.commands.live import Live
from layerfix.commands.proof import doubts, predict, prove
from layerfix.commands.prove_with import Expected, prove_with
from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import Samples
from layerfix.dialects.down.models import say_down
from layerfix.dialects.down.older_keras3 import say_older
from layerfix.dialects.down.saying import Said
from layerfix.dialects.down.targets import Target
from layerfix.disk.publish import Destination
from layerfix.errors import GraphError, UsageError, VerifyError
from layerfix.results.migrate import MigrationResult, Proof

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Descent:
    """What is asked of a way down.

    Attributes:
        older: the Keras that is to read the file.
        revive: a written checkpoint as a model of today's Keras, by the rules that bring one up.
        samples: what the user gave, or None.
        python: an interpreter with the older Keras, or None.
    """

    older: Target
    revive: Callable[[Checkpoint], Live]
    samples: Samples | None
    python: Path | None


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a model on its way down.

    Attributes:
        said: its architecture there, with the rules that fired.
        proof: how the written file was checked here.
        client: what the older Keras itself said of it, or "".
        training: what became of the optimizer, losses and metrics.
    """

    said: Said
    proof: Proof
    client: str
    training: Carried


def bring_down(checkpoint: Checkpoint, live: Live, destination: Destination, descent: Descent) -> Brought:
    """Writes a live model for an older Keras.

    Args:
        checkpoint: where the model came from.
        live: the model in today's Keras, with its weights; it is compiled as its file says.
        destination: the file; for TensorFlow.js a `model.json`, beside which its weights go.
        descent: the older Keras, and how the written file is checked.

    Raises:
        GraphError: naming every layer and setting that the older Keras has no equal for.
        VerifyError: where the written file does not predict what the model predicts; nothing is published.
        WriteError, UsageError: as their names say.
    """
    from layerfix.graph.composing.replaced import Replaced, composed
    from layerfix.graph.today import stated

    older, suffix = descent.older, suffix_of(destination.path, descent.older)
    if descent.python is not None and suffix == WEIGHTS:
        raise UsageError("--prove-with loads whole models.", hint="Leave it out, or name the output .h5.")
    training = carried(checkpoint, live, older, suffix)
    made = Replaced(live.model) if older.dialect == "keras3" else composed(live.model, older)
    said = (say_older if older.dialect == "keras3" else say_down)(stated(made.model), older)
    training = unlike(training, (*(rule.layer for rule in made.rules), *said.scaled))
    with tempfile.TemporaryDirectory(prefix="layerfix-") as folder:
        draft = Path(folder) / f"model{suffix}"
        write_draft(draft, said, training, made.model, older)
        written = read_draft(draft, said, older)
        back = _revived(written, descent)
        proof = _agreed(prove(checkpoint, live.model, back.model, descent.samples), older)
        check_carried(training, live, written, back)
        client = _asked(descent, draft, live.model, proof.tolerance)
        publish_draft(draft, destination, older)
    return Brought(replace(said, rules=(*made.rules, *said.rules)), proof, client, training)


def account(checkpoint: Checkpoint, live: Live, target: Path, older: Target, brought: Brought) -> MigrationResult:
    """The account of a way down; what a legacy file fired on its way up comes first."""
    needed = [f"custom classes {', '.join(live.custom)}: {older.name} needs your source of them"] if live.custom else []
    up = () if checkpoint.keras_version is not None and checkpoint.keras_version.startswith("3.") else live.rules
    return MigrationResult(
        checkpoint.path,
        target,
        checkpoint.keras_version,
        checkpoint.backend,
        (*up, *brought.said.rules),
        len(checkpoint.weights),
        tuple((path, "five sixths") for path in brought.said.scaled),
        brought.training.outcome,
        (),
        live.custom,
        brought.proof,
        (*brought.training.notes, *needed),
        doubts(checkpoint, brought.proof, up),
        older=older.name,
        client=brought.client,
    )


def _revived(written: Checkpoint, descent: Descent) -> Live:
    try:
        return descent.revive(written)
    except GraphError as error:
        raise VerifyError(
            f"the file written for {descent.older.name} cannot be brought up again ({error}); nothing was written."
        ) from error


def _agreed(proof: Proof, older: Target) -> Proof:
    if not proof.difference <= proof.tolerance:
        gap = f"differs from the source by {proof.difference:.1e} of its scale"
        raise VerifyError(f"the model written for {older.name}, read back, {gap}; nothing was written.")
    return proof


def _asked(descent: Descent, draft: Path, model: keras.Model, tolerance: float) -> str:
    """The older Keras' own word; none where no interpreter has it."""
    if descent.python is None:
        return ""
    from layerfix.graph.feeding import made_inputs

    inputs: Sequence[Any] = descent.samples.inputs if descent.samples is not None else made_inputs(model)
    return prove_with(descent.python, draft, descent.older, Expected(inputs, predict(model, inputs), tolerance))
