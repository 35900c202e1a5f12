"""The user's own layer classes with the fix applied, as source that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from layerfix.containers.records import Checkpoint
from layerfix.emit.names import Flavour
from layerfix.errors import UsageError
from layerfix.legacy.stock import is_stock


def emit(sources: Sequence[Path], classes: Sequence[str] = (), flavour: Flavour = "keras3") -> str:
    """The files as one, their layer classes tracking whatever they hold; comments and layout are kept.

    The classes' own code stays as it is but for its imports. What they miss comes as a short preamble: it notes each layer and variable
    that a class makes in `__init__`, `build` or `call`, wherever it is kept, and hands their weights to Keras in the order own weights,
    then sublayers' in the order they were made, trained ones before the others.

    Args:
        sources: the user's files, legacy source as `--layers` takes it.
        classes: classes that must be among them.
        flavour: "keras3", or "keras2" for genuine Keras 2.0 to 2.3 on Python 3.

    Raises:
        UsageError: where a class is missing or a file uses what today's Keras has no equal for; naming file and line.
    """
    from layerfix.emit.assemble import assemble

    return assemble([Path(source) for source in sources], tuple(classes), flavour)


def corrected_source(checkpoint: Checkpoint, layers: Sequence[Path], flavour: str) -> str:
    """The source that a repaired checkpoint needs: the user's own classes where given, else those that ship.

    Raises:
        UsageError: where the checkpoint has no custom classes, or they neither were given nor ship.
    """
    chosen = cast(Flavour, flavour)
    if layers:
        return emit(layers, (), chosen)
    from layerfix.containers import config
    from layerfix.layers.catalogue import corrected, standalone_source

    nodes = config.walk(config.tree(checkpoint.config)) if checkpoint.config else ()
    custom = sorted({node.class_name for node in nodes if not node.is_model and (node.is_foreign or not is_stock(node.class_name))})
    if not custom:
        raise UsageError("it needs no layer classes but Keras' own.", where=str(checkpoint.path), hint="Leave --emit-layers out.")
    shipped = [name for name in custom if name in corrected()]
    if not shipped:
        raise UsageError(f"no corrected class ships for {', '.join(custom)}.", hint="Give the class's source with --layers FILE.py.")
    return "\n\n".join(dict.fromkeys(standalone_source(name, chosen) for name in shipped))
