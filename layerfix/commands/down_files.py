"""`migrate --for`: the files that an older Keras takes, by the name of the output: a whole model, or weights alone."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix.commands.down_training import Carried
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint
from layerfix.dialects.down.archives import with_modules
from layerfix.dialects.down.saying import Said
from layerfix.dialects.down.targets import Target
from layerfix.disk.publish import Destination
from layerfix.errors import UsageError
from layerfix.write.browser import SHARD, write_browser_model
from layerfix.write.early_archive import write_archive, write_weights
from layerfix.write.legacy_h5 import write_legacy_h5, write_legacy_weights

if TYPE_CHECKING:
    import keras

WEIGHTS = ".weights.h5"


def suffixes(older: Target) -> tuple[str, ...]:
    """What an output may end with."""
    if older.dialect == "tfjs":
        return (".json",)
    if older.dialect == "keras3":
        return (".keras", WEIGHTS)
    if older.has_archives:
        return (".h5", ".hdf5", ".keras", WEIGHTS)
    return (".h5", ".hdf5") if older.numbers == (2, 12) else (".h5", ".hdf5", WEIGHTS)  # 2.12's weights were not tried


def suffix_of(output: Path, older: Target) -> str:
    """The kind of file that an output's name asks for.

    Raises:
        UsageError: where the older Keras takes none of that name.
    """
    known = suffixes(older)
    found = [suffix for suffix in known if output.name.endswith(suffix)]
    if not found or (output.name.endswith(WEIGHTS) and WEIGHTS not in known):
        raise UsageError(f"{output.name} is no output of --for {older.name}.", hint=f"Name it with {' or '.join(known)}.")
    return max(found, key=len)


def write_draft(draft: Path, said: Said, training: Carried, model: keras.Model, older: Target) -> None:
    """Writes a model, or its weights, under a name whose suffix says which.

    Raises:
        GraphError: naming a layer whose weights that kind of file cannot hold.
    """
    from layerfix.graph.save import save_keras, save_weights
    from layerfix.graph.today import browser_weights, legacy_weights

    if older.dialect == "keras3" and draft.name.endswith(WEIGHTS):
        save_weights(model, draft)
    elif older.dialect == "keras3":
        whole = draft.with_name("today.keras")
        save_keras(model, whole)
        compiled = {"compile_config": training.said.config} if training.said is not None else {}
        _older_archive(whole, draft, {**said.config, **compiled}, older.keras_version)
    elif older.dialect == "tfjs":
        write_browser_model(draft, draft.with_name(SHARD), said.config, browser_weights(model, said.scaled), older.keras_version)
    elif older.has_archives and not draft.name.endswith("model.h5"):
        _write_early(draft, said, training, model, older)
    elif draft.name.endswith(WEIGHTS):
        write_legacy_weights(draft, legacy_weights(model, said.scaled), older.keras_version)
    else:
        settings = (training.said.config, training.tensors) if training.said is not None else None
        write_legacy_h5(draft, said.config, legacy_weights(model, said.scaled), older.keras_version, settings)


def _write_early(draft: Path, said: Said, training: Carried, model: keras.Model, older: Target) -> None:
    """A `.keras` of TensorFlow 2.13 to 2.15, or its weights."""
    from layerfix.graph.early_groups import early_groups
    from layerfix.graph.today import written_values

    twice = older.numbers < (2, 14)
    container = "layers" if older.numbers >= (2, 15) else "_layer_checkpoint_dependencies"
    groups = early_groups(model, written_values(model, said.scaled), container)
    if draft.name.endswith(WEIGHTS):
        write_weights(draft, groups, (), compiled=False, counts_twice=twice)
        return
    compiled = {"compile_config": training.said.config} if training.said is not None else {}
    state = [array for _, array in training.tensors]
    write_archive(draft, {**with_modules(said.config), **compiled}, older.keras_version, groups, state, counts_twice=twice)


def _older_archive(source: Path, target: Path, config: Mapping[str, object], keras_version: str) -> None:
    """Today's archive with another architecture: the weights are laid out alike since Keras 3.0 (keras 3.0, saving_lib.py)."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for member in whole.infolist():
            data = whole.read(member)
            if member.filename == "config.json":
                data = json.dumps(config).encode()
            elif member.filename == "metadata.json":
                data = json.dumps({"keras_version": keras_version}).encode()
            archive.writestr(zipfile.ZipInfo(member.filename, member.date_time), data)


def read_draft(draft: Path, said: Said, older: Target) -> Checkpoint:
    """What was written, as our own reader takes it; weights alone with the architecture that they are for."""
    if not draft.name.endswith(WEIGHTS):
        return read(draft)
    architecture = draft.with_name("architecture.json")
    architecture.write_text(json.dumps({**said.config, "keras_version": older.keras_version}), "utf-8")
    return read(draft, architecture=architecture)


def publish_draft(draft: Path, destination: Destination, older: Target) -> None:
    """Gives what was checked its name; a file of weights first, since `model.json` names it."""
    shards = [SHARD] if older.dialect == "tfjs" else []
    files = [(draft, destination), *((draft.with_name(name), destination.beside(name)) for name in shards)]
    with ExitStack() as stack:
        for source, target in files:  # they are renamed in the opposite order
            shutil.copyfile(source, stack.enter_context(target.publish()))
