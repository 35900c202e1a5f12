"""`migrate --for`: a model at hand becomes a file of an older Keras, read back and proven before it gets its name."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.commands.down_training import Carried, carried, check_carried, unlike
from layerfix.commands.live import Live
from layerfix.commands.proof import predict, prove
from layerfix.commands.prove_with import prove_with
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import Samples
from layerfix.dialects.down.models import say_down
from layerfix.dialects.down.older_keras3 import say_older
from layerfix.dialects.down.saying import Said
from layerfix.dialects.down.targets import Target
from layerfix.dialects.records import FiredRule
from layerfix.disk.publish import Seen, publish
from layerfix.errors import GraphError, UsageError, VerifyError
from layerfix.results.migrate import MigrationResult, Proof
from layerfix.write.browser import SHARD, write_browser_model
from layerfix.write.legacy_h5 import write_legacy_h5

if TYPE_CHECKING:
    import keras


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


def check_output(output: Path, older: Target) -> None:
    """Whether a file of an older Keras may have this name.

    Raises:
        UsageError: where its suffix is that of another container.
    """
    suffixes = (".h5", ".hdf5") if older.suffix == ".h5" else (older.suffix,)
    if not output.name.endswith(suffixes) or output.name.endswith(".weights.h5"):
        raise UsageError(f"{output.name} is no output of --for {older.name}.", hint=f"Name it with {' or '.join(suffixes)}.")


def bring_down(
    checkpoint: Checkpoint,
    live: Live,
    output: Path,
    older: Target,
    revive: Callable[[Checkpoint], Live],
    *,
    samples: Samples | None,
    python: Path | None,
    force: bool,
    inputs: Seen,
) -> Brought:
    """Writes a live model for an older Keras.

    Args:
        checkpoint: where the model came from.
        live: the model in today's Keras, with its weights; it is compiled as its file says.
        output: the file; for TensorFlow.js a `model.json`, beside which its weights go.
        older: the Keras that is to read it.
        revive: a written checkpoint as a model of today's Keras, by the rules that bring one up.
        samples: what the user gave, or None.
        python: an interpreter with the older Keras, or None.
        force: whether an existing output may be replaced.
        inputs: the files that were read.

    Raises:
        GraphError: naming every layer and setting that the older Keras has no equal for.
        VerifyError: where the written file does not predict what the model predicts; nothing is published.
        WriteError, UsageError: as their names say.
    """
    from layerfix.graph.composing.replaced import Replaced, composed
    from layerfix.graph.today import stated

    training = carried(checkpoint, live, older)
    made = Replaced(live.model) if older.dialect == "keras3" else composed(live.model, older)
    said = (say_older if older.dialect == "keras3" else say_down)(stated(made.model), older)
    training = unlike(training, (*(rule.layer for rule in made.rules), *said.scaled))
    with tempfile.TemporaryDirectory(prefix="layerfix-") as folder:
        draft = Path(folder) / f"model{older.suffix}"
        _write(draft, said, training, made.model, older)
        written = read(draft)
        back = _revived(written, older, revive)
        proof = _agreed(prove(checkpoint, live.model, back.model, samples), older)
        check_carried(training, live, written, back)
        client = _asked(python, draft, older, live.model, samples, proof.tolerance) if python is not None else ""
        _publish(draft, output, older, force=force, inputs=inputs)
    return Brought(replace(said, rules=(*made.rules, *said.rules)), proof, client, training)


def account(
    checkpoint: Checkpoint, target: Path, older: Target, brought: Brought, *, rules: Sequence[FiredRule], custom: tuple[str, ...]
) -> MigrationResult:
    """The account of a way down; what a legacy file fired on its way up comes first."""
    needed = [f"custom classes {', '.join(custom)}: {older.name} needs your source of them"] if custom else []
    up = () if checkpoint.keras_version is not None and checkpoint.keras_version.startswith("3.") else tuple(rules)
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
        custom,
        brought.proof,
        (*brought.training.notes, *needed),
        older=older.name,
        client=brought.client,
    )


def _write(draft: Path, said: Said, training: Carried, model: keras.Model, older: Target) -> None:
    from layerfix.graph.save import save_keras
    from layerfix.graph.today import legacy_weights

    if older.dialect == "keras3":
        whole = draft.with_name("today.keras")
        save_keras(model, whole)
        compiled = {"compile_config": training.said.config} if training.said is not None else {}
        _older_archive(whole, draft, {**said.config, **compiled}, older.keras_version)
        return
    weights = legacy_weights(model, said.scaled)
    if older.dialect == "tfjs":
        write_browser_model(draft, draft.with_name(SHARD), said.config, weights, older.keras_version)
        return
    settings = (training.said.config, training.tensors) if training.said is not None else None
    write_legacy_h5(draft, said.config, weights, older.keras_version, settings)


def _older_archive(source: Path, target: Path, config: Mapping[str, Any], keras_version: str) -> None:
    """Today's archive with another architecture: the weights are laid out alike since Keras 3.0 (keras 3.0, saving_lib.py)."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for member in whole.infolist():
            data = whole.read(member)
            if member.filename == "config.json":
                data = json.dumps(config).encode()
            elif member.filename == "metadata.json":
                data = json.dumps({"keras_version": keras_version}).encode()
            archive.writestr(zipfile.ZipInfo(member.filename, member.date_time), data)


def _revived(written: Checkpoint, older: Target, revive: Callable[[Checkpoint], Live]) -> Live:
    try:
        return revive(written)
    except GraphError as error:
        raise VerifyError(f"the file written for {older.name} cannot be brought up again ({error}); nothing was written.") from error


def _agreed(proof: Proof, older: Target) -> Proof:
    if not proof.difference <= proof.tolerance:
        gap = f"differs from the source by {proof.difference:.1e} of its scale"
        raise VerifyError(f"the model written for {older.name}, read back, {gap}; nothing was written.")
    return proof


def _asked(python: Path, draft: Path, older: Target, model: keras.Model, samples: Samples | None, tolerance: float) -> str:
    """The older Keras' own word."""
    from layerfix.graph.feeding import made_inputs

    inputs: Sequence[Any] = samples.inputs if samples is not None else made_inputs(model)
    return prove_with(python, draft, older, inputs, predict(model, inputs), tolerance)


def _publish(draft: Path, output: Path, older: Target, *, force: bool, inputs: Seen) -> None:
    """Gives what was checked its name; a file of weights first, since `model.json` names it."""
    files = [(draft.with_name(SHARD), output.with_name(SHARD))] if older.dialect == "tfjs" else []
    with ExitStack() as stack:
        for source, target in [(draft, output), *files]:  # they are renamed in the opposite order
            shutil.copyfile(source, stack.enter_context(publish(target, force=force, inputs=inputs)))
